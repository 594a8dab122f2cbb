"""Steps in a benchmark's history: a piecewise-constant fit, as asv's dashboard makes one, solved exactly.

Values are fitted on a logarithmic scale, so that a step is a factor and 5 % means the same at every level. The loss is
the sum of absolute deviations: a single outlier moves a median little, where it would move a mean. Among the best fits
with 1, 2, 3, ... levels the one with the smallest

    log(floor + loss / n) + 4 log(n) / n * levels

is taken: asv's criterion, like BIC with Laplace noise and a penalty twice as strong, since a dashboard that cries wolf
is not looked at. Two points make the shortest level, so a bump of one commit is never a level of its own, and a step at
the newest commit waits for a second one to confirm it."""

import dataclasses
import heapq
import math
import statistics

SHORTEST = 2  # points of a level
THRESHOLD = 0.05  # relative change below which a step is of no interest
FLOOR = 0.001  # mean deviation (relative) that no timing goes below: a noiseless stretch must not invite more levels
MOST_LEVELS = 12  # more steps than that in one look are noise
MOST_POINTS = 300  # of a history: the fit takes quadratic time


@dataclasses.dataclass(frozen=True)
class Step:
    index: int  # first point of the new level
    before: float
    after: float

    @property
    def change(self):
        return self.after / self.before - 1


def find_steps(values):
    """The steps of a series of positive numbers, oldest first."""
    values = list(values)
    if any(not (math.isfinite(v) and v > 0) for v in values):
        raise ValueError("a history of timings has finite values above 0 only")
    if not values:
        return []
    logs = [math.log(v) for v in values]
    starts = drop_small(logs, best_starts(logs))
    levels = [statistics.median(values[a:b]) for a, b in spans(starts, len(values))]
    return [Step(start, before, after) for start, before, after in zip(starts[1:], levels, levels[1:])]


def standing(steps):
    """The steps upward that later ones have not undone: the last level is still above the one before the step."""
    if not steps:
        return []
    last = steps[-1].after
    return [step for step in steps if step.change > 0 and last > step.before * (1 + THRESHOLD)]


def spans(starts, end):
    return zip(starts, [*starts[1:], end])


def best_starts(ys):
    """First index of every level of the chosen fit."""
    n = len(ys)
    if n < 2 * SHORTEST:
        return [0]
    penalty = 4 * math.log(n) / n
    fits = best_fits(ys)
    return min(fits, key=lambda fit: math.log(FLOOR + fit[0] / n) + penalty * len(fit[1]))[1]


def best_fits(ys):
    """[(loss, starts)]: the best with 1, 2, ... levels, by dynamic programming over the end of the last level."""
    n, infinity = len(ys), math.inf
    losses = [running_losses(ys[start:]) for start in range(n)]  # [start][length - 1]
    best = [infinity] * SHORTEST + [losses[0][end - 1] for end in range(SHORTEST, n + 1)]
    origins, fits = [], [(best[n], [0])]
    for level in range(2, min(MOST_LEVELS, n // SHORTEST) + 1):
        longer, origin = [infinity] * (n + 1), [0] * (n + 1)
        for end in range(level * SHORTEST, n + 1):
            longer[end], origin[end] = min((best[start] + losses[start][end - start - 1], start)
                                           for start in range((level - 1) * SHORTEST, end - SHORTEST + 1))
        best = longer
        origins.append(origin)
        fits.append((best[n], trace(origins, n)))
    return fits


def trace(origins, end):
    starts = []
    for origin in reversed(origins):
        end = origin[end]
        starts.append(end)
    return [0, *reversed(starts)]


def running_losses(ys):
    """Entry k: the sum of |y - median| over the first k + 1 values. Two heaps hold the lower and the upper half."""
    lower, upper, sum_lower, sum_upper, losses = [], [], 0.0, 0.0, []
    for y in ys:
        if lower and y < -lower[0]:
            heapq.heappush(lower, -y)
            sum_lower += y
        else:
            heapq.heappush(upper, y)
            sum_upper += y
        if len(upper) > len(lower) + 1:
            moved = heapq.heappop(upper)
            heapq.heappush(lower, -moved)
            sum_lower, sum_upper = sum_lower + moved, sum_upper - moved
        elif len(lower) > len(upper):
            moved = -heapq.heappop(lower)
            heapq.heappush(upper, moved)
            sum_lower, sum_upper = sum_lower - moved, sum_upper + moved
        median = upper[0]  # any point between the halves gives the same sum
        losses.append(max(0.0, sum_upper - sum_lower - median * (len(upper) - len(lower))))
    return losses


def drop_small(ys, starts):
    """Without the steps that are smaller than the threshold or than the scatter about either level, smallest first."""
    starts = list(starts)
    while len(starts) > 1:
        levels = [(statistics.median(ys[a:b]), scatter(ys[a:b])) for a, b in spans(starts, len(ys))]
        excess = [abs(after[0] - before[0]) - max(math.log1p(THRESHOLD), before[1], after[1])
                  for before, after in zip(levels, levels[1:])]
        smallest = min(range(len(excess)), key=excess.__getitem__)
        if excess[smallest] > 0:
            break
        del starts[smallest + 1]
    return starts


def scatter(ys):
    """Mean absolute deviation from the median."""
    median = statistics.median(ys)
    return sum(abs(y - median) for y in ys) / len(ys)
