#!/usr/bin/env python3
"""`split: k` and `split: seed` through the program: each run is trained on the split that it should have."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import unittest

import h5py
import numpy as np

PROGRAM = os.environ["ADMMBENCH_PROGRAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
# Split k trains on k + 2 nodes, validates on one and tests on k + 1: their numbers tell them apart.
TRAIN = [range(0, 2), range(0, 3), range(0, 4)]


class PublishedSplits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        nodes = 10

        def masks(*members):
            return np.array([[n in chosen for n in range(nodes)] for chosen in members])

        (self.folder / "mirror/ring").mkdir(parents=True)
        archive = self.folder / "mirror/ring/ring.npz"
        np.savez(archive, node_features=np.eye(nodes), node_labels=np.arange(nodes) % 2,
                 edges=np.array([(n, (n + 1) % nodes) for n in range(nodes)]), train_masks=masks(*TRAIN),
                 val_masks=masks([5], [5], [5]), test_masks=masks([6], [6, 7], [6, 7, 8]))
        (self.folder / "registry.yaml").write_text(
            "ring:\n  kind: masked_npz\n  summary: a ring\n  addresses: ['https://example.invalid/']\n"
            f"  files: [{{role: graph, name: ring.npz, sha256: {hashlib.sha256(archive.read_bytes()).hexdigest()}}}]\n"
            "  expect: {nodes: 10, splits: 3}\n")

    def run_program(self, *arguments, expect=0):
        environment = dict(os.environ, ADMMBENCH_SHARE=str(ROOT), ADMMBENCH_CACHE=str(self.folder / "cache"),
                           ADMMBENCH_DATA_MIRROR=str(self.folder / "mirror"),
                           ADMMBENCH_REGISTRY=str(self.folder / "registry.yaml"))
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def train(self, split, seeds):
        """(training, test) samples of the runs, by seed."""
        (self.folder / "x.yaml").write_text(
            f"experiment: x\ndatasets: [{{name: ring{split}}}]\nnetwork: {{hidden: [3]}}\nseeds: {seeds}\niterations: 2\n"
            "solvers: [{name: adam}, {name: sgd}]\n")
        self.run_program("run", "x.yaml", "--threads", "1")
        found = {}
        for seed in seeds:
            for solver in ("adam", "sgd"):
                with h5py.File(self.folder / f"results/runs/x/ring/{solver}/seed-{seed}.h5") as file:
                    counts = int(file.attrs["train_samples"]), int(file.attrs["test_samples"])
                self.assertEqual(found.setdefault(seed, counts), counts, solver)
        return found

    def test_of_the_runs(self):
        self.assertEqual(self.train("", [0, 1]), {0: (2, 1), 1: (2, 1)})
        self.assertEqual(self.train(", split: 2", [0, 1]), {0: (4, 3), 1: (4, 3)})
        self.assertEqual(self.train(", split: seed", [0, 1, 2]), {0: (2, 1), 1: (3, 2), 2: (4, 3)})
        said = self.run_program("rerun", "results/runs/x")
        self.assertEqual(said.count("identical"), 6, said)

    def test_of_a_file(self):
        self.run_program("data", "fetch", "ring")
        next((self.folder / "cache/converted").glob("ring-*.h5")).rename(self.folder / "own.h5")
        (self.folder / "x.yaml").write_text("experiment: x\ndatasets: [{file: own.h5, label: ring, split: seed}]\n"
                                            "network: {hidden: [3]}\nseeds: [0, 2]\niterations: 2\nsolvers: [{name: adam}]\n")
        self.run_program("run", "x.yaml", "--threads", "1")
        for seed in (0, 2):
            with h5py.File(self.folder / f"results/runs/x/ring/adam/seed-{seed}.h5") as file:
                self.assertEqual(file.attrs["train_samples"], len(TRAIN[seed]))
        said = self.run_program("run", "x.yaml", "--set", "datasets.0.split=3", expect=2)
        self.assertIn("[0, 2]", said)

    def test_numbers_beyond_the_last_are_refused(self):
        (self.folder / "x.yaml").write_text("experiment: x\ndatasets: [{name: ring, split: 3}]\nnetwork: {hidden: [3]}\n"
                                            "iterations: 2\nsolvers: [{name: adam}]\n")
        self.assertIn("[0, 2]", self.run_program("run", "x.yaml", expect=2))
        said = self.run_program("run", "x.yaml", "--set", "datasets.0.split=seed", "--set", "seeds=[0, 3]", expect=2)
        self.assertIn("ring has the splits 0 to 2, and none for seed 3", said)


if __name__ == "__main__":
    unittest.main()
