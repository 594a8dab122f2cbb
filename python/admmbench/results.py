"""load(): result files as data frames, tables and curves."""

import json
import os
import pathlib
import select
import subprocess
import sys
import warnings

from admmbench import result_file
from admmbench.comparison import Comparison, distinct
from admmbench.words import did_you_mean, needs

_CHILD = """
import json, sys
sys.path[:0] = json.loads(sys.stdin.readline())
from admmbench import result_file
for line in sys.stdin:
    wrong = ""
    try:
        result_file.read(json.loads(line))
    except result_file.Damaged as error:
        wrong = str(error)
    print(json.dumps(wrong), flush=True)
"""


def load(*folders, status="finished", mixed=False):
    """Results of the suite: files seed-*.h5 in folders, or single files. A damaged file is named in a warning and left out; a
    run found twice counts once.

    status: the runs of .finals, .trajectories and .curve(): "finished" (completed, or stopped by a rule), "all", one of
    completed, stopped, diverged, failed, interrupted, or a list of them.
    mixed: runs of one label, data set and profile that differ in more than the seed are an error, since who has them will
    average; True takes them for .finals and .trajectories."""
    needs("pandas", "python3-pandas", "admmbench.load")
    return Results(_read_all(find(folders)), _statuses(status), mixed)


def find(folders):
    """The result files under `folders`, sorted."""
    if not folders:
        raise ValueError("load: name a folder of results, such as 'results/runs/first-run'")
    found = set()
    for folder in map(pathlib.Path, folders):
        if folder.is_dir():
            found |= {path for path in folder.rglob("seed-*.h5") if path.is_file()}
        elif folder.exists():
            found.add(folder)
        else:
            raise FileNotFoundError(f"{folder}: no such file or folder (in {os.getcwd()})")
    if not found:
        raise FileNotFoundError(f"no result files (seed-*.h5) under {', '.join(map(str, folders))}; `admmbench run` makes them")
    return sorted(found)


def _statuses(status):
    groups = {"finished": result_file.FINISHED, "all": result_file.STATUSES}
    wanted = groups.get(status, (status,)) if isinstance(status, str) else tuple(status)
    for name in wanted:
        if name not in result_file.STATUSES:
            raise ValueError(f"there is no status '{name}'{did_you_mean(name, (*groups, *result_file.STATUSES))}")
    return wanted


def _read_all(paths):
    runs = []
    for path, wrong in zip(paths, examine(paths)):
        try:
            if wrong:
                raise result_file.Damaged(wrong)
            runs.append(result_file.read(path))
        except result_file.Damaged as error:
            warnings.warn(f"left out: {path}: damaged: {error}", stacklevel=3)
    if not runs:
        raise ValueError(f"none of the {len(paths)} result file(s) could be read, see the warnings")
    return runs


def examine(paths):
    """What is wrong with each file, "" for nothing. They are read in another process first, so that one which makes HDF5 crash
    or hang does no harm here."""
    wrong = []
    while len(wrong) < len(paths):
        wrong += _examine_until_death(paths[len(wrong):])
    return wrong


def _examine_until_death(paths):
    child = subprocess.Popen([sys.executable, "-B", "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True)
    said = []
    try:
        child.stdin.write(json.dumps([str(result_file.__file__).rpartition(os.sep)[0] + "/..", *sys.path]) + "\n")
        for path in paths:
            child.stdin.write(json.dumps(os.path.abspath(path)) + "\n")
            child.stdin.flush()
            seconds = 10 + os.path.getsize(path) / 2**22 + (20 if not said else 0)  # the first waits for imports
            answer = child.stdout.readline() if select.select([child.stdout], [], [], seconds)[0] else None
            if not answer:
                return [*said, "HDF5 crashes on it" if answer == "" else f"reading it takes more than {seconds:.0f} s"]
            said.append(json.loads(answer))
    except BrokenPipeError:
        return [*said, "HDF5 crashes on it"]
    finally:
        child.kill()
        child.communicate()
    return said


class Results:
    """Runs as data frames. finals: a row a run, with the last entry of every column. trajectories: a row a record. Both have
    experiment, profile if any has one, dataset, label, solver, seed, precision, status, message, path, and param.NAME for every
    parameter."""

    def __init__(self, runs, statuses=result_file.FINISHED, mixed=False):
        self.all_runs = distinct(runs, refuse=not mixed)
        self.runs = [run for run in self.all_runs if run.status in statuses]
        self._frames = {}

    def __repr__(self):
        names = (f"{what}s {', '.join(dict.fromkeys(getattr(run, what) for run in self.all_runs))}"
                 for what in ("experiment", "dataset", "label"))
        return f"<{len(self.runs)} of {len(self.all_runs)} runs; {'; '.join(names)}>"

    @property
    def finals(self):
        """A row a run: what it is, and the last entry of every column."""
        return self._frame("finals", lambda run: {name: values[-1:] for name, values in run.trajectory.items() if len(values)})

    @property
    def trajectories(self):
        """A row a record: the columns of the trajectory."""
        return self._frame("trajectories", lambda run: run.trajectory)

    def _frame(self, which, columns):
        if which not in self._frames:
            import pandas as pd
            parts = []
            for run in self.runs:
                values = columns(run)
                # A run that failed before its first record has a row among the finals, too.
                rows = 1 if which == "finals" else len(values.get("iteration", ()))
                # A column of the method's own may be called like what the run is.
                values = {f"column.{name}" if name in _IDENTITY else name: one for name, one in values.items()}
                parts.append(pd.DataFrame({**_identity(run), **values}, index=range(rows)))
            frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_IDENTITY))
            parameters = [name for name in frame.columns if name.startswith("param.")]
            if "profile" in frame and not frame["profile"].astype(bool).any():
                frame = frame.drop(columns="profile")
            self._frames[which] = frame[[*(name for name in frame.columns if name not in parameters), *parameters]]
        return self._frames[which].copy()

    def table(self, metric=None, *, dataset=None, label=None, experiment=None, raw=False):
        """What `admmbench table` shows: mean and standard deviation over the seeds of the last entry of `metric`
        (test_accuracy, or as there where no run has it), as text per label and data set, `raw=True` as numbers, a row a cell.
        Runs that did not finish or whose value is not finite are counted, not averaged; runs that differ in more than the seed
        are an error."""
        return Comparison(self._chosen(self.all_runs, dataset, label, experiment)).table(metric, raw)

    def curve_data(self, x="seconds", y=None, *, dataset=None, label=None, experiment=None, band="range"):
        """The curves of curve(), as a data frame: label, x, mean, low, high, runs."""
        return self._curves(x, y, dataset, label, experiment, band)[0]

    def curve(self, x="seconds", y=None, *, dataset=None, label=None, experiment=None, band="range", ax=None):
        """Draws y over x, a line a label: the mean over the seeds, and as a band their range, or with band="sd" the mean -+ the
        standard deviation. x: iteration (those that all seeds have), or any column that does not fall: seconds, flops, ...
        Between records y is interpolated linearly, from where the last seed begins to where the first one ends. Seeds that did
        not finish are counted beside the name. Returns the axes."""
        from admmbench import curves
        data, y, missing = self._curves(x, y, dataset, label, experiment, band)
        return curves.draw(data, x, y, missing, ax)

    def _curves(self, x, y, dataset, label, experiment, band):
        from admmbench import curves
        runs = self._chosen(self.runs, dataset, label, experiment)
        for what in ("experiment", "profile", "dataset"):
            names = sorted({getattr(run, what) for run in runs})
            if len(names) > 1:
                raise ValueError(f"curve: there are runs of more than one {what}: {', '.join(names)}; "
                                 + ("load them apart" if what == "profile" else f"choose with {what}=..."))
        y = y or Comparison(runs).default_metric()
        Comparison(runs).require_column(y, "y")
        Comparison(runs).require_column(x, "x")
        alike = (runs[0].experiment, runs[0].profile, runs[0].dataset)
        missing = [run.label for run in self.all_runs
                   if (run.experiment, run.profile, run.dataset) == alike and not run.finished and run not in runs]
        return curves.aggregate(distinct(runs), x, y, band), y, missing

    @staticmethod
    def _chosen(runs, dataset, label, experiment):
        for name, wanted in (("dataset", dataset), ("label", label), ("experiment", experiment)):
            if wanted is None:
                continue
            wanted = [wanted] if isinstance(wanted, str) else list(wanted)
            known = list(dict.fromkeys(getattr(run, name) for run in runs))
            for one in wanted:
                if one not in known:
                    raise ValueError(f"no run has the {name} '{one}'{did_you_mean(one, known)}")
            runs = [run for run in runs if getattr(run, name) in wanted]
        if not runs:
            raise ValueError("there are no such runs; load(..., status='all') takes those that did not finish, too")
        return runs


_IDENTITY = ("experiment", "profile", "dataset", "label", "solver", "seed", "precision", "status", "message", "path")


def _identity(run):
    values = {name: str(run.path) if name == "path" else getattr(run, name) for name in _IDENTITY}
    return {**values, **{f"param.{name}": value if not isinstance(value, list) else str(value)
                         for name, value in run.params.items()}}
