#!/usr/bin/env python3
"""`admmbench data fetch`: what is said on a terminal and elsewhere, and what one failure leaves of the rest.
$ADMMBENCH_PROGRAM is the program."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import unittest

from command_line_surface_test import Terminal

PROGRAM = os.environ["ADMMBENCH_PROGRAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
# Serves web/. A file comes only when its name is in released/, so that the test decides when, or never where it is in missing/.
CURL = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --output) out=$2 ;; --url) url=$2 ;; esac
  shift
done
name=${url##*/}
[ -e "$FETCH_TEST/missing/$name" ] && { echo "curl: (22) error: 404" >&2; exit 22; }
printf '1 1:1\\n' >"$out"
tries=0
until [ -e "$FETCH_TEST/released/$name" ]; do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || exit 18
  sleep 0.1
done
cp "$FETCH_TEST/web/$name" "$out"
"""


class DataFetch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in ("bin", "web", "missing", "released"):
            (self.folder / name).mkdir()
        (self.folder / "bin/curl").write_text(CURL)
        (self.folder / "bin/curl").chmod(0o755)
        registry = ""
        for name in ("one", "two", "three"):
            content = f"1 1:1\n2 1:{len(name)}\n"
            (self.folder / "web" / name).write_text(content)
            registry += (f"{name}:\n  kind: libsvm\n  summary: two samples\n  addresses: ['http://web.invalid/']\n"
                         f"  files: [{{role: train, name: {name}, bytes: {len(content)}, "
                         f"sha256: {hashlib.sha256(content.encode()).hexdigest()}}}]\n")
        (self.folder / "registry.yaml").write_text(registry)
        self.environment = dict(os.environ, PATH=f"{self.folder / 'bin'}:{os.environ['PATH']}", TERM="xterm",
                                ADMMBENCH_SHARE=str(ROOT), ADMMBENCH_CACHE=str(self.folder / "cache"),
                                ADMMBENCH_DATA_MIRROR="", FETCH_TEST=str(self.folder),
                                ADMMBENCH_REGISTRY=str(self.folder / "registry.yaml"))

    def release(self, *names):
        for name in names:
            (self.folder / "released" / name).touch()

    def fetch(self, *names):
        return subprocess.run([PROGRAM, "data", "fetch", *names], env=self.environment, capture_output=True, text=True)

    def cached(self):
        return sorted(path.name for path in (self.folder / "cache/raw").rglob("*") if path.is_file())

    def test_elsewhere_than_on_a_terminal(self):
        self.release("one", "two", "three")
        done = self.fetch("one", "two", "three", "sbm")
        self.assertEqual(done.returncode, 0, done.stderr)
        loads = [f"admmbench: downloading http://web.invalid/{name}" for name in ("one", "two", "three")]
        converts = [f"admmbench: converting {name}" for name in ("one", "two", "three")]
        self.assertEqual(done.stderr.splitlines(), loads + converts)
        self.assertEqual([line.split(":")[0] for line in done.stdout.splitlines()], ["one", "two", "three", "sbm"])
        again = self.fetch("one", "two", "three", "sbm")
        self.assertEqual((again.stderr, again.stdout), ("", done.stdout))

    def test_a_set_that_is_named_twice_is_fetched_once(self):
        self.release("one")
        done = self.fetch("one", "one")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("downloading"), 1)
        self.assertEqual(len(set(done.stdout.splitlines())), 1)

    def test_a_failure_does_not_stop_the_others(self):
        self.release("three")
        (self.folder / "missing/one").touch()
        (self.folder / "web/two").write_text("damaged")
        self.release("two")
        done = self.fetch("one", "two", "three")
        self.assertEqual(done.returncode, 3)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "one: not downloaded (curl: (22) error: 404)")
        self.assertRegex(lines[1], r"^two: .*damaged or another version: found sha256 [0-9a-f]{64}, expected")
        self.assertRegex(lines[2], r"^three: .*\.h5$")
        self.assertIn("not to be had: one, two", done.stderr)
        self.assertEqual(self.cached(), ["three"])

    def test_on_a_terminal(self):
        terminal = Terminal([PROGRAM, "data", "fetch", "one", "three"], self.folder, self.environment)
        terminal.read(r"0 of 2 files, 0\.0 of 0\.0 MB")
        self.release("three")
        terminal.read(r"1 of 2 files")
        self.release("one")
        self.assertEqual(terminal.end(), 0)
        # The line is taken away before anything else is said.
        for line in terminal.printed.split("\n"):
            last = line.rstrip("\r").split("\x1b[K")[-1]
            self.assertNotIn("of 2 files", last)
        quiet = Terminal([PROGRAM, "data", "fetch", "two", "--quiet"], self.folder, self.environment)
        self.release("two")
        self.assertEqual(quiet.end(), 0)
        self.assertNotIn("of 1 files", quiet.printed)


if __name__ == "__main__":
    unittest.main()
