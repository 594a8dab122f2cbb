"""tools/keep-runs: what is committed grows by parts, of one revision, and never shrinks.

The program is a stand-in that prints the CSV files which `admmbench export` would write."""

import csv
import os
import pathlib
import subprocess
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[3] / "tools/keep-runs"
PROGRAM = """#!/bin/sh
for last; do :; done
case "$2" in
  --summary) cat "$last/summary" ;;
  --settings) cat "$last/settings" ;;
  *) cat "$last/curves" ;;
esac
"""
SUMMARY = "seed,experiment,profile,dataset,solver,label,status,code_version,git_commit,test_accuracy\n"
SETTINGS = "settings_sha256,cpu,blas,widths,config\n"
CURVES = "experiment,profile,dataset,solver,label,seed,status,iteration,test_accuracy\n"


class KeepRuns(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.program = self.folder / "program"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)

    def runs(self, *runs, version="v1", commit="aaaa", name="demo"):
        """A folder of runs (data set, label, seed, accuracy, status)."""
        place = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / name
        place.mkdir()
        summary, curves, settings = SUMMARY, CURVES, SETTINGS
        for setting in sorted({f"{dataset}-{label}" for dataset, label, *_ in runs}):
            settings += f'{setting},,,3 2,"dataset: x\nseed: 1\n"\n'
        for dataset, label, seed, accuracy, *status in runs:
            how = status[0] if status else "completed"
            summary += f"{seed},demo,,{dataset},adam,{label},{how},{version},{commit},{accuracy}\n"
            for iteration in (0, 10):
                curves += f"demo,,{dataset},adam,{label},{seed},{how},{iteration},{accuracy * iteration / 10}\n"
        (place / "summary").write_text(summary)
        (place / "curves").write_text(curves)
        (place / "settings").write_text(settings)
        return place

    def keep(self, *arguments, expect=0):
        result = subprocess.run([TOOL, "--program", self.program, *arguments], capture_output=True, text=True)
        self.assertEqual(result.returncode, expect, result.stderr)
        return result.stderr

    def kept(self, name="demo"):
        with open(self.folder / "kept" / f"{name}.csv", newline="") as file:
            return [(row["dataset"], row["label"], row["seed"], row["test_accuracy"]) for row in csv.DictReader(file)]

    def test_parts_add_up_in_one_order(self):
        place = self.folder / "kept"
        self.keep(place, self.runs(("mnist", "B", 10, 0.5), ("mnist", "B", 9, 0.5)))
        self.keep(place, self.runs(("mnist", "A", 0, 0.25), ("cora", "B", 0, 0.75)))
        self.assertEqual(self.kept(), [("cora", "B", "0", "0.75"), ("mnist", "A", "0", "0.25"),
                                       ("mnist", "B", "9", "0.5"), ("mnist", "B", "10", "0.5")])
        with open(place / "demo-curves.csv", newline="") as file:
            curves = [(row["label"], row["seed"], row["iteration"]) for row in csv.DictReader(file)]
        self.assertEqual(curves, [("B", "0", "0"), ("B", "0", "10"), ("A", "0", "0"), ("A", "0", "10"),
                                  ("B", "9", "0"), ("B", "9", "10"), ("B", "10", "0"), ("B", "10", "10")])
        with open(place / "demo-settings.csv", newline="") as file:
            settings = [(row["settings_sha256"], row["config"]) for row in csv.DictReader(file)]
        self.assertEqual(settings, [(name, "dataset: x\nseed: 1\n") for name in ("mnist-B", "cora-B", "mnist-A")])
        self.assertEqual(sorted(os.listdir(place)), ["demo-curves.csv", "demo-settings.csv", "demo.csv"])

    def test_a_run_made_again_takes_its_own_place(self):
        place = self.folder / "kept"
        self.keep(place, self.runs(("mnist", "A", 0, 0.25), ("mnist", "A", 1, 0.25)))
        self.keep(place, self.runs(("mnist", "A", 1, 0.5)))
        self.assertEqual(self.kept(), [("mnist", "A", "0", "0.25"), ("mnist", "A", "1", "0.5")])

    def test_runs_without_an_end_are_left_out(self):
        place = self.folder / "kept"
        self.keep(place, self.runs(("mnist", "A", 0, 0.25), ("mnist", "A", 1, 0.1, "interrupted"),
                                   ("mnist", "A", 2, 0.1, "failed"), ("mnist", "A", 3, 0.2, "diverged")))
        self.assertEqual([row[2] for row in self.kept()], ["0", "3"])
        self.assertNotIn("interrupted", (place / "demo-curves.csv").read_text())

    def test_another_revision_is_refused_unless_it_replaces_all(self):
        place = self.folder / "kept"
        self.keep(place, self.runs(("mnist", "A", 0, 0.25)))
        before = (place / "demo.csv").read_bytes()
        other = self.runs(("mnist", "A", 1, 0.5), version="v2", commit="bbbb")
        self.assertIn("another revision", self.keep(place, other, expect=1))
        self.assertEqual((place / "demo.csv").read_bytes(), before)
        self.keep("--replace", place, other)
        self.assertEqual(self.kept(), [("mnist", "A", "1", "0.5")])

    def test_uncommitted_changes_are_refused(self):
        place = self.folder / "kept"
        for commit in ("aaaa-dirty", ""):
            message = self.keep(place, self.runs(("mnist", "A", 0, 0.25), commit=commit), expect=1)
            self.assertIn("uncommitted changes", message)
        self.assertEqual(os.listdir(place), [])

    def test_one_refusal_does_not_stop_the_others(self):
        place = self.folder / "kept"
        self.keep(place, self.runs(("mnist", "A", 0, 0.2), commit="x-dirty"), self.runs(("mnist", "A", 0, 0.3), name="other"),
                  expect=1)
        self.assertEqual(self.kept("other"), [("mnist", "A", "0", "0.3")])


if __name__ == "__main__":
    unittest.main()
