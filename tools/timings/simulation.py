"""How often the gate calls a regression on a machine whose state wanders: the table in docs/measured/timings.md.

usage: cd tools && python3 -m timings.simulation [TRIALS]

A sample is (true level) x (state of the machine in that round, of that side) x (noise of the repetition)."""

import random
import sys

from timings import gate


def rounds(generator, level, within, between):
    states = [1 + between * generator.gauss(0, 1) for _ in range(gate.FEWEST_ROUNDS)]
    each = gate.FEWEST_SAMPLES // gate.FEWEST_ROUNDS
    return [[level * state * (1 + within * generator.gauss(0, 1)) for _ in range(each)] for state in states]


def one_run(generator, level, within, between):
    """As many samples, but all of a side from one round: what two separate runs give."""
    state = 1 + between * generator.gauss(0, 1)
    return [[level * state * (1 + within * generator.gauss(0, 1)) for _ in range(gate.FEWEST_SAMPLES)]]


def shares(sample, change, within, between, trials):
    """Percent of the trials with (p < alpha), (regression), (warning or regression)."""
    generator = random.Random(f"{sample.__name__} {change} {within} {between}")
    found = [gate.compare(sample(generator, 1, within, between), sample(generator, 1 + change, within, between))
             for _ in range(trials)]
    called = [sum(c.verdict == gate.SLOWER for c in found), sum(c.verdict in (gate.SLOWER, gate.WARNED) for c in found)]
    return [100 * count / trials for count in (sum(c.p < gate.ALPHA for c in found), *called)]


def main(trials):
    print("| samples | noise | state | true change | p < 0.002 | called | warned or called |\n|---|---|---|---|---|---|---|")
    for sample, name in ((one_run, "two separate runs of 9"), (rounds, "3 rounds of 3, interleaved")):
        for within, between, change in ((0.01, 0, 0), (0.01, 0.02, 0), (0.03, 0.02, 0), (0.03, 0.05, 0), (0.01, 0.02, 0.1),
                                        (0.01, 0.02, 0.15), (0.01, 0.02, 0.2), (0.03, 0.05, 0.2)):
            cells = " | ".join(f"{value:.1f} %" for value in shares(sample, change, within, between, trials))
            print(f"| {name} | {within:.0%} | {between:.0%} | {change:+.0%} | {cells} |".replace("+0%", "none"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
