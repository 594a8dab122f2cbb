"""The samples against what make_data.py says of them, and the file against what the suite reads."""

import pathlib
import tempfile
import unittest

import h5py
import make_data
import numpy as np


class Samples(unittest.TestCase):
    def test_they_lie_on_the_ring_of_their_class(self):
        def farthest(noise):
            x, y = make_data.samples(60, np.random.default_rng(0), noise)
            return np.abs(np.linalg.norm(x, axis=1) - (y + 1)).max()

        self.assertLess(farthest(0), 1e-12)
        self.assertGreater(farthest(0.1), 0.1)  # a control: noise is noticed

    def test_classes_are_equally_frequent(self):
        _, y = make_data.samples(60, np.random.default_rng(0))
        self.assertEqual(np.bincount(y).tolist(), [60 // make_data.RINGS] * make_data.RINGS)


class File(unittest.TestCase):
    def test_holds_every_split_and_is_the_same_every_time(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, name) for name in ("one.h5", "two.h5")]
            for path in paths:
                make_data.write(path)
            with h5py.File(paths[0]) as one, h5py.File(paths[1]) as two:
                self.assertEqual(set(one), set(make_data.COUNTS))
                for split, count in make_data.COUNTS.items():
                    x, y = one[split]["x"][:], one[split]["y"][:]
                    self.assertEqual((x.shape, y.shape), ((count, 2), (count,)))
                    self.assertTrue(np.isfinite(x).all())
                    self.assertLess(y.max(), one.attrs["classes"])
                    self.assertTrue((x == two[split]["x"][:]).all())


if __name__ == "__main__":
    unittest.main()
