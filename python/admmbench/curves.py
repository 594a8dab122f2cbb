"""Curves with a band over the seeds."""

import math
import warnings

import numpy as np

from admmbench.words import needs

MOST_POINTS = 500


def aggregate(runs, x, y, band):
    """label, x, mean, low, high, runs: y over x, of each label in the order of the runs."""
    import pandas as pd
    if band not in ("range", "sd"):
        raise ValueError(f"band is {band!r}; there are: range (least and largest of the seeds), sd (mean -+ standard deviation)")
    parts = []
    for label in dict.fromkeys(run.label for run in runs):
        members = [run.trajectory for run in runs if run.label == label]
        members = [run for run in members if x in run and y in run and len(run[x])]
        if not members:
            warnings.warn(f"curve: {label} does not have {x} and {y}, and is left out", stacklevel=4)
            continue
        grid, values = _common(members, y) if x == "iteration" else _interpolated(members, x, y, label)
        with np.errstate(all="ignore"):
            mean = values.mean(axis=0)
            if band == "range":
                low, high = values.min(axis=0), values.max(axis=0)
            else:
                sd = values.std(axis=0, ddof=1) if len(members) > 1 else np.zeros_like(mean)
                low, high = mean - sd, mean + sd
        parts.append(pd.DataFrame({"label": label, x: grid, "mean": mean, "low": low, "high": high, "runs": len(members)}))
        if not len(grid):
            raise ValueError(f"curve: the seeds of {label} have no {x} in common")
    if not parts:
        raise ValueError(f"curve: no run has both {x} and {y}")
    return pd.concat(parts, ignore_index=True)


def _common(members, y):
    """Iterations that all have, and each run's values there."""
    steps = members[0]["iteration"]
    for run in members[1:]:
        steps = np.intersect1d(steps, run["iteration"])
    return steps, np.array([run[y][np.searchsorted(run["iteration"], steps)] for run in members])


def _interpolated(members, x, y, label):
    """All records' x between the last beginning and the first end, and each run's values there."""
    for run in members:
        if not np.all(np.diff(run[x]) >= 0):
            raise ValueError(f"curve: {x} falls within a run of {label}, so that nothing can be drawn over it")
    begin, end = max(run[x][0] for run in members), min(run[x][-1] for run in members)
    grid = np.unique(np.concatenate([run[x] for run in members]))
    grid = grid[(grid >= begin) & (grid <= end)]
    if len(grid) > MOST_POINTS:
        grid = grid[np.unique(np.linspace(0, len(grid) - 1, MOST_POINTS).round().astype(int))]
    return grid, np.array([_interpolate(grid, run[x], run[y]) for run in members])


def _interpolate(grid, x, y):
    """Linear; of records with one x the last counts."""
    last = np.append(np.diff(x) > 0, True)
    return np.interp(grid, x[last], y[last])


def draw(data, x, y, missing, ax):
    """missing: the label of every run that did not finish."""
    plt = needs("matplotlib.pyplot", "python3-matplotlib", "curve()") if ax is None else None
    if ax is None:
        ax = plt.subplots()[1]
    for label in dict.fromkeys(data.label):
        one = data[data.label == label]
        name = f"{label} ({missing.count(label)} not finished)" if label in missing else label
        line, = ax.plot(one[x], one["mean"], label=name)
        if one.runs.iloc[0] > 1:
            ax.fill_between(one[x], one.low, one.high, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set(xlabel=x.replace("_", " "), ylabel=y.replace("_", " "))
    ax.ticklabel_format(axis="x", scilimits=(-2, 5))
    positive = data["mean"][np.isfinite(data["mean"])]
    if not y.endswith("accuracy") and len(positive) and positive.min() > 0 and math.log10(positive.max() / positive.min()) > 2:
        ax.set_yscale("log")
    ax.legend()
    return ax
