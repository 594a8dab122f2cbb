"""`admmbench plan X --slurm`: a script that shellcheck finds nothing in, that bash runs by hand, and that a real Slurm runs as
an array."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import h5py

import launch
import slurm_fixture
from launch import PROGRAM
from slurm_fixture import Slurm

EXPERIMENT = """experiment: array
datasets:
  - {name: blobs, params: {samples: 60, features: 8}}
  - {name: blobs, label: more (of them), params: {samples: 90, features: 8}}
network: {hidden: [8]}
seeds: [0, 1]
iterations: 20
solvers: [{name: adam}, {name: dladmm}]
"""
RUNS = 8


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "x.yaml").write_text(EXPERIMENT)

    def run_program(self, *arguments, code=0):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                              timeout=launch.PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def script(self, *arguments):
        self.said = self.run_program("plan", "x.yaml", "--slurm", "-o", "array.sh", *arguments).stderr
        return self.folder / "array.sh"

    def results(self, where="results/runs"):
        return sorted((self.folder / where).rglob("seed-*.h5"))

    def statuses(self, where="results/runs"):
        found = []
        for file in self.results(where):
            with h5py.File(file) as result:
                found.append(result.attrs["status"].decode())
        return found

    def hidden(self):
        return sorted(p.name for p in self.folder.rglob(".*") if p.is_file())


class Script(Folder):
    def test_shellcheck_finds_nothing(self):
        if shutil.which("shellcheck") is None:
            self.skipTest("shellcheck is not installed (tools/bootstrap --dev)")
        for options in ([], ["--own-folders", "--per-task", "3", "--set", "iterations=7", "--sbatch", "partition=long"]):
            done = subprocess.run(["shellcheck", self.script(*options)], capture_output=True, text=True)
            self.assertEqual(done.stdout + done.stderr, "")

    def test_what_it_asks_for(self):
        def directives(*options):
            text = self.script(*options).read_text()
            return dict(re.findall(r"^#SBATCH --([a-z-]+)(?:=(.*))?$", text, re.M)), text
        asked, text = directives("--per-task", "3", "--threads", "2", "--sbatch", "partition=long")
        self.assertEqual(asked["array"], "0-2")
        self.assertEqual(asked["cpus-per-task"], "2")
        self.assertEqual(asked["partition"], "long")
        # Three times the expected seconds, which are few, and ten minutes.
        seconds = int(re.search(r"expected to take (\d+) s", text)[1])
        self.assertEqual(asked["time"], f"00:{10 + -(-3 * seconds // 60):02}:00")
        mega = int(re.search(r"needs (\d+) MB", text)[1])
        self.assertAlmostEqual(int(asked["mem"].rstrip("M")), 1.5 * mega + 256, delta=2)
        more, text = directives("--set", "iterations=1000000")
        longer = int(re.search(r"expected to take (\d+) s", text)[1])
        self.assertGreater(longer, 1000 * max(seconds, 1) / 40)
        self.assertEqual(directives("--sbatch", "time=7", "--sbatch", "mem=1G")[0]["time"], "7")
        self.assertNotIn("exclusive", more)
        self.assertEqual(asked["ntasks"], "1")
        shared = directives("--per-task", "3", "--sbatch", "ntasks=4")[0]
        self.assertEqual(shared["ntasks"], "4")
        self.assertAlmostEqual(int(shared["mem"].rstrip("M")), 4 * int(asked["mem"].rstrip("M")), delta=40)
        self.assertEqual(directives("--set", "parallel.layers=[1,1]", "--set", "solvers=[{name: pdadmm}]")[0]["ntasks"], "2")
        self.assertIn("exclusive", directives("--set", "alone=true")[0])

    def test_what_cannot_be_forecast_is_said(self):
        text = self.script("--set", "solvers=[{name: external, command: [false]}]").read_text()
        self.assertNotRegex(text, "#SBATCH --(time|mem)=")
        self.assertIn("--sbatch time=", self.said)
        self.script("--set", "solvers=[{name: external, command: [false]}]", "--sbatch", "time=10", "--sbatch", "mem=1G")
        self.assertEqual(self.said, "")

    def test_misuse(self):
        self.assertIn("--slurm", self.run_program("plan", "x.yaml", "--per-task", "2", code=2).stderr)
        self.assertIn("ntasks=no", self.run_program("plan", "x.yaml", "--slurm", "--sbatch", "ntasks=no", code=2).stderr)
        self.run_program("run", "x.yaml", "--quiet")
        self.assertIn("nothing to submit", self.run_program("plan", "x.yaml", "--slurm", code=2).stderr)
        self.assertIn("--array=0-7", self.run_program("plan", "x.yaml", "--slurm", "--force").stdout)


class ByHand(Folder):
    """bash, with the variable that sbatch would set."""

    def by_hand(self, script, task, **more):
        environment = launch.environment(**more)
        environment.pop("SLURM_JOB_ID", None)
        if task is not None:
            environment["SLURM_ARRAY_TASK_ID"] = str(task)
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        return launch.run(["bash", script], env=environment, cwd=elsewhere)

    def test_each_task_makes_its_own_runs(self):
        script = self.script("--per-task", "3")
        for task, there in ((2, 2), (0, 5), (1, RUNS)):
            code, said = self.by_hand(script, task)
            self.assertEqual(code, 0, said)
            self.assertEqual(len(self.results()), there, said)
        self.assertEqual(self.statuses(), ["completed"] * RUNS)
        self.assertEqual(self.by_hand(script, 3)[0], 2)
        code, said = self.by_hand(script, None)
        self.assertNotEqual(code, 0)
        self.assertIn("SLURM_ARRAY_TASK_ID", said)

    def test_own_folders_are_merged(self):
        script = self.script("--per-task", "4", "--own-folders")
        code, said = self.by_hand(script, 1)
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.results("results/runs.tasks/1")), 4)
        self.assertEqual(len(self.results()), 4)
        self.assertEqual(self.by_hand(script, 0)[0], 0)
        self.assertEqual(self.statuses(), ["completed"] * RUNS)
        self.assertEqual(self.hidden(), [])

    def test_a_failed_run_is_the_tasks_exit_code(self):
        script = self.script("--set", "solvers=[{name: external, command: [false]}]", "--own-folders")
        code, said = self.by_hand(script, 0)
        self.assertEqual(code, 1, said)
        self.assertEqual(self.statuses(), ["failed"])


@unittest.skipIf(slurm_fixture.why_not(), slurm_fixture.why_not())
class Cluster(Folder):
    def test_array_step_and_end(self):
        """One Slurm for all, for it takes seconds to start."""
        with Slurm() as slurm:
            self.check_array(slurm)
            self.check_sweep(slurm)
            self.check_shared_runs(slurm)
            self.check_cancelled_task_saves(slurm)
            self.check_failures(slurm)
        folder = slurm.folder
        self.assertFalse(folder.exists())
        left = [p for p in pathlib.Path("/proc").glob("[0-9]*/environ") if str(folder).encode() in self.bytes_of(p)]
        self.assertEqual(left, [])

    @staticmethod
    def bytes_of(path):
        try:
            return path.read_bytes()
        except OSError:
            return b""

    def check_array(self, slurm):
        script = self.script("--per-task", "2", "--own-folders")
        job = slurm.sbatch(script, cwd=self.folder)
        states = slurm.wait(job)
        logs = "".join(log.read_text() for log in self.folder.glob("array-*.log"))
        self.assertEqual(states, {str(task): ("COMPLETED", 0) for task in range(4)}, logs)
        self.assertEqual(self.statuses(), ["completed"] * RUNS, logs)
        self.assertEqual(self.hidden(), [])
        self.assertEqual(len(list(self.folder.glob(f"array-{job}_*.log"))), 4)

    def check_sweep(self, slurm):
        code, said = slurm.srun(3, [PROGRAM, "run", "x.yaml", "--sweep", "--out", "swept"], cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.assertEqual(self.statuses("swept"), ["completed"] * RUNS)
        self.assertEqual(said.count("3 processes"), 1, said)
        self.assertEqual(said.count("next:"), 1, said)

    def check_shared_runs(self, slurm):
        """The processes of a task share each of its runs."""
        script = self.script("--out", "shared", "--set", "parallel.layers=[1,1]", "--set", "solvers=[{name: pdadmm}]",
                             "--only", "seed=0", "--per-task", "2")
        job = slurm.sbatch(script, cwd=self.folder)
        states, log = slurm.wait(job), next(self.folder.glob(f"array-{job}_*.log")).read_text()
        self.assertEqual(states, {"0": ("COMPLETED", 0)}, log)
        for file in self.results("shared"):
            with h5py.File(file) as result:
                self.assertEqual((result.attrs["status"].decode(), result.attrs["processes"]), ("completed", 2), log)

    def check_cancelled_task_saves(self, slurm):
        """The run of a task that is cancelled ends after its iteration, with a checkpoint."""
        (self.folder / "long.yaml").write_text(EXPERIMENT.replace("experiment: array", "experiment: long"))
        options = ["--out", "long-runs", "--only", "run=blobs/dladmm/0", "--set", "iterations=100000000", "--set",
                   "record.every=100000000", "--set", "checkpoint.every=100"]
        self.run_program("plan", "long.yaml", "--slurm", "-o", "long.sh", *options)
        job = slurm.sbatch("long.sh", cwd=self.folder)
        slurm.wait_for(lambda: list((self.folder / "long-runs").rglob(".seed-*.checkpoint")), "a checkpoint")
        slurm.command("scancel", job)
        slurm.wait(job)
        self.assertEqual(self.statuses("long-runs"), ["interrupted"])
        self.assertEqual(self.hidden(), [".seed-0.h5.checkpoint"])

    def check_failures(self, slurm):
        script = self.script("--out", "failing", "--set", "solvers=[{name: external, command: [false]}]", "--only", "seed=1")
        self.assertEqual(slurm.wait(slurm.sbatch(script, cwd=self.folder)), {"0": ("FAILED", 1), "1": ("FAILED", 1)})
        # A control: the fixture's own limit on time is one that fails.
        begin = time.monotonic()
        with self.assertRaises(TimeoutError):
            self.fail(f"{slurm.srun(1, ['sleep', '100'], seconds=3)}\n{slurm.last_words()}")
        self.assertLess(time.monotonic() - begin, 60)


class Skipped(unittest.TestCase):
    def test_the_sentence_names_what_is_missing(self):
        path = os.environ["PATH"]
        try:
            os.environ["PATH"] = "/nowhere"
            said = slurm_fixture.why_not()
        finally:
            os.environ["PATH"] = path
        self.assertIn("sbatch", said)


if __name__ == "__main__":
    unittest.main()
