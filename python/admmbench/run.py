"""Run: a result file of a run that was made elsewhere."""

import datetime
import hashlib
import math
import os
import pathlib
import socket
import warnings

import numpy as np

from admmbench import config_text, result_file

SOLVER = "imported"
GROWING = ("seconds", "flops")
#: No table sets them beside the suite's; `admmbench import` calls them so, too.
STORED_AS = {"seconds": "seconds_elsewhere"}
MESSAGE = "made elsewhere, written by admmbench.Run"


class Run:
    """A result file FOLDER/EXPERIMENT/DATASET/LABEL/seed-SEED.h5 of a run made elsewhere, which tables, rankings, reports and
    load() take like the suite's own; its solver is `imported`.

        with admmbench.Run(experiment="mine", dataset="cora", label="ours", seed=0, config={"lr": 0.1}) as run:
            run.log(iteration=0, seconds=0, train_loss=1.9, test_accuracy=0.14)

    config: the parameters, the same for all seeds. profile: of the runs that these belong to, if any. samples: {"train": n,
    "val": n, "test": n}, what the accuracies are shares of. The file is written at the end of the `with`: an exception makes it
    `failed`, Ctrl-C `interrupted`, and a last training loss that is not finite `diverged`. What is not complete never replaces
    what is."""

    def __init__(self, *, experiment=None, dataset=None, label=None, seed=None, folder="results/runs", config=None,
                 precision="float64", profile="", samples=None, threads=1, data_sha256="", code_version=SOLVER):
        found = []
        for name, value in (("experiment", experiment), ("dataset", dataset), ("label", label)):
            if not isinstance(value, str) or not result_file.safe_name(value):
                found.append(f"{name} is {_shown(value)}; a name is needed" if value is not None else f"{name} is missing")
        if seed is None:
            found.append("seed is missing")
        elif not _is_whole(seed) or not 0 <= seed < 2**63:
            found.append(f"seed is {seed!r}; a whole number >= 0 is needed")
        if precision not in ("float32", "float64"):
            found.append(f"precision is {precision!r}; there are: float32, float64")
        if not _is_whole(threads) or threads < 1:
            found.append(f"threads is {threads!r}; a whole number >= 1 is needed")
        if not isinstance(profile, str) or profile and not result_file.safe_name(profile):
            found.append(f"profile is {_shown(profile)}; a name is needed")
        for name, value in (("data_sha256", data_sha256), ("code_version", code_version)):
            if not isinstance(value, str):
                found.append(f"{name} is {value!r}; a text is needed")
        samples = {} if samples is None else samples
        if not isinstance(samples, dict) or not set(samples) <= {"train", "val", "test"} or not all(
                _is_whole(count) and count >= 0 for count in samples.values()):
            found.append(f"samples is {samples!r}; a dict of counts for train, val, test is needed")
        if config is not None and not isinstance(config, dict):
            found.append(f"config is {_shown(config)}; a dict of parameters is needed")
        else:
            found += _wrong_in(config or {})
        if found:
            raise ValueError("Run: " + "; ".join(found))
        params = config_text.plain(config or {})
        self._config = {"experiment": experiment, **({"profile": profile} if profile else {}), "precision": precision,
                        "dataset": {"label": dataset}, "seed": int(seed),
                        "solver": {"name": SOLVER, "params": params, "label": label}}
        self._attributes = {
            "experiment": experiment, "dataset": dataset, "solver": SOLVER, "label": label, "seed": int(seed),
            "precision": precision, "config": config_text.write(self._config), "code_version": code_version,
            "data_sha256": data_sha256, "git_commit": "unknown", "host": socket.gethostname(), "cpu": "", "threads": int(threads),
            "blas": "", "vectors": "",
            "started_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **{f"{name}_samples": int(count) for name, count in samples.items() if count}}
        self.path = pathlib.Path(folder, experiment, dataset, label, f"seed-{int(seed)}.h5")
        self._rows, self._networks = [], {}
        self._status, self._message = None, ""
        self._look_at_present()

    def _look_at_present(self):
        """The result that is there, None if there is none or it is damaged. One of the suite's own is left alone."""
        from admmbench import results
        if not self.path.exists() or results.examine([self.path])[0]:
            return None
        present = result_file.read(self.path)
        if present.solver != SOLVER:
            raise FileExistsError(f"Run: {self.path} is a result of the suite's, of the solver {present.solver}; choose another "
                                  "label or folder")
        return present

    def log(self, *, iteration=None, **columns):
        """A record: the iteration, 0 being the initial point, and numbers by name, the first time all that there will be.
        Customary are seconds (stored as seconds_elsewhere), flops, objective (left out: train_loss), residual, train_loss,
        train_accuracy, val_accuracy, test_accuracy."""
        found = []
        if iteration is None:
            found.append("iteration is missing")
        elif not _is_whole(iteration) or iteration < 0:
            found.append(f"iteration is {iteration!r}; a whole number >= 0 is needed")
        elif self._rows and iteration <= self._rows[-1]["iteration"]:
            found.append(f"iteration is {iteration} after {self._rows[-1]['iteration']}; they must ascend")
        row = {"iteration": iteration}
        for name, value in columns.items():
            if not result_file.safe_name(name) or "/" in name:
                found.append(f"{name!r} is no name of a column")
                continue
            number = _number(value)
            if number is None:
                found.append(f"{name} is {_shown(value)}; a number is needed")
                continue
            row[name] = number
            wrong = result_file.out_of_range(name, [number])
            if wrong:
                found.append(wrong.replace(" (entry 0)", ""))
        if self._rows:
            first = self._rows[0]
            new = [name for name in row if name not in first]
            if new:
                found.append(f"{', '.join(new)}: not there at the first record; what a run does not always have is nan there")
            found += [f"{name} is missing" for name in GROWING if name in first and name not in columns]
            found += [f"{name} is {row[name]:g} after {self._rows[-1][name]:g}; it cannot fall" for name in GROWING
                      if name in row and row[name] < self._rows[-1].get(name, 0)]
        if found:
            raise ValueError(f"Run.log: {'; '.join(found)}")
        row["iteration"] = int(iteration)
        self._rows.append(row)

    def weights(self, W, b, when="final"):
        """W and b of the initial point or the end: lists of arrays (n_l, n_{l-1}) and (n_l,)."""
        from admmbench.solver import as_array
        found = [] if when in ("initial", "final") else [f"when is {when!r}; there are: initial, final"]
        W, b = ([as_array(one) for one in arrays] for arrays in (W, b))
        if not W or len(W) != len(b):
            found.append(f"there are {len(W)} W and {len(b)} b; a layer has one of each")
        for l, (weight, bias) in enumerate(zip(W, b), 1):
            if weight.ndim != 2:
                found.append(f"W{l} is {weight.shape}; a matrix is needed")
                continue
            if bias.shape != weight.shape[:1]:
                found.append(f"b{l} is {bias.shape}; its layer needs {weight.shape[:1]}")
            if l > 1 and W[l - 2].ndim == 2 and weight.shape[1] != W[l - 2].shape[0]:
                found.append(f"W{l} is {weight.shape}; the layer below has {W[l - 2].shape[0]} outputs")
        found += [f"{name}{l} holds {one.dtype}; numbers are needed" for name, arrays in (("W", W), ("b", b))
                  for l, one in enumerate(arrays, 1) if one.dtype.kind not in "iuf"]
        if found:
            raise ValueError(f"Run.weights: {'; '.join(found)}")
        self._networks[when] = tuple([one.astype(self._attributes["precision"]) for one in arrays] for arrays in (W, b))

    def stop(self, message):
        """Says that a rule ended the run early: status `stopped`."""
        self._status, self._message = "stopped", str(message)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if kind is None and not self._rows:
            raise ValueError("Run: nothing was logged, so nothing is written; run.log(iteration=0, ...) is a record")
        if kind is not None:
            self._status = "interrupted" if issubclass(kind, KeyboardInterrupt) else "failed"
            self._message = f"{kind.__name__}: {error}" if str(error) else kind.__name__
        self._write()
        return False

    def _trajectory(self):
        columns = {STORED_AS.get(name, name): np.array([row.get(name, math.nan) for row in self._rows],
                                                       dtype=np.int64 if name == "iteration" else np.float64)
                   for name in (self._rows[0] if self._rows else ())}
        if "train_loss" in columns:
            columns.setdefault("objective", columns["train_loss"])
        return columns

    def _write(self):
        trajectory = self._trajectory()
        if self._status is None:
            ends = [trajectory[name][-1] for name in ("objective", "train_loss") if name in trajectory]
            self._status = "completed" if all(map(math.isfinite, ends)) else "diverged"
        message = self._message.replace("\0", " ")
        attributes = {**self._attributes, "status": self._status, "message": message or MESSAGE}
        attributes["config_sha256"] = hashlib.sha256(attributes["config"].encode()).hexdigest()
        content = [attributes["config"], result_file.trajectory_sha256(trajectory), attributes["data_sha256"],
                   attributes["code_version"]]
        attributes["content_hash"] = hashlib.sha256("\n".join(content).encode()).hexdigest()
        present = self._look_at_present()
        if present and present.status in result_file.COMPLETE:
            if self._status not in result_file.COMPLETE:
                warnings.warn(f"Run: {self._status} ({message}); the {present.status} result {self.path} stays", stacklevel=4)
                return
            if present.content_hash != attributes["content_hash"]:
                aside = self.path.with_name(f"{self.path.name}.old-{present.content_hash[:8]}")
                aside.unlink(missing_ok=True)
                try:
                    os.link(self.path, aside)  # at no moment there is neither
                except OSError:  # a file system without hard links
                    os.replace(self.path, aside)
                warnings.warn(f"Run: another result was there; it is kept as {aside}", stacklevel=4)
        result_file.write(self.path, attributes, trajectory, self._networks)


def _is_whole(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _number(value):
    """A float of a number, an array of one entry or a tensor; None of anything else."""
    from admmbench.solver import as_array
    array = as_array(value)
    return float(array.reshape(())) if array.size == 1 and array.dtype.kind in "biuf" else None


def _shown(value):
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _wrong_in(config):
    """The parameters that no configuration can hold."""
    found = []
    for name, value in config.items():
        try:
            config_text.write({name: value})
        except ValueError:
            found.append(f"config: {name} is {_shown(value)}; a number, text, list or dict is needed")
    return found
