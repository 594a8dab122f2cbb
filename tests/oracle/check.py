#!/usr/bin/env python3
"""Runs the program on small random problems through `initial: {file}` and `record.iterates`, and compares every variable
after some of the first iterations, the objective, the residual, loss and accuracies with tests/oracle/reference.py.

usage: check.py --program build/release/bin/admmbench [--solver NAME ...] [--every N] [--differs-from NAME]
Exit code 1 if anything differs by more than TOLERANCE, relative to the largest entry of the array. With
--differs-from, the control: the program is held against the equations of another method, and exit code 1 says that no
difference was noticed in some case."""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import yaml

import reference

ITERATES = [0, 1, 2, 5, 8]
TOLERANCE = 1e-9
STEPS = [{"rule": "exact"}, {"rule": "backtracking", "initial": 0.5, "growth": 2.0},
         {"rule": "backtracking", "initial": 0.01, "growth": 3.0}, {"rule": "lipschitz"}]
SHAPES = [[5, 6, 3], [5, 7, 6, 3], [60, 8, 6, 5, 3]]  # 2, 3, 4 layers; the last has more features than samples
LOSSES = ["cross_entropy", "squared"]
PENALTIES = {
    "dladmm": [dict(rho=1.0, nu=1.0), dict(rho=0.3, nu=2.0, mu=0.05), dict(rho=1e-3, nu=1e-2)],
    "last_layer": [dict(rho=1.0, nu=1.0), dict(rho=0.3, nu=2.0, mu=0.05)],
    "mdlam": [dict(rho=1e-3, mu=0.05, eps=dict(initial=100.0, factor=0.5, floor=0.001)),
              dict(rho=1.0, eps=dict(initial=0.1, factor=1.0, floor=0.001)),
              dict(rho=0.1, mu=0.01, eps=dict(initial=1.0, factor=0.2, floor=0.01)),
              dict(rho=0.5, eps=dict(initial=1.0, factor=0.5, floor=0.01)),
              dict(rho=2.0, mu=0.1, eps=dict(initial=0.3, factor=0.5, floor=0.001)),
              dict(rho=2.0, mu=0.1, eps=dict(initial=0.3, factor=0.5, floor=0.001), decay="gradient"),
              dict(rho=1e-3, mu=0.05, eps=dict(initial=100.0, factor=0.5, floor=0.001), decay="gradient")],
    "pdadmm": [dict(rho=1.0, nu=1.0), dict(rho=5.0, nu=0.5, mu=0.05), dict(rho=1e-2, nu=1e-1), dict(rho=1.0, nu=0.1),
               dict(rho=0.3, nu=0.3, mu=0.05), dict(rho=1e-2, nu=1e-2), dict(rho=0.05, nu=2.0, mu=0.5)],
}
PENALTIES["dlam"] = PENALTIES["mdlam"]
BASELINES = {
    "sgd": [dict(learning_rate=0.1), dict(learning_rate=0.05, momentum=0.9, mu=0.01),
            dict(learning_rate=0.05, momentum=0.8, nesterov=True)],
    "adam": [{}, dict(learning_rate=0.01, beta1=0.8, beta2=0.99, epsilon=1e-6, mu=0.1)],
    "adagrad": [{}, dict(learning_rate=0.1, mu=0.1)],
    "adadelta": [{}, dict(learning_rate=0.5, rho=0.8, epsilon=1e-5)],
    "rmsprop": [{}, dict(learning_rate=1e-3, alpha=0.9, mu=0.1)],
}


def cases(solver):
    """(shape, loss, activation, params)"""
    if solver in BASELINES:
        for shape, loss, params in itertools.product(SHAPES, LOSSES, BASELINES[solver]):
            yield shape, loss, "relu", params
        yield SHAPES[1], "cross_entropy", "tanh", BASELINES[solver][0]
        return
    for shape, loss, step, params in itertools.product(SHAPES, LOSSES, STEPS, PENALTIES[solver]):
        yield shape, loss, "relu", params | {"step": step}
    if solver in ("dladmm", "pdadmm"):
        for activation in ("leaky_relu", "identity", "tanh", "sigmoid"):
            yield SHAPES[1], "cross_entropy", activation, PENALTIES[solver][0] | {"step": STEPS[0]}


def data(shape, loss, seed):
    rng = np.random.default_rng(seed)
    N, M = 24, 10
    x = rng.normal(size=(shape[0], N + M))
    if loss == "cross_entropy":
        y = np.arange(N + M) % shape[-1]
        x[:shape[-1]] += 2 * np.eye(shape[-1])[:, y]
        return x, y, np.eye(shape[-1])[:, y]
    t = np.sin(x[:shape[-1]]) + 0.1 * rng.normal(size=(shape[-1], N + M))
    return x, None, t


def gap_of(found, expected, rounding):
    """Largest difference relative to the largest entry; differences of the order of `rounding` x 1e-13 are none."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape:
        return np.inf
    scale = max(np.abs(expected).max(initial=0), 1e-9, 1e-4 * rounding)
    return np.abs(found - expected).max(initial=0) / scale if np.all(np.isfinite(found)) else np.inf


def run_group(program, folder, solver, equations, shape, loss, activation, variants):
    """All parameter settings of one data set and network as one experiment, against `equations`, a method's name. The largest
    difference and where it is, all that are too large, and how many steps of theirs a safeguard made again."""
    seed = len(shape) * 10 + LOSSES.index(loss)
    x, y, t = data(shape, loss, seed)
    N = 24
    with h5py.File(f"{folder}/data.h5", "w") as f:
        for name, part in (("train", slice(0, N)), ("test", slice(N, None))):
            f[f"{name}/x"] = x[:, part].T
            if y is not None:
                f[f"{name}/y"] = y[part]
            else:
                f[f"{name}/t"] = t[:, part].T
        f.attrs["classes"] = shape[-1] if y is not None else 0
        f.attrs["name"] = "check"
    rng = np.random.default_rng(seed + 1)
    W = [None] + [0.3 * rng.normal(size=(shape[l], shape[l - 1])) for l in range(1, len(shape))]
    b = [None] + [0.3 * rng.normal(size=shape[l]) for l in range(1, len(shape))]
    with h5py.File(f"{folder}/init.h5", "w") as f:
        for l in range(1, len(shape)):
            f[f"W{l}"], f[f"b{l}"] = W[l], b[l]
    experiment = {
        "experiment": "check", "precision": "float64", "datasets": [{"file": "data.h5", "label": "check"}],
        "network": {"hidden": shape[1:-1], "activation": activation, "loss": loss}, "seeds": [0],
        "iterations": max(ITERATES), "initial": {"file": "init.h5"},
        "solvers": [{"name": solver, "label": f"v{i}", "params": p} for i, p in enumerate(variants)],
        "record": {"every": 1, "iterates": ITERATES},
    }
    with open(f"{folder}/check.yaml", "w") as f:
        yaml.safe_dump(experiment, f)
    done = subprocess.run([program, "run", f"{folder}/check.yaml", "--out", f"{folder}/out", "--threads", "1", "--force"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{solver} {shape} {loss}: exit code {done.returncode}\n{done.stdout}{done.stderr}")

    worst = (0.0, "")
    failures = []
    redos = 0
    for i, params in enumerate(variants):
        problem = reference.Problem(x[:, :N], t[:, :N], loss, activation)
        method = reference.make(equations, problem, W, b, params)
        with h5py.File(f"{folder}/out/check/check/v{i}/seed-0.h5") as f:
            assert f.attrs["status"] == "completed" and f.attrs["solver"] == solver
            trajectory = {k: v[()] for k, v in f["trajectory"].items()}
            for k in range(max(ITERATES) + 1):
                if k > 0:
                    method.step()
                expected = {"objective": method.objective()}
                if method.residual() is not None:
                    expected["residual"] = method.residual()
                assert ("residual" in trajectory) == (method.residual() is not None)
                W_now, b_now = method.W, method.b
                for split, columns in (("train", slice(0, N)), ("test", slice(N, None))):
                    a = x[:, columns]
                    for l in range(1, len(shape)):
                        a = W_now[l] @ a + b_now[l][:, None]
                        if l + 1 < len(shape):
                            a = problem.f(a)
                    if y is not None:
                        expected[f"{split}_accuracy"] = np.mean(a.argmax(axis=0) == y[columns])
                    if split == "train":
                        expected["train_loss"] = reference.Problem(a, t[:, columns], loss).R(a) / N
                gaps = {}
                for name, value in expected.items():
                    # A residual that has vanished is rounding in both.
                    gaps[name] = abs(trajectory[name][k] - value) / max(abs(value), 1e-9)
                if k in ITERATES:
                    group = f[f"iterates/{k}"]
                    state = method.state()
                    assert set(group) == set(state), (sorted(group), sorted(state))
                    gaps |= {name: gap_of(group[name][()], value, method.rounding(name)) for name, value in state.items()}
                for name, gap in gaps.items():
                    if not gap <= worst[0]:
                        worst = (gap, f"{name} after iteration {k} with {params}")
                    if not gap <= TOLERANCE:
                        failures.append(f"{solver} {shape} {loss} {activation} {params}: {name} after iteration {k}: "
                                        f"relative difference {gap:.2e}")
        redos += getattr(method, "redos", 0)
    return worst, failures, redos


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--solver", nargs="*", default=list(PENALTIES) + list(BASELINES))
    parser.add_argument("--every", type=int, default=1, help="only every n-th case of a solver")
    parser.add_argument("--differs-from", help="a method whose equations the program must not agree with")
    options = parser.parse_args()
    failures = []
    for solver in options.solver:
        groups = {}
        for shape, loss, activation, params in list(cases(solver))[::options.every]:
            groups.setdefault((tuple(shape), loss, activation), []).append(params)
        worst, count, redos = (0.0, ""), 0, 0
        for (shape, loss, activation), variants in groups.items():
            with tempfile.TemporaryDirectory() as folder:
                found, failed, again = run_group(os.path.abspath(options.program), folder, solver,
                                                 options.differs_from or solver, list(shape), loss, activation, variants)
            count += len(variants)
            redos += again
            if options.differs_from:
                failed = [] if failed else [f"{solver} {shape} {loss}: no difference from {options.differs_from} noticed"]
            failures += failed
            worst = max(worst, found, key=lambda w: w[0])
        if solver == "mdlam" and redos == 0 and not options.differs_from:
            failures.append("mdlam: no case made a step again, so its safeguard was not compared")
        print(f"{solver:12s} {count:4d} cases, largest relative difference {worst[0]:.1e}: {worst[1]}", flush=True)
    for failure in failures[:40]:
        print(failure)
    if failures:
        sys.exit(f"{len(failures)} of these")


if __name__ == "__main__":
    main()
