"""A field of 30 methods on 25 data sets: ranking, tables and comparison of a size that a survey has."""

import csv
import io
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
import scipy.stats

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
METHODS, DATASETS, SEEDS = 30, 25, 4
SAMPLES = 1000  # accuracies are shares of so many


def summary(accuracy):
    """A summary, as `export --summary` writes it, of the counts `accuracy[method, data set, seed]`."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["seed", "iterations", "threads", "train_samples", "val_samples", "test_samples", "experiment", "profile",
                   "dataset", "solver", "label", "precision", "status", "message", "config_sha256", "settings_sha256",
                   "content_hash", "code_version", "data_sha256", "trajectory_sha256", "git_commit", "host", "started_at",
                   "test_accuracy", "file"])
    for (m, d, s), count in np.ndenumerate(accuracy):
        rows.writerow([s, 10, 1, 100, 0, SAMPLES, "field", "", f"set-{d:02}", "sgd", f"m{m:02}", "float64", "completed", "",
                       "", f"settings {m} {d}", f"run {m} {d} {s}", "code", f"data {d}", f"run {m} {d} {s}", "commit", "host",
                       "2026-01-01T00:00:00Z", count / SAMPLES, ""])
    return text.getvalue()


class Field(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        numbers = np.random.default_rng(7)
        level = np.linspace(900, 700, METHODS)[:, None, None] + numbers.normal(0, 15, (METHODS, DATASETS, 1))
        cls.accuracy = np.rint(level + numbers.normal(0, 6, (METHODS, DATASETS, SEEDS))).astype(int)
        (cls.folder / "field.csv").write_text(summary(cls.accuracy))

    def run_program(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_mean_ranks_and_friedman_are_those_of_another_program(self):
        shown = self.run_program("rank", "field.csv")
        medians = np.median(self.accuracy, axis=2)
        ranks = scipy.stats.rankdata(-medians, axis=0).mean(axis=1)
        printed = {name: float(rank) for name, rank in re.findall(r"^\| (m\d\d) \| (\d+\.\d\d) \|", shown, re.MULTILINE)}
        self.assertEqual(len(printed), METHODS)
        for m in range(METHODS):
            self.assertAlmostEqual(printed[f"m{m:02}"], ranks[m], delta=0.0051)
        # Demsar 2006: q * sqrt(k (k + 1) / (6 N)), q the studentized range with infinitely many degrees of freedom over sqrt(2)
        q = scipy.stats.studentized_range.ppf(0.95, METHODS, 1e6) / np.sqrt(2)
        difference = q * np.sqrt(METHODS * (METHODS + 1) / (6 * DATASETS))
        self.assertAlmostEqual(float(re.search(r"Critical difference \(Nemenyi, level 0.05\): ([\d.]+)", shown)[1]),
                               difference, delta=0.06)
        best = min(printed, key=printed.get)
        together = re.search(rf"not told apart from {best}: (.*?)\. Last columns", shown)[1].split(", ")
        self.assertEqual(sorted(together), sorted(name for name, rank in printed.items()
                                                  if name != best and rank - printed[best] < difference))
        self.assertGreater(len(together), 1)
        self.assertLess(len(together), METHODS - 2)  # the field is wide enough for both

    def test_holm_is_over_all_comparisons(self):
        shown = self.run_program("rank", "field.csv")
        self.assertIn(f"Holm's correction over {(METHODS - 1) * DATASETS} comparisons", shown)

    def test_a_table_has_every_cell_and_marks_more_than_the_best(self):
        rows = list(csv.DictReader(io.StringIO(self.run_program("table", "field.csv", "--format", "csv"))))
        self.assertEqual(len(rows), METHODS * DATASETS)
        for row in rows:
            m, d = int(row["label"][1:]), int(row["dataset"][4:])
            self.assertAlmostEqual(float(row["mean"]), self.accuracy[m, d].mean() / SAMPLES, delta=1e-12)
        shown = self.run_program("table", "field.csv")
        bold = sum(cell.strip().startswith("**") for line in shown.splitlines() if line.startswith("|")
                   for cell in line.split("|"))
        self.assertEqual(sum(int(row["best"]) for row in rows), DATASETS)
        self.assertGreater(bold, DATASETS)
        self.assertLess(bold, METHODS * DATASETS / 2)
        narrow = self.run_program("table", "field.csv", "--format", "latex", "--width", "7")
        self.assertEqual(narrow.count("m00 & "), narrow.count("method & "))

    def test_comparing_it_with_itself_finds_nothing(self):
        self.assertIn("identical", self.run_program("compare", "field.csv", "field.csv"))


if __name__ == "__main__":
    unittest.main()
