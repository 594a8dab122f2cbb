"""`mpirun -n P admmbench run X --sweep`: every run is made once, and a process that dies loses its current run only."""

import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import h5py

from launch import MPIRUN, NO_MPIRUN, PROGRAM, end, environment, finish, mpirun, run, start, wait_for

EXPERIMENT = """experiment: sweep
datasets:
  - {name: blobs, params: {samples: 60, features: 8}}
  - {name: blobs, label: more, params: {samples: 90, features: 8}}
network: {hidden: [8]}
seeds: [0, 1]
iterations: 40
solvers: [{name: adam}, {name: dladmm}]
"""
RUNS = 8
NO_LOCKS = """#include <errno.h>
int flock(int descriptor, int operation) { (void)descriptor; (void)operation; errno = ENOLCK; return -1; }
"""


def content(file):
    """All that is recorded but the seconds, as bytes."""
    found = {}
    with h5py.File(file) as result:
        result.visititems(lambda name, item: found.update({name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None)
    del found["trajectory/seconds"]
    return found


def descendants(process):
    """Of a process, with their command lines."""
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
            words = (status.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        found.append((int(status.parent.name), int(fields[1]), [word.decode(errors="replace") for word in words]))
    family = {process}
    for _ in range(6):
        family |= {pid for pid, parent, _ in found if parent in family}
    return [(pid, parent, words) for pid, parent, words in found if pid in family - {process}]


@unittest.skipIf(MPIRUN is None, NO_MPIRUN)
class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.write(EXPERIMENT)
        self.log = self.folder / "log"

    def write(self, text):
        (self.folder / "x.yaml").write_text(text)

    def command(self, *arguments):
        return [PROGRAM, "run", "x.yaml", "--sweep", "--threads", "1", "--log-file", self.log, *arguments]

    def start(self, command, **options):
        process = start(command, cwd=self.folder, **options)
        self.addCleanup(end, process)
        return process

    def ranks(self, process):
        """The processes that make runs in children of their own: rank -> (process, children)."""
        family = descendants(process.pid)
        programs = [pid for pid, _, words in family if words[0] == PROGRAM]
        found = {}
        for pid, parent, _ in family:
            if pid not in programs or parent in programs:
                continue
            variables = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            rank, = [int(v.split(b"=")[1]) for v in variables if v.startswith(b"OMPI_COMM_WORLD_RANK=")]
            found[rank] = (pid, [child for child, mother, _ in family if mother == pid])
        return found

    def made(self):
        """Names of the runs that were made, each as often as it was."""
        ended = re.findall(r"\] (\S+ / \S+ / seed \d+): (?:completed|failed)(.*)", self.log.read_text())
        return sorted(name for name, rest in ended if "by another process" not in rest)

    def results(self, where="results/runs"):
        return sorted((self.folder / where).rglob("seed-*.h5"))

    def hidden(self):
        return sorted(p.name for p in self.folder.rglob(".*") if p.is_file())

    def statuses(self):
        found = []
        for file in self.results():
            with h5py.File(file) as result:
                found.append(result.attrs["status"].decode())
        return found


class Sweep(Folder):
    def test_each_run_is_made_once_and_one_table_is_printed(self):
        code, said = run([PROGRAM, "run", "x.yaml", "--threads", "1", "--out", "alone"], cwd=self.folder)
        self.assertEqual(code, 0, said)
        for ranks in (1, 2, 3, 4):
            with self.subTest(ranks=ranks):
                self.log.unlink(missing_ok=True)
                code, said = run(mpirun(ranks, self.command("--out", f"of-{ranks}")), cwd=self.folder)
                self.assertEqual(code, 0, said)
                self.assertEqual(len(self.made()), RUNS, said)
                self.assertEqual(len(set(self.made())), RUNS, said)
                self.assertEqual(said.count("next:"), 1, said)
                self.assertEqual(f"{ranks} processes" in said, ranks > 1, said)
                self.assertEqual(self.hidden(), [])
                files = self.results(f"of-{ranks}")
                self.assertEqual(len(files), RUNS)
                for file, other in zip(files, self.results("alone")):
                    self.assertEqual(content(file), content(other))

    def test_a_first_process_that_finds_everything_made_prints_the_table_all_the_same(self):
        for _ in range(2):
            code, said = run(mpirun(2, self.command()), cwd=self.folder)
            self.assertEqual(code, 0, said)
            self.assertEqual(said.count("next:"), 1, said)
            self.assertEqual(said.count("2 processes"), 1, said)
        self.assertIn(f"{RUNS} cached, 0 to run", said)

    @unittest.skipIf(shutil.which("mpiexec.mpich") is None, "mpiexec.mpich is not installed (mpich)")
    def test_mpich_shares_the_runs_of_a_program_built_with_open_mpi(self):
        code, said = run(["mpiexec.mpich", "-n", "3", *self.command()], cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.made()), RUNS, said)
        self.assertEqual(len(set(self.made())), RUNS, said)
        self.assertEqual(said.count("next:"), 1, said)
        self.assertIn("3 processes", said)
        self.assertEqual(self.hidden(), [])

    def test_two_sweeps_on_a_folder_whose_file_system_has_no_locks(self):
        self.write(EXPERIMENT.replace("iterations: 40", "iterations: 200"))
        (self.folder / "locks.c").write_text(NO_LOCKS)
        shim = self.folder / "locks.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, self.folder / "locks.c"], check=True)
        sweeps = [self.start(mpirun(2, self.command()), env=environment(LD_PRELOAD=str(shim))) for _ in range(2)]
        for sweep in sweeps:
            code, said = finish(sweep)
            self.assertEqual(code, 0, said)
        self.assertEqual(len(self.made()), RUNS)
        self.assertEqual(len(set(self.made())), RUNS)
        self.assertEqual(self.hidden(), [])

    def test_without_a_launcher_it_says_so(self):
        code, said = run(self.command(), cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.assertIn("neither mpirun nor srun has started this process", said)
        self.assertEqual(len(self.made()), RUNS)

    def test_what_is_timed_has_its_host_to_itself(self):
        self.write(EXPERIMENT + "alone: true\n")
        code, said = run(mpirun(2, self.command()), cwd=self.folder)
        self.assertEqual(code, 2, said)
        self.assertIn("--map-by ppr:1:node", said)
        code, said = run(mpirun(1, self.command()), cwd=self.folder)
        self.assertEqual(code, 0, said)

    def test_without_memory_for_the_next_run_it_waits_for_who_may_have_it(self):
        """The test has the claim of one run; for the other no machine has the memory, which is known when nobody is at work."""
        self.write(EXPERIMENT.replace("params: {samples: 90", "network: {hidden: [1000000, 1000000]}, params: {samples: 90")
                   .replace("seeds: [0, 1]", "seeds: [0]").replace("{name: adam}, ", ""))
        claim = self.folder / "results/runs/sweep/blobs/dladmm/.seed-0.h5.claim"
        claim.parent.mkdir(parents=True)
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().replace("-", "")[:8]
        claim.write_text(f"somebody {boot} 1 0123456789abcdef locked\n")
        with open(claim) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            process = self.start(mpirun(2, self.command()))
            wait_for(lambda: len(self.ranks(process)) == 2, "two processes")
            time.sleep(2)
            self.assertIsNone(process.poll())
            self.assertEqual(self.results(), [])
        code, said = finish(process)
        self.assertEqual(code, 1, said)
        self.assertIn("not begun: it needs", said)
        self.assertEqual(self.statuses(), ["completed", "failed"], said)

    def test_only_the_first_shows_the_plan(self):
        code, said = run(mpirun(3, self.command("--dry-run")), cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.assertEqual(said.count("data set"), 1, said)

    def test_force_is_refused(self):
        code, said = run(self.command("--force"), cwd=self.folder)
        self.assertEqual(code, 2, said)
        self.assertIn("--force", said)


class Dies(Folder):
    """Three methods, of which dladmm takes until it is stopped or killed."""

    LONG = EXPERIMENT.replace("iterations: 40", "iterations: 30000\nrecord: {every: 100}\ncheckpoint: {every: 500}")

    def checkpoint_of(self, rank_children):
        return sorted(self.folder.rglob(".seed-*.checkpoint"))

    def kill_a_rank(self, process, number):
        """The rank, as soon as it makes a run that has a checkpoint and others have results."""
        wait_for(lambda: self.results() and sorted(self.folder.rglob(".seed-*.checkpoint")), "a result and a checkpoint")

        def at_work():
            place = self.ranks(process).get(number)
            return place if place and place[1] else None
        pid, _ = wait_for(at_work, f"rank {number} at work")
        before = {file: file.stat().st_mtime_ns for file in self.results()}
        os.kill(pid, signal.SIGKILL)
        return before

    def expect_all(self, before):
        self.assertEqual(self.statuses(), ["completed"] * RUNS)
        for file, time_of in before.items():
            self.assertEqual(file.stat().st_mtime_ns, time_of, f"{file} was there and was made again")
        code, said = run([PROGRAM, "run", "x.yaml", "--threads", "1", "--jobs", "2", "--out", "alone"], cwd=self.folder)
        self.assertEqual(code, 0, said)
        for file, other in zip(self.results(), self.results("alone")):
            self.assertEqual(content(file), content(other))
        self.assertEqual(self.hidden(), [])

    def test_mpirun_ends_the_job_and_a_restart_makes_the_rest(self):
        self.write(self.LONG)
        process = self.start(mpirun(2, self.command()))
        before = self.kill_a_rank(process, 1)
        code, said = finish(process)
        self.assertNotEqual(code, 0, said)
        code, said = run(mpirun(2, self.command()), cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.expect_all(before)

    def test_with_recovery_the_others_make_its_run_too(self):
        self.write(self.LONG)
        process = self.start(mpirun(3, self.command(), "--enable-recovery"))
        before = self.kill_a_rank(process, 2)
        code, said = finish(process)
        self.assertIn("next:", said)
        self.expect_all(before)

    def test_a_run_that_crashes_is_recorded_and_the_others_are_made(self):
        self.write(EXPERIMENT.replace("{name: dladmm}", "{name: external, command: [sh, -c, 'kill -9 $PPID']}"))
        code, said = run(mpirun(2, self.command()), cwd=self.folder)
        self.assertEqual(code, 1, said)
        self.assertEqual(sorted(self.statuses()), ["completed"] * 4 + ["failed"] * 4)
        self.assertIn("crashed", said)
        self.assertEqual(self.hidden(), [])


if __name__ == "__main__":
    unittest.main()
