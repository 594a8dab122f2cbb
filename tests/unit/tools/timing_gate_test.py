"""The statistics of tools/timings/compare-timings: Mann-Whitney against all permutations and published values, the rule."""

import itertools
import math
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))

from timings import gate, simulation  # noqa: E402
from timings.mann_whitney import (arrangements, exact_p, mann_whitney, normal_p, smallest_p, u_statistic,  # noqa: E402
                                  upper_bound)


def p_of_all_permutations(xs, ys):
    """Two-sided p by its definition: the share of all ways to choose which values are xs, twice the smaller tail."""
    pooled, size = [*xs, *ys], len(xs)
    observed = u_statistic(xs, ys)
    us = []
    for chosen in itertools.combinations(range(len(pooled)), size):
        inside = set(chosen)
        us.append(u_statistic([pooled[i] for i in chosen], [v for i, v in enumerate(pooled) if i not in inside]))
    return min(1.0, 2 * min(sum(u <= observed for u in us), sum(u >= observed for u in us)) / len(us))


class MannWhitney(unittest.TestCase):
    def test_equals_all_permutations_without_ties(self):
        generator = random.Random(1)
        for n, m in itertools.product(range(1, 6), range(1, 6)):
            for _ in range(5):
                values = generator.sample(range(1000), n + m)
                _, p = mann_whitney(values[:n], values[n:])
                self.assertAlmostEqual(p, p_of_all_permutations(values[:n], values[n:]), delta=1e-12)

    def test_counts_every_arrangement_once(self):
        for n, m in ((3, 4), (9, 9), (10, 7), (50, 50)):
            self.assertEqual(sum(arrangements(n, m)), math.comb(n + m, n))
            self.assertEqual(arrangements(n, m), arrangements(n, m)[::-1])
            self.assertEqual(arrangements(n, m), arrangements(m, n))

    def test_published_critical_values(self):
        # Largest U that is significant, two-sided, n against n: the tables of Mann and Whitney as printed in textbooks.
        for alpha, critical in ((0.05, {4: 0, 5: 2, 6: 5, 7: 8, 8: 13, 9: 17, 10: 23, 15: 64, 20: 127}),
                                (0.01, {5: 0, 6: 2, 7: 4, 8: 7, 9: 11, 10: 16, 15: 51, 20: 105})):
            for n, u in critical.items():
                self.assertLessEqual(exact_p(u, n, n), alpha, (alpha, n))
                self.assertGreater(exact_p(u + 1, n, n), alpha, (alpha, n))

    def test_published_examples(self):
        # Hollander and Wolfe (1973), p. 69, permeability of chorioamnion: W = 35, one-sided p 0.1272.
        u, p = mann_whitney([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.90, 0.74, 1.21])
        self.assertEqual(u, 35)
        self.assertAlmostEqual(p / 2, 0.1272, delta=5e-5)
        # SciPy's documentation: ages at diagnosis, U = 17, p = 1/9.
        u, p = mann_whitney([19, 22, 16, 29, 24], [20, 11, 17, 12])
        self.assertEqual(u, 17)
        self.assertAlmostEqual(p, 0.1111111111, delta=1e-9)

    def test_ties_use_the_corrected_normal_approximation(self):
        # By SciPy 1.10.1, method="asymptotic": several ties, then one.
        self.assertAlmostEqual(mann_whitney([1, 2, 2, 3, 5, 5], [2, 4, 5, 6, 6, 7, 8])[1], 0.050835582280956304,
                               delta=1e-12)
        u, p = mann_whitney([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
                            [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
        self.assertEqual(u, 58)
        self.assertAlmostEqual(p, 0.13291945818531892, delta=1e-12)

    def test_ties_are_near_all_permutations(self):
        generator = random.Random(2)
        for _ in range(20):
            xs, ys = ([generator.randrange(12) for _ in range(7)] for _ in range(2))
            self.assertAlmostEqual(mann_whitney(xs, ys)[1], p_of_all_permutations(xs, ys), delta=0.05)

    def test_the_approximation_agrees_with_the_exact_distribution(self):
        generator = random.Random(3)
        xs, ys = ([generator.random() for _ in range(40)] for _ in range(2))
        self.assertAlmostEqual(normal_p(u_statistic(xs, ys), xs, ys), mann_whitney(xs, ys)[1], delta=5e-3)

    def test_smallest_p_of_complete_separation(self):
        for n, p in ((3, 0.10), (4, 0.029), (5, 0.0079), (6, 0.00216), (7, 0.00058), (9, 4.1e-5), (10, 1.1e-5)):
            self.assertAlmostEqual(smallest_p(n, n) / p, 1, delta=0.02)
            self.assertEqual(mann_whitney(range(n), range(n, 2 * n)), (0, smallest_p(n, n)))

    def test_all_equal_values_say_nothing(self):
        self.assertEqual(mann_whitney([1.0] * 9, [1.0] * 9)[1], 1.0)

    def test_refuses_what_has_no_order(self):
        for xs, ys in (([], [1.0]), ([1.0], []), ([math.nan], [1.0]), ([1.0], [math.inf])):
            with self.assertRaises(ValueError):
                mann_whitney(xs, ys)


class UpperBound(unittest.TestCase):
    def test_known_values(self):
        self.assertAlmostEqual(upper_bound(0, 100), 1 - 0.05**0.01, delta=1e-12)  # "rule of three": 3 %
        self.assertAlmostEqual(upper_bound(1, 100), 0.0466, delta=5e-5)  # Clopper and Pearson, one-sided
        self.assertAlmostEqual(upper_bound(5, 10), 0.7776, delta=5e-5)
        self.assertEqual(upper_bound(3, 3), 1.0)


def rounds(factors, seed, spread=0.01, repetitions=3):
    """One list of samples per factor."""
    generator = random.Random(seed)
    return [[factor * (1 + spread * generator.gauss(0, 1)) for _ in range(repetitions)] for factor in factors]


class Rule(unittest.TestCase):
    def verdicts(self, factors, spread=0.01):
        return {gate.compare(rounds([1, 1, 1], 2 * seed, spread), rounds(factors, 2 * seed + 1, spread)).verdict
                for seed in range(100)}

    def test_twenty_percent_slower_is_always_called(self):
        self.assertEqual(self.verdicts([1.2] * 3), {gate.SLOWER})
        self.assertEqual(self.verdicts([1.2] * 3, spread=0.03), {gate.SLOWER})

    def test_no_difference_is_never_called(self):
        self.assertEqual(self.verdicts([1.0] * 3), {gate.SAME})
        self.assertEqual(self.verdicts([1.0] * 3, spread=0.03), {gate.SAME})

    def test_seven_percent_is_a_warning(self):
        self.assertEqual(self.verdicts([1.07] * 3, spread=0.005), {gate.WARNED})

    def test_three_percent_is_significant_and_still_no_matter(self):
        base, head = rounds([1, 1, 1], 1, 0.005), rounds([1.03] * 3, 2, 0.005)
        comparison = gate.compare(base, head)
        self.assertLess(comparison.p, gate.ALPHA)
        self.assertEqual(comparison.verdict, gate.SAME)

    def test_one_round_that_disagrees_saves(self):
        # Four rounds far slower: the pooled test and the ratio both call it.
        base, head = rounds([1] * 5, 1, repetitions=4), rounds([1.3, 1.3, 0.97, 1.3, 1.3], 2, repetitions=4)
        comparison = gate.compare(base, head)
        self.assertLess(comparison.p, gate.ALPHA)
        self.assertGreater(comparison.ratio, gate.REGRESSION)
        self.assertEqual((comparison.signs, comparison.verdict), ("++-++", gate.UNCLEAR))

    def test_equal_medians_in_a_round_are_no_agreement(self):
        self.assertEqual(gate.verdict(1e-4, 1.3, "++0"), gate.UNCLEAR)

    def test_every_condition_is_needed(self):
        self.assertEqual(gate.verdict(1e-4, 1.11, "+++"), gate.SLOWER)
        self.assertEqual(gate.verdict(2e-3, 1.11, "+++"), gate.UNCLEAR)
        self.assertEqual(gate.verdict(1e-4, 1.10, "+++"), gate.WARNED)
        self.assertEqual(gate.verdict(1e-4, 1.05, "+++"), gate.SAME)
        self.assertEqual(gate.verdict(1e-4, 1.11, "++-"), gate.UNCLEAR)
        self.assertEqual(gate.verdict(1e-4, 1 / 1.2, "---"), gate.FASTER)

    def test_swapping_the_sides_turns_the_verdict(self):
        base, head = rounds([1] * 3, 1), rounds([1.2] * 3, 2)
        there, back = gate.compare(base, head), gate.compare(head, base)
        self.assertEqual((there.verdict, back.verdict, back.signs), (gate.SLOWER, gate.FASTER, "---"))
        self.assertEqual(there.p, back.p)
        self.assertAlmostEqual(there.ratio * back.ratio, 1)

    def test_the_fewest_samples_allowed_can_be_significant(self):
        self.assertLess(smallest_p(gate.FEWEST_SAMPLES, gate.FEWEST_SAMPLES), gate.ALPHA)
        self.assertGreater(smallest_p(6, 6), gate.ALPHA)


class FalseAlarms(unittest.TestCase):
    def pairs(self, sample):
        """A/A comparisons on a machine whose state shifts by 2 %, within which repetitions scatter by 1 %."""
        generator = random.Random(7)
        return [(sample(generator, 1, 0.01, 0.02), sample(generator, 1, 0.01, 0.02)) for _ in range(300)]

    def test_the_test_alone_cries_wolf_and_the_gate_does_not(self):
        counts = gate.count_false_alarms(self.pairs(simulation.rounds))
        self.assertEqual((counts.comparisons, counts.swaps), (300, 2400))
        self.assertGreater(counts.test_alone, 10)  # of 300, where alpha promises 0.6
        self.assertEqual((counts.regressions, counts.swap_regressions), (0, 0))

    def test_separate_runs_mislead_the_test_far_more_than_rounds(self):
        separate = gate.count_false_alarms(self.pairs(simulation.one_run))
        self.assertGreater(separate.test_alone, 120)  # 40 %
        self.assertEqual(separate.regressions, 0)

    def test_counts_what_is_there(self):
        slower = rounds([1] * 3, 1), rounds([1.2] * 3, 2)
        counts = gate.count_false_alarms([slower, (slower[1], slower[0])])
        self.assertEqual((counts.comparisons, counts.regressions, counts.warnings, counts.test_alone), (2, 1, 0, 2))
        self.assertEqual((counts.swaps, counts.swap_regressions), (16, 2))


if __name__ == "__main__":
    unittest.main()
