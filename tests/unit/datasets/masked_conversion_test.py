#!/usr/bin/env python3
"""datasets/convert on miniature files in the formats of heterophilous-graphs and uci_datasets."""

import gzip
import unittest

import h5py
import numpy as np

from conversion import Folder, published


class MaskedGraphs(Folder):
    def write(self, **changes):
        masks = np.zeros((2, 5), dtype=bool)
        train, val, test = masks.copy(), masks.copy(), masks.copy()
        train[0, [0, 1]], val[0, [2]], test[0, [3, 4]] = True, True, True
        train[1, [4]], val[1, [3]], test[1, [0, 1, 2]] = True, True, True
        arrays = {"node_features": np.arange(10.0).reshape(5, 2), "node_labels": np.array([0, 1, 0, 1, 2]),
                  "edges": np.array([[1, 0], [1, 2], [3, 4]]), "train_masks": train, "val_masks": val, "test_masks": test}
        np.savez(self.path("mini.npz"), **(arrays | changes))
        return self.convert("masked_npz", graph="mini.npz")

    def test_first_split_is_taken_and_all_are_kept(self):
        self.assertEqual(self.write().returncode, 0)
        with h5py.File(self.path("out.h5")) as f:
            self.assertEqual(f["graph/edges"][()].tolist(), [[0, 1, 3], [1, 2, 4]])
            self.assertEqual({k: v[()].tolist() for k, v in f["split"].items()}, {"train": [0, 1], "val": [2], "test": [3, 4]})
            self.assertEqual({k: v[()].tolist() for k, v in f["splits/1"].items()},
                             {"train": [4], "val": [3], "test": [0, 1, 2]})
            self.assertEqual((f["nodes/y"][()].tolist(), f.attrs["classes"]), ([0, 1, 0, 1, 2], 3))

    def test_node_in_two_parts_is_refused(self):
        both = np.ones((2, 5), dtype=bool)
        done = self.write(train_masks=both)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("a node is in two parts of a split", done.stderr)
        self.assertIn("mini.npz", done.stderr)

    def test_masks_of_other_nodes_are_refused(self):
        done = self.write(val_masks=np.zeros((2, 4), dtype=bool))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("do not belong to 5 nodes", done.stderr)


class MaskedNumbers(Folder):
    def write(self, rows, mask):
        for name, lines in (("data.csv.gz", rows), ("test_mask.csv.gz", mask)):
            with gzip.open(self.path(name), "wt") as file:
                file.write("\n".join(",".join(str(v) for v in line) for line in lines) + "\n")
        return self.convert("masked_csv", data="data.csv.gz", test_mask="test_mask.csv.gz")

    def test_standardised_by_the_training_rows_of_the_first_split(self):
        rows = [[1, 5, 10], [3, 5, 30], [5, 5, 50], [100, 5, -7]]
        self.assertEqual(self.write(rows, [[0, 1], [0, 0], [0, 0], [1, 0]]).returncode, 0)
        with h5py.File(self.path("out.h5")) as f:
            one = np.sqrt(1.5)  # (5 - 3) over the deviation of 1, 3, 5
            np.testing.assert_allclose(f["train/x"][()], [[-one, 0], [0, 0], [one, 0]], atol=1e-15)
            np.testing.assert_allclose(f["train/t"][()][:, 0], [-one, 0, one], atol=1e-15)
            np.testing.assert_allclose(f["test/x"][()], [[97 / np.sqrt(8 / 3), 0]], rtol=1e-15)
            np.testing.assert_allclose(f["test/t"][()], [[-37 / np.sqrt(800 / 3)]], rtol=1e-14)
            self.assertEqual(f.attrs["classes"], 0)

    def test_every_published_split_is_kept(self):
        rows = [[1, 5, 10], [3, 5, 30], [5, 5, 50], [100, 5, -7]]
        self.assertEqual(self.write(rows, [[0, 1], [0, 0], [0, 0], [1, 0]]).returncode, 0)
        with h5py.File(self.path("out.h5")) as f:
            np.testing.assert_array_equal(np.hstack([f["rows/x"][()], f["rows/t"][()]]), rows)
            for k, test in enumerate(([3], [0])):
                train = np.delete(rows, test, axis=0)
                self.assertEqual(f[f"splits/{k}/test"][()].tolist(), test)
                np.testing.assert_array_equal(f[f"splits/{k}/mean"][()], train.mean(axis=0))
                np.testing.assert_array_equal(f[f"splits/{k}/deviation"][()], [train[:, 0].std(), 1, train[:, 2].std()])
            self.assertEqual(sorted(f["splits"]), ["0", "1"])

    def test_wrong_files_are_refused(self):
        for rows, mask, said in (([[1, 2], [3, 4]], [[0]], "expected a 0 or 1 for each of 2 rows"),
                                 ([[1, 2], [3, 4]], [[0], [0]], "split 0 has no training or no test rows"),
                                 ([[1, 2], [3, 4]], [[0, 1], [1, 1]], "split 1 has no training or no test rows"),
                                 ([[1, "nan"], [3, 4]], [[0], [1]], "not finite"),
                                 ([[1, "x"], [3, 4]], [[0], [1]], "damaged or of another format")):
            done = self.write(rows, mask)
            self.assertNotEqual(done.returncode, 0, said)
            self.assertIn(said, done.stderr)
            self.assertIn(".csv.gz", done.stderr)


class Published(Folder):
    """The real files, where the mirror has them: what is converted agrees with their masks, read in another way."""

    def convert_published(self, kind, name, **files):
        inputs = dict(zip(files, published(self, name, list(files.values()))))
        done = self.convert(kind, **inputs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return inputs

    def test_graphs(self):
        for name, file in (("minesweeper", "minesweeper"), ("tolokers", "tolokers"), ("actor", "actor"),
                           ("chameleon", "chameleon_filtered"), ("squirrel", "squirrel_filtered")):
            with self.subTest(name):
                published = np.load(self.convert_published("masked_npz", name, graph=file + ".npz")["graph"])
                with h5py.File(self.path("out.h5")) as f:
                    self.assertEqual(sorted(f["splits"]), [str(k) for k in range(10)])
                    for part in ("train", "val", "test"):
                        found = np.zeros_like(published[f"{part}_masks"])
                        for k in range(10):
                            found[k, f[f"splits/{k}/{part}"][()]] = True
                        np.testing.assert_array_equal(found, published[f"{part}_masks"])
                        np.testing.assert_array_equal(f[f"split/{part}"][()], f[f"splits/0/{part}"][()])

    def test_regression(self):
        for name in ("kin40k", "protein", "pol", "elevators", "bike"):
            with self.subTest(name):
                inputs = self.convert_published("masked_csv", f"uci-{name}", data="data.csv.gz",
                                                test_mask="test_mask.csv.gz")
                with gzip.open(inputs["test_mask"], "rt") as lines:
                    mask = [line.strip().split(",") for line in lines]
                with h5py.File(self.path("out.h5")) as f:
                    self.assertEqual(sorted(f["splits"]), [str(k) for k in range(10)])
                    times = np.zeros(len(mask), dtype=int)
                    for k in range(10):
                        test = f[f"splits/{k}/test"][()].tolist()
                        self.assertEqual(test, [n for n, line in enumerate(mask) if float(line[k]) == 1])
                        times[test] += 1
                    self.assertTrue((times == 1).all(), "the splits are ten folds")


if __name__ == "__main__":
    unittest.main()
