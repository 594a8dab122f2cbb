"""cmake --install, and a user's own repository (examples/plugin) built against the result."""

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ADMMBENCH_BUILD"])


def run(*command, cwd=None, environment=None, expect=0):
    """Standard output of a command, whose exit code must be `expect`; its standard error if that is not 0."""
    result = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True,
                            env={**os.environ, **(environment or {})})
    if result.returncode != expect:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}\n{result.stderr}")
    return result.stdout if expect == 0 else result.stderr


def install(cls):
    """Gives a class of tests `prefix`: the suite in a folder to which it was moved after the installation."""
    cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="admmbench-install-"))
    cls.addClassCleanup(shutil.rmtree, cls.folder)
    with open(BUILD / "install-test.lock", "w") as lock:  # installing writes into the build tree, and ctest runs tests at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        run("cmake", "--install", BUILD, "--prefix", cls.folder / "first")
    cls.prefix = cls.folder / "moved"
    (cls.folder / "first").rename(cls.prefix)
    cls.program = cls.prefix / "bin/admmbench"


class InstalledTool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install(cls)

    def test_finds_its_files_where_it_is(self):
        names = run(self.program, "list", "experiments", cwd=self.folder)
        self.assertEqual(names, run(BUILD / "bin/admmbench", "list", "experiments", cwd=self.folder))
        self.assertIn("first-run", names)
        self.assertEqual(run(self.program, "list", "datasets"), run(BUILD / "bin/admmbench", "list", "datasets"))

    def test_judges_the_claims_from_its_own_summaries(self):
        run(self.program, "claims", "--check", SOURCES / "docs/claims.md", cwd=self.folder)

    def test_needs_no_source_tree(self):
        """Without its share folder it fails and says where it looked: it does not read the sources behind our back."""
        bare = self.folder / "bare/bin"
        bare.mkdir(parents=True)
        shutil.copy(self.program, bare)
        message = run(bare / "admmbench", "list", "experiments", expect=1)
        self.assertIn(str(self.folder / "bare/share/admmbench"), message)
        self.assertNotIn(str(SOURCES), message)
        self.assertIn("ADMMBENCH_SHARE", message)
        share = {"ADMMBENCH_SHARE": str(self.prefix / "share/admmbench")}
        self.assertIn("first-run", run(bare / "admmbench", "list", "experiments", environment=share))
        message = run(self.program, "list", "experiments", environment={"ADMMBENCH_SHARE": str(bare)}, expect=1)
        self.assertIn(f"ADMMBENCH_SHARE={bare}", message)

    def test_runs_and_records_code_and_commit(self):
        (self.folder / "tiny.yaml").write_text(
            "experiment: tiny\ndatasets: [{name: blobs}]\nnetwork: {hidden: [5]}\niterations: 3\nsolvers: [{name: dladmm}]\n")
        contents = []
        for program in (self.program, BUILD / "bin/admmbench"):
            out = self.folder / program.parent.parent.name
            run(program, "run", "tiny.yaml", "--out", out, cwd=self.folder)
            contents.append(run("/usr/bin/python3", "-c", "import h5py, sys; f = h5py.File(sys.argv[1]); "
                                "print(f.attrs['code_version'].decode(), f.attrs['git_commit'].decode())",
                                out / "tiny/blobs/dladmm/seed-0.h5"))
        self.assertEqual(contents[0].split()[0], contents[1].split()[0])
        self.assertRegex(contents[0].split()[0], "^[0-9a-f]{64}$")
        commits = {content.split()[1] for content in contents}
        self.assertEqual(len(commits), 1)  # the installed program has it within, there is no history beside it
        self.assertRegex(commits.pop(), "^([0-9a-f]{40}(-dirty)?|unknown)$")

    def test_completion_and_manual(self):
        for arguments, place in {("completion", "bash"): "share/bash-completion/completions/admmbench",
                                 ("completion", "zsh"): "share/zsh/vendor-completions/_admmbench",
                                 ("completion", "fish"): "share/fish/vendor_completions.d/admmbench.fish",
                                 ("man",): "share/man/man1/admmbench.1"}.items():
            made = subprocess.run([self.program, *arguments], capture_output=True, text=True)
            file = self.prefix / place
            self.assertEqual(file.is_file(), made.returncode == 0, place)
            if file.is_file():
                self.assertEqual(file.read_text(), made.stdout, place)


class OutOfTree(unittest.TestCase):
    """examples/plugin is what docs/guide/adding-a-solver.md and docs/guide/adding-a-dataset.md show."""

    @classmethod
    def setUpClass(cls):
        install(cls)
        cls.repository = cls.folder / "my-methods"
        shutil.copytree(SOURCES / "examples/plugin", cls.repository, ignore=shutil.ignore_patterns("build", "results"))
        run("cmake", "-S", cls.repository, "-B", cls.repository / "build", f"-DCMAKE_PREFIX_PATH={cls.prefix}",
            # -Wno-restrict: cmake/BuildSettings.cmake
            "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Werror -Wno-restrict")
        cls.build()
        cls.tool = cls.repository / "build/my-admmbench"
        cls.experiment = ["spirals.yaml", "--set", "iterations=20", "--set", "seeds=[0]"]

    @classmethod
    def build(cls):
        run("cmake", "--build", cls.repository / "build")

    def states(self):
        """State of every run by the label of its solver: new, cached."""
        plan = run(self.tool, "plan", *self.experiment, cwd=self.repository)
        return {match[1]: match[2] for match in re.finditer(r"^spirals +(\S+) .* (\S+)$", plan, re.MULTILINE)}

    def append(self, file, text):
        path = self.repository / file
        path.write_text((path.read_text() if path.exists() else "") + text)

    def test_solver_and_data_set_are_there_beside_the_suites_own(self):
        solvers = run(self.tool, "list", "solvers")
        own = [line for line in solvers.splitlines(keepends=True) if line.startswith("relaxed_admm ")]
        self.assertEqual(len(own), 1)
        untouched = run(self.prefix / "bin/admmbench", "list", "solvers")
        self.assertNotIn("relaxed_admm", untouched)
        self.assertEqual({line.split()[0] for line in solvers.splitlines()} - {"relaxed_admm"},
                         {line.split()[0] for line in untouched.splitlines()})
        self.assertIn("spirals ", run(self.tool, "list", "datasets"))
        self.assertIn("alpha", run(self.tool, "describe", "relaxed_admm"))
        self.assertIn("parameter arms = 3", run(self.tool, "data", "info", "spirals"))

    def test_run_table_and_cache(self):
        run(self.tool, "run", *self.experiment, cwd=self.repository)
        table = run(self.tool, "table", "results/runs/spirals", "-o", "tables", cwd=self.repository)
        self.assertRegex(table, r"\| *relaxed-ADMM *\| *\**0\.\d+")
        self.assertEqual(set(self.states().values()), {"cached"})

        # The sources are part of a run's identity: those of the solver only of its own runs, ...
        self.append("relaxed_admm.cpp", "// changed\n")
        self.build()
        self.assertEqual(self.states(), {"relaxed-ADMM": "new", "dlADMM": "cached", "Adam": "cached"})
        # ... a header that they include as well, ...
        self.append("step.hpp", "#pragma once\n")
        self.append("relaxed_admm.cpp", '#include "step.hpp"\n')
        self.build()
        run(self.tool, "run", *self.experiment, cwd=self.repository)
        self.assertEqual(set(self.states().values()), {"cached"})
        self.append("step.hpp", "// changed\n")
        self.build()
        self.assertEqual(self.states(), {"relaxed-ADMM": "new", "dlADMM": "cached", "Adam": "cached"})
        # ... and those of the data set of all that use it.
        self.append("spirals.cpp", "// changed\n")
        self.build()
        self.assertEqual(set(self.states().values()), {"new"})

    def test_methods_in_three_languages_stand_in_one_table(self):
        """The installed examples in NumPy and PyTorch beside a method of the repository's, by one command."""
        if subprocess.run(["/usr/bin/python3", "-c", "import torch"], capture_output=True).returncode != 0:
            self.skipTest("python3-torch is not installed")
        examples = self.prefix / "share/admmbench/examples/external"
        for name in ("admm_numpy.py", "adam_torch.py"):
            shutil.copy(examples / name, self.repository)
        (self.repository / "languages.yaml").write_text("""experiment: languages
datasets: [blobs]
network: {hidden: [16]}
iterations: 20
seeds: 2
solvers:
  - {name: relaxed_admm, label: ours in C++, params: {rho: 0.1, nu: 0.1}}
  - {name: external, label: ours in NumPy, command: [/usr/bin/python3, admm_numpy.py], params: {rho: 1, nu: 0.01}}
  - {name: external, label: Adam of PyTorch, command: [/usr/bin/python3, adam_torch.py], params: {learning_rate: 0.01}}
  - {name: adam, label: Adam, params: {learning_rate: 0.01}}
""")
        run(self.tool, "run", "languages.yaml", cwd=self.repository)
        table = run(self.tool, "table", "results/runs/languages", cwd=self.repository)
        rows = {match[1].strip(): match[2].strip(" *") for match in re.finditer(r"^\| *([^|]+)\|([^|]+)\|$", table, re.MULTILINE)}
        self.assertLessEqual({"ours in C++", "ours in NumPy (external)", "Adam of PyTorch (external)"}, set(rows))
        self.assertEqual(rows["Adam of PyTorch (external)"], rows["Adam"])

    def column(self, label, name):
        """A column of the trajectory of a solver's run, as text."""
        file = self.repository / f"results/runs/spirals/spirals/{label}/seed-0.h5"
        return run("/usr/bin/python3", "-c", "import h5py, sys; print(*(x.hex() for x in h5py.File(sys.argv[1])"
                   "['trajectory'][sys.argv[2]][:].tolist()))", file, name).split()

    def test_the_example_does_what_it_says(self):
        penalties = "rho: 0.1, nu: 0.1"
        run(self.tool, "run", *self.experiment, "--set", "solvers=["
            f"{{name: relaxed_admm, label: plain, preset: plain, params: {{{penalties}}}}}, "
            f"{{name: relaxed_admm, label: relaxed, params: {{{penalties}}}}}, "
            f"{{name: dladmm, label: forward, params: {{{penalties}, sweep: forward}}}}]", cwd=self.repository)

        def numbers(label, name):
            return [float.fromhex(x) for x in self.column(label, name)]

        # Without over-relaxation it is the forward sweep of dlADMM, with the dual in scaled form: other rounding only.
        for name in ("train_loss", "residual"):
            expected = numbers("forward", name)
            for ours, reference in zip(numbers("plain", name), expected, strict=True):
                self.assertAlmostEqual(ours, reference, delta=1e-9 * max(expected))
            self.assertGreater(abs(numbers("relaxed", name)[-1] - expected[-1]), 1e-3 * expected[-1])
        self.assertEqual(numbers("plain", "dual")[0], 0)
        self.assertGreater(numbers("plain", "dual")[-1], 0)

    def test_a_parameter_of_the_data_set_is_checked(self):
        message = run(self.tool, "plan", "spirals.yaml", "--set", "datasets.0.params.arms=1", cwd=self.repository, expect=2)
        self.assertIn("datasets.0.params.arms", message)
        self.assertIn("[2, 1000]", message)

    def test_wrong_use_of_the_function_is_said(self):
        wrong = self.folder / "wrong"
        wrong.mkdir(exist_ok=True)
        (wrong / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(wrong LANGUAGES CXX)\n"
                                              "find_package(admmbench 0.1 REQUIRED)\nadmmbench_add_tool(mine file.cpp)\n")
        message = run("cmake", "-S", wrong, "-B", wrong / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}", expect=1)
        self.assertIn("admmbench_add_tool(NAME SOURCES", message)


if __name__ == "__main__":
    unittest.main()
