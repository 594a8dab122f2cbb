"""docs/guide/python.md: its snippets run, and its tables name what there is. $ADMMBENCH_PROGRAM is the program."""

import inspect
import os
import re
import subprocess
import sys
import unittest

import support
from support import EXAMPLES, PACKAGE, ROOT, needs, needs_program

PAGE = (ROOT / "docs/guide/python.md").read_text()
OWN = re.sub(r"<!-- file: .*?<!-- end of file -->", "", PAGE, flags=re.DOTALL)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", OWN, re.MULTILINE | re.DOTALL)


class Folder(support.Folder):
    def python_says(self, text, **more):
        result = subprocess.run([sys.executable, "-B", "-c", text], cwd=self.folder, capture_output=True, text=True,
                                env=dict(os.environ, PYTHONPATH=str(PACKAGE)), **more)
        self.assertEqual(result.returncode, 0, result.stderr[-2000:])
        return result.stdout


@needs("h5py", "pandas")
@needs_program
class Snippets(Folder):
    def test_results_and_runs_made_elsewhere(self):
        self.program("run", ROOT / "experiments/examples/first-run.yaml", "--threads", 1, "--quiet", "--set",
                     "datasets=[{name: sbm, label: cora, params: {nodes: 120}}]", "--set", "iterations=3", "--set",
                     "network.hidden=[7, 5]")
        results, runs = blocks("python")
        said = self.python_says(results)
        self.assertIn("dlADMM", said)
        self.assertIn("0.000001", said)
        self.python_says(runs)
        self.assertIn("15 result files are whole, nothing found", self.program("verify", "results/runs"))
        self.assertRegex(self.program("table", "results/runs"), r"theirs \(imported\) +\| +\**0\.6000 ± 0\.0000")
        self.assertIn("theirs (imported)", self.python_says(results))

    def test_the_snippet_of_the_packages_readme(self):
        snippet = re.search(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)[1]
        self.assertEqual(len(self.python_says(snippet).splitlines()), 11)

    def test_a_trial_by_itself(self):
        command = next(line for line in blocks("")[0].splitlines() if "admmbench.check" in line).split("#")[0]
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "python3").symlink_to(sys.executable)
        result = subprocess.run(["sh", "-c", command], cwd=EXAMPLES, capture_output=True, text=True,
                                env=dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}", PYTHONDONTWRITEBYTECODE="1"))
        self.assertEqual(len(result.stdout.splitlines()), 11, result.stderr)


class Tables(unittest.TestCase):
    def rows(self, heading):
        table = OWN[OWN.index(heading):].split("\n\n")[0]
        return [name for line in table.splitlines()[2:] for name in re.findall(r"`([^`]+)`", line.split(" | ")[0])]

    def test_they_name_what_there_is(self):
        import admmbench
        from support import random_problem
        arrays = random_problem()
        problem = admmbench.Problem(arrays["x"], arrays["targets"], [arrays["W1"], arrays["W2"]], [arrays["b1"], arrays["b2"]],
                                    labels=arrays["labels"])
        rows = self.rows("| of `problem` |")
        self.assertGreater(len(rows), 18)
        for name in rows:
            call = re.match(r"(\w+)(?:\((.*)\))?$", name)
            value = getattr(problem, call[1])
            if call[2]:
                known = list(inspect.signature(value).parameters)
                self.assertEqual(call[2].split(", "), known[:len(call[2].split(", "))], name)
        public = {name for name in (*vars(problem), *dir(admmbench.Problem)) if not name.startswith("_")}
        self.assertEqual({name.split("(")[0] for name in rows}, public)

    def test_methods_of_a_solver(self):
        import admmbench
        public = {name for name in dir(admmbench.Solver) if not name.startswith("_")}
        self.assertEqual({re.match(r"\w+", name)[0] for name in self.rows("| method |")} & public, public)

    @needs("h5py", "pandas")
    def test_of_results(self):
        from admmbench.results import Results
        for name in ("finals", "trajectories", "table", "curve", "curve_data"):
            self.assertTrue(hasattr(Results, name) and f"| `{name}" in OWN, name)


if __name__ == "__main__":
    unittest.main()
