"""`mpirun -n P admmbench run X`: processes that make every run together, through the whole program."""

import os
import pathlib
import re
import signal
import tempfile
import time
import unittest

import h5py
import numpy

import slurm_fixture
from launch import MPIRUN, NO_MPIRUN, PROGRAM, end, finish, mpirun, run, start, wait_for

EXPERIMENT = """experiment: team
precision: {precision}
datasets: [{{name: blobs, params: {{samples: 61, features: 7}}}}]
network: {{hidden: [9, 8, 7]}}
seeds: [{seeds}]
iterations: {iterations}
checkpoint: {{every: {checkpoint}}}
{more}
solvers: [{solvers}]
"""
# What a run has because of who made it: times, and what was really sent.
OF_THE_TEAM = {"seconds", "computing", "waiting", "imbalance", "bytes_sent", "flops"}
LAYERED = ["{name: pdadmm}", "{name: pdadmm_gq, params: {quantize: pq, delta: {kind: bits, bits: 3, low: -1, high: 2}}}"]
SAMPLED = ["{name: sgd}", "{name: adam, params: {batch_size: 13}}", "{name: dladmm}"]


@unittest.skipUnless(MPIRUN, NO_MPIRUN)
class Team(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def experiment(self, solvers, iterations=8, seeds="0", checkpoint="never", precision="float64", more=""):
        file = self.folder / "x.yaml"
        file.write_text(EXPERIMENT.format(solvers=", ".join(solvers), iterations=iterations, seeds=seeds,
                                          checkpoint=checkpoint, precision=precision, more=more))
        return file

    def command(self, file, out, ranks=1, *options):
        alone = [PROGRAM, "run", file, "--out", self.folder / out, "--threads", "1", *options]
        return mpirun(ranks, alone) if ranks > 1 else alone

    def made(self, file, out, ranks=1, *options):
        code, said = run(self.command(file, out, ranks, *options))
        self.assertEqual(code, 0, said)
        return said

    def results(self, out):
        return sorted((self.folder / out).rglob("seed-*.h5"))

    def trajectory(self, file):
        with h5py.File(file) as result:
            return {name: numpy.array(values) for name, values in result["trajectory"].items() if name not in OF_THE_TEAM}

    def compare(self, one, other, tolerance=0.0):
        files, others = self.results(one), self.results(other)
        self.assertEqual([f.relative_to(self.folder / one) for f in files], [f.relative_to(self.folder / other) for f in others])
        self.assertTrue(files)
        for file, its in zip(files, others):
            a, b = self.trajectory(file), self.trajectory(its)
            self.assertEqual(sorted(a), sorted(b))
            for name, values in a.items():
                numpy.testing.assert_allclose(values, b[name], rtol=tolerance, atol=tolerance, err_msg=f"{file} {name}")

    def test_layers_are_shared_to_the_bit(self):
        for precision in ("float64", "float32"):
            file = self.experiment(LAYERED, precision=precision, seeds="0, 1")
            self.made(file, f"{precision}-alone")
            for ranks, more in ((2, "layers=auto"), (2, "layers=[3,1]"), (3, "layers=auto"), (4, "layers=auto")):
                out = f"{precision}-{ranks}-{more}"
                said = self.made(file, out, ranks, "--set", f"parallel.{more}")
                self.compare(f"{precision}-alone", out)
                self.assertEqual(said.count("BLAS:"), 1, said)  # the leader alone speaks
                with h5py.File(self.results(out)[0]) as result:
                    self.assertEqual(result.attrs["processes"], ranks)
                    for column in ("computing", "waiting", "imbalance"):
                        self.assertTrue((result["trajectory"][column][1:] >= 0).all())

    def test_u_travels_only_if_told(self):
        """With a layer each, processes that send u send what one process counts; else a third less."""
        file = self.experiment(LAYERED[:1])
        sent = {}
        for out, ranks, more in (("counted", 1, ()), ("replayed", 4, ()), ("sent", 4, ("--set", "parallel.send_u=true"))):
            self.made(file, out, ranks, *more)
            self.compare("counted", out)
            with h5py.File(self.results(out)[0]) as result:
                sent[out] = result["trajectory"]["bytes_sent"][-1]
        self.assertGreater(sent["counted"], 0)
        self.assertEqual(sent["sent"], sent["counted"])
        self.assertEqual(3 * sent["replayed"], 2 * sent["counted"])

    def test_samples_are_shared_to_rounding(self):
        file = self.experiment(SAMPLED)
        self.made(file, "alone")
        for ranks in (2, 3):
            self.made(file, f"{ranks}", ranks)
            self.compare("alone", f"{ranks}", tolerance=1e-10)

    def test_each_seed_has_its_own_validation_samples(self):
        file = self.experiment(SAMPLED[1:2], seeds="0, 1")  # the data of the run before are kept, its validation samples are not
        for ranks in (1, 2):
            self.made(file, f"{ranks}", ranks, "--set", "datasets.0.validation=0.2")
        self.compare("1", "2", tolerance=1e-10)

    def test_another_number_of_processes_is_no_other_result(self):
        file = self.experiment(LAYERED[:1])
        self.made(file, "out", 2)
        said = self.made(file, "out", 3)
        self.assertIn("1 cached, 0 to run", said)

    def test_what_cannot_be_shared_is_said_before_the_first_run(self):
        for solvers, ranks, options, why in (
                (["{name: adam}", "{name: mac}"], 2, [],
                 "'mac': 2 processes cannot share its runs, neither by layers nor by samples"),
                (["{name: adam}"], 3, ["--set", "parallel.samples=2"],
                 "3 processes do not divide into parallel.samples = 2 shards"),
                (["{name: adam}"], 4, ["--set", "parallel.samples=2"], "its layers cannot be shared"),
                (["{name: pdadmm}"], 2, ["--set", "parallel.layers=[2,1,1]"], "parallel.layers has 3 groups")):
            with self.subTest(why):
                code, said = run(self.command(self.experiment(solvers), "out", ranks, *options))
                self.assertEqual(code, 2, said)
                self.assertIn(why, re.sub(r"\s+", " ", said))
                self.assertFalse(self.results("out"))

    def test_what_is_left_out_need_not_be_shared(self):
        file = self.experiment(["{name: adam}", "{name: mac}"])
        self.made(file, "out", 2, "--only", "solver=adam")
        self.assertEqual(len(self.results("out")), 1)

    def test_a_run_that_cannot_begin_is_recorded_and_the_next_one_tried(self):
        file = self.experiment(LAYERED)
        code, said = run(self.command(file, "out", 2, "--set", "parallel.layers=[2,1]"))  # of four layers
        self.assertEqual(code, 1, said)
        self.assertEqual(len(self.results("out")), 2)
        for result in self.results("out"):
            with h5py.File(result) as made:
                self.assertEqual(made.attrs["status"].decode(), "failed")
                self.assertIn("layers", made.attrs["message"].decode())

    def wait_for_checkpoint(self, process):
        def there():
            self.assertIsNone(process.poll(), "it has ended by itself")
            return list((self.folder / "out").rglob(".*.checkpoint"))
        wait_for(there, "a checkpoint")

    def kill_one(self, victim):
        """SIGKILL for the process of rank `victim`; when."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                variables = dict(item.split(b"=", 1) for item in (entry / "environ").read_bytes().split(b"\0") if b"=" in item)
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if variables.get(b"OMPI_COMM_WORLD_RANK") == str(victim).encode() and str(self.folder).encode() in command:
                os.kill(int(entry.name), signal.SIGKILL)
                return time.monotonic()
        self.fail("there is no such rank")

    def test_a_killed_process_ends_the_job_and_the_next_one_goes_on(self):
        file = self.experiment(LAYERED[:1], iterations=1500, checkpoint="20")
        self.made(file, "alone")
        for victim in (1, 0):
            with self.subTest(rank=victim):
                process = start(self.command(file, "out", 2))
                self.addCleanup(end, process)
                self.wait_for_checkpoint(process)
                killed = self.kill_one(victim)
                code, said = finish(process)
                self.assertLess(time.monotonic() - killed, 10)
                self.assertNotEqual(code, 0)
                self.assertRegex(said, rf"rank {victim} with PID \d+ on node \S+ exited on signal 9")
                self.assertTrue(list((self.folder / "out").rglob(".*.checkpoint")))
                self.assertFalse(self.results("out"))
                said = self.made(file, "out", 3)
                self.assertNotIn("starts anew", said)
                self.compare("alone", "out")
                for result in self.results("out"):
                    result.unlink()

    def test_an_interrupted_job_saves_and_goes_on_with_one_process(self):
        file = self.experiment(LAYERED[:1], iterations=1500, checkpoint="20")
        self.made(file, "alone")
        process = start(self.command(file, "out", 2))
        self.addCleanup(end, process)
        self.wait_for_checkpoint(process)
        process.send_signal(signal.SIGTERM)
        code, said = finish(process)
        self.assertNotEqual(code, 0, said)
        self.assertTrue(list((self.folder / "out").rglob(".*.checkpoint")))
        self.assertNotIn("starts anew", self.made(file, "out"))
        self.compare("alone", "out")

    @unittest.skipIf(slurm_fixture.why_not(), slurm_fixture.why_not())
    def test_a_step_of_a_slurm_job_shares_layers_to_the_bit(self):
        file = self.experiment(LAYERED)
        self.made(file, "alone")
        with slurm_fixture.Slurm() as slurm:
            code, said = slurm.srun(2, self.command(file, "out"), cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.compare("alone", "out")
        for result in self.results("out"):
            with h5py.File(result) as made:
                self.assertEqual(made.attrs["processes"], 2)


if __name__ == "__main__":
    unittest.main()
