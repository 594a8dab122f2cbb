"""Means over seeds, as `admmbench table` makes them (docs/reference/results.md#tables)."""

import functools
import math
import operator

from admmbench import config_text

LOGARITHM = "log10_"
ELSEWHERE = ("external", "imported")
DERIVED = "seconds_per_iteration"


def higher_is_better(metric):
    return metric.endswith("accuracy")


def differences_beyond_seed(a, b):
    """["iterations: 300 and 1", ...]: what two runs of a label differ in, their seeds apart; empty: nothing."""
    found = []
    for name in ("data_sha256", "code_version"):
        left, right = getattr(a, name), getattr(b, name)
        if left and right and left != right:
            found.append(f"{name}: {left[:12]} and {right[:12]}")
    if config_text.settings(a.attributes["config"]) != config_text.settings(b.attributes["config"]):
        found += config_text.differing_settings(a.attributes["config"], b.attributes["config"])
    return found


def _same(a, b):
    if a.content_hash and b.content_hash:
        return a.content_hash == b.content_hash
    return a.trajectory_sha256 == b.trajectory_sha256


def distinct(runs, refuse=True):
    """Each run once: of copies the one that finished. With `refuse`, ValueError for runs of a cell that are not of one setting,
    and for two different ones of a seed."""
    kept, first, place = [], {}, {}
    for run in runs:
        cell = (run.experiment, run.profile, run.dataset, run.label)
        seat = place.setdefault((*cell, run.seed), len(kept))
        if seat == len(kept):
            if refuse:
                _require_one_setting(first.setdefault(cell, run), run)
            kept.append(run)
        elif not _same(kept[seat], run):
            if refuse:
                differing = differences_beyond_seed(kept[seat], run)
                where = f" differ in {', '.join(differing)}" if differing else ""
                raise ValueError(f"two different runs of {run.label} on {run.dataset} with seed {run.seed}: {kept[seat].path} "
                                 f"and {run.path}{where}; load only one of them")
            kept.append(run)
        elif not kept[seat].finished or run.finished and not len(kept[seat].trajectory.get("iteration", ())):
            kept[seat] = run
    return kept


def _require_one_setting(a, b):
    differing = differences_beyond_seed(a, b)
    if differing:
        raise ValueError(f"the runs of {b.label} on {b.dataset} ({b.experiment}) are not of one setting, so there is no mean "
                         f"over their seeds: {a.path} and {b.path} differ in {', '.join(differing)}; load only what belongs "
                         "together")


def final_value(run, metric):
    """The last entry of a metric if it is finite."""
    if metric == DERIVED:
        value = run.last("seconds")
        value = value / run.iterations if value is not None and run.iterations > 0 else None
    else:
        value = run.last(column_behind(metric))
        if value is not None and metric.startswith(LOGARITHM):
            value = math.log10(value) if value > 0 else math.nan
    return value if value is not None and math.isfinite(value) else None


def column_behind(metric):
    return metric.removeprefix(LOGARITHM)


def mean_and_deviation(values):
    """In the order of their size, in two passes, as the suite does: the same to the last bit. One value has no deviation."""
    values = sorted(values)
    mean = functools.reduce(operator.add, values) / len(values)
    if len(values) == 1:
        return mean, None
    squares = functools.reduce(operator.add, ((value - mean) * (value - mean) for value in values))
    return mean, math.sqrt(squares / (len(values) - 1))


class Comparison:
    """Tables of runs, of which each experiment and profile has one."""

    def __init__(self, runs):
        self.runs = runs

    def default_metric(self):
        """The first of these that any run has."""
        names = ("test_accuracy", "val_accuracy", "train_loss", "objective")
        return next((name for name in names if any(name in run.trajectory for run in self.runs)), names[0])

    def require_column(self, metric, what="metric", derived=()):
        columns = sorted({name for run in self.runs for name in run.trajectory})
        if columns and metric not in {*columns, *derived}:
            raise ValueError(f"{what}: no run has '{metric}'; there are: {', '.join(columns)}")

    def table(self, metric, raw):
        import pandas as pd
        groups = {}
        for run in distinct(self.runs):
            groups.setdefault((run.experiment, run.profile), []).append(run)
        rows = []
        for runs in groups.values():
            rows += _rows(runs, metric or Comparison(runs).default_metric())
        frame = pd.DataFrame(rows)
        return frame if raw else _as_text(frame, pd)


def _rows(runs, metric):
    derived = {DERIVED, *(LOGARITHM + name for run in runs for name in run.trajectory)}
    Comparison(runs).require_column(metric, derived=derived)
    datasets = list(dict.fromkeys(run.dataset for run in runs))
    labels = {run.label: run.solver for run in reversed(runs)}
    labels = {label: labels[label] for label in dict.fromkeys(run.label for run in runs)}
    cells = {}
    for label, solver in labels.items():
        for dataset in datasets:
            cells[label, dataset] = _cell(runs, label, solver, dataset, metric)
    sign = 1 if higher_is_better(metric) else -1
    for dataset in datasets:
        means = [cells[label, dataset]["mean"] for label in labels if cells[label, dataset]["n"]]
        best = max(means, key=lambda mean: sign * mean, default=None)
        for label in labels:
            cell = cells[label, dataset]
            # Means of different values may differ by their rounding alone.
            cell["best"] = bool(cell["n"]) and abs(cell["mean"] - best) <= 1e-12 * abs(best)

    def rank(label):
        means = [cells[label, dataset]["mean"] for dataset in datasets if cells[label, dataset]["n"]]
        return len(datasets) - len(means), -sign * (sum(means) / len(means) if means else 0)
    return [cells[label, dataset] for label in sorted(labels, key=rank) for dataset in datasets]


def _cell(runs, label, solver, dataset, metric):
    here = [run for run in runs if (run.label, run.dataset) == (label, dataset)]
    finished = [run for run in here if run.finished]
    values = [value for value in (final_value(run, metric) for run in finished) if value is not None]
    infinite = sum(final_value(run, metric) is None and run.last(column_behind(metric)) is not None for run in finished)
    mean, sd = mean_and_deviation(values) if values else (math.nan, None)
    return {"experiment": runs[0].experiment, "profile": runs[0].profile, "dataset": dataset, "label": label, "solver": solver,
            "metric": metric, "n": len(values), "mean": mean, "sd": math.nan if sd is None else sd, "best": False,
            "not_finished": len(here) - len(finished), "not_finite": infinite}


def _as_text(frame, pd):
    """Labels, with what is no method of the suite's marked, by data sets; experiment and profile before them where there is more
    than one."""
    several = [name for name in ("experiment", "profile") if frame[name].nunique() > 1]
    counts = frame[frame.n > 0].groupby(["experiment", "profile"]).n.nunique().to_dict()
    texts = [_text(cell, counts.get((cell.experiment, cell.profile), 1) > 1) for cell in frame.itertuples()]
    names = [label if solver not in ELSEWHERE else f"{label} ({solver})" for label, solver in zip(frame.label, frame.solver)]
    frame = frame.assign(text=texts, label=names)
    rows = list(dict.fromkeys(zip(*(frame[name] for name in (*several, "label")))))
    columns = list(dict.fromkeys(frame.dataset))
    cells = dict(zip(zip(*(frame[name] for name in (*several, "label")), frame.dataset), frame.text))
    names = [*several, "label"]
    index = pd.MultiIndex.from_tuples(rows, names=names) if several else pd.Index([row[0] for row in rows], name="label")
    return pd.DataFrame([[cells.get((*row, column), "–") for column in columns] for row in rows], index=index,
                        columns=pd.Index(columns, name="dataset"))


def _text(cell, differing_counts):
    fixed = "{:.4f}" if higher_is_better(cell.metric) else "{:.4g}"
    text, remarks = "–", []
    if cell.n:
        text = fixed.format(cell.mean) + ("" if math.isnan(cell.sd) else " ± " + fixed.format(cell.sd))
        remarks += [f"n = {cell.n}"] if differing_counts else []
    remarks += [f"{cell.not_finished} not finished"] if cell.not_finished else []
    remarks += [f"{cell.not_finite} not finite"] if cell.not_finite else []
    return text + (f" ({', '.join(remarks)})" if remarks else "")
