"""`stream: true`: training inputs that stay in their file, in a process that could not hold them."""

import os
import pathlib
import resource
import subprocess
import tempfile
import unittest

import h5py
import numpy

PROGRAM = pathlib.Path(os.environ["ADMMBENCH_PROGRAM"])
FEATURES = 1000
SAMPLES = 75000  # 300 MB in float32
LIMIT = 200 << 20  # of memory that no file stands behind
EXPERIMENT = """
experiment: streamed
precision: float32
datasets: [{{file: {file}, label: d, stream: {stream}{more}}}]
network: {{hidden: [8], activation: relu, loss: cross_entropy}}
iterations: 2
record: {{weights: false}}
solvers: [{{name: adam, params: {{batch_size: 500}}}}, {{name: sgd, params: {{batch_size: 500, learning_rate: 0.01}}}}]
"""


def write_data(file, samples=SAMPLES, **storage):
    """Samples whose classes can be told apart, the same ones again and again: written in a moment, and small when packed."""
    generator = numpy.random.Generator(numpy.random.PCG64(0))
    labels = numpy.arange(samples) % 3
    block = generator.normal(size=(300, FEATURES)).astype(numpy.float32) + (numpy.arange(300) % 3)[:, None]
    with h5py.File(file, "w", track_order=False) as data:
        for split, count in (("train", samples), ("test", 300)):
            x = data.create_dataset(f"{split}/x", (count, FEATURES), dtype="f4", **storage)
            for first in range(0, count, 300):
                x[first:first + 300] = block[:min(300, count - first)]
            data[f"{split}/y"] = labels[:count]


class Streaming(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_it(self, file, stream, out, limited=False, more=""):
        experiment = self.folder / "x.yaml"
        experiment.write_text(EXPERIMENT.format(file=file, stream=stream, more=more))
        return subprocess.run([PROGRAM, "run", experiment, "--out", self.folder / out, "--threads", "1"], cwd=self.folder,
                              capture_output=True, text=True,
                              env={**os.environ, "ADMMBENCH_CACHE": str(self.folder / "cache"), "OPENBLAS_NUM_THREADS": "1"},
                              preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))) if limited else None)

    def trajectory(self, out, solver):
        with h5py.File(self.folder / out / "streamed/d" / solver / "seed-0.h5") as result:
            return {name: numpy.array(values) for name, values in result["trajectory"].items() if name != "seconds"}

    def assert_same_bits(self, one, other):
        for solver in ("adam", "sgd"):
            a, b = self.trajectory(one, solver), self.trajectory(other, solver)
            self.assertEqual(sorted(a), sorted(b))
            for name, values in a.items():
                numpy.testing.assert_array_equal(values, b[name], name)

    def test_a_file_larger_than_the_memory_limit(self):
        for name, storage in (("plain", {}), ("packed", {"chunks": (300, FEATURES), "compression": 1})):
            with self.subTest(name):
                file = self.folder / f"{name}.h5"
                write_data(file, **storage)
                self.assertGreater(SAMPLES * FEATURES * 4, LIMIT)
                held = self.run_it(file, "false", f"{name}-limited", limited=True)
                self.assertNotEqual(held.returncode, 0, "the limit is none: the same run fits without streaming")
                streamed = self.run_it(file, "true", f"{name}-streamed", limited=True)
                self.assertEqual(streamed.returncode, 0, streamed.stderr)
                self.assertEqual(self.run_it(file, "false", f"{name}-held").returncode, 0)
                self.assert_same_bits(f"{name}-streamed", f"{name}-held")
                copies = list((self.folder / "cache/stream").glob("*")) if name == "packed" else []
                self.assertEqual([copy.stat().st_size for copy in copies], [SAMPLES * FEATURES * 4] * len(copies))
                self.assertEqual(len(copies), 1 if name == "packed" else 0)
                file.unlink()

    def test_part_of_the_samples_and_the_result_cache(self):
        file = self.folder / "small.h5"
        write_data(file, samples=3000)
        self.assertEqual(self.run_it(file, "true", "a", more=", train: 1000").returncode, 0)
        self.assertEqual(self.run_it(file, "false", "b", more=", train: 1000").returncode, 0)
        self.assert_same_bits("a", "b")
        again = self.run_it(file, "false", "a", more=", train: 1000")
        self.assertIn("2 cached, 0 to run", again.stdout)  # how the inputs were read is no part of the result

    def test_a_copy_that_was_cut_short_is_made_again(self):
        file = self.folder / "small.h5"
        write_data(file, samples=3000, chunks=(300, FEATURES), compression=1)
        self.assertEqual(self.run_it(file, "true", "a").returncode, 0)
        copy, = (self.folder / "cache/stream").iterdir()
        whole = copy.read_bytes()
        copy.write_bytes(whole[:1000])
        self.assertEqual(self.run_it(file, "true", "b").returncode, 0)
        self.assertEqual(copy.read_bytes(), whole)
        self.assert_same_bits("a", "b")

    def test_what_is_wrong_is_found_in_the_file(self):
        file = self.folder / "small.h5"
        for storage in ({}, {"chunks": (300, FEATURES), "compression": 1}):
            write_data(file, samples=12000, **storage)
            with h5py.File(file, "r+") as data:
                data["train/x"][11000, 7] = numpy.nan
            wrong = self.run_it(file, "true", "a")
            self.assertNotEqual(wrong.returncode, 0)
            self.assertIn("sample 11000, column 7 is nan", wrong.stderr)
            self.assertFalse(list((self.folder / "cache/stream").glob("*-float32")))

    def test_what_needs_all_samples_in_memory_is_refused(self):
        file = self.folder / "small.h5"
        write_data(file, samples=300)
        for more, why in (("classes: [0, 1]", "`classes` chooses samples"), ("zoom: 0.5", "`zoom` makes other images"),
                          ("validation: 0.1", "`validation` draws samples")):
            refused = self.run_it(file, "true", "a", more=", " + more)
            self.assertEqual(refused.returncode, 2)
            self.assertIn(f"x.yaml:4: datasets.0.stream: {why}", refused.stderr)


if __name__ == "__main__":
    unittest.main()
