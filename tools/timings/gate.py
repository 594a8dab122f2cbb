"""When a difference between two builds is called a regression: pure functions of the samples, no clock, no files.

A benchmark's samples are one list per round and side. docs/measured/timings.md says why the rule is as it is."""

import dataclasses
import itertools
import statistics

from timings.mann_whitney import mann_whitney

ALPHA = 0.002  # two-sided p below which the pooled samples are taken to differ
REGRESSION = 1.10  # ratio of the pooled medians above which a difference is worth stopping for
WARNING = 1.05  # ... worth a look
FEWEST_ROUNDS = 3  # the machine's state changes between rounds, not within: rounds are what is replicated
FEWEST_SAMPLES = 9  # on either side, over all rounds; p < 0.002 is out of reach below 7

SLOWER, WARNED, UNCLEAR, FASTER, SAME = "REGRESSION", "warning", "unclear", "faster", "same"


@dataclasses.dataclass(frozen=True)
class Comparison:
    base: float  # pooled median
    head: float
    ratio: float  # head / base: above 1 is slower
    p: float
    signs: str  # of each round: + slower, - faster, 0 equal medians
    verdict: str


def compare(base, head):
    """The verdict on one benchmark from its rounds of samples."""
    _, p = mann_whitney(pool(head), pool(base))
    median_base, median_head = statistics.median(pool(base)), statistics.median(pool(head))
    ratio = median_head / median_base
    signs = "".join(sign(statistics.median(h) - statistics.median(b)) for b, h in zip(base, head, strict=True))
    return Comparison(median_base, median_head, ratio, p, signs, verdict(p, ratio, signs))


def pool(rounds):
    return [value for samples in rounds for value in samples]


def sign(difference):
    return "+" if difference > 0 else "-" if difference < 0 else "0"


def verdict(p, ratio, signs):
    slower = p < ALPHA and set(signs) == {"+"}
    faster = p < ALPHA and set(signs) == {"-"}
    if slower and ratio > REGRESSION:
        return SLOWER
    if slower and ratio > WARNING:
        return WARNED
    if faster and ratio < 1 / WARNING:
        return FASTER
    # Large, but the rounds disagree or the samples overlap: a disturbed machine, which is no evidence either way.
    return UNCLEAR if ratio > REGRESSION else SAME


def label_swaps(base, head):
    """Every way of exchanging the two sides round by round. Where both sides are the same program, each is as likely as
    what was seen, so the share of them that is flagged estimates the false-alarm rate from the same samples."""
    for swapped in itertools.product((False, True), repeat=len(base)):
        pairs = [(h, b) if swap else (b, h) for swap, b, h in zip(swapped, base, head, strict=True)]
        yield [b for b, _ in pairs], [h for _, h in pairs]


@dataclasses.dataclass(frozen=True)
class FalseAlarms:
    """Counts over A/A comparisons: (base rounds, head rounds) of the same program."""
    comparisons: int
    regressions: int
    warnings: int
    test_alone: int  # p < ALPHA, whatever the ratio: what the gate would be without its other two conditions
    ratio_alone: int  # ratio > REGRESSION, whatever p
    largest: float  # ratio, in either direction
    swaps: int
    swap_regressions: int


def count_false_alarms(pairs):
    seen = [compare(base, head) for base, head in pairs]
    swapped = [compare(base, head) for pair in pairs for base, head in label_swaps(*pair)]
    return FalseAlarms(
        comparisons=len(seen),
        regressions=sum(c.verdict == SLOWER for c in seen),
        warnings=sum(c.verdict == WARNED for c in seen),
        test_alone=sum(c.p < ALPHA for c in seen),
        ratio_alone=sum(c.ratio > REGRESSION for c in seen),
        largest=max(max(c.ratio, 1 / c.ratio) for c in seen),
        swaps=len(swapped),
        swap_regressions=sum(c.verdict == SLOWER for c in swapped))
