"""Runs that are killed, that hang, that several processes make at once; and output that is no regular file."""

import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from waiting import PATIENCE, wait_for  # noqa: E402

PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
EXPERIMENT = """experiment: long
datasets: [{name: blobs, params: {samples: 60, features: 8}}]
network: {hidden: [8]}
iterations: 5
solvers: [{name: adam}, {name: dladmm}]
"""
TUNED = """experiment: tuned
datasets: [{name: blobs, validation: 0.2, params: {samples: 100, test_samples: 20}}]
network: {hidden: [8]}
seeds: [0, 1]
iterations: 20
tune: {method: random, runs: 4, iterations: 200}
solvers:
  - {name: adam, search: {learning_rate: {log_uniform: [1.0e-4, 1.0e-1]}}}
  - {name: dladmm, search: {rho: {log_uniform: [1.0e-6, 1]}}}
"""
ENDLESS = ["--only", "solver=dladmm", "--set", "iterations=100000000", "--set", "record.every=100000000"]
CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc"]


def children(process):
    try:
        return [int(c) for c in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def alive(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def content(file):
    """All that is recorded but the seconds, as bytes."""
    found = {}
    with h5py.File(file) as result:
        result.visititems(lambda name, item: found.update({name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None)
    del found["trajectory/seconds"]
    return found


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "x.yaml").write_text(EXPERIMENT)
        self.results = self.folder / "results/runs/long/blobs"

    def start(self, *arguments, **streams):
        process = subprocess.Popen([PROGRAM, "run", "x.yaml", "--threads", "1", *arguments], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **streams)

        def end():
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def worker_of(self, process):
        """Once it is at work: its unfinished result is there."""
        wait_for(lambda: [n for n in self.hidden() if n.startswith(".seed-") and n.endswith(".part")], "a run at work")
        worker, = children(process.pid)
        return worker

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True)

    def hidden(self):
        return sorted(p.name for p in self.folder.rglob(".*") if p.is_file())

    def status(self, label):
        with h5py.File(self.results / label / "seed-0.h5") as file:
            return file.attrs["status"].decode(), file.attrs["message"].decode()


class Killed(Folder):
    def test_workers_end_with_their_parent_also_when_they_are_stopped(self):
        for stopped in (False, True):
            process = self.start(*ENDLESS)
            worker = self.worker_of(process)
            if stopped:
                os.kill(worker, signal.SIGSTOP)
            process.kill()
            process.wait()
            wait_for(lambda: not alive(worker), "the worker's end")
            for leftover in self.results.rglob(".*"):
                leftover.unlink()

    def test_goes_on_from_the_checkpoint_and_leaves_nothing_behind(self):
        arguments = ["--only", "solver=dladmm", "--set", "iterations=30000", "--set", "record.every=100", "--set",
                     "checkpoint.every=200"]
        process = self.start(*arguments)
        checkpoint = self.results / "dladmm/.seed-0.h5.checkpoint"
        wait_for(checkpoint.exists, "a checkpoint")
        for victim in [process.pid, *children(process.pid)]:
            os.kill(victim, signal.SIGKILL)
        process.wait()
        self.assertIn(".seed-0.h5.claim", self.hidden())
        # Other settings do not take it, and find the claim of the dead free at once.
        other = self.run_program("run", "x.yaml", "--threads", "1", "--only", "solver=dladmm")
        self.assertEqual(other.returncode, 0, other.stderr)
        self.assertEqual(self.hidden(), [])

    def test_a_tuning_that_is_killed_goes_on_and_chooses_the_same(self):
        (self.folder / "x.yaml").write_text(TUNED)
        undisturbed = self.run_program("run", "x.yaml", "--threads", "1", "--out", "a")
        self.assertEqual(undisturbed.returncode, 0, undisturbed.stderr)
        for number in (1, 5, 9):  # results that are there when it is killed: some of the first method, of both, and the last
            process = self.start("--out", "b")
            made = (self.folder / "b").rglob
            wait_for(lambda: process.poll() is not None or len(list(made("seed-*.h5"))) >= number, "a result")
            for victim in [process.pid, *children(process.pid)]:
                if alive(victim):
                    os.kill(victim, signal.SIGKILL)
            process.wait()
        made = self.run_program("run", "x.yaml", "--threads", "1", "--out", "b")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(self.hidden(), [])
        compared = self.run_program("compare", "a", "b", "--json")
        self.assertEqual(compared.returncode, 0, compared.stdout)
        files = [sorted(p.relative_to(self.folder / tree) for p in (self.folder / tree).rglob("*.h5")) for tree in "ab"]
        self.assertEqual(files[0], files[1])
        for file in files[0]:
            self.assertEqual(content(self.folder / "a" / file), content(self.folder / "b" / file), file)

    def test_signals_save_what_there_is(self):
        for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
            process = self.start(*ENDLESS, "--force")
            self.worker_of(process)
            process.send_signal(getattr(signal, name))
            printed, _ = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 130, printed)
            self.assertEqual(self.status("dladmm")[0], "interrupted", name)
        self.assertFalse([n for n in self.hidden() if not n.endswith(".checkpoint")])

    def test_nohup_stays_ignored(self):
        process = self.start(*ENDLESS, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        worker = self.worker_of(process)
        process.send_signal(signal.SIGHUP)
        os.kill(worker, signal.SIGHUP)
        time.sleep(0.5)
        self.assertTrue(alive(worker))

    def test_wall_limit_from_the_command_line(self):
        made = self.run_program("run", "x.yaml", "--threads", "1", *ENDLESS, "--set", "stop.wall_limit=1")
        self.assertEqual(made.returncode, 1, made.stderr)
        status, message = self.status("dladmm")
        self.assertEqual(status, "failed")
        self.assertTrue(message.startswith("wall limit: 1 s"), message)
        wrong = self.run_program("run", "x.yaml", "--set", "stop.wall_limit=soon")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("15min", wrong.stderr)


class Campaign(Folder):
    def test_killed_sweeps_lose_nothing(self):
        """A short one; docs/measured/kills.md has a long one."""
        made = subprocess.run([ROOT / "tools/kill-campaign", "--program", PROGRAM, "--trials", "2", "--folder", self.folder,
                               "--iterations", "300", "--mode", "jobs-2", "--mode", "two-processes"],
                              capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)


class Together(Folder):
    def test_nothing_is_made_twice(self):
        (self.folder / "x.yaml").write_text(EXPERIMENT.replace("iterations: 5", "iterations: 100\nseeds: [0, 1, 2, 3]"))
        processes = [self.start() for _ in range(3)]
        printed = [process.communicate(timeout=PATIENCE)[0] for process in processes]
        self.assertEqual([process.returncode for process in processes], [0, 0, 0], printed)
        lines = [line for text in printed for line in text.splitlines() if ": completed" in line]
        self.assertEqual(sum("by another process" not in line for line in lines), 8, printed)
        self.assertEqual(self.hidden(), [])

    @unittest.skipIf(shutil.which("unshare") is None or subprocess.run([*CONTAINER, "true"], capture_output=True).returncode,
                     "process numbers of one's own are not allowed here")
    def test_containers_in_which_the_process_numbers_are_the_same(self):
        """Two on one folder, with and without HDF5's own locks: one makes the runs, the other the same or others."""
        (self.folder / "x.yaml").write_text(EXPERIMENT.replace("iterations: 5", "iterations: 300\nseeds: [0, 1]"))
        command = [*CONTAINER, PROGRAM, "run", "x.yaml", "--threads", "1", "--out"]
        for locks in ("TRUE", "FALSE"):
            environment = dict(os.environ, HDF5_USE_FILE_LOCKING=locks)
            for other in ([], ["--set", "network.hidden=[6]"]):
                tree = self.folder / f"{locks}-{len(other)}"
                both = [subprocess.Popen([*command, tree, *settings], cwd=self.folder, env=environment, text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for settings in ([], other)]
                printed = [process.communicate(timeout=PATIENCE)[0] for process in both]
                self.assertEqual([process.returncode for process in both], [0, 0], printed)
                files = sorted(tree.rglob("seed-*"))
                for file in files:
                    self.assertIn("final/W1", content(file))  # all of it can be read
                self.assertEqual(len(files), 8 if other else 4, printed)  # one of each settings: the second beside the first
                self.assertEqual(self.hidden(), [])


class Outputs(Folder):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.run_program("run", "x.yaml", "--threads", "1", "--quiet").returncode, 0)
        self.expected = self.run_program("export", "results/runs", "--summary", "-o", "-").stdout
        self.assertIn("dladmm", self.expected)

    def export(self, target):
        made = self.run_program("export", "results/runs", "--summary", "-o", target)
        self.assertEqual(made.returncode, 0, made.stderr)
        return made.stdout

    def test_links_stay_and_their_targets_are_written(self):
        (self.folder / "shared").mkdir()
        (self.folder / "shared/latest.csv").write_text("old")
        for link, target in (("file.csv", "shared/latest.csv"), ("new.csv", "shared/new.csv")):
            (self.folder / link).symlink_to(target)
            self.export(link)
            self.assertTrue((self.folder / link).is_symlink())
            self.assertEqual((self.folder / target).read_text(), self.expected)
        (self.folder / "circle").symlink_to("circle")
        self.assertEqual(self.run_program("export", "results/runs", "-o", "circle").returncode, 1)

    def test_pipes_and_devices_are_written_in_place(self):
        os.mkfifo(self.folder / "pipe")
        got = []
        reader = threading.Thread(target=lambda: got.append((self.folder / "pipe").read_text()))
        reader.start()
        self.export("pipe")
        reader.join(PATIENCE)
        self.assertEqual(got, [self.expected])
        self.assertTrue((self.folder / "pipe").is_fifo())
        # Devices of our own: a program that replaced /dev/null would take it from everybody.
        try:
            os.mknod(self.folder / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            os.mknod(self.folder / "full", 0o666 | stat.S_IFCHR, os.makedev(1, 7))
        except PermissionError:
            return
        self.export("null")
        self.assertTrue((self.folder / "null").is_char_device())
        full = self.run_program("export", "results/runs", "--summary", "-o", "full")
        self.assertEqual(full.returncode, 1)
        self.assertIn("full: cannot be written", full.stderr)

    def test_standard_output_by_its_name(self):
        link = self.folder / "stdout"
        link.symlink_to("/proc/self/fd/1")  # what /dev/stdout is
        self.assertIn(self.expected, self.export("stdout"))
        with open(self.folder / "printed", "w") as printed:
            subprocess.run([PROGRAM, "export", "results/runs", "--summary", "-o", "stdout"], cwd=self.folder, check=True,
                           stdout=printed)
        self.assertIn(self.expected, (self.folder / "printed").read_text())
        self.assertTrue(link.is_symlink())

    def test_standard_output_that_is_full_is_an_error_of_every_command(self):
        commands = [["export", "results/runs"], ["export", "results/runs", "--summary"], ["table", "results/runs"],
                    ["table", "results/runs", "--format", "csv"], ["rank", "results/runs"], ["rates", "results/runs", "--json"],
                    ["compare", "results/runs", "results/runs"], ["verify", "results/runs"], ["plan", "x.yaml", "--json"],
                    ["validate", "x.yaml"], ["list", "solvers"], ["describe", "dladmm"], ["schema"], ["data", "list"],
                    ["run", "x.yaml", "--dry-run"], ["run", "x.yaml", "--threads", "1"], ["--version"], ["--help"], ["man"]]
        for command in commands:
            with open("/dev/full", "w") as full:
                made = subprocess.run([PROGRAM, *command], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(made.returncode, 1, f"{command}: {made.stderr}")
            self.assertRegex(made.stderr, "cannot (be written|write)", command)
            whole = self.run_program(*command)  # the control
            self.assertEqual(whole.returncode, 0, f"{command}: {whole.stderr}")

    def test_a_sweep_goes_on_when_its_lines_cannot_be_printed(self):
        seeds = list(range(60))  # whose lines are more than the buffer of standard output
        command = [PROGRAM, "run", "x.yaml", "--threads", "1", "--set", f"seeds={seeds}", "--set", "iterations=1"]
        with open("/dev/full", "w") as full:
            made = subprocess.run(command, cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(made.returncode, 1)
        self.assertIn("standard output cannot be written", made.stderr)
        self.assertEqual(len(list(self.results.rglob("seed-*.h5"))), 2 * len(seeds))

    def test_modes_are_kept_and_folders_refused(self):
        target = self.folder / "mine.csv"
        target.write_text("old")
        target.chmod(0o640)
        self.export("mine.csv")
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)
        refused = self.run_program("export", "results/runs", "-o", "results")
        self.assertEqual(refused.returncode, 1)
        self.assertEqual(self.hidden(), [])


if __name__ == "__main__":
    unittest.main()
