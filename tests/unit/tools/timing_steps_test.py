"""Step detection of tools/timings/timings-history: the fit against all partitions, series with known steps and with none."""

import itertools
import math
import pathlib
import random
import statistics
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))

from timings import steps  # noqa: E402


def loss(ys):
    return sum(abs(y - statistics.median(ys)) for y in ys)


def best_of_all_partitions(ys, levels):
    """Smallest loss with that many levels of at least two points, by trying all."""
    found = math.inf
    for cuts in itertools.combinations(range(1, len(ys)), levels - 1):
        edges = [0, *cuts, len(ys)]
        if all(b - a >= steps.SHORTEST for a, b in zip(edges, edges[1:])):
            found = min(found, sum(loss(ys[a:b]) for a, b in zip(edges, edges[1:])))
    return found


def series(levels, cv, seed):
    """[(number of points, level), ...] with Gaussian noise of coefficient of variation cv."""
    generator = random.Random(f"{seed} {cv}")
    return [level * (1 + cv * generator.gauss(0, 1)) for count, level in levels for _ in range(count)]


class Fit(unittest.TestCase):
    def test_running_losses_are_those_of_the_median(self):
        ys = series([(30, 1)], 0.5, 1) + [1.0] * 5
        for length, found in enumerate(steps.running_losses(ys), 1):
            self.assertAlmostEqual(found, loss(ys[:length]), delta=1e-12)

    def test_is_the_best_of_all_partitions(self):
        for seed in range(20):
            ys = [math.log(y) for y in series([(4, 1), (3, 1.1), (3, 1)], 0.05, seed)]
            for levels, (found, starts) in enumerate(steps.best_fits(ys), 1):
                self.assertEqual(len(starts), levels)
                self.assertAlmostEqual(found, best_of_all_partitions(ys, levels), delta=1e-12)
                self.assertAlmostEqual(found, sum(loss(ys[a:b]) for a, b in steps.spans(starts, len(ys))), delta=1e-12)


class KnownSteps(unittest.TestCase):
    def test_up_and_down_without_noise(self):
        found = steps.find_steps([2.0] * 5 + [2.4] * 4 + [1.8] * 6)
        self.assertEqual([(s.index, s.before, s.after) for s in found], [(5, 2.0, 2.4), (9, 2.4, 1.8)])
        self.assertAlmostEqual(found[0].change, 0.2)

    def test_ten_percent_at_one_percent_noise(self):
        for seed in range(50):
            found = steps.find_steps(series([(20, 1), (20, 1.1)], 0.01, seed))
            self.assertEqual([s.index for s in found], [20])
            self.assertAlmostEqual(found[0].change, 0.1, delta=0.015)

    def test_how_soon_it_is_seen(self):
        # The share of 100 series in which a step up is seen after so many points: docs/measured/timings.md has these figures.
        for level, points, cv, least, most in ((1.1, 1, 0.01, 0, 0), (1.1, 2, 0.01, 80, 99), (1.1, 3, 0.01, 98, 100),
                                               (1.2, 2, 0.01, 100, 100), (1.1, 3, 0.03, 0, 5), (1.2, 3, 0.03, 60, 85),
                                               (1.2, 5, 0.03, 97, 100)):
            seen = sum(bool(steps.standing(steps.find_steps(series([(40 - points, 1), (points, level)], cv, seed))))
                       for seed in range(100))
            self.assertTrue(least <= seen <= most, (level, points, cv, seen))

    def test_scale_does_not_matter(self):
        values = series([(10, 1), (10, 1.2), (10, 1.1)], 0.01, 3)
        self.assertEqual([s.index for s in steps.find_steps(values)], [10, 20])
        self.assertEqual([s.index for s in steps.find_steps([1e-6 * v for v in values])], [10, 20])


class NoSteps(unittest.TestCase):
    def false_alarms(self, count, cv):
        return sum(bool(steps.find_steps(series([(count, 1)], cv, seed))) for seed in range(300))

    def test_no_false_alarm_in_long_histories(self):
        for cv in (0.01, 0.03):
            self.assertEqual(self.false_alarms(40, cv), 0, cv)

    def test_few_in_short_ones(self):
        for count in (4, 5, 6, 8, 12):
            self.assertEqual(self.false_alarms(count, 0.01), 0, count)
            self.assertLessEqual(self.false_alarms(count, 0.03), 9, count)  # 3 %

    def test_three_percent_is_below_the_threshold(self):
        self.assertEqual(steps.find_steps([1.0] * 10 + [1.03] * 10), [])

    def test_a_bump_of_one_revision_is_dropped(self):
        for position in range(1, 20):
            values = series([(20, 1)], 0.01, position)
            values[position] *= 1.5
            self.assertEqual(steps.find_steps(values), [], position)

    def test_the_newest_revision_alone_is_not_believed(self):
        self.assertEqual(steps.find_steps([1.0] * 20 + [1.5]), [])
        self.assertEqual(len(steps.find_steps([1.0] * 20 + [1.5, 1.5])), 1)

    def test_short_and_constant_histories(self):
        for values in ([], [1.0], [1.0, 2.0], [1.0, 2.0, 2.0], [1.0] * 30):
            self.assertEqual(steps.find_steps(values), [])

    def test_refuses_what_is_no_timing(self):
        for value in (0.0, -1.0, math.nan, math.inf):
            with self.assertRaises(ValueError):
                steps.find_steps([1.0, value, 1.0, 1.0])


class Standing(unittest.TestCase):
    def changes(self, *levels):
        found = steps.find_steps([level for level in levels for _ in range(10)])
        return [s.index for s in steps.standing(found)]

    def test_a_slowdown_that_was_undone_does_not_stand(self):
        self.assertEqual(self.changes(1.0, 1.2, 1.0), [])
        self.assertEqual(self.changes(1.0, 1.2, 1.02), [])

    def test_one_that_was_not_stands(self):
        self.assertEqual(self.changes(1.0, 1.2), [10])
        self.assertEqual(self.changes(1.0, 1.2, 1.1), [10])
        self.assertEqual(self.changes(1.0, 0.8, 0.9), [20])  # above the best, if below the start
        self.assertEqual(self.changes(1.0, 1.1, 1.2), [10, 20])

    def test_a_speedup_does_not(self):
        self.assertEqual(self.changes(1.0, 0.8), [])


if __name__ == "__main__":
    unittest.main()
