"""A folder in which the tests of datasets/convert make raw files and have them converted."""

import os
import subprocess
import sys
import tempfile
import unittest

import h5py

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def convert(self, kind, options=(), **inputs):
        command = [sys.executable, "-I", "-B", os.path.join(SOURCE, "datasets", "convert"), kind, "--output",
                   self.path("out.h5"), "--name", "mini", "--source", "here", "--sha256", "none"]
        for role, name in inputs.items():
            command += ["--input", f"{role}={self.path(name)}"]
        for option in options:
            command += ["--option", option]
        return subprocess.run(command, capture_output=True, text=True)

    def converted(self, kind, options=(), **inputs):
        """Arrays and attributes of what is made of files that are right."""
        done = self.convert(kind, options, **inputs)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = {}
        with h5py.File(self.path("out.h5")) as file:
            file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
            found["classes"] = file.attrs["classes"]
        return found

    def refused(self, said, kind, options=(), **inputs):
        """The files are refused in one line that says `said` and names one of them."""
        done = self.convert(kind, options, **inputs)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(said, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(any(self.path(name) in done.stderr for name in inputs.values()), done.stderr)


def published(test, name, files, package_folder=""):
    """Paths of a set's raw files: of its package, or of ADMMBENCH_DATA_MIRROR; skips the test if there are none."""
    mirror = os.environ.get("ADMMBENCH_DATA_MIRROR", "")
    for folder in (package_folder, mirror and os.path.join(mirror, name)):
        if folder and all(os.path.exists(os.path.join(folder, file)) for file in files):
            return [os.path.join(folder, file) for file in files]
    return test.skipTest(f"{name} is neither installed nor in ADMMBENCH_DATA_MIRROR")
