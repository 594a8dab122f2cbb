"""Result files made by formula, for the tests of the report page: every part of the page has something to show."""

import h5py
import numpy as np

STATUS = "completed"


def write_run(root, experiment, dataset, label, seed, *, solver="dladmm", params="{rho: 0.1}", profile="", note="",
              published="", iterations=40, level=0.9, status=STATUS, iterates=(), tuned="", layers=2, classes=10,
              commit="0123456789abcdef"):
    """One run whose test accuracy rises from chance to `level` + 0.01 `seed`; its residual falls linearly."""
    folder = root / experiment / dataset / label
    folder.mkdir(parents=True, exist_ok=True)
    k = np.arange(iterations + 1)
    accuracy = level + 0.01 * seed - (level - 1 / classes) * np.exp(-k / 8)
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


def write_many(root, runs=1000):
    """`runs` runs: 5 data sets, 10 seeds, the rest methods; 200 iterations each."""
    for i in range(runs):
        write_run(root, "many", f"set-{i % 5}", f"method-{i // 50}", i // 5 % 10, solver=f"solver-{i // 50}",
                  level=0.5 + 0.01 * (i // 50), iterations=200)
