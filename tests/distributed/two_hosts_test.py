"""Two hosts joined by a slow link: the fixture itself, and a sweep whose processes see neither each other's locks nor
processes."""

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

import two_hosts
from launch import MPIRUN, NO_MPIRUN, PROGRAM, end, finish, start, wait_for
from two_hosts import BURST, TwoHosts

WHY_NOT = two_hosts.why_not() if MPIRUN else NO_MPIRUN
SEND = """#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
int main(int count, char** words) {
  int rank, length = count > 1 ? atoi(words[1]) : 0;
  char* bytes = calloc((size_t)length, 1);
  MPI_Init(&count, &words);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Barrier(MPI_COMM_WORLD);
  const double begin = MPI_Wtime();
  if (rank == 0) MPI_Send(bytes, length, MPI_CHAR, 1, 0, MPI_COMM_WORLD);
  if (rank == 1) {
    MPI_Recv(bytes, length, MPI_CHAR, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    printf("seconds %.6f\\n", MPI_Wtime() - begin);
  }
  MPI_Finalize();
  return 0;
}
"""
EXPERIMENT = """experiment: sweep
datasets: [{name: blobs, params: {samples: 60, features: 8}}]
network: {hidden: [8]}
seeds: [0, 1, 2, 3]
iterations: 100
solvers: [{name: adam}, {name: dladmm}]
"""
RUNS = 8


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Fixture(Folder):
    def test_two_ranks_on_two_hosts_and_nothing_left(self):
        with TwoHosts() as hosts:
            code, said = hosts.run(2, ["sh", "-c", "echo rank $OMPI_COMM_WORLD_RANK on $(hostname), "
                                       "$(cat /proc/sys/kernel/random/boot_id)"])
            self.assertEqual(code, 0, said)
            boots = dict(re.findall(r"rank (\d on h\d), (\S+)", said))
            self.assertEqual(sorted(boots), ["0 on h1", "1 on h2"], said)
            self.assertEqual(len(set(boots.values())), 2, said)
            self.assertEqual(hosts.run(2, ["false"])[0], 1)
            lost = start(hosts.on("h2", ["sleep", "1000"]))
            tag = hosts.tag
        self.assertEqual(lost.wait(), -signal.SIGKILL)
        lost.communicate()
        self.assertNotIn(tag, subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout)

    def test_the_link_carries_the_messages_and_no_faster_than_it_may(self):
        program = self.folder / "send"
        (self.folder / "send.c").write_text(SEND)
        done = subprocess.run(["mpicc", "-o", program, self.folder / "send.c"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        length = 2_000_000

        def seconds(hosts):
            before = hosts.bytes_sent()["h1"]
            code, said = hosts.run(2, [program, length])
            self.assertEqual(code, 0, said)
            self.assertGreater(hosts.bytes_sent()["h1"] - before, length)
            return float(re.search(r"seconds (\S+)", said)[1])

        with TwoHosts("20mbit") as hosts:
            # 20 Mbit/s are 2.5 MB/s; what the filter lets through at once does not count.
            self.assertGreater(seconds(hosts), (length - BURST) / 2.5e6)
            hosts.limit("10gbit")
            self.assertLess(seconds(hosts), (length - BURST) / 2.5e6)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Sweep(Folder):
    def setUp(self):
        super().setUp()
        (self.folder / "x.yaml").write_text(EXPERIMENT)
        self.log = self.folder / "log"

    def command(self, *arguments):
        return [PROGRAM, "run", "x.yaml", "--sweep", "--threads", "1", "--log-file", self.log, *arguments]

    def made(self):
        ended = re.findall(r"\] (\S+ / \S+ / seed \d+): completed(.*)", self.log.read_text())
        return sorted(name for name, rest in ended if "by another process" not in rest)

    def hosts_of_results(self):
        found = []
        for file in sorted(self.folder.rglob("seed-*.h5")):
            with h5py.File(file) as result:
                self.assertEqual(result.attrs["status"].decode(), "completed")
                found.append(result.attrs["host"].decode())
        return found

    def test_both_hosts_make_runs_and_none_is_made_twice(self):
        with TwoHosts() as hosts:
            code, said = hosts.run(2, self.command(), cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.made()), RUNS, said)
        self.assertEqual(len(set(self.made())), RUNS, said)
        self.assertEqual(set(self.hosts_of_results()), {"h1", "h2"})
        self.assertEqual([p.name for p in self.folder.rglob(".*") if p.is_file()], [])

    def test_the_claim_of_a_dead_host_is_taken_over_and_that_of_a_living_one_is_not(self):
        """While h2 is at work for longer than a minute, h1 leaves the run to it; a minute after its death h1 makes it."""
        (self.folder / "x.yaml").write_text(EXPERIMENT.replace("seeds: [0, 1, 2, 3]", "seeds: [0]").replace(
            "{name: adam}, ", ""))
        endless = ["--set", "iterations=100000000", "--set", "record.every=100000000"]
        with TwoHosts() as hosts:
            second = start(hosts.on("h2", self.command(*endless)), cwd=self.folder)
            self.addCleanup(end, second)
            wait_for(lambda: list(self.folder.rglob(".seed-*.part")), "an unfinished result")
            first = start(hosts.on("h1", self.command(*endless, "--verbose")), cwd=self.folder)
            self.addCleanup(end, first)
            claim, = self.folder.rglob(".seed-*.claim")
            owner = claim.read_text()
            self.assertTrue(owner.startswith("h2 "), owner)
            time.sleep(75)  # longer than a claim may stay as it is, and longer than it stays so of the living
            self.assertEqual(claim.read_text(), owner)
            os.killpg(second.pid, signal.SIGKILL)
            killed = time.monotonic()
            wait_for(lambda: claim.exists() and claim.read_text().startswith("h1 "), "a claim of the other host")
            self.assertGreater(time.monotonic() - killed, 40)  # not at once: nobody could know
            os.killpg(first.pid, signal.SIGTERM)
            finish(first)


class Skipped(unittest.TestCase):
    def test_the_sentence_names_what_is_missing(self):
        path = os.environ["PATH"]
        try:
            os.environ["PATH"] = "/nowhere"
            said = two_hosts.why_not()
        finally:
            os.environ["PATH"] = path
        self.assertIn("ip, tc", said)


if __name__ == "__main__":
    unittest.main()
