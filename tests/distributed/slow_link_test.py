"""What quantised messages buy on a slow link: two processes that share layers, on two hosts whose link counts its bytes."""

import pathlib
import tempfile
import unittest

import h5py
import numpy

import two_hosts
from launch import MPIRUN, NO_MPIRUN, PROGRAM, run

WHY_NOT = two_hosts.why_not() if MPIRUN else NO_MPIRUN
SAMPLES, WIDTH, ITERATIONS = 3000, 16, 20
EXPERIMENT = f"""experiment: link
precision: float32
datasets: [{{name: blobs, params: {{samples: {SAMPLES}, features: 8}}}}]
network: {{hidden: [{WIDTH}, {WIDTH}, {WIDTH}]}}
iterations: {ITERATIONS}
record: {{every: {ITERATIONS}, weights: false}}
checkpoint: {{every: never}}
parallel: {{layers: [2, 2]}}
solvers:
  - {{name: pdadmm, label: full}}
  - {{name: pdadmm, label: without-u}}
  - {{name: pdadmm_gq, label: bits-8, params: {{quantize: pq, delta: {{kind: bits, bits: 8, low: -1, high: 4}}}}}}
  - {{name: pdadmm_gq, label: bits-2, params: {{quantize: pq, delta: {{kind: bits, bits: 2, low: -1, high: 4}}}}}}
"""
# Bits that cross the one boundary between the hosts for each of its entries in an iteration.
BITS = {"full": 3 * 32, "without-u": 2 * 32, "bits-8": 2 * 8, "bits-2": 2 * 2}
ORDERS = 250_000  # bytes: what the leader says, weights gathered and recorded, headers


@unittest.skipIf(WHY_NOT, WHY_NOT)
class SlowLink(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "x.yaml").write_text(EXPERIMENT)

    def results(self, out, label):
        with h5py.File(self.folder / out / "link/blobs" / label / "seed-0.h5") as result:
            return {name: numpy.array(values) for name, values in result["trajectory"].items()}

    def test_the_link_carries_what_the_levels_need(self):
        alone = [PROGRAM, "run", self.folder / "x.yaml", "--threads", "1"]
        code, said = run([*alone, "--out", self.folder / "alone"], cwd=self.folder)
        self.assertEqual(code, 0, said)
        carried = {}
        with two_hosts.TwoHosts("50mbit") as hosts:
            for label in BITS:
                before = sum(hosts.bytes_sent().values())
                sent = ["--set", f"parallel.send_u={'true' if label == 'full' else 'false'}"]
                code, said = hosts.run(2, [*alone, *sent, "--out", self.folder / "together", "--only", f"label={label}"])
                self.assertEqual(code, 0, said)
                carried[label] = sum(hosts.bytes_sent().values()) - before
        for label, bits in BITS.items():
            with self.subTest(label):
                one, two = self.results("alone", label), self.results("together", label)
                for column in ("objective", "residual", "train_loss", "test_accuracy"):
                    numpy.testing.assert_array_equal(one[column], two[column], column)
                messages = two["bytes_sent"][-1]
                expected = ITERATIONS * SAMPLES * WIDTH * bits / 8
                self.assertGreaterEqual(messages, expected)
                # Whole words of codes at the end of a message, and the hand-over's own.
                self.assertLess(messages, 1.02 * expected + 1000)
                self.assertGreater(carried[label], messages)
                self.assertLess(carried[label], 1.1 * messages + ORDERS)  # TCP's and MPI's headers
        self.assertLess(carried["bits-2"], carried["full"] / 8)


if __name__ == "__main__":
    unittest.main()
