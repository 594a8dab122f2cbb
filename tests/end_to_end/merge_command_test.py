"""`admmbench merge`: every run arrives, none is overwritten by less, and what is not the same run is named."""

import fcntl
import os
import pathlib
import shutil
import unittest

import h5py

from hostile_input_test import SMALL, Folder, as_written_before

TUNED = """experiment: tuned
datasets: [{name: blobs, validation: 0.2, params: {samples: 100, test_samples: 20}}]
network: {hidden: [8]}
iterations: 4
tune: {method: random, runs: 2, iterations: 3}
table: {metric: train_loss}
solvers: [{name: adam, search: {learning_rate: {log_uniform: [1.0e-4, 1.0e-1]}}}]
"""


class Merge(Folder):
    def setUp(self):
        super().setUp()
        self.write("small.yaml", SMALL)

    def make(self, where, *arguments, code=0):
        self.expect(code, "run", "small.yaml", "--quiet", "--threads", "1", "--out", where, *arguments)

    def tree(self, where):
        files = [p for p in sorted((self.work / where).rglob("*")) if p.is_file()]
        return {str(p.relative_to(self.work / where)): p.read_bytes() for p in files}

    def one(self, where, label="adam", seed=0):
        return self.work / where / f"small/blobs/{label}/seed-{seed}.h5"

    def merge(self, code, *arguments):
        return self.expect(code, "merge", *arguments)

    def set_status(self, file, status):
        """As an older file, which has no checksum; with the same content hash."""
        copy = self.folder / "copy.h5"
        shutil.copy(file, copy)
        as_written_before(copy, file, status=status)

    def test_parts_make_the_whole(self):
        self.make("a", "--only", "seed=0")
        self.make("b", "--only", "seed=1", "--only", "solver=adam")
        self.make("c", "--only", "seed=1", "--only", "solver=dladmm")
        parts = {**self.tree("a"), **self.tree("b"), **self.tree("c")}
        said = self.merge(0, "a", "b", "c", "--into", "all", "--dry-run")
        self.assertIn("would be: 4 copied", said)
        self.assertFalse((self.work / "all").exists())
        self.assertIn("4 copied into all", self.merge(0, "a", "b", "c", "--into", "all"))
        self.assertEqual(self.tree("all"), parts)
        self.assertIn("4 there already", self.merge(0, "a", "b", "c", "--into", "all"))
        self.assertEqual(self.tree("all"), parts)
        said = self.expect(0, "run", "small.yaml", "--out", "all")
        self.assertIn("4 cached, 0 to run", said)

    def test_from_a_folder_of_any_depth(self):
        self.make("a")
        self.assertIn("4 copied", self.merge(0, "a/small", "--into", "b"))
        self.assertIn("2 copied", self.merge(0, "a/small/blobs/adam", "--into", "c"))
        self.assertIn("1 copied", self.merge(0, self.one("a"), "--into", "d"))
        self.assertEqual(self.tree("b"), self.tree("a"))
        self.assertEqual(self.one("d").read_bytes(), self.one("a").read_bytes())

    def test_searches_and_presentations_come_along(self):
        self.write("tuned.yaml", TUNED)
        self.expect(0, "run", "tuned.yaml", "--quiet", "--out", "a")
        self.merge(0, "a", "--into", "b")
        self.assertEqual(self.tree("b"), self.tree("a"))
        self.assertTrue(any("tuning/point-" in name for name in self.tree("b")))
        self.merge(0, "a/tuned/blobs/adam", "--into", "c")
        self.assertEqual(set(self.tree("a")) - set(self.tree("c")), {"tuned/presentation.yaml"})
        self.write("b/tuned/presentation.yaml", "experiment: tuned\n")
        said = self.merge(0, "a", "--into", "b")
        self.assertRegex(said, r"kept +b/tuned/presentation.yaml and a/tuned/presentation.yaml: says something else")

    def test_conflicts_are_named_and_nothing_is_overwritten(self):
        self.make("a")
        self.make("b", "--set", "iterations=4")
        before = self.tree("a")
        said = self.merge(4, "b", "--into", "a")
        self.assertEqual(said.count("conflict"), 5, said)  # four lines and their number
        self.assertRegex(said, rf"conflict +{self.one('a').relative_to(self.work)} and {self.one('b').relative_to(self.work)}: "
                         "differs in iterations: 3 and 4")
        self.assertEqual(self.tree("a"), before)
        # Two sources that contradict each other: the first counts.
        said = self.merge(4, "a", "b", "--into", "c")
        self.assertIn("4 copied, 4 conflict", said)
        self.assertEqual(self.tree("c"), before)
        self.assertIn("4 copied, 4 conflict", self.merge(4, "a", "b", "--into", "d", "--dry-run"))

    def test_a_conflict_does_not_keep_the_others_away(self):
        self.make("a", "--only", "seed=0")
        self.make("b", "--set", "iterations=4")
        self.assertIn("2 copied, 2 conflict", self.merge(4, "b", "--into", "a"))

    def test_the_same_run_with_other_bits_stays_as_it_is(self):
        self.make("a")
        shutil.copytree(self.work / "a", self.work / "b")
        copy = self.folder / "copy.h5"
        shutil.copy(self.one("b"), copy)
        as_written_before(copy, self.one("b"), cpu="another processor")
        with h5py.File(self.one("b"), "r+") as file:
            file["trajectory/train_loss"][2] *= 1 + 1e-14
        before = self.tree("a")
        said = self.merge(0, "b", "--into", "a")
        self.assertRegex(said, "other bits +a/.* and b/.*: train_loss of iteration 2: .*another processor")
        self.assertEqual(self.tree("a"), before)

    def test_more_replaces_less_and_less_replaces_nothing(self):
        for status in ("interrupted", "failed"):
            self.make("a")
            shutil.copytree(self.work / "a", self.work / "b")
            self.set_status(self.one("b"), status)
            whole, part = self.tree("a"), self.tree("b")
            said = self.merge(0, "b", "--into", "a")
            self.assertRegex(said, f"kept +.*: is {status}, what is there completed")
            self.assertEqual(self.tree("a"), whole)
            said = self.merge(0, "a", "--into", "b")
            self.assertRegex(said, f"replaced +.*: is completed, what was there {status}")
            self.assertEqual(self.tree("b"), whole)
            self.merge(0, "b", "--into", "c")
            self.assertNotEqual(part, whole)
            for folder in "abc":
                shutil.rmtree(self.work / folder)

    def test_an_interrupted_run_is_copied_with_its_checkpoint_and_goes_on(self):
        self.make("a")
        self.set_status(self.one("a"), "interrupted")
        with h5py.File(self.one("a")) as file:
            own = file.attrs["content_hash"]
        checkpoint = self.one("a").with_name(".seed-0.h5.checkpoint")
        for content_hash, copied in ((own, True), ("0" * 64, False)):
            checkpoint.write_text(f"admmbench checkpoint 1 {content_hash} 0 0\n")
            shutil.rmtree(self.work / "b", ignore_errors=True)
            self.merge(0, "a", "--into", "b")
            self.assertEqual((self.work / "b" / checkpoint.relative_to(self.work / "a")).exists(), copied)

    def test_damaged_files(self):
        self.make("a")
        shutil.copytree(self.work / "a", self.work / "b")
        self.one("b").write_bytes(b"nothing")
        self.assertRegex(self.merge(0, "a", "--into", "b"), "replaced +.*what was there is damaged")
        self.assertEqual(self.tree("b"), self.tree("a"))
        self.one("b").write_bytes(self.one("b").read_bytes()[:2000])
        before = self.tree("a")
        self.assertRegex(self.merge(4, "b", "--into", "a"), f"damaged +{self.one('b').relative_to(self.work)}: ")
        self.assertEqual(self.tree("a"), before)

    def test_names_that_lead_out_of_the_folder(self):
        self.make("a", "--only", "seed=0", "--only", "solver=adam")
        copy = self.folder / "copy.h5"
        shutil.copy(self.one("a"), copy)
        for name in ("../../../escaped", "/tmp/escaped"):
            as_written_before(copy, self.one("a"), experiment=name)
            outside = self.files_outside()
            self.assertIn("damaged", self.merge(4, "a", "--into", "inner/b"))
            self.assertEqual(self.files_outside(), outside)
            self.assertFalse((self.work / "inner").exists())

    def test_a_run_that_is_being_made_there_is_left_alone(self):
        self.make("a", "--only", "seed=0", "--only", "solver=adam")
        claim = self.one("b").with_name(".seed-0.h5.claim")
        claim.parent.mkdir(parents=True)
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().replace("-", "")[:8]
        claim.write_text(f"somebody {boot} 1 0123456789abcdef locked\n")
        with open(claim) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertRegex(self.merge(4, "a", "--into", "b"), "busy +.*: is being made there")
            self.assertFalse(self.one("b").exists())
        self.merge(0, "a", "--into", "b")  # its owner is dead
        self.assertFalse(claim.exists())

    def test_misuse(self):
        self.make("a", "--only", "seed=0")
        for arguments in (["a", "--into", "a"], ["a", "--into", "a/b"], ["a/small", "--into", "a"], ["a"], ["--into", "b"]):
            with self.subTest(arguments=arguments):
                self.merge(2, *arguments)
        os.mkdir(self.work / "empty")
        self.assertIn("no result files", self.merge(1, "empty", "--into", "b"))
        self.assertIn("no such folder", self.merge(1, "a", "nowhere", "--into", "b"))
        self.assertFalse((self.work / "b").exists())


if __name__ == "__main__":
    unittest.main()
