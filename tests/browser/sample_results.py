"""Result files made by formula, for the tests of the report page: every part of the page has something to show."""

import csv
import hashlib
import itertools

import h5py
import numpy as np

STATUS = "completed"


def write_run(root, experiment, dataset, label, seed, *, solver="dladmm", params="{rho: 0.1}", profile="", note="",
              published="", iterations=40, level=0.9, status=STATUS, iterates=(), tuned="", layers=2, classes=10,
              commit="0123456789abcdef", rate=8):
    """One run whose test accuracy rises from chance to `level` + 0.01 `seed`; its residual falls linearly."""
    folder = root / experiment / dataset / label
    folder.mkdir(parents=True, exist_ok=True)
    k = np.arange(iterations + 1)
    accuracy = level + 0.01 * seed - (level - 1 / classes) * np.exp(-k / rate)
    config = "".join([f"experiment: {experiment}\n", f"profile: {profile}\n" if profile else "",
                      f'note: "{note}"\n' if note else "", f"published: {published}\n" if published else "",
                      "precision: float64\n", f"dataset: {{name: {dataset}, label: {dataset}}}\n",
                      "network: {hidden: [4], activation: relu, loss: cross_entropy}\n", f"seed: {seed}\n",
                      f"iterations: {iterations}\n", f"solver: {{name: {solver}, params: {params}, label: {label}}}\n",
                      f"record: {{every: 1, iterates: {list(iterates)}}}\n", "stop: {}\n"])
    with h5py.File(folder / f"seed-{seed}.h5", "w") as file:
        file.attrs["schema_version"] = 1
        file.attrs["seed"] = seed
        file.attrs["threads"] = 1
        file.attrs["train_samples"] = 6000
        file.attrs["val_samples"] = 0
        file.attrs["test_samples"] = 1000
        texts = {"experiment": experiment, "dataset": dataset, "solver": solver, "label": label,
                 "precision": "float64", "config": config, "config_sha256": "", "code_version": "",
                 "content_hash": f"{experiment}{profile}{dataset}{label}{seed}", "data_sha256": "",
                 "git_commit": commit, "host": "test", "cpu": "test processor", "blas": "test BLAS",
                 "started_at": "2026-01-02T03:04:05Z", "status": status, "message": f"{iterations} iterations"}
        if tuned:
            texts["tuned"] = tuned
        for name, text in texts.items():
            file.attrs[name] = text
        columns = {"iteration": k, "seconds": 0.01 * (1 + seed) * k, "flops": 1e6 * k, "objective": 1 + 5 * np.exp(-k / 8),
                   "residual": (1 + 0.1 * seed) * 0.8 ** k, "train_loss": 2.3 * np.exp(-k / 10), "test_accuracy": accuracy,
                   "val_accuracy": accuracy - 0.02}
        columns |= {f"weight_change_{layer + 1}": (layer + 1) * (1 - np.exp(-k / 5)) for layer in range(layers)}
        for name, values in columns.items():
            file[f"trajectory/{name}"] = values
        last = {"W1": np.ones((4, 3)), "b1": np.ones(4), "W2": np.ones((classes, 4)), "b2": np.ones(classes)}
        for name, value in last.items():
            file[f"initial/{name}"] = 0 * value
            file[f"final/{name}"] = value
            for i in iterates:
                file[f"iterates/{i}/{name}"] = value * (1 - 0.8 ** i)
        for i in iterates:
            file[f"iterates/{i}/u"] = np.full((2, 5), 1 - 0.5 ** i)


def write_sample(root):
    """Three methods on two data sets with three seeds, one run diverged; a grid over two parameters, one over one."""
    tuned = ('{"experiment": "compare", "dataset": "mnist", "label": "Adam", "method": "random", "points": 2, '
             '"chosen": {"point": 2, "score": 0.91, "parameters": {"learning_rate": 0.01}}, "tried": ['
             '{"point": 1, "parameters": {"learning_rate": 0.1}, "score": 0.5, "runs": [{"seed": 0, "status": "completed"}]},'
             '{"point": 2, "parameters": {"learning_rate": 0.01}, "score": 0.91, "runs": [{"seed": 0, "status": "completed"}]}]}')
    for dataset in ("fashion-mnist", "mnist"):
        for label, solver, level in (("dlADMM", "dladmm", 0.8), ("Adam", "adam", 0.9), ("SGD", "sgd", 0.7)):
            for seed in range(3):
                diverged = label == "SGD" and seed == 2 and dataset == "mnist"
                write_run(root, "compare", dataset, label, seed, solver=solver, level=level,
                          note="made by formula </script><b>", published="[dladmm/figure-4b, dladmm/figure-5b]",
                          iterates=(0, 1, 2, 5, 10) if solver == "dladmm" else (), tuned=tuned if label == "Adam" else "",
                          status="diverged" if diverged else STATUS)
    for rho in ("0.01", "0.1", "1"):
        for nu in ("0.1", "1"):
            write_run(root, "grid", "mnist", f"dlADMM-rho={rho},nu={nu}", 0, params=f"{{rho: {rho}, nu: {nu}}}",
                      level=0.8 + 0.1 * float(rho) - 0.05 * float(nu))
        write_run(root, "line", "mnist", f"rho-{rho}", 0, params=f"{{rho: {rho}, nu: 1}}", level=0.5 + 0.1 * float(rho),
                  profile="quick")
    write_run(root, "a-long-name-of-an-experiment-for-narrow-screens", "mnist", "a method with quite a long name", 0)


def write_many(root, runs=1000):
    """`runs` runs: 5 data sets, 10 seeds, the rest methods; 200 iterations each."""
    for i in range(runs):
        write_run(root, "many", f"set-{i % 5}", f"method-{i // 50}", i // 5 % 10, solver=f"solver-{i // 50}",
                  level=0.5 + 0.01 * (i // 50), iterations=200)


METHODS = ["SGD", "Adam", "AdamW", "NAdamW", "RMSprop", "Adagrad", "Adadelta", "Muon", "SOAP", "K-FAC", "L-BFGS", "schedule-free AdamW", "dlADMM",
           "AA-dlADMM, memory 8", "mDLAM", "DLAM", "pdADMM", "pdADMM-G", "pdADMM-G-Q, 8 bits", "BCD", "MAC", "BADM", "SISA", "NSISA", "Mono-Forward",
           "ProxProp", "AM-Adam", "sigmoid-ADMM", "ADMM-Taylor", "Gram-TP"]


def write_wide(root, sets=25, seeds=3):
    """Thirty methods on `sets` data sets, kept as CSV (thousands of result files would take minutes): the first method is best on every third
    set, elsewhere the first ones are alike."""
    config = "experiment: wide\nnetwork: {hidden: [100, 100, 100], activation: relu, loss: cross_entropy}\nprecision: float32\niterations: 30\n"
    summary, curves, settings = [], [], []
    iterations = range(0, 31, 3)
    for d, m, seed in itertools.product(range(sets), range(len(METHODS)), range(seeds)):
        dataset, label = f"data-set-{d + 1}", METHODS[m]
        level = 0.95 if m == 0 and d % 3 == 0 else 0.5 + 0.012 * (29 - m) + 0.02 * ((m * 7 + d * 5) % 11) / 11
        level += 0.01 * ((m * 13 + d * 17 + seed * 29) % 10) / 10
        own = f"{config}dataset: {{name: {dataset}}}\nseed: {seed}\nsolver: {{name: s{m}, params: {{rho: 0.{m + 1}}}, label: \"{label}\"}}\n"
        if seed == 0:
            settings.append((f"{d}-{m}", "", "", f"{20 + d} 100 100 100 {2 + d % 9}", own))
        accuracy = [level - (level - 0.1) * np.exp(-k / (4 + m % 9)) for k in iterations]
        key = ("wide", "", dataset, f"s{m}", label, seed, "completed")
        summary.append(key + (30, 100 * (d + 3), 0, 1000, f"{d}-{m}", hashlib.sha256(own.encode()).hexdigest(), f"h{d}-{m}-{seed}", f"t{d}-{m}-{seed}",
                              accuracy[-1], 2.3 - accuracy[-1], 0.1 * (m + 1), f"{dataset}-{m}-{seed}"))
        curves += [key + (k, value, 2.3 - value, 0.1 * (m + 1) * k / 30) for k, value in zip(iterations, accuracy)]
    start = ["experiment", "profile", "dataset", "solver", "label", "seed", "status"]
    columns = ["test_accuracy", "train_loss", "seconds"]
    for name, header, lines in (("", start + ["iterations", "train_samples", "val_samples", "test_samples", "settings_sha256", "config_sha256", "content_hash",
                                              "trajectory_sha256", *columns, "file"], summary), ("-curves", start + ["iteration", *columns], curves),
                                ("-settings", ["settings_sha256", "cpu", "blas", "widths", "config"], settings)):
        root.mkdir(parents=True, exist_ok=True)
        with open(root / f"wide{name}.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *lines])
