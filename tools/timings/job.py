"""One comparison job: both programs, interleaved, all samples kept."""

import statistics
import time

from timings import codes, gate
from timings.files import Failure


class Job:
    """`base` and `head` are Programs that have the benchmarks `names`."""

    def __init__(self, base, head, names, rounds, repetitions, min_time, say):
        self.programs, self.names, self.say = (base, head), names, say
        self.rounds, self.repetitions, self.min_time = rounds, repetitions, min_time
        self.context = {}

    def run(self, start=0, title=""):
        """{benchmark: (base rounds, head rounds)}, a Samples each; `start` 1 lets the head go first.

        Base and head of a benchmark follow each other within a second, and all benchmarks make a round before the next
        begins: what disturbs the machine for a while then hits both sides, and not every round."""
        measured = {name: ([], []) for name in self.names}
        begin = time.monotonic()
        for index in range(self.rounds):
            # Who goes first changes: an effect of the order (a cache left warm) then changes its sign, too.
            order = (0, 1) if (start + index) % 2 == 0 else (1, 0)
            for name in self.names:
                for side in order:
                    samples, context = self.programs[side].measure(name, self.repetitions, self.min_time)
                    measured[name][side].append(samples)
                    self.context = self.context or context
            passed = time.monotonic() - begin
            left = passed / (index + 1) * (self.rounds - index - 1)
            self.say(f"{title}round {index + 1} of {self.rounds}: {passed:.0f} s, about {left:.0f} s left")
        return checked(measured)


def checked(measured):
    """Nothing at all was measured, or something was measured in part: neither may look like a result."""
    if not any(samples.seconds for sides in measured.values() for rounds in sides for samples in rounds):
        raise Failure("nothing measured: the benchmarks ran, but none of them reported a time", codes.NOTHING_MEASURED)
    for name, sides in measured.items():
        for side, rounds in zip(("base", "head"), sides):
            counts = [len(samples.seconds) for samples in rounds]
            if min(counts) == 0 or sum(counts) < gate.FEWEST_SAMPLES:
                raise Failure(f"{side}: {name} reported {', '.join(map(str, counts))} times in the rounds; every round "
                              f"needs one and all together {gate.FEWEST_SAMPLES}", codes.BENCHMARK_FAILED)
    return measured


def gemm_columns(samples):
    """{name: values} of the GEMM columns that every repetition has."""
    columns = {"gemm_seconds": samples.gemm_seconds, "ratio": samples.ratio}
    return {name: values for name, values in columns.items() if values and len(values) == len(samples.seconds)}


def values(sides, measure):
    """(unit, base rounds, head rounds) as lists of numbers. The ratio only where every sample has one."""
    whole = all("ratio" in gemm_columns(samples) for rounds in sides for samples in rounds)
    unit = "ratio" if measure == "ratio" and whole else "seconds"
    base, head = ([getattr(samples, unit) for samples in rounds] for rounds in sides)
    return unit, base, head


def gemm_change(sides):
    """Head's GEMM reference over base's, or None. Both were timed on this machine, side by side: a change of more than
    noise says that the counted work itself has changed."""
    base, head = ([g for samples in rounds for g in samples.gemm_seconds] for rounds in sides)
    return statistics.median(head) / statistics.median(base) if base and head else None
