"""`admmbench rerun` and `admmbench verify`: what they find, and that nothing found is nothing there. $ADMMBENCH_PROGRAM is
the program."""

import pathlib
import shutil
import unittest

import h5py

from hostile_input_test import Folder as HostileFolder
from hostile_input_test import as_written_before


class Folder(HostileFolder):
    def setUp(self):
        super().setUp()
        self.results = self.make_results()
        self.first = self.results[0]
        self.copy = self.folder / "copy.h5"
        shutil.copy(self.first, self.copy)

    def change(self, edit=None, **attributes):
        """The first result as an older file, which has no checksum, changed."""
        as_written_before(self.copy, self.first, **attributes)
        if edit:
            with h5py.File(self.first, "r+") as file:
                edit(file)


class Rerun(Folder):
    def test_results_are_made_again_to_the_bit(self):
        said = self.expect(0, "rerun", "results/runs/small", "-o", "again")
        self.assertEqual(said.count("identical to the bit"), 4, said)
        self.assertEqual(len(list((self.work / "again").rglob("seed-*.h5"))), 4)

    def test_on_the_same_machine_the_last_bit_counts(self):
        def nudge(file):
            file["trajectory/objective"][2] *= 1 + 1e-14

        self.change(nudge)
        said = self.expect(4, "rerun", self.first)
        self.assertRegex(said, r"differs: .*objective of iteration 2")

    def test_the_final_network_counts(self):
        def nudge(file):
            file["final/W2"][0, 0] += 1e-9

        self.change(nudge)
        self.assertIn("/final/W2", self.expect(4, "rerun", self.first))

    def test_elsewhere_a_tolerance_is_allowed(self):
        def nudge(file):
            file["trajectory/objective"][2] *= 1 + 1e-9

        def push(file):
            file["trajectory/objective"][2] *= 1.01

        self.change(nudge, blas="another library")
        said = self.expect(0, "rerun", self.first)
        self.assertIn("agrees", said)
        self.assertIn("blas: another library and", said)
        self.expect(4, "rerun", self.first, "--tolerance", "1e-12")
        self.change(push, blas="another library")
        self.assertIn("differs", self.expect(4, "rerun", self.first))
        self.expect(0, "rerun", self.first, "--tolerance", "0.1")

    def test_what_cannot_be_repeated_is_said(self):
        self.change(status="interrupted")
        self.assertIn("interrupted", self.expect(1, "rerun", self.first))
        self.change(data_sha256="0" * 64)
        self.assertIn("other data", self.expect(1, "rerun", self.first))
        self.first.write_bytes(b"nothing")
        self.assertIn("seed-0.h5", self.expect(1, "rerun", "results/runs/small"))


class Verify(Folder):
    def found(self, kind, *words):
        said = self.expect(4, "verify", "results/runs")
        lines = [line for line in said.splitlines() if line.startswith(kind)]
        self.assertTrue(lines, said)
        for word in words:
            self.assertIn(word, lines[0])

    def test_a_sound_tree(self):
        self.assertEqual(self.expect(0, "verify", "results/runs"), "4 result files are whole, nothing found\n")

    def test_each_kind_of_finding(self):
        self.change(config="a: 1")
        self.found("damaged", "config_sha256")
        self.change(code_version="1" * 64)
        self.found("mixed", "code_version")
        self.change(status="failed", message="why")
        self.found("incomplete", "failed: why")
        self.first.unlink()
        self.found("missing", "no seed 0")
        shutil.copy(self.copy, self.first)
        stray = self.first.parent / "seed-5.h5"
        shutil.copy(self.copy, stray)
        self.found("misplaced", "seed-5.h5: is small/blobs/")
        stray.unlink()
        for name in (".seed-0.h5.123.part", ".seed-0.h5.claim", ".seed-0.h5.checkpoint", "table.csv.99.part"):
            leftover = self.first.parent / name
            leftover.write_text("x")
            self.found("leftover", name)
            leftover.unlink()
        self.expect(0, "verify", "results/runs")

    def test_a_file_alone(self):
        self.expect(0, "verify", pathlib.Path(self.first))


if __name__ == "__main__":
    unittest.main()
