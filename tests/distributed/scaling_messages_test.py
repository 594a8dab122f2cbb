"""`mpirun -n 2 admmbench scaling --messages`, and tools/measure-team at sizes that say nothing of time."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from launch import MPIRUN, NO_MPIRUN, PROGRAM, ROOT, environment, mpirun, run

MEASURE = ROOT / "tools/measure-team"


@unittest.skipUnless(MPIRUN, NO_MPIRUN)
class Messages(unittest.TestCase):
    def test_two_processes_time_messages_and_sums(self):
        code, said = run(mpirun(2, [PROGRAM, "scaling", "--messages"]))
        self.assertEqual(code, 0, said)
        timed = json.loads(said[said.index("{"):])  # what mpirun has to say comes before
        for kind in ("messages", "sums"):
            sizes = [entry["bytes"] for entry in timed[kind]]
            self.assertEqual(sizes, sorted(sizes))
            self.assertEqual(sizes[-1], 2**24)
            self.assertTrue(all(entry["seconds"] > 0 and entry["trips"] >= 6 for entry in timed[kind]))
        for fit in ("message_fit", "sum_fit"):
            self.assertGreaterEqual(timed[fit]["latency"], 0)
            self.assertGreater(timed[fit]["bandwidth"], 0)
        self.assertEqual(timed["launcher"], "Open MPI")

    def test_another_number_of_processes_is_refused(self):
        for ranks, found in ((1, "there is one"), (3, "there are 3")):
            code, said = run(mpirun(ranks, [PROGRAM, "scaling", "--messages"]))
            self.assertEqual(code, 2, said)
            self.assertEqual(said.count("measures between two processes"), 1, said)
            self.assertIn(found, " ".join(said.split()))

    def test_a_process_that_nobody_launched_is_refused(self):
        code, said = run([PROGRAM, "scaling", "--messages"])
        self.assertEqual(code, 2, said)
        self.assertIn("no launcher has started this one", " ".join(said.split()))


@unittest.skipUnless(MPIRUN, NO_MPIRUN)
class MeasureTeam(unittest.TestCase):
    def measure(self, *options):
        return subprocess.run([MEASURE, "--program", PROGRAM, *map(str, options)], capture_output=True, text=True,
                              env=environment(), timeout=280)

    def test_a_smoke_run_becomes_the_tables(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "team.json"
            done = self.measure("--smoke", "--oversubscribe", "--out", file)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([entry.name for entry in pathlib.Path(folder).iterdir()], ["team.json"])
            result = json.loads(file.read_text())
            methods = {run["method"] for run in result["runs"] if run["processes"] == 2}
            self.assertEqual(methods, {"pdadmm", "pdadmm_gq", "dladmm", "adam"})
            for one in result["runs"]:
                self.assertEqual(len(one["groups"]), 2 if one["processes"] == 2 and one["method"].startswith("pdadmm") else 0)
            shared = [one for one in result["runs"] if one["groups"]]
            self.assertTrue(all(one["bytes_sent"] > 0 for one in shared))
            for name, expected in (("team", "Smoke run"), ("messages", "a sum"), ("to-accuracy", "`adam`"), ("simulated", "Sim")):
                table = subprocess.run([PROGRAM, "scaling", "--markdown", name, "--team", file], capture_output=True, text=True,
                                       env=dict(environment(), ADMMBENCH_SHARE=str(ROOT)))
                self.assertEqual(table.returncode, 0, table.stderr)
                self.assertIn(expected, table.stdout)
                rows = [line.split("|") for line in table.stdout.splitlines() if line.startswith("|")]
                self.assertLess(max(len(cell) for row in rows for cell in row), 120)

    def test_more_processes_than_processors_need_to_be_asked_for(self):
        done = self.measure("--processes", len(os.sched_getaffinity(0)) + 1)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--oversubscribe", done.stderr)
        self.assertEqual(self.measure("--processes", 1).returncode, 2)


if __name__ == "__main__":
    unittest.main()
