"""Clean exports of git revisions, and their benchmark executable: of the suite its benchmark program, of a user's repository the
program that admmbench_add_tool() makes there."""

import os
import pathlib
import re
import shutil
import subprocess

from timings import codes
from timings.files import Failure

TARGET = "admmbench_benchmarks"
PRESET = "release"
LOG_LINES = 30
BUILD_FILES = ("CMakeLists.txt", "*/CMakeLists.txt", "*.cmake")


class Repository:
    """`target`: the executable's CMake target, for a repository that makes several. `prefix`: where the suite is installed that a
    user's repository is built with."""

    def __init__(self, root, cache, jobs, target=None, prefix=None):
        self.root, self.cache, self.jobs = pathlib.Path(root), pathlib.Path(cache).absolute(), jobs
        self.target, self.prefix = target, prefix

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

    def target_of(self, commit):
        """The CMake target that is the commit's benchmark executable, by its build files; None if there is none. Known without
        building."""
        if self.target is not None:
            return self.target if self._named(self.target, commit) else None
        if self._named(TARGET, commit):
            return TARGET
        lines = self.git("grep", "-h", "admmbench_add_tool(", commit, "--", *BUILD_FILES) or ""
        names = dict.fromkeys(re.findall(r"^[^#]*?admmbench_add_tool\(\s*([\w.+-]+)", lines, re.MULTILINE))
        if len(names) > 1:
            raise Failure(f"{self.describe(commit)} makes {len(names)} programs: name one of them, --target "
                          f"{' or '.join(names)}", codes.USAGE)
        return next(iter(names), None)

    def _named(self, target, commit):
        return self.git("grep", "-qwF", "-e", target, commit, "--", *BUILD_FILES) is not None

    def build(self, commit, say):
        """Path of the commit's benchmark executable, exported and built if it was not before."""
        source = self._export(commit)
        target = self.target_of(commit)
        log = self.cache / commit / "build.log"
        # With the export as base directory, what two revisions share is compiled once: its ccache entries agree.
        environment = os.environ | {"CCACHE_BASEDIR": str(source), "CCACHE_NOHASHDIR": "1"}
        steps = self._preset_steps(source) if target == TARGET else self._plain_steps(source, target, environment)
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
        return self._made(source, target, commit)

    def _preset_steps(self, source):
        """Of the suite."""
        steps = [["cmake", "--build", "--preset", PRESET, "--target", TARGET, "--parallel", str(self.jobs)]]
        if not (source / "build" / PRESET / "build.ninja").is_file():
            steps.insert(0, ["cmake", "--preset", PRESET])
        return steps

    def _plain_steps(self, source, target, environment):
        """Of a user's repository, which is built with the installed suite."""
        configure = ["cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF"]
        if self.prefix is not None and "CMAKE_PREFIX_PATH" not in environment:
            configure.append(f"-DCMAKE_PREFIX_PATH={self.prefix}")
        return [configure, ["cmake", "--build", "build", "--target", target, "--parallel", str(self.jobs)]]

    def _made(self, source, target, commit):
        program = source / "build" / PRESET / "bin" / TARGET
        if target != TARGET:  # in the folder that adds it
            made = (path for path in sorted((source / "build").rglob(target)) if path.is_file() and os.access(path, os.X_OK))
            program = next(made, source / "build" / target)
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
