"""tools/timings/compare-timings as a command: exit codes, report and messages, with stand-in benchmarks of seeded times; builds
are those of a small git repository made for the test."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import stand_in_benchmark  # noqa: E402

OK, USAGE, REGRESSION, NOTHING, BUILD_FAILED, BENCHMARK_FAILED = 0, 2, 3, 4, 5, 6
NAMES = ["iteration/dladmm/smoke", "iteration/mdlam/smoke", "block/weight_step/smoke"]


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def tool(self, *arguments, code, reported=None):
        """What the tool prints; its report is in self.report. `reported`: exit code, if that is not the comparison's."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        result = subprocess.run([sys.executable, ROOT / "tools/timings/compare-timings", *map(str, arguments), "--json", report,
                                 "--build-dir", self.folder / "cache"], capture_output=True, text=True)
        self.assertEqual(result.returncode, reported or code, result.stdout + result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        with contextlib.suppress(FileNotFoundError):
            self.report = json.loads(report.read_text())
            self.assertEqual(self.report["exit_code"], code)
        return result.stdout + result.stderr

    def stand_in(self, side, **pretence):
        pretence = {"names": NAMES, "seed": side, "state": str(self.folder / "state" / side)} | pretence
        return stand_in_benchmark.write(self.folder / side, **pretence)

    def compare(self, *arguments, base=None, head=None, code, **more):
        programs = self.stand_in("base", **(base or {})), self.stand_in("head", **(head or {}))
        return self.tool("--programs", *programs, *arguments, code=code, **more)

    def verdicts(self):
        return {entry["verdict"] for entry in self.report["benchmarks"]}


class Verdicts(Folder):
    def test_twenty_percent_slower_is_a_regression(self):
        text = self.compare(head={"factors": [1.2]}, code=REGRESSION)
        self.assertEqual((self.verdicts(), self.report["outcome"]), ({"REGRESSION"}, "regression"))
        self.assertIn("regression: " + ", ".join(NAMES), text)

    def test_twenty_percent_more_gemm_is_a_regression_although_the_ratio_hides_it(self):
        gemm = {"base": {"gemm": 5e-4}, "head": {"gemm": 6e-4, "factors": [1.2]}}
        text = self.compare(**gemm, code=REGRESSION)
        self.assertIn("takes 1.20 times as long: the counted work has changed", text)
        shutil.rmtree(self.folder / "state")
        self.compare("--measure", "ratio", **gemm, code=OK)
        self.assertEqual({entry["unit"] for entry in self.report["benchmarks"]}, {"ratio"})

    def test_ratio_falls_back_to_seconds_where_there_is_none(self):
        self.compare("--measure", "ratio", base={"gemm": 5e-4}, head={"factors": [1.2]}, code=REGRESSION)
        self.assertEqual({entry["unit"] for entry in self.report["benchmarks"]}, {"seconds"})

    def test_no_difference_passes(self):
        self.compare(head={"spread": 0.02}, code=OK)
        self.assertEqual(self.verdicts(), {"same"})

    def test_seven_percent_only_warns(self):
        text = self.compare(head={"factors": [1.07], "spread": 0.005}, base={"spread": 0.005}, code=OK)
        self.assertEqual(self.verdicts(), {"warning"})
        self.assertIn("3 warnings", text)

    def test_a_round_of_the_opposite_sign_is_no_regression(self):
        text = self.compare("--rounds", 5, "--repetitions", 4, head={"factors": [1.3, 0.97, 1.3]}, code=OK)
        self.assertEqual(self.verdicts(), {"unclear"})
        self.assertIn("+ - + + +", text)

    def test_faster_is_told(self):
        self.compare(head={"factors": [0.8]}, code=OK)
        self.assertEqual(self.verdicts(), {"faster"})

    def test_every_sample_is_in_the_report(self):
        self.compare(code=OK)
        for entry in self.report["benchmarks"]:
            for side in ("base_rounds", "head_rounds"):
                self.assertEqual([len(samples["seconds"]) for samples in entry[side]], [3, 3, 3])
                self.assertTrue(all(5e-4 < s < 2e-3 for samples in entry[side] for s in samples["seconds"]))

    def test_the_sides_take_turns(self):
        log = self.folder / "log"
        programs = [self.stand_in(side, names=NAMES[:1]) for side in ("base", "head")]
        for program in programs:  # a shell around each writes down who is called
            program.rename(program.with_suffix(".py"))
            program.write_text(f"#!/bin/sh\ncase $1 in *filter*) echo {program.name} >>{log};; esac\n"
                               f'exec {program.with_suffix(".py")} "$@"\n')
            program.chmod(0o755)
        self.tool("--programs", *programs, code=OK)
        self.assertEqual(log.read_text().split(), ["base", "head", "head", "base", "base", "head"])

    def test_only_what_the_filter_lets_through_and_both_have(self):
        text = self.compare("--filter", "^iteration/", head={"names": NAMES[1:] + ["iteration/new/smoke"]}, code=OK)
        self.assertEqual([entry["name"] for entry in self.report["benchmarks"]], [NAMES[1]])
        self.assertEqual((self.report["only_in_base"], self.report["only_in_head"]), ([NAMES[0]], ["iteration/new/smoke"]))
        self.assertIn("only in head, not compared: iteration/new/smoke", text)


class Reports(Folder):
    """--markdown and --junit."""

    def compare_and_read(self, **more):
        text = self.compare("--markdown", self.folder / "x.md", "--junit", self.folder / "x.xml", **more)
        suite = xml.parse(self.folder / "x.xml").getroot().find("testsuite")
        return text, (self.folder / "x.md").read_text(), suite

    def test_of_a_regression(self):
        names = NAMES[:2]
        text, markdown, suite = self.compare_and_read(base={"names": names}, head={"names": names, "factors": [1.2]},
                                                      code=REGRESSION)
        self.assertTrue(markdown.startswith("## Timings: regression\n"), markdown)
        rows = [line.split("|") for line in markdown.splitlines() if line.startswith("| `")]
        self.assertEqual([row[1].strip(" `") for row in rows], names)
        self.assertEqual({row[-2].strip() for row in rows}, {"**REGRESSION**"})
        self.assertIn(rows[0][4].strip(), text)  # the ratio that is printed
        self.assertIn(str(self.folder / "base"), markdown)
        self.assertEqual([suite.get(key) for key in ("tests", "failures", "errors", "skipped")], ["2", "2", "0", "0"])
        case = suite.find("testcase")
        self.assertEqual(case.get("name"), NAMES[0])
        self.assertAlmostEqual(float(case.get("time")), 1.2e-3, delta=5e-5)
        self.assertIn("times as long", case.find("failure").get("message"))

    def test_of_none(self):
        _, markdown, suite = self.compare_and_read(code=OK)
        self.assertIn("## Timings: no regression", markdown)
        self.assertNotIn("**", markdown)
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("3", "0"))
        self.assertEqual(suite.findall(".//failure"), [])

    def test_of_a_failure(self):
        _, markdown, suite = self.compare_and_read(head={"fail": 7}, code=BENCHMARK_FAILED)
        self.assertIn("## Timings: benchmark failed", markdown)
        self.assertIn("told to fail", markdown)
        self.assertEqual((suite.get("tests"), suite.get("errors")), ("1", "1"))
        self.assertIn("told to fail", suite.find("testcase/error").get("message"))

    def test_that_cannot_be_written(self):
        text = self.compare("--markdown", "/proc/no/x.md", code=OK, reported=USAGE)
        self.assertIn("--markdown /proc/no/x.md", text)


class NothingMeasured(Folder):
    def test_no_common_benchmark(self):
        self.assertIn("no benchmark that matches '' is in both: 3 in base, 1 in head",
                      self.compare(head={"names": ["other"]}, code=NOTHING))

    def test_filter_that_matches_nothing(self):
        self.assertIn("matches 'no such'", self.compare("--filter", "no such", code=NOTHING))

    def test_no_benchmarks_at_all(self):
        self.compare(base={"names": []}, head={"names": []}, code=NOTHING)

    def test_programs_that_report_nothing(self):
        text = self.compare(base={"silent": True}, head={"silent": True}, code=NOTHING)
        self.assertIn("none of them reported a time", text)
        self.assertEqual(self.report["outcome"], "nothing measured")

    def test_one_side_that_reports_nothing_has_failed(self):
        self.assertIn("head: iteration/dladmm/smoke reported 0, 0, 0 times",
                      self.compare(head={"silent": True}, code=BENCHMARK_FAILED))


class Failures(Folder):
    def test_benchmark_that_fails(self):
        text = self.compare(head={"fail": 7}, code=BENCHMARK_FAILED)
        self.assertIn("ended with exit code 7", text)
        self.assertIn("stand-in: told to fail", text)

    def test_benchmark_that_hangs(self):
        self.assertIn("stopped after 0.5 s (--timeout)",
                      self.compare("--timeout", 0.5, head={"sleep": 60}, code=BENCHMARK_FAILED))

    def test_usage(self):
        for arguments, message in (((), "0 revisions given"), (("a", "b", "c"), "3 revisions given"),
                                   (("--rounds", 2, "HEAD"), "at least 9 in 3 are needed"),
                                   (("--repetitions", 2, "HEAD"), "make 6 samples"),
                                   (("--rounds", "many", "HEAD"), "invalid int value"),
                                   (("--min-time", 0, "HEAD"), "--min-time 0.0: must be above 0"),
                                   (("--filter", "(", "HEAD"), "not a regular expression"),
                                   (("--aa", "--ci"), "not allowed with"), (("--aa-comparisons", 9, "--ci"), "exclude"),
                                   (("no-such-branch",), "no revision 'no-such-branch'"),
                                   (("--programs", "/no/program", "/no/program"), "no executable file"),
                                   (("--programs", "/bin/true"), "takes 2 executable(s) here"),
                                   (("--cpu", "999", "--programs", "/bin/true", "/bin/true"), "--cpu 999: allowed are")):
            with self.subTest(arguments):
                self.assertIn(message, self.tool(*arguments, code=USAGE))

    def test_interrupted_it_leaves_nothing_behind(self):
        temporary = self.folder / "tmp"
        temporary.mkdir()
        process = subprocess.Popen([sys.executable, ROOT / "tools/timings/compare-timings", "--programs",
                                    self.stand_in("base", sleep=60), self.stand_in("head"), "--build-dir", self.folder],
                                   stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(temporary)})
        self.assertIn("3 benchmarks", process.stderr.readline())
        self.assertEqual(len(list(temporary.glob("compare-timings-*"))), 1)
        process.terminate()
        self.assertIn("interrupted", process.communicate(timeout=300)[1])
        self.assertEqual((process.returncode, list(temporary.iterdir())), (130, []))


class AgainstItself(Folder):
    def test_as_many_comparisons_as_asked_and_their_false_alarm_rate(self):
        program = self.stand_in("program", spread=0.01, round_spread=0.02)
        text = self.tool("--programs", program, "--aa-comparisons", 10, code=OK)
        counts = self.report["false_alarms"]
        self.assertEqual((counts["comparisons"], counts["regressions"], len(self.report["benchmarks"])), (12, 0, 12))
        self.assertIn("0 of 12 = 0.0 %, at most 22.1 % with 95 % confidence", text)

    def test_alarms_are_counted(self):
        # Slower at every second call: the same program, but a machine that treats the sides differently.
        program = self.stand_in("program", factors=[1, 1.3, 1.3, 1, 1, 1.3])
        self.tool("--programs", program, "--aa", code=OK)
        self.assertEqual(self.report["false_alarms"]["regressions"], 3)


class Revisions(Folder):
    """A repository whose project builds by copying a stand-in to where the benchmarks would be."""

    def setUp(self):
        super().setUp()
        self.repository = self.folder / "repository"
        self.git("init", "-q", "-b", "main", self.repository, there=False)
        self.write("CMakePresets.json", json.dumps({
            "version": 6,
            "configurePresets": [{"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release"}],
            "buildPresets": [{"name": "release", "configurePreset": "release"}]}))
        self.write("CMakeLists.txt", "project(old LANGUAGES NONE)\n")
        self.without_target = self.commit("before there were benchmarks")
        self.project("${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/stand_in "
                     "${CMAKE_BINARY_DIR}/bin/admmbench_benchmarks")
        self.base = self.change(factors=[1.0])

    def git(self, *arguments, there=True):
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *identity, *(["-C", self.repository] if there else []), *arguments], check=True,
                              capture_output=True, text=True).stdout.strip()

    def write(self, name, text):
        (self.repository / name).write_text(text)

    def project(self, command):
        self.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(stand_in LANGUAGES NONE)\n"
                   f"add_custom_target(admmbench_benchmarks COMMAND {command})\n")

    def commit(self, subject):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def change(self, **pretence):
        stand_in_benchmark.write(self.repository / "stand_in", names=NAMES, **pretence)
        return self.commit(f"benchmarks: {pretence}")

    def branch(self, **pretence):
        self.git("checkout", "-q", "-b", "branch")
        return self.change(**pretence)

    def tool(self, *arguments, code):
        return super().tool("--repository", self.repository, *arguments, code=code)

    def test_slower_revision_is_a_regression_and_its_build_is_kept(self):
        head = self.branch(factors=[1.2], seed=1)
        self.assertIn("cmake --preset release", self.tool("main", code=REGRESSION))
        self.assertEqual((self.report["base"]["commit"], self.report["head"]["commit"]), (self.base, head))
        self.assertNotIn("cmake --preset release", self.tool("main", "branch", code=REGRESSION))

    def test_the_working_tree_does_not_leak_in(self):
        self.branch(seed=1)
        self.project("${CMAKE_COMMAND} -E false")  # not committed
        self.tool("main", "branch", code=OK)

    def test_build_that_fails(self):
        self.git("checkout", "-q", "-b", "branch")
        self.project("${CMAKE_COMMAND} -E echo why-it-failed && ${CMAKE_COMMAND} -E false")
        self.commit("broken")
        text = self.tool("main", code=BUILD_FAILED)
        self.assertIn("broken failed: cmake --build", text)
        self.assertIn("why-it-failed", text)
        self.assertEqual(self.report["outcome"], "build failed")

    def test_revision_without_benchmarks_is_nothing_measured(self):
        self.assertIn("has no CMake target admmbench_benchmarks", self.tool(self.without_target, code=NOTHING))

    def test_against_itself(self):
        self.tool("--aa", "main", code=OK)
        self.assertEqual(self.report["base"], self.report["head"])
        self.assertEqual(self.report["false_alarms"]["comparisons"], 3)

    def test_ci_compares_with_the_merge_base(self):
        self.branch(factors=[1.2], seed=1)
        self.git("checkout", "-q", "main")
        self.change(factors=[2.0])  # main goes on; the branch is not to blame
        self.git("checkout", "-q", "branch")
        self.tool("--ci", code=REGRESSION)
        self.assertEqual(self.report["base"]["commit"], self.base)
        self.assertEqual({entry["name"] for entry in self.report["benchmarks"]}, set(NAMES[:2]))  # smoke iterations only

    def test_ci_skips_on_the_main_branch(self):
        self.assertIn("skipped, not measured", self.tool("--ci", code=OK))
        self.assertEqual((self.report["outcome"], self.report["benchmarks"]), ("skipped", []))

    def test_ci_may_name_the_parent(self):
        self.change(factors=[1.2], seed=1)
        self.tool("--ci", "HEAD~1", code=REGRESSION)

    def test_ci_skips_a_base_without_benchmarks(self):
        self.git("branch", "-f", "old", self.without_target)
        self.assertIn("has no target admmbench_benchmarks: nothing to compare with", self.tool("--ci", "old", code=OK))

    def test_ci_skips_without_a_branch_to_compare_with(self):
        self.git("branch", "-m", "main", "other")
        self.assertIn("there is no merge base", self.tool("--ci", code=OK))

    def test_ci_does_not_skip_when_the_benchmarks_have_gone(self):
        self.git("checkout", "-q", "-b", "branch")
        self.write("CMakeLists.txt", "project(gone LANGUAGES NONE)\n")
        self.commit("benchmarks removed")
        self.tool("--ci", code=NOTHING)


class UsersRepository(Folder):
    """A repository that builds an admmbench of its own, here by copying a stand-in, with an installed compare-timings."""

    def setUp(self):
        super().setUp()
        self.share = self.folder / "prefix/share/admmbench/tools/timings"
        self.share.mkdir(parents=True)
        for file in (ROOT / "tools/timings").iterdir():
            if file.is_file():
                shutil.copy2(file, self.share)
        self.installed = self.folder / "prefix/bin/admmbench-compare-timings"
        self.installed.parent.mkdir()
        self.installed.symlink_to("../share/admmbench/tools/timings/compare-timings")
        package = self.folder / "prefix/lib/cmake/admmbench"
        package.mkdir(parents=True)
        (package / "admmbench-config.cmake").write_text(
            "function(admmbench_add_tool name)\n  add_custom_target(${name} COMMAND ${CMAKE_COMMAND} -E copy "
            "${CMAKE_SOURCE_DIR}/stand_in ${CMAKE_CURRENT_BINARY_DIR}/${name})\nendfunction()\n")
        self.repository = self.folder / "mine"
        self.git("init", "-q", "-b", "main", self.repository, there=False)
        self.project("admmbench_add_tool(admmbench-mine SOURCES mine.cpp)\n")
        self.base = self.change(factors=[1.0])
        self.git("checkout", "-q", "-b", "branch")
        self.head = self.change(factors=[1.3], seed=1)

    git = Revisions.git
    commit = Revisions.commit

    def project(self, text):
        (self.repository / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.25)\nproject(mine LANGUAGES NONE)\nfind_package(admmbench REQUIRED)\n{text}")

    def change(self, **pretence):
        stand_in_benchmark.write(self.repository / "stand_in", names=NAMES, tool=True, **pretence)
        return self.commit(f"benchmarks: {pretence}")

    def call(self, *arguments, code, cwd=None):
        report = self.folder / "report.json"
        result = subprocess.run([self.installed, *map(str, arguments), "--json", report], capture_output=True, text=True,
                                cwd=cwd or self.repository)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.report = json.loads(report.read_text()) if report.exists() else None
        return result.stdout + result.stderr

    def test_merge_base_and_head_are_built_with_the_installed_suite(self):
        self.call("--ci", code=REGRESSION)
        self.assertEqual((self.report["base"]["commit"], self.report["head"]["commit"]), (self.base, self.head))
        self.assertEqual({entry["name"] for entry in self.report["benchmarks"]}, set(NAMES[:2]))  # smoke iterations only
        self.assertTrue((self.repository / "build/compare-timings").is_dir())
        self.assertFalse((self.share / "__pycache__").exists())

    def test_two_programs(self):
        programs = [stand_in_benchmark.write(self.folder / side, names=NAMES, tool=True, seed=side) for side in ("a", "b")]
        self.assertIn("no regression", self.call("--programs", *programs, code=OK, cwd=self.folder))

    def test_one_program_of_several(self):
        self.project("admmbench_add_tool(one SOURCES a.cpp)\n# admmbench_add_tool(none SOURCES a.cpp)\n"
                     "admmbench_add_tool(two SOURCES b.cpp)\n")
        self.commit("two programs")
        self.assertIn("makes 2 programs: name one of them, --target one or two", self.call("--aa", code=USAGE))
        self.call("--aa", "--target", "two", "--filter", "dladmm", code=OK)
        self.assertIn("has no CMake target none-such", self.call("--aa", "--target", "none-such", code=NOTHING))

    def test_no_program_or_no_repository(self):
        self.project("")
        self.commit("nothing is built")
        self.assertIn("and no admmbench_add_tool()", self.call("HEAD~1", code=NOTHING))
        self.assertIn("is in no git repository: --repository DIR", self.call("main", code=USAGE, cwd=self.folder))
        self.assertIn("admmbench-compare-timings BASE [HEAD]", subprocess.run(
            [self.installed, "--help"], capture_output=True, text=True).stdout)


if __name__ == "__main__":
    unittest.main()
