"""examples/notebook/from-runs-to-figure.ipynb, run cell by cell in plain Python, and by Jupyter where nbclient is installed, on
results of the first run; and the wheel. $ADMMBENCH_PROGRAM is the program."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import unittest.mock

import support
from support import PACKAGE, ROOT, has, needs, needs_program

NOTEBOOK = ROOT / "examples/notebook/from-runs-to-figure.ipynb"

# Runs the cells of the notebook that is its first argument, as a kernel would: one after the other, the last value of each shown.
RUNNER = """
import ast, json, sys
names = {"__name__": "__main__"}
for number, cell in enumerate(json.load(open(sys.argv[1]))["cells"]):
    if cell["cell_type"] != "code":
        continue
    body = ast.parse("".join(cell["source"]), f"cell {number}")
    last = body.body.pop() if isinstance(body.body[-1], ast.Expr) else None
    exec(compile(body, f"cell {number}", "exec"), names)
    if last:
        print(eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names))
"""


class Folder(support.Folder):
    """The repository's folders with the first run's results, on a generated graph under Cora's name."""

    def setUp(self):
        super().setUp()
        self.program("run", ROOT / "experiments/examples/first-run.yaml", "--threads", 1, "--quiet", "--set",
                     "datasets=[{name: sbm, label: cora, params: {nodes: 120}}]", "--set", "iterations=5", "--set",
                     "network.hidden=[7, 5]")
        self.place = self.folder / "examples/notebook"
        self.place.mkdir(parents=True)
        self.notebook = json.loads(NOTEBOOK.read_text())

    def run_it(self):
        path = self.place / NOTEBOOK.name
        path.write_text(json.dumps(self.notebook))
        environment = dict(os.environ, PYTHONPATH=str(PACKAGE), MPLBACKEND="Agg", MPLCONFIGDIR=str(self.folder / "matplotlib"))
        return subprocess.run([sys.executable, "-B", "-c", RUNNER, str(path)], cwd=self.place, env=environment,
                              capture_output=True, text=True)


@needs("h5py", "pandas", "matplotlib")
@needs_program
class PlainPython(Folder):
    def test_every_cell_runs(self):
        result = self.run_it()
        self.assertEqual(result.returncode, 0, result.stderr[-2000:])
        self.assertEqual(result.stderr, "")
        self.assertTrue((self.place / "first-run.pdf").read_bytes().startswith(b"%PDF"))
        said = self.program("table", "results/runs/first-run")
        for line in said.splitlines():
            cells = [cell.strip().strip("*") for cell in line.split("|")[1:-1]]
            if len(cells) == 2 and "±" in line:
                self.assertRegex(result.stdout, rf"{cells[0]} +{cells[1]}")

    def test_a_cell_that_fails_is_noticed(self):
        self.notebook["cells"][3]["source"] = ["results.tabel()"]
        result = self.run_it()
        self.assertEqual(result.returncode, 1)
        self.assertIn("cell 3", result.stderr)


@needs("h5py", "pandas", "matplotlib", "nbclient", "ipykernel")
@needs_program
class Jupyter(Folder):
    def test_every_cell_runs(self):
        import nbclient
        import nbformat
        notebook = nbformat.reads(json.dumps(self.notebook), as_version=4)
        with unittest.mock.patch.dict(os.environ, PYTHONPATH=str(PACKAGE)):
            nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(self.place)}}).execute()
        self.assertTrue((self.place / "first-run.pdf").is_file())
        self.assertIn("image/png", json.dumps(notebook))


class AsItIsCommitted(unittest.TestCase):
    def test_it_is_a_notebook_without_outputs(self):
        notebook = json.loads(NOTEBOOK.read_text())
        self.assertEqual((notebook["nbformat"], notebook["nbformat_minor"]), (4, 5))
        for cell in notebook["cells"]:
            self.assertEqual(cell.get("outputs", []), [])
            self.assertIsNone(cell.get("execution_count"))
        self.assertEqual(len({cell["id"] for cell in notebook["cells"]}), len(notebook["cells"]))

    def test_its_links_resolve(self):
        import re
        text = "".join("".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text())["cells"])
        links = re.findall(r"\]\(([^)#:]+)\)", text)
        self.assertGreater(len(links), 1)
        for link in links:
            self.assertTrue((NOTEBOOK.parent / link).resolve().is_file(), link)


@needs("nbformat")
class ForJupyter(unittest.TestCase):
    def test_it_is_valid(self):
        import nbformat
        nbformat.validate(nbformat.read(NOTEBOOK, 4))


@unittest.skipUnless(has("setuptools") and has("wheel") and has("pip"),
                     "python3-setuptools, python3-wheel and python3-pip are not all installed")
class Wheel(support.Folder):
    def test_it_is_made_without_network_and_imported(self):
        source = self.folder / "python"  # setuptools writes beside its sources
        shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
        made = subprocess.run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
                               "--wheel-dir", str(self.folder), str(source)], capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stdout[-2000:] + made.stderr[-2000:])
        wheel, = self.folder.glob("*.whl")
        self.assertRegex(wheel.name, r"^admmbench-[0-9.]+-py3-none-any\.whl$")
        code = ("import admmbench, sys; print(admmbench.__file__, admmbench.__version__); admmbench.Run; "
                "admmbench.load" if has("h5py") else "import admmbench")
        result = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, cwd=self.folder,
                                env=dict(os.environ, PYTHONPATH=str(wheel)))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(wheel.name, result.stdout)
        self.assertIn(wheel.name.split("-")[1], result.stdout)

    def test_its_version_is_that_of_the_suite(self):
        import re
        suite = re.search(r"project\(admmbench VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        import admmbench
        self.assertEqual(admmbench.__version__, suite)
        self.assertIn(f'version = "{suite}"', (PACKAGE / "pyproject.toml").read_text())
        self.assertTrue(pathlib.Path(admmbench.__file__).is_relative_to(PACKAGE))


if __name__ == "__main__":
    unittest.main()
