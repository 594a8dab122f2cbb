"""Clean exports of git revisions, and their benchmark executable."""

import os
import pathlib
import shutil
import subprocess

from timings import codes
from timings.files import Failure

TARGET = "admmbench_benchmarks"
PRESET = "release"
LOG_LINES = 30


class Repository:
    def __init__(self, root, cache, jobs):
        self.root, self.cache, self.jobs = pathlib.Path(root), pathlib.Path(cache).absolute(), jobs

    def git(self, *arguments):
        """What git prints, or None if it says no."""
        result = subprocess.run(["git", "-C", self.root, *arguments], capture_output=True, text=True)
        return result.stdout.strip() if result.returncode == 0 else None

    def commit(self, revision):
        """The commit's full hash. A leading dash is no revision: git would take it for an option."""
        found = None if revision.startswith("-") else self.git("rev-parse", "--verify", "--quiet", revision + "^{commit}")
        if not found:
            raise Failure(f"no revision '{revision}' in {self.root}; a branch, tag or commit hash is needed "
                          "(in a shallow clone: git fetch --unshallow)", codes.USAGE)
        return found

    def describe(self, commit):
        return self.git("log", "-1", "--format=%h %s", commit) or commit

    def merge_base(self, one, other):
        return self.git("merge-base", one, other)

    def has_benchmarks(self, commit):
        """Whether the commit's build files name the target at all: known without building."""
        return self.git("grep", "-qw", TARGET, commit, "--", "CMakeLists.txt", "*/CMakeLists.txt", "*.cmake") is not None

    def build(self, commit, say):
        """Path of the commit's benchmark executable, exported and built if it was not before."""
        source = self._export(commit)
        program = source / "build" / PRESET / "bin" / TARGET
        log = self.cache / commit / "build.log"
        # With the export as base directory, what two revisions share is compiled once: its ccache entries agree.
        environment = os.environ | {"CCACHE_BASEDIR": str(source), "CCACHE_NOHASHDIR": "1"}
        steps = [["cmake", "--build", "--preset", PRESET, "--target", TARGET, "--parallel", str(self.jobs)]]
        if not (source / "build" / PRESET / "build.ninja").is_file():
            steps.insert(0, ["cmake", "--preset", PRESET])
        with open(log, "w") as output:
            for step in steps:
                say(f"{commit[:10]}: {' '.join(step)}")
                try:
                    failed = subprocess.run(step, cwd=source, env=environment, stdout=output, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL).returncode
                except FileNotFoundError:
                    raise Failure("cmake is not installed: run tools/bootstrap", codes.BUILD_FAILED) from None
                if failed:
                    output.flush()
                    raise Failure(f"the build of {self.describe(commit)} failed: {' '.join(step)}\nlast lines of {log}:\n"
                                  + tail(log), codes.BUILD_FAILED)
        if not program.is_file():
            raise Failure(f"the build of {self.describe(commit)} made no {program}", codes.BUILD_FAILED)
        return program

    def _export(self, commit):
        """The commit's files, without its neighbours' or the working tree's changes."""
        source = self.cache / commit / "source"
        if source.is_dir():
            return source
        source.parent.mkdir(parents=True, exist_ok=True)
        part = source.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        archive = subprocess.Popen(["git", "-C", self.root, "archive", "--format=tar", commit], stdout=subprocess.PIPE)
        unpacked = subprocess.run(["tar", "-x", "-C", part], stdin=archive.stdout).returncode
        archive.stdout.close()
        if archive.wait() != 0 or unpacked != 0:
            shutil.rmtree(part, ignore_errors=True)
            raise Failure(f"the files of {self.describe(commit)} could not be exported to {part}", codes.BUILD_FAILED)
        part.rename(source)  # an interrupted export is never taken for a whole one
        return source


def tail(log):
    return "\n".join("  " + line for line in log.read_text(errors="replace").splitlines()[-LOG_LINES:])
