"""`admmbench report` of runs that were kept as CSV, of the committed ones, and while runs are being made (--follow).
$ADMMBENCH_PROGRAM is the program."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
EXPERIMENT = """experiment: small
note: "a note, with a comma"
datasets: [{name: blobs, params: {samples: 60}}]
network: {hidden: [6, 5]}
seeds: [0, 1, 2]
iterations: 20
solvers:
  - {name: dladmm, params: {rho: 1, nu: 1}}
  - {name: adam, grid: {learning_rate: [0.01, 0.1]}}
"""
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.S)


def data_of(page):
    return json.loads(DATA.search(page.read_text())[1])


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "small.yaml").write_text(EXPERIMENT)

    def program(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True)

    def expect(self, status, *arguments):
        done = self.program(*arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def page(self, name):
        return self.folder / name / "index.html"


class Kept(Folder):
    def keep(self):
        self.expect(0, "run", "small.yaml", "--threads", "1", "-q", "--out", "runs")
        for name, options in (("small.csv", ["--summary"]), ("small-curves.csv", ["--wide", "--points", "6"]),
                              ("small-settings.csv", ["--settings"])):
            self.expect(0, "export", "runs", *options, "-o", f"kept/{name}")

    def test_kept_runs_show_what_the_files_show(self):
        self.keep()
        self.assertIn("9 runs", self.expect(0, "report", "runs", "-o", "a"))
        shutil.rmtree(self.folder / "runs")
        self.assertIn("9 runs", self.expect(0, "report", "kept", "-o", "b"))
        self.expect(0, "report", "kept/small.csv", "-o", "c")
        self.assertEqual(data_of(self.page("b"))["experiments"], data_of(self.page("c"))["experiments"])
        files, kept = (data_of(self.page(name))["experiments"][0] for name in "ab")
        for key in ("sentence", "basis", "note", "tables", "ranking", "methods", "datasets", "sensitivities"):
            self.assertEqual(files[key], kept[key], key)
        self.assertEqual(files["datasets"][0]["widths"][1:3], [6, 5])
        self.assertEqual((files["kept"], kept["kept"]), (0, 9))
        self.assertTrue(files["rates"])
        self.assertFalse(kept["rates"])
        runs = {(run["method"], run["seed"]): run for run in kept["runs"]}
        for run in files["runs"]:
            self.assertEqual(run["config"], runs[run["method"], run["seed"]]["config"])
        for mine, theirs in zip(files["cells"], kept["cells"]):
            a, b = mine[0]["curves"], theirs[0]["curves"]
            self.assertEqual(len(b["iteration"]), 6)
            for name, band in b["quantities"].items():
                for k, value in zip(b["iteration"], band["mean"]):
                    self.assertEqual(value, a["quantities"][name]["mean"][a["iteration"].index(k)])
            self.assertEqual(mine[0]["written"], theirs[0]["written"])

    def test_without_settings_or_curves_there_is_less(self):
        self.keep()
        (self.folder / "kept/small-settings.csv").unlink()
        (self.folder / "kept/small-curves.csv").unlink()
        self.expect(0, "report", "kept", "-o", "page")
        kept = data_of(self.page("page"))["experiments"][0]
        self.assertEqual({run["config"] for run in kept["runs"]}, {""})
        self.assertEqual({cell[0]["curves"] for cell in kept["cells"]}, {None})
        self.assertEqual(kept["datasets"][0]["widths"], [])

    def test_a_configuration_that_is_not_the_run_s_is_not_shown(self):
        self.keep()
        settings = self.folder / "kept/small-settings.csv"
        settings.write_text(settings.read_text().replace("iterations: 20", "iterations: 21"))
        self.expect(0, "report", "kept", "-o", "page")
        self.assertEqual({run["config"] for run in data_of(self.page("page"))["experiments"][0]["runs"]}, {""})

    def test_what_is_no_kept_run_is_named(self):
        (self.folder / "other.csv").write_text("a,b\n1,2\n")
        (self.folder / "empty").mkdir()
        self.assertIn("other.csv: is no summary of runs", self.expect(1, "report", "other.csv", "-o", "page"))
        self.assertIn("no result files (seed-*.h5) under empty, nor summaries", self.expect(1, "report", "empty", "-o", "page"))
        self.keep()
        (self.folder / "kept/small-settings.csv").write_text("settings_sha256,cpu,blas,widths,config\na,,,3 x,c\n")
        self.assertIn("small-settings.csv: row 1: 'x' is not the width of a layer",
                      self.expect(1, "report", "kept", "-o", "page"))
        self.assertFalse((self.folder / "page").exists())


class Committed(Folder):
    def test_the_committed_runs_are_a_page(self):
        self.expect(0, "report", ROOT / "results/reduced", ROOT / "results/paper", "-o", "page")
        data = data_of(self.page("page"))
        self.assertGreater(len(data["experiments"]), 12)
        for experiment in data["experiments"]:
            self.assertTrue(experiment["sentence"], experiment["name"])
            self.assertEqual(experiment["kept"], len(experiment["runs"]))
            for dataset in experiment["datasets"]:
                self.assertTrue(dataset["widths"], (experiment["name"], dataset))
            for row in experiment["cells"]:
                for cell in row:
                    if cell and cell["seeds"]:
                        self.assertLessEqual(len(cell["curves"]["iteration"]), 51)
                        self.assertIn("hidden: ", cell["written"]["network"])


class Follow(Folder):
    def start(self, *options):
        command = [PROGRAM, "report", "runs", "-o", "page", "--follow", "--every", "0.1", *options]
        program = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (program.kill(), program.communicate()))
        return program

    def until(self, condition, what):
        for _ in range(1200):
            if condition():
                return
            time.sleep(0.05)
        self.fail(f"never: {what}")

    def made(self, *options):
        self.expect(0, "run", "small.yaml", "--threads", "1", "-q", "--out", "made", *options)

    def bring(self, seed):
        for file in (self.folder / "made").rglob(f"seed-{seed}.h5"):
            target = self.folder / "runs" / file.relative_to(self.folder / "made")
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)

    def runs_shown(self):
        if not self.page("page").exists():
            return -1
        data = data_of(self.page("page"))
        self.assertIn("follow", data)
        return sum(len(experiment["runs"]) for experiment in data["experiments"])

    def test_it_ends_when_there_are_so_many(self):
        self.made()
        program = self.start("--until-runs", "9")
        self.until(lambda: self.runs_shown() == 0, "a page without results")
        self.bring(0)
        self.until(lambda: self.runs_shown() == 3, "three runs")
        stamp = data_of(self.page("page"))["follow"]["stamp"]
        self.until(lambda: (self.folder / "page/follow.js").read_text() == f'followed("{stamp}");\n', "the stamp of that page")
        self.bring(1)
        self.bring(2)
        self.assertEqual(program.wait(60), 0)
        data = data_of(self.page("page"))
        self.assertNotIn("follow", data)
        self.assertEqual(len(data["experiments"][0]["runs"]), 9)
        self.assertEqual([path.name for path in (self.folder / "page").iterdir()], ["index.html"])

    def test_nothing_new_is_nothing_written(self):
        self.made()
        self.bring(0)
        program = self.start()
        self.until(lambda: self.runs_shown() == 3, "three runs")
        first = self.page("page").stat().st_mtime_ns
        time.sleep(1)
        self.assertEqual(self.page("page").stat().st_mtime_ns, first)
        program.send_signal(signal.SIGINT)
        program.communicate()

    def test_ctrl_c_leaves_a_page_that_does_not_look(self):
        self.made()
        self.bring(0)
        program = self.start()
        self.until(lambda: self.runs_shown() == 3, "three runs")
        program.send_signal(signal.SIGINT)
        self.assertEqual(program.wait(60), 130)
        self.assertNotIn("follow", data_of(self.page("page")))
        self.assertEqual([path.name for path in (self.folder / "page").iterdir()], ["index.html"])

    def test_runs_that_cannot_be_shown_together_are_named_and_it_goes_on(self):
        self.made("--only", "solver=dladmm")
        self.bring(0)
        program = self.start("--until-runs", "9")
        self.until(lambda: self.runs_shown() == 1, "one run")
        self.made("--only", "solver=dladmm", "--set", "iterations=5", "--force")
        self.bring(1)
        time.sleep(1)
        self.assertEqual(self.runs_shown(), 1)
        shutil.rmtree(self.folder / "made")
        (next((self.folder / "runs").rglob("seed-1.h5"))).unlink()
        self.made("--force")
        for seed in range(3):
            self.bring(seed)
        self.assertEqual(program.wait(60), 0)
        self.assertIn("the page stays as it is: ", program.stderr.read())

    def test_usage(self):
        self.assertIn("--follow", self.expect(2, "report", "runs", "-o", "page", "--every", "1"))
        self.assertIn("--follow", self.expect(2, "report", "runs", "-o", "page", "--until-runs", "1"))
        self.assertIn("--every", self.expect(2, "report", "runs", "-o", "page", "--follow", "--every", "0"))


if __name__ == "__main__":
    unittest.main()
