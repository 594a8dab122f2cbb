"""Includes point one way: the tree keeps the rules of tools/include-graph, and a copy that breaks one is told so by name."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCES = ["core", "solvers", "baselines", "datasets", "experiments/harness", "results", "tools/admmbench", "tests"]


def include_graph(root, *options):
    return subprocess.run([sys.executable, "-B", ROOT / "tools/include-graph", "--root", root, *options],
                          capture_output=True, text=True)


class TreeKeepsTheRules(unittest.TestCase):
    def test_every_include_is_allowed(self):
        done = include_graph(ROOT, "--check")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_arrows_are_counted(self):
        printed = include_graph(ROOT).stdout
        self.assertRegex(printed, r"(?m)^methods -> core  [0-9]+$")
        self.assertNotIn("core -> ", printed)  # the lowest library


class BrokenRulesAreNamed(unittest.TestCase):
    """Each test breaks one rule in a copy of the tree."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copy(ROOT / "CMakeLists.txt", self.root)
        sources = [file for folder in SOURCES for file in (ROOT / folder).rglob("*.?pp")]
        for file in [*sources, ROOT / "tests/CMakeLists.txt"]:
            copy = self.root / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)

    def prepend(self, file, line):
        path = self.root / file
        path.write_text(line + "\n" + (path.read_text() if path.exists() else ""))

    def replace(self, file, old, new):
        path = self.root / file
        self.assertIn(old, path.read_text())
        path.write_text(path.read_text().replace(old, new, 1))

    def assert_named(self, *lines):
        done = include_graph(self.root, "--check")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(done.stdout.splitlines(), list(lines))

    def test_the_copy_is_whole(self):
        self.assertEqual(include_graph(self.root, "--check").returncode, 0)

    def test_upward_include(self):
        self.prepend("core/problem/network.cpp", '#include "solvers/solver.hpp"')
        self.assert_named("core/problem/network.cpp:1: includes solvers/solver.hpp of solver, which core does not link")

    def test_include_by_a_path_from_the_own_folder(self):
        self.prepend("results/record/run_file.hpp", '#  include "../comparison/table.hpp"')
        self.assert_named("results/record/run_file.hpp:1: includes results/comparison/table.hpp of analysis,"
                          " which record does not link")

    def test_other_projects_header(self):
        self.prepend("results/record/run_file.hpp", "#include <CLI/CLI.hpp>")
        self.assert_named("results/record/run_file.hpp:1: includes CLI/CLI.hpp of CLI11::CLI11, which record does not link")

    def test_file_in_statistics(self):
        self.prepend("results/statistics/line_fit.cpp", "#include <fstream>")
        self.assert_named("results/statistics/line_fit.cpp:1: includes fstream: results/statistics/ is free of files or YAML")

    def test_source_without_a_library(self):
        self.prepend("results/leftover.cpp", "")
        self.assert_named("results/leftover.cpp: in no library's FOLDERS in CMakeLists.txt")

    def test_header_that_is_not_there(self):
        self.prepend("core/problem/network.cpp", '#include "core/network.hpp"')
        self.assert_named("core/problem/network.cpp:1: includes core/network.hpp, which does not exist")

    def test_circle(self):
        self.replace("CMakeLists.txt", "admmbench_library(statistics FOLDERS results/statistics LINK core)",
                     "admmbench_library(statistics FOLDERS results/statistics LINK core analysis)")
        self.assert_named("CMakeLists.txt: libraries link in a circle: statistics -> analysis -> statistics",
                          "CMakeLists.txt: harness reaches analysis by LINK; the two are separate")

    def test_run_files_that_need_methods(self):
        self.replace("CMakeLists.txt", "FOLDERS results/record LINK io", "FOLDERS results/record LINK methods io")
        self.assert_named("CMakeLists.txt: record reaches solver by LINK; the two are separate",
                          "CMakeLists.txt: record reaches methods by LINK; the two are separate")

    def test_test_that_links_too_little(self):
        self.prepend("tests/unit/results/statistics/statistical_tests_test.cpp", '#include "results/record/run_file.hpp"')
        self.assert_named("tests/unit/results/statistics/statistical_tests_test.cpp:1: includes results/record/run_file.hpp"
                          " of record, which tests/unit/results/statistics does not link")

    def test_rule_about_a_library_that_is_gone(self):
        text = (self.root / "CMakeLists.txt").read_text()
        (self.root / "CMakeLists.txt").write_text(text.replace("report", "pages").replace("results/pages", "results/report"))
        done = include_graph(self.root, "--check")
        self.assertIn("a rule names report, which is no library", done.stdout)


if __name__ == "__main__":
    unittest.main()
