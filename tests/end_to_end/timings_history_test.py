"""tools/timings/timings-history as a command, on reports and a git repository made for the test."""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OK, USAGE, SLOWER, NOTHING, NO_REPORT = 0, 2, 3, 4, 6
CONTEXT = {"cpu": "AMD  EPYC 9R14", "blas": "OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY, core Zen (/lib/libopenblas.so)",
           "vectors": "x86-64-v3",
           "threads": 1}
FILE = "amd-epyc-9r14-openblas-0.3.21-zen-1-thread-x86-64-v3.jsonl"


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.history = self.folder / "history"
        self.repository = self.folder / "repository"
        self.git("init", "-q", self.repository, there=False)

    def git(self, *arguments, there=True, **environment):
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *identity, *(["-C", self.repository] if there else []), *arguments], check=True,
                              capture_output=True, text=True, env=environment or None).stdout.strip()

    def commit(self, day=1):
        date = f"2026-01-{day:02}T01:00:00+02:00"
        self.git("commit", "-q", "--allow-empty", "-m", f"day {day}", PATH="/usr/bin:/bin", GIT_COMMITTER_DATE=date,
                 GIT_AUTHOR_DATE=date)
        return self.git("rev-parse", "HEAD")

    def report(self, seconds=(1e-3,), gemm=5e-4, name="iteration/dladmm/smoke", file="bench.json", **context):
        entries = [{"name": name, "run_name": name, "run_type": "iteration", "real_time": s * 1e6, "time_unit": "us",
                    **({"gemm_seconds": gemm, "ratio": s / gemm} if gemm else {})} for s in seconds]
        path = self.folder / file
        path.write_text(json.dumps({"context": CONTEXT | context, "benchmarks": entries}))
        return path

    def tool(self, *arguments, code):
        result = subprocess.run([sys.executable, ROOT / "tools/timings/timings-history", *map(str, arguments), "--dir",
                                 self.history, "--repository", self.repository], capture_output=True, text=True)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        return result.stdout + result.stderr

    def lines(self, file=FILE):
        return [json.loads(line) for line in (self.history / file).read_text().splitlines()]


class Add(Folder):
    def test_one_line_per_revision_and_kind_of_machine(self):
        commit = self.commit()
        self.tool("add", self.report([3e-3, 1e-3, 2e-3]), code=OK)
        self.assertEqual(self.lines(), [{
            "schema": 1, "commit": commit, "date": "2025-12-31T23:00:00Z",
            "machine": {"cpu": "AMD EPYC 9R14", "blas": "OpenBLAS 0.3.21", "core_type": "Zen", "threads": 1,
                        "vectors": "x86-64-v3"},
            "benchmarks": {"iteration/dladmm/smoke": {"seconds": 2e-3, "gemm_seconds": 5e-4, "ratio": 4.0, "n": 3}}}])
        self.tool("add", self.report(threads=2), code=OK)
        self.assertEqual({path.name for path in self.history.iterdir()},
                         {FILE, FILE.replace("1-thread", "2-threads")})

    def test_the_same_revision_again_replaces_its_line(self):
        self.commit()
        self.assertIn("added", self.tool("add", self.report([1e-3]), code=OK))
        self.assertIn("replaced", self.tool("add", self.report([2e-3]), code=OK))
        self.assertEqual([line["benchmarks"]["iteration/dladmm/smoke"]["seconds"] for line in self.lines()], [2e-3])

    def test_lines_are_in_the_order_of_the_revisions(self):
        commits = [self.commit(day) for day in (1, 2, 3)]
        for index in (2, 0, 1):
            self.tool("add", self.report(), "--commit", commits[index], code=OK)
        self.assertEqual([line["commit"] for line in self.lines()], commits)

    def test_the_report_may_say_its_revision(self):
        commit = self.commit(1)
        self.commit(2)
        self.tool("add", self.report(git_commit=commit), code=OK)
        self.assertEqual(self.lines()[0]["commit"], commit)

    def test_several_reports_are_one(self):
        self.commit()
        self.tool("add", self.report([1e-3]), self.report([3e-3], file="second.json"), code=OK)
        self.assertEqual(self.lines()[0]["benchmarks"]["iteration/dladmm/smoke"]["n"], 2)
        self.assertIn("'threads' is 2", self.tool("add", self.report(), self.report(threads=2, file="second.json"), code=USAGE))

    def test_benchmarks_without_gemm_have_seconds_only(self):
        self.commit()
        self.tool("add", self.report(gemm=None), code=OK)
        self.assertEqual(self.lines()[0]["benchmarks"]["iteration/dladmm/smoke"], {"seconds": 1e-3, "n": 1})

    def test_an_uncommitted_tree_is_no_revision(self):
        (self.repository / "file").write_text("a")
        self.git("add", "file")
        commit = self.commit()
        (self.repository / "file").write_text("b")
        self.assertIn("uncommitted changes", self.tool("add", self.report(), code=USAGE))
        self.assertIn("uncommitted changes", self.tool("add", self.report(git_commit=commit + "-dirty"), code=USAGE))
        self.assertFalse(self.history.exists())
        self.tool("add", self.report(), "--commit", "HEAD", code=OK)

    def test_what_decides_the_series_must_be_known(self):
        self.commit()
        self.assertIn("does not say 'blas'", self.tool("add", self.report(blas=""), code=USAGE))
        self.tool("add", self.report(blas=""), "--blas", "BLIS 0.9.0", code=OK)
        self.assertIn("amd-epyc-9r14-blis-0.9.0-unknown-1-thread-x86-64-v3.jsonl", {path.name for path in self.history.iterdir()})

    def test_mistakes(self):
        self.commit()
        bad = self.folder / "bad.json"
        bad.write_text('{"benchmarks": [{')
        self.assertIn("not the JSON of a Google Benchmark run", self.tool("add", bad, code=NO_REPORT))
        self.assertIn("cannot be read", self.tool("add", self.folder / "none.json", code=USAGE))
        self.assertIn("no benchmark in it", self.tool("add", self.report([]), code=NOTHING))
        self.assertIn("no revision 'none'", self.tool("add", self.report(), "--commit", "none", code=USAGE))
        self.assertFalse(self.history.exists())

    def test_a_damaged_history_is_left_as_it_is(self):
        self.commit()
        self.tool("add", self.report(), code=OK)
        file = self.history / FILE
        file.write_text(file.read_text() + "{half a li")
        before = file.read_text()
        self.assertIn(f"{FILE}:2: not a line of schema 1", self.tool("add", self.report(), code=USAGE))
        self.assertEqual((file.read_text(), [path.name for path in self.history.iterdir()]), (before, [FILE]))


class Steps(Folder):
    def fill(self, ratios, gemm=lambda index: 5e-4, with_gemm=True):
        """One revision per ratio; the machine itself is as fast as it likes, which the ratio does not see."""
        generator = random.Random(1)
        text = ""
        for index, ratio in enumerate(ratios):
            reference = gemm(index) * generator.uniform(0.8, 1.3)
            entry = {"seconds": ratio * reference, "n": 9} | ({"gemm_seconds": reference, "ratio": ratio} if with_gemm else {})
            text += json.dumps({"schema": 1, "commit": f"{index:040x}", "date": f"2026-02-{index + 1:02}T00:00:00Z",
                                "machine": {}, "benchmarks": {"iteration/dladmm/smoke": entry}}) + "\n"
        self.history.mkdir(exist_ok=True)
        (self.history / FILE).write_text(text)

    def test_a_slowdown_that_stands(self):
        self.fill([2.0] * 10 + [2.4] * 6)
        text = self.tool("steps", code=SLOWER)
        self.assertRegex(text, r"dladmm/smoke +ratio +0+ +2026-02-11 +2.000 x GEMM +2.400 x GEMM +\+20.0 % +slower")
        self.assertIn("1 slowdowns that stand, 1 series", text)

    def test_the_commit_named_is_the_first_slow_one(self):
        self.fill([2.0] * 10 + [2.4] * 6)
        lines = (self.history / FILE).read_text().splitlines()
        lines[10] = lines[10].replace(f"{10:040x}", "abcdef0123" + "0" * 30)
        (self.history / FILE).write_text("\n".join(lines[::-1]) + "\n")  # whatever the order in the file
        self.assertIn(" abcdef0123 ", self.tool("steps", code=SLOWER))

    def test_undone_and_faster_are_told_and_do_not_fail(self):
        self.fill([2.0] * 6 + [2.4] * 6 + [1.8] * 6)
        text = self.tool("steps", code=OK)
        self.assertIn("undone since", text)
        self.assertRegex(text, "-25.0 % +faster")

    def test_nothing_happened(self):
        self.fill([2.0] * 16)
        self.assertIn("0 slowdowns that stand, 1 series", self.tool("steps", code=OK))

    def test_bump_of_one_revision(self):
        self.fill([2.0] * 8 + [3.0] + [2.0] * 8)
        self.tool("steps", code=OK)

    def test_more_counted_work_shows_in_the_denominators(self):
        self.fill([2.0] * 20, gemm=lambda index: 5e-4 if index < 10 else 10e-4)
        self.assertRegex(self.tool("steps", code=OK), r"steps of the denominators(?s:.*)gemm_seconds")
        self.tool("steps", "--measure", "gemm_seconds", code=SLOWER)

    def test_seconds_where_there_is_no_ratio(self):
        self.fill([2.0] * 10 + [4.0] * 10, with_gemm=False)
        self.assertIn(" seconds ", self.tool("steps", code=SLOWER))

    def test_nothing_to_look_at(self):
        self.assertIn("0 files", self.tool("steps", code=NOTHING))
        self.fill([2.0] * 3)
        self.assertIn("0 of 1 benchmarks with 4 points", self.tool("steps", code=NOTHING))
        self.fill([2.0] * 9)
        self.tool("steps", "--filter", "no such", code=NOTHING)
        self.assertIn("not a regular expression", self.tool("steps", "--filter", "(", code=USAGE))


if __name__ == "__main__":
    unittest.main()
