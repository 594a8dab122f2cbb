"""What the timing tools print."""

from timings import gate
from timings.mann_whitney import upper_bound


def with_unit(value, unit):
    """Three to four digits: 1.234 ms, or 2.345 x GEMM."""
    if unit == "ratio":
        return f"{value:.3f} x GEMM"
    for scale, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= scale:
            return f"{value / scale:.4g} {name}"
    return f"{value / 1e-9:.4g} ns"


def aligned(header, rows):
    """The first and the last column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    last = len(header) - 1
    return "\n".join("  ".join(cell.ljust(width) if i in (0, last) else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
                     for row in [header, *rows])


def table(results):
    """results: {benchmark: (unit, Comparison)}"""
    rows = [(name, with_unit(c.base, unit), with_unit(c.head, unit), f"{c.ratio:.3f}", f"{c.p:.2g}", " ".join(c.signs),
             c.verdict) for name, (unit, c) in results.items()]
    return aligned(("benchmark", "base", "head", "ratio", "p", "rounds", "verdict"), rows)


def share(events, trials):
    return f"{events} of {trials} = {100 * events / trials:.1f} %"


def false_alarms(counts):
    bound = 100 * upper_bound(counts.regressions, counts.comparisons)
    lines = [("false alarms (regressions called)",
              f"{share(counts.regressions, counts.comparisons)}, at most {bound:.1f} % with 95 % confidence"),
             ("  sides exchanged in every way", share(counts.swap_regressions, counts.swaps)),
             ("warnings", share(counts.warnings, counts.comparisons)),
             (f"p < {gate.ALPHA:g} alone, either direction", share(counts.test_alone, counts.comparisons)),
             (f"ratio > {gate.REGRESSION:g} alone", share(counts.ratio_alone, counts.comparisons)),
             ("largest ratio, either direction", f"{counts.largest:.3f}")]
    return "\n".join(f"{name:36} {value}" for name, value in lines)
