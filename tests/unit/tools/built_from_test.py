"""cmake/BuiltFrom.cmake: the commit that a build writes into the program."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]


class BuiltFrom(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.sources = self.folder / "sources"
        (self.sources / "core").mkdir(parents=True)
        (self.sources / "notes").mkdir()
        (self.sources / "core/a.cpp").write_text("one\n")
        (self.sources / "notes/a.txt").write_text("one\n")
        self.made = self.folder / "built_from.cpp"

    def git(self, *arguments, repository=None):
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *identity, "-C", repository or self.sources, *arguments], check=True, capture_output=True,
                              text=True).stdout.strip()

    def commit(self):
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def built_from(self, **environment):
        subprocess.run(["cmake", f"-DROOT={self.sources}", f"-DOUTPUT={self.made}", "-P", ROOT / "cmake/BuiltFrom.cmake"],
                       check=True, capture_output=True, env=os.environ | environment)
        return re.search(r'return "([^"]*)"', self.made.read_text()).group(1)

    def test_a_commit_and_whether_its_sources_were_changed(self):
        commit = self.commit()
        self.assertEqual(self.built_from(), commit)
        written = self.made.stat().st_mtime_ns
        (self.sources / "notes/a.txt").write_text("two\n")  # no part of the program
        (self.sources / "core/new.txt").write_text("untracked\n")
        self.assertEqual(self.built_from(), commit)
        self.assertEqual(self.made.stat().st_mtime_ns, written)  # nothing is compiled again
        (self.sources / "core/a.cpp").write_text("two\n")
        self.assertEqual(self.built_from(), commit + "-dirty")

    def test_of_these_sources_whoever_asks(self):
        commit = self.commit()
        other = self.folder / "other"
        other.mkdir()
        self.git("init", "-q", repository=other)
        self.assertEqual(self.built_from(GIT_DIR=str(other / ".git"), GIT_WORK_TREE=str(other)), commit)

    def test_unknown_without_history(self):
        self.assertEqual(self.built_from(), "unknown")
        self.commit()
        empty = self.folder / "bin"
        empty.mkdir()
        (empty / "cmake").symlink_to(shutil.which("cmake"))
        self.assertEqual(self.built_from(PATH=str(empty)), "unknown")  # no git

    def test_an_archive_unpacked_in_another_repository_is_not_that_repository(self):
        self.git("init", "-q", repository=self.folder)
        self.git("commit", "-q", "--allow-empty", "-m", "x", repository=self.folder)
        self.assertEqual(self.built_from(), "unknown")


if __name__ == "__main__":
    unittest.main()
