"""What `run` shows while it works and when it is done: tuning, the live table, the table at the end, the commands that follow,
and the parameters that `table` then lists."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from terminal import Terminal  # noqa: E402

PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
EXPERIMENT = """experiment: small
datasets: [{name: blobs, params: {samples: 30}}]
network: {hidden: [4]}
seeds: 4
iterations: 3
solvers: [{name: dladmm, params: {rho: 1, nu: 1}}, {name: adam}]
"""
TUNED = """experiment: tuned
datasets: [{name: blobs, params: {samples: 60}, validation: 0.3}]
network: {hidden: [4]}
seeds: 2
iterations: 4
tune: {method: random, runs: 6, iterations: 2, seeds: 2}
solvers:
  - {name: adam, search: {learning_rate: [0.5, 0.001, 0.01]}}
  - {name: sgd, search: {learning_rate: {log_uniform: [1.0e-3, 1.0]}}}
"""


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "x.yaml").write_text(EXPERIMENT)
        (self.folder / "tuned.yaml").write_text(TUNED)

    def environment(self, **changes):
        return {**{key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}, **changes}

    def run_program(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


class Ending(Folder):
    def test_a_table_and_what_to_type_next(self):
        shown = self.run_program("run", "x.yaml")
        table = shown[shown.index("\nsmall: test_accuracy, mean ± sd over 4 seeds\n"):].splitlines()
        self.assertEqual(table[2].split(), ["method", "blobs"])
        self.assertEqual({table[3].split()[0], table[4].split()[0]}, {"dladmm", "adam"})
        self.assertTrue(table[3].endswith(" *"), table)  # the best is marked
        self.assertIn("paired by seed (n = 4)", table[5])
        # Each of the commands works as it stands.
        commands = re.findall(r"^  (admmbench .*?)  +# ", shown[shown.index("\nnext:\n"):], re.MULTILINE)
        self.assertEqual([command.split()[1] for command in commands], ["table", "rank", "figure", "report"])
        for command in commands:
            self.run_program(*command.split()[1:])

    def test_the_table_is_that_of_the_table_command(self):
        shown = self.run_program("run", "x.yaml")
        for line in self.run_program("table", "results/runs/small").splitlines():
            cells = line.replace("*", "").split("|")
            if len(cells) == 4 and cells[1].strip() in ("dladmm", "adam"):
                self.assertRegex(shown, rf"\n{cells[1].strip()} +{re.escape(cells[2].strip())}( \*)?\n")

    def test_nothing_where_nothing_was_made(self):
        self.run_program("run", "x.yaml")
        self.assertNotIn("next:", self.run_program("run", "x.yaml"))
        self.assertEqual(self.run_program("run", "x.yaml", "--force", "--quiet"), "")

    def test_of_several_experiments_each_has_its_table(self):
        (self.folder / "y.yaml").write_text(EXPERIMENT.replace("small", "other"))
        shown = self.run_program("run", "x.yaml", "y.yaml")
        self.assertIn("\nsmall: test_accuracy", shown)
        self.assertIn("\nother: test_accuracy", shown)
        self.assertNotIn("next:", shown)

    def test_one_run_has_no_table(self):
        shown = self.run_program("run", "x.yaml", "--only", "solver=adam", "--only", "seed=0")
        self.assertNotIn("mean ± sd", shown)
        self.assertNotIn(" rank ", shown)  # nothing to rank it against
        self.assertIn("next:", shown)


class Tuning(Folder):
    def test_a_line_per_method_with_its_score(self):
        shown = self.run_program("run", "tuned.yaml")
        before, after = shown.split("[1/4]")[0], shown[shown.index("[1/4]"):]
        chosen = re.findall(r"^tuned: blobs / (\w+): point \d of 3, learning_rate \S+.*: val_accuracy 0\.\d+$", before,
                            re.MULTILINE)
        self.assertEqual(chosen, ["adam", "sgd"])
        self.assertNotIn("tuning-0", shown)  # no line for a single try
        self.assertEqual(after.count(": completed"), 4)

    def test_scores_of_what_was_there_are_told_too(self):
        self.run_program("run", "tuned.yaml", "--only", "solver=adam")
        shown = self.run_program("run", "tuned.yaml")
        self.assertEqual(sorted(re.findall(r"^tuned: blobs / (\w+)", shown, re.MULTILINE)), ["adam", "sgd"])

    def test_on_a_terminal_tuning_is_one_status_line(self):
        terminal = Terminal([PROGRAM, "run", "tuned.yaml", "--threads", "1", "--set", "iterations=4000", "--set",
                             "tune.iterations=40", "--set", "record.every=4000"], self.folder, self.environment(TERM="xterm"))
        terminal.read()
        self.assertEqual(terminal.end(), 0, terminal.printed)
        self.assertRegex(terminal.printed, r"tuning: \d+/12 runs")
        self.assertNotRegex(terminal.printed, r"adam-tuning-\d+ / seed \d: ")

    def test_parameters_are_listed_with_their_edges(self):
        self.run_program("run", "tuned.yaml")
        listed = self.run_program("table", "results/runs/tuned", "--parameters")
        rows = {line.split("|")[1].strip(): line.split("|")[3].strip() for line in listed.splitlines()
                if line.startswith("|") and "learning_rate" in line}
        self.assertEqual(set(rows), {"adam", "sgd"})
        told = self.run_program("table", "results/runs/tuned", "--parameters", "--format", "csv").splitlines()
        self.assertEqual(told[0], "experiment,profile,dataset,label,parameter,value,tuned,edge")
        for line in told[1:]:
            _, _, dataset, label, parameter, value, tuned, edge = line.split(",")
            self.assertEqual((dataset, parameter, tuned), ("blobs", "learning_rate", "1"))
            arrow = {"highest": " ↑", "lowest": " ↓", "": ""}[edge]
            self.assertEqual(rows[label], value + arrow)
            if label == "adam":
                self.assertEqual(edge, {"0.5": "highest", "0.001": "lowest", "0.01": ""}[value])
        self.assertIn("random, 3 points of 2 seeds, 2 iterations, by val_accuracy", listed)

    def test_only_what_is_no_default_is_listed(self):
        self.run_program("run", "x.yaml")
        listed = self.run_program("table", "results/runs/small", "--parameters", "--format", "csv")
        self.assertEqual({tuple(line.split(",")[3:6]) for line in listed.splitlines()[1:]},
                         {("dladmm", "rho", "1"), ("dladmm", "nu", "1")})


class Watch(Folder):
    def test_off_a_terminal_the_table_is_printed_at_the_end(self):
        shown = self.run_program("run", "x.yaml", "--watch")
        rows = re.findall(r"^(\w+) +0\.\d{4} [▁-█]+ +(\d/\d)$", shown, re.MULTILINE)
        self.assertEqual(sorted(rows), [("adam", "4/4"), ("dladmm", "4/4")])
        self.assertNotIn("\x1b", shown)
        self.assertNotIn(": completed", shown)  # the table says it

    def test_results_that_are_there_are_counted(self):
        self.run_program("run", "x.yaml", "--only", "seed=0")
        shown = self.run_program("run", "x.yaml", "--watch", "--only", "solver=adam")
        self.assertRegex(shown, r"adam +0\.\d{4} [▁-█]+ +4/4")

    def test_on_a_terminal_it_is_drawn_again_and_stays(self):
        terminal = Terminal([PROGRAM, "run", "x.yaml", "--watch"], self.folder, self.environment(TERM="xterm"))
        terminal.read()
        self.assertEqual(terminal.end(), 0, terminal.printed)
        self.assertIn("\x1b[3A\x1b[J", terminal.printed)  # a heading and two methods
        last = terminal.printed[terminal.printed.rindex("\x1b[J"):]
        self.assertEqual(len(re.findall(r"4/4\r\n", last)), 2, last)

    def test_quiet_wins(self):
        self.assertEqual(self.run_program("run", "x.yaml", "--watch", "--quiet"), "")


if __name__ == "__main__":
    unittest.main()
