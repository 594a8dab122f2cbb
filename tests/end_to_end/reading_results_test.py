"""Runs the snippets of docs/guide/reading-results.md on results of a small experiment, and checks what they print against the
result files. $ADMMBENCH_PROGRAM is the program."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("ADMMBENCH_PROGRAM", ROOT / "build/bin/admmbench"))
PAGE = ROOT / "docs/guide/reading-results.md"


def snippets(language):
    """The page's code blocks of one language, in order."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    if not found:
        raise AssertionError(f"{PAGE} has no {language} snippet")
    return found


def has(module):
    return importlib.util.find_spec(module) is not None


class Folder(unittest.TestCase):
    """The first run in a folder of its own, on a generated graph under Cora's name, so that nothing is downloaded."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "admmbench").symlink_to(PROGRAM)
        self.environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")
        self.run_it(["admmbench", "run", str(ROOT / "experiments/examples/first-run.yaml"), "--threads", "1", "--quiet",
                     "--set", "datasets=[{name: sbm, label: cora, params: {nodes: 120}}]", "--set", "iterations=3",
                     "--set", "network.hidden=[7, 5]"])
        for snippet in snippets("sh"):
            self.run_it(["sh", "-e", "-c", snippet])

    def run_it(self, command):
        result = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, f"{command}\n{result.stdout}{result.stderr}")
        return result.stdout

    def check_last_accuracies(self, text):
        """`text` has a line for every run: data set, label, seed, last test accuracy."""
        rows = dict(re.findall(r"^(cora \S+ \d+) (\S+)\s*$", text, re.MULTILINE))
        files = sorted(self.folder.rglob("seed-*.h5"))
        self.assertEqual(len(files), 12)
        self.assertEqual(len(rows), 12, text)
        for file in files:
            with h5py.File(file) as run:
                key = f"{run.attrs['dataset'].decode()} {run.attrs['label'].decode()} {run.attrs['seed']}"
                # float32 runs may be printed as such.
                self.assertAlmostEqual(float(rows[key]), run["trajectory/test_accuracy"][-1], places=6)

    def means(self):
        """Mean of the last test accuracies over the seeds, per label."""
        values = {}
        for file in self.folder.rglob("seed-*.h5"):
            with h5py.File(file) as run:
                values.setdefault(run.attrs["label"].decode(), []).append(run["trajectory/test_accuracy"][-1])
        return {label: sum(v) / len(v) for label, v in values.items()}

    def check_means(self, text):
        """`text` has a line with each label, the number of seeds and the mean, to the digits shown."""
        for label, mean in self.means().items():
            line = next((line for line in text.splitlines() if re.search(rf"(^|\s|\"){label}(\s|\"|$)", line)), None)
            self.assertIsNotNone(line, text)
            numbers = [float(n) for n in re.findall(r"\d+\.\d+(?:e-?\d+)?|\b\d+\b", line)]
            self.assertIn(3, numbers, line)
            self.assertTrue(any(abs(n - mean) < 1e-4 for n in numbers), f"{line}: no {mean}")


class PythonFiles(Folder):
    def test_snippets(self):
        first, second = [s for s in snippets("python") if "import h5py" in s]
        self.check_last_accuracies(self.run_it([sys.executable, "-c", first]))
        if not has("yaml"):
            self.skipTest("python3-yaml is not installed")
        text = self.run_it([sys.executable, "-c", second])
        self.assertIn("1e-06", text)
        self.assertIn("(7, ", text)


class PythonTables(Folder):
    @unittest.skipUnless(has("pandas"), "python3-pandas is not installed")
    def test_snippets(self):
        table, parquet = [s for s in snippets("python") if "import pandas" in s]
        text = self.run_it([sys.executable, "-c", table])
        self.check_means(text)
        self.assertIn("train_loss", text)
        if has("pyarrow") or has("fastparquet"):
            self.run_it([sys.executable, "-c", parquet])
            self.assertTrue((self.folder / "first-run.parquet").exists())
        else:
            print("pyarrow is not installed: the Parquet snippet was not run", file=sys.stderr)


class RTables(Folder):
    @unittest.skipUnless(shutil.which("Rscript"), "r-base-core is not installed")
    def test_csv_snippet(self):
        self.check_means(self.run_it(["Rscript", "-e", snippets("r")[1]]))


class RFiles(Folder):
    @unittest.skipUnless(shutil.which("Rscript") and not subprocess.run(
        ["Rscript", "-e", "library(hdf5r)"], capture_output=True).returncode, "r-cran-hdf5r is not installed")
    def test_snippet(self):
        text = self.run_it(["Rscript", "-e", snippets("r")[0]])
        self.check_last_accuracies(text)
        with h5py.File(self.folder / "results/runs/first-run/cora/dlADMM/seed-0.h5") as run:
            self.assertEqual(text.splitlines()[-1].split(), [str(n) for n in run["final/W1"].shape])


class Julia(Folder):
    @unittest.skipUnless(shutil.which("julia") and not subprocess.run(
        ["julia", "-e", "using HDF5, CSV, DataFrames"], capture_output=True).returncode,
        "Julia with HDF5, CSV and DataFrames is not installed")
    def test_snippets(self):
        files, table = snippets("julia")
        self.check_last_accuracies(self.run_it(["julia", "-e", files]))
        self.check_means(self.run_it(["julia", "-e", table]))


class Control(Folder):
    def test_wrong_numbers_are_noticed(self):
        first = snippets("python")[0]
        with self.assertRaises(AssertionError):
            self.check_last_accuracies(self.run_it([sys.executable, "-c", first.replace("[-1]", "[0]")]))
        with self.assertRaises(AssertionError):
            self.run_it([sys.executable, "-c", first.replace("trajectory/", "nowhere/")])


if __name__ == "__main__":
    unittest.main()
