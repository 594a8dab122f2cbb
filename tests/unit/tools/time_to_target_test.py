"""tools/timings/time-to-target: when a target counts as reached, and what its table says of one that is not."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOADER = importlib.machinery.SourceFileLoader("time_to_target", str(ROOT / "tools/timings/time-to-target"))
tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("time_to_target", LOADER))
LOADER.exec_module(tool)

CURVE = [(0, 0.0, 0.1), (1, 2.0, 0.8), (2, 4.0, 0.9), (3, 6.0, 0.85)]


class TimeToTarget(unittest.TestCase):
    def test_is_the_first_record_that_is_at_least_the_target(self):
        self.assertEqual(tool.cost_to(CURVE, 0.8), (1, 2.0))
        self.assertEqual(tool.cost_to(CURVE, 0.81), (2, 4.0))  # and a later fall below it changes nothing
        self.assertEqual(tool.cost_to(CURVE, 0.9001), (float("inf"), float("inf")))

    def test_targets_are_read_by_data_set(self):
        self.assertEqual(tool.targets_of("a=0.5/0.6,b=0.7/0.8"), {"a": [0.5, 0.6], "b": [0.7, 0.8]})
        with self.assertRaises(ValueError):
            tool.targets_of("a=high")

    def test_the_table_keeps_a_missed_target_in_the_median(self):
        slow = [(0, 0.0, 0.1), (1, 10.0, 0.5), (2, 20.0, 0.7), (3, 30.0, 0.8)]
        curves = {"set": {"muon": {0: slow}, "new": {0: CURVE, 1: CURVE, 2: slow}}}
        rows = tool.table(curves, {"set": [0.75, 0.9]}, threads=2, passes=3)
        self.assertIn("medians over 3 seeds, 2 threads", rows[0])
        self.assertEqual(rows[4], "| set | muon | 10.0 | 1.000 | 0.75: 30 s (pass 3) | 0.9: not reached | 0.8000 |")
        self.assertEqual(rows[5], "| set | new | 2.0 | 0.200 | 0.75: 2 s (pass 1) | 0.9: 4 s (pass 2) | 0.8500 |")
        del curves["set"]["new"][1]  # one of two misses it: so does the median
        self.assertIn("0.9: not reached", tool.table(curves, {"set": [0.75, 0.9]}, threads=2, passes=3)[5])

    def test_the_experiment_has_a_rival_to_compare_with(self):
        self.assertIn("name: muon", tool.EXPERIMENT.read_text())


if __name__ == "__main__":
    unittest.main()
