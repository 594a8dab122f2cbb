"""`admmbench check-claim`: what it runs, what it says first and last, and when it disagrees with the committed verdict."""

import csv
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ["ADMMBENCH_PROGRAM"]
CLAIM = "dladmm-descends"  # two runs on generated data, of a second


class CheckClaim(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.share = ROOT

    def check_claim(self, *arguments):
        return subprocess.run([PROGRAM, "check-claim", *arguments], cwd=self.folder, capture_output=True, text=True,
                              env=dict(os.environ, ADMMBENCH_SHARE=str(self.share)))

    def change_committed(self, column, label, value):
        """A copy of the suite's files with another value in a column of the committed runs."""
        self.share = self.folder / "share"
        for part in ("experiments", "results/claims", "results/summaries"):
            shutil.copytree(ROOT / part, self.share / part)
        (self.share / "datasets").mkdir()
        shutil.copy(ROOT / "datasets/registry.yaml", self.share / "datasets")
        file = self.share / "results/summaries/rate-regression/relu.csv"
        with open(file, newline="") as lines:
            rows = list(csv.DictReader(lines))
        for row in rows:
            if row["label"] == label:
                row[column] = value
        with open(file, "w", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def results(self):
        return sorted(str(file.relative_to(self.folder / "results/runs/claims"))
                      for file in self.folder.rglob("*.h5") if "results/runs/claims" in str(file))

    def test_timings_of_processes_are_not_run_again(self):
        done = self.check_claim("model-parallelism-10x")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("tools/measure-team, then `admmbench claims model-parallelism-10x`", done.stderr)

    def test_the_part_is_run_and_judged(self):
        done = self.check_claim(CLAIM, "--quick", "--jobs", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.results(), ["rate-regression/relu/dladmm-small-rho/seed-0.h5",
                                          "rate-regression/relu/dladmm-theory/seed-0.h5"])
        before, _, after = done.stdout.partition(": started")
        self.assertRegex(before, r"2 runs to make, 0 cached, in results/runs/claims; expected: [\d.]+ s")
        self.assertRegex(before, r"left out of rate-regression: data sets identity; seeds 1, 2, 3, .*9")
        self.assertRegex(after, r"committed: confirmed\nhere:      holds only if \(.*\), 2 of 4\. no runs for .*identity")
        self.assertIn("2 units as committed, 0 otherwise, 2 without runs here", after)
        again = self.check_claim(CLAIM, "--quick")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("0 runs to make, 2 cached", again.stdout)

    def test_the_opposite_is_noticed(self):
        self.change_committed("rises(objective)", "dladmm-theory", "7")
        done = self.check_claim(CLAIM, "--quick")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("rho 3: relu: the opposite: was refuted, is holds", done.stdout)
        self.assertIn("1 unit as committed, 1 otherwise, 2 without runs here", done.stdout)

    def test_a_weaker_outcome_of_a_part_is_no_contradiction(self):
        self.change_committed("rises(objective)", "dladmm-theory", "")
        done = self.check_claim(CLAIM, "--quick")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("rho 3: relu: was no runs, is holds", done.stdout)

    def test_unknown_names_name_near_ones(self):
        done = self.check_claim("dladmm-descend")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("did you mean 'dladmm-descends'?", done.stderr)
        self.assertEqual(self.results(), [])


if __name__ == "__main__":
    unittest.main()
