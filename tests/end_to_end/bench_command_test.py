"""admmbench bench --solver: rows, reports and messages; no figures, which are the machine's."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["ADMMBENCH_PROGRAM"]
SHORT = ["--shape", "20-8-4x50", "--min-time", "0.001", "--threads", "1"]


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def bench(self, *arguments, code=0):
        result = subprocess.run([PROGRAM, "bench", *arguments], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout if code == 0 else result.stdout + result.stderr


class ChosenSolvers(Folder):
    def test_a_row_for_each_solver_and_shape(self):
        shown = self.bench("--solver", "adam", "--solver", "dladmm", "--shape", "9-5-3x40", *SHORT)
        self.assertEqual([line.split()[0] for line in shown.splitlines()],
                         ["benchmark", *(f"iteration/{solver}/{shape}" for solver in ("adam", "dladmm")
                                         for shape in ("9-5-3x40", "20-8-4x50"))])

    def test_names_and_filter(self):
        chosen = ["--solver", "adam", "--solver", "sgd"]
        self.assertEqual(self.bench(*chosen, "--list").split(), ["iteration/adam/smoke", "iteration/sgd/smoke"])
        self.assertEqual(self.bench(*chosen, "--list", "--filter", "^iteration/s").split(), ["iteration/sgd/smoke"])
        self.assertIn("no benchmark has such a name", self.bench(*chosen, "--filter", "none", code=2))
        self.assertIn("not a regular expression", self.bench(*chosen, "--filter", "(", code=2))

    def test_every_repetition_is_in_the_report(self):
        self.bench("--solver", "dladmm", *SHORT, "--repetitions", "3", "--out", "x.json")
        report = json.loads((self.folder / "x.json").read_text())
        entries = report["benchmarks"]
        self.assertEqual([(entry["run_name"], entry["repetition_index"]) for entry in entries],
                         [("iteration/dladmm/20-8-4x50", index) for index in range(3)])
        for entry in entries:
            self.assertGreater(entry["real_time"], 0)
            self.assertGreater(entry["gemm_seconds"], 0)
        self.assertEqual(report["context"]["threads"], "1")

    def test_a_method_that_cannot_is_shown_as_failed(self):
        shown = self.bench("--solver", "external", "--solver", "adam", *SHORT, "--out", "x.json", code=1)
        self.assertRegex(shown, r"\niteration/external/20-8-4x50 +failed: ")
        self.assertRegex(shown, r"\niteration/adam/20-8-4x50 +\d")
        failed, well = json.loads((self.folder / "x.json").read_text())["benchmarks"]
        self.assertTrue(failed["error_occurred"])
        self.assertNotIn("error_occurred", well)

    def test_wrong_words(self):
        for arguments, said in ((["--solver", "adm"], "did you mean 'adam'"), (["--solver", "adam", "--shape", "x"], "--shape x"),
                                (["--solver", "adam", "--shape", "9-5-3x40-batch-8"], "mini-batches are a parameter"),
                                (["--solver", "adam", "--repetitions", "0"], "--repetitions"),
                                (["--solver", "adam", "--scaling"], "excludes")):
            with self.subTest(arguments):
                self.assertIn(said, self.bench(*arguments, code=2))


if __name__ == "__main__":
    unittest.main()
