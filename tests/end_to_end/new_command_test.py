"""admmbench new: every kind of repository is made, built against the installed suite, tested and run by the commands that are
printed, as a user does."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml
from install_test import install, run

PROGRAM = os.environ["ADMMBENCH_PROGRAM"]
PLACEHOLDERS = re.compile("my-name|my_name|MyName", re.IGNORECASE)


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def rows(shown):
    """The first cells of the rows of the Markdown tables in what was printed."""
    found = re.findall(r"^\| *([^|]+?) *\|", shown, re.MULTILINE)
    return [cell for cell in found if cell != "method" and not cell.startswith("--")]


class Repositories(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install(cls)
        # The Python of the tests, which has NumPy.
        cls.environment = {"PATH": f"{cls.prefix / 'bin'}:/usr/bin:/bin",
                           "CXXFLAGS": "-Wall -Wextra -Wconversion -Wshadow -Werror -Wno-restrict"}

    def make(self, kind, name, *more, program=None):
        """The repository's folder; what the commands printed that the program told to type is in self.shown."""
        told = run(program or self.program, "new", kind, name, *more, cwd=self.folder)
        folder = self.folder / name
        for path in folder.rglob("*"):
            self.assertIsNone(PLACEHOLDERS.search(path.name), path)
            if path.is_file():
                self.assertIsNone(PLACEHOLDERS.search(path.read_text()), path)
        listed, script = told.split("\n\nNext:\n")
        self.assertEqual([line.strip() for line in listed.splitlines()[1:]], files_in(folder))
        self.shown = run("bash", "-e", "-c", script, cwd=self.folder, environment=self.environment)
        self.run_workflow(folder)
        return folder

    def run_workflow(self, folder):
        """The steps of its continuous integration, but those that fetch packages or build another revision."""
        workflow = yaml.safe_load((folder / ".github/workflows/ci.yml").read_text())
        steps = workflow["jobs"]["test"]["steps"]
        self.assertEqual(steps[0]["name"], "packages")
        elsewhere = ("packages", "time gate", "timings on the summary page")
        commands = [step["run"] for step in steps if "run" in step and step["name"] not in elsewhere]
        self.assertGreater(len(commands), 1)
        environment = {**self.environment, "CMAKE_PREFIX_PATH": str(self.prefix),
                       "PYTHONPATH": str(self.prefix / "share/admmbench/python")}
        for command in commands:
            run("bash", "-e", "-c", command, cwd=folder, environment=environment)

    def test_solver_in_cpp(self):
        folder = self.make("solver", "my-admm-2")
        self.assertIn("100% tests passed", self.shown)
        self.assertEqual(set(rows(self.shown)), {"my-admm-2", "dlADMM", "Adam"})
        program = folder / "build/admmbench-my-admm-2"
        self.assertIn("theta", run(program, "describe", "my_admm_2"))
        # It times what is its own, unless another method is named.
        self.assertEqual(run(program, "bench", "--list").split(), ["iteration/my_admm_2/smoke"])
        short = ["--shape", "20-8-8-4x50", "--min-time", "0.001", "--threads", "1"]
        self.assertRegex(run(program, "bench", *short), r"\niteration/my_admm_2/20-8-8-4x50 +\S+ ms +\S+ +\S+ ms +\S+\n")
        self.assertIn("iteration/adam/smoke", run(program, "bench", "--solver", "adam", "--list"))
        # The method undamped is the suite's: other rounding only.
        run(program, "run", "my-admm-2.yaml", "--set", "iterations=20", "--set", "seeds=1", "--out", "same", "--set",
            "solvers=[{name: my_admm_2, preset: undamped, params: {rho: 0.1, nu: 0.1}}, "
            "{name: dladmm, params: {rho: 0.1, nu: 0.1, sweep: forward}}]", cwd=folder)
        losses = run("/usr/bin/python3", "-c", "import h5py, sys; print(*(h5py.File(file)['trajectory/train_loss'][-1] "
                     "for file in sys.argv[1:]))", *sorted(folder.glob("same/*/*/*/seed-0.h5"))).split()
        self.assertEqual(len(losses), 2)
        self.assertAlmostEqual(float(losses[0]), float(losses[1]), delta=1e-6)

    def test_solver_in_python(self):
        folder = self.make("solver", "mine", "--language", "python")
        self.assertEqual(set(rows(self.shown)), {"mine (external)", "dlADMM", "Adam"})
        right = (folder / "mine.py").read_text()
        self.assertIn("(2 + theta)", right)
        (folder / "mine.py").write_text(right.replace("(2 + theta)", "(1 + theta)"))
        environment = {**self.environment, "PYTHONPATH": str(self.prefix / "share/admmbench/python")}
        said = run("python3", "-m", "unittest", cwd=folder, environment=environment, expect=1)
        self.assertIn("FAIL: test_z_step_is_the_minimiser", said)

    def test_dataset_in_cpp(self):
        folder = self.make("dataset", "rings")
        self.assertIn("100% tests passed", self.shown)
        self.assertEqual(set(rows(self.shown)), {"dlADMM", "Adam"})
        self.assertIn("parameter noise = 0.1", run(folder / "build/admmbench-rings", "data", "info", "rings"))

    def test_dataset_in_python(self):
        self.make("dataset", "rings-file", "--language", "python")
        self.assertEqual(set(rows(self.shown)), {"dlADMM", "Adam"})

    def test_experiment(self):
        self.make("experiment", "which-is-best")
        self.assertLessEqual({"dlADMM", "last layer only", "Adam"}, set(rows(self.shown)))

    def test_paper(self):
        folder = self.make("paper", "results-2027")
        self.assertEqual(set(rows(self.shown)), {"dlADMM", "Adam"})
        for input_file in re.findall(r"\\(?:input|includegraphics)(?:\[.*\])?\{(.*)\}", (folder / "main.tex").read_text()):
            self.assertTrue((folder / input_file).is_file(), input_file)
        committed = (folder / "published.csv").read_text()
        run("make", "publish", cwd=folder, environment=self.environment)
        made = (folder / "published.csv").read_text()

        def labels(text):
            return [line.split(",")[:7] for line in text.splitlines()]

        self.assertEqual(labels(committed), labels(made))
        run("make", "compare", cwd=folder, environment=self.environment)
        # What is printed is better than what the runs give, beyond noise.
        lines = made.splitlines()
        cells = lines[1].split(",")
        cells[7:9] = ["0.99", "0.001"]
        (folder / "published.csv").write_text("\n".join([lines[0], ",".join(cells), *lines[2:], ""]))
        said = run("make", "compare", cwd=folder, environment=self.environment, expect=2)
        self.assertIn("Error 4", said)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def new(self, *arguments, code, **environment):
        result = subprocess.run([PROGRAM, "new", *arguments], cwd=self.folder, capture_output=True, text=True,
                                env={**os.environ, **environment})
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stderr


class Refused(Folder):
    def test_names(self):
        for kind, name, said in (("solver", "2fast", "a letter first"), ("solver", "a b", "such as my-admm"),
                                 ("solver", "a--b", "in words joined"), ("solver", "x-", "in words joined"),
                                 ("solver", "Mine", "of a-z and 0-9"), ("solver", "my_admm", "of a-z and 0-9"),
                                 ("paper", "../up", "of a-z and 0-9"), ("paper", "ä", "of a-z and 0-9"),
                                 ("paper", "", "of a-z and 0-9"), ("paper", "x" * 61, "at most 60"),
                                 ("experiment", "null", "YAML takes it"), ("solver", "adam", "there is a solver 'adam' already"),
                                 ("solver", "am-adam", "there is a solver 'am_adam' already"),
                                 ("dataset", "cora", "there is a data set 'cora' already")):
            with self.subTest(kind=kind, name=name):
                self.assertIn(said, self.new(kind, name, code=2))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_other_words(self):
        self.assertIn("solver,dataset,experiment,paper", self.new("solvr", "x", code=2).replace(" ", ""))
        self.assertIn("NAME", self.new("solver", code=2).upper())
        self.assertIn("--language", self.new("solver", "x", "--language", "rust", code=2))
        self.assertIn("of a paper there is one kind only", self.new("paper", "x", "--language", "python", code=2))
        self.assertIn("is not there", self.new("paper", "x", "-o", "no/such/folder", code=1))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_folder_with_something_in_it_is_left_alone(self):
        (self.folder / "x").mkdir()
        (self.folder / "x/kept").write_text("mine")
        self.assertIn("something is in it", self.new("paper", "x", code=2))
        self.assertIn("something is in it", self.new("paper", "z", "-o", ".", code=2))
        self.assertEqual(files_in(self.folder), ["x/kept"])
        self.assertIn("there is a file of that name", self.new("paper", "z", "-o", "x/kept", code=2))
        self.assertEqual((self.folder / "x/kept").read_text(), "mine")

    def test_templates_that_are_not_there(self):
        share = self.folder / "share"
        (share / "datasets").mkdir(parents=True)
        (share / "datasets/registry.yaml").write_text("")
        self.assertIn("the templates are not there", self.new("paper", "x", code=1, ADMMBENCH_SHARE=str(share)))
        self.assertFalse((self.folder / "x").exists())

    def test_a_folder_that_cannot_be_written(self):
        self.assertIn("/proc/x: cannot be written", self.new("paper", "x", "-o", "/proc/x", code=1))


class Written(Folder):
    def test_into_a_new_folder_or_an_empty_one(self):
        (self.folder / "empty").mkdir()
        self.new("experiment", "one", code=0)
        self.new("experiment", "one", "-o", "empty", code=0)
        self.new("experiment", "one", "-o", "other/", code=0)
        expected = [".github/workflows/ci.yml", ".gitignore", "README.md", "one.yaml"]
        for name in ("one", "empty", "other"):
            self.assertEqual(files_in(self.folder / name), expected)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["empty", "one", "other"])

    def test_here(self):
        here = self.folder / "here"
        here.mkdir()
        inode = here.stat().st_ino
        self.folder = here
        self.new("experiment", "one", "-o", ".", code=0)
        self.assertIn("one.yaml", files_in(here))
        self.assertEqual(here.stat().st_ino, inode)
        self.folder = here.parent


if __name__ == "__main__":
    unittest.main()
