"""The solvers of examples/external: each is what it says it is. $ADMMBENCH_PROGRAM is the program, for the suite's own Adam."""

import ast
import os
import re
import shutil
import sys
import unittest

import numpy as np

from support import EXAMPLES, Folder, Harness, has, needs, needs_program, random_problem

sys.path.insert(0, str(EXAMPLES))


def example(name):
    return [sys.executable, "-B", str(EXAMPLES / name)]


def problem_of(arrays, **more):
    import admmbench
    W, b = ([array.copy() for name, array in arrays.items() if name[0] == which] for which in "Wb")
    return admmbench.Problem(arrays["x"], arrays["targets"], W, b, labels=arrays.get("labels"), **more)


def descent(arrays, lr, iterations, **more):
    """Training losses of gradient descent, by the package's gradients, which functions_test.py looks at."""
    p = problem_of(arrays, **more)
    losses = [p.train_loss()]
    for _ in range(iterations):
        _, gW, gb = p.train_loss_and_gradients()
        for l in range(p.L):
            p.W[l] -= lr * gW[l]
            p.b[l] -= lr * gb[l]
        losses.append(p.train_loss())
    return losses


class Own(Folder):
    def test_it_is_gradient_descent(self):
        arrays = random_problem()
        for activation in ("relu", "tanh"):
            harness = Harness(self, example("own.py"), arrays, params={"lr": 0.3}, network={"activation": activation})
            harness.initialise()
            np.testing.assert_allclose(harness.losses(10), descent(arrays, 0.3, 10, activation=activation), rtol=1e-12)
            harness.end()

    def test_another_rate_is_noticed(self):
        arrays = random_problem()
        harness = Harness(self, example("own.py"), arrays, params={"lr": 0.31}).initialise()
        with self.assertRaises(AssertionError):
            np.testing.assert_allclose(harness.losses(10), descent(arrays, 0.3, 10), rtol=1e-4)


class Admm(Folder):
    def solver(self, **more):
        import admm_numpy

        from admmbench.problem import Params
        solver = admm_numpy.Admm()
        solver.problem = problem_of(random_problem(), **more)
        solver.problem.params = Params({"rho": 0.7, "nu": 0.4, "mu": 1e-6})
        solver.initialise(solver.problem)
        return solver

    def lagrangian(self, solver):
        """What the file's first lines say, with the dual's term and the ridge, which belongs to each W-step's own penalty."""
        p, z, a = solver.problem, solver.z, solver.a
        rho, nu, mu = p.params.rho, p.params.nu, p.params.mu
        total = p.loss_and_gradient(z[-1])[0]
        for l in range(p.L):
            gap = z[l] - a[l] @ p.W[l].T - p.b[l]
            last = l == p.L - 1
            c = rho if last else nu
            total += c / 2 * np.sum((gap + solver.u if last else gap) ** 2)
            total += c / 2 * mu * (np.sum(p.W[l] ** 2) + np.sum(p.b[l] ** 2))
            if not last:
                total += nu / 2 * np.sum((a[l + 1] - np.maximum(z[l], 0)) ** 2)
        return total

    def test_the_last_block_is_at_its_minimum(self):
        """No small change of z_L, which a step updates last, makes the Lagrangian less."""
        solver = self.solver()
        for _ in range(3):
            solver.step()
        draw = np.random.default_rng(0)
        solver.u -= solver.z[-1] - solver.a[-1] @ solver.problem.W[-1].T - solver.problem.b[-1]  # the dual before its step
        best = self.lagrangian(solver)
        z = solver.z[-1].copy()
        for size in (1e-4, 1e-2):
            for _ in range(20):
                solver.z[-1] = z + size * draw.normal(size=z.shape)
                self.assertGreater(self.lagrangian(solver), best)

    def descends(self, solver):
        """Before the dual moves, each sweep lowers the Lagrangian."""
        for _ in range(10):
            before = self.lagrangian(solver)
            solver.step()
            u = solver.u
            solver.u = u - (solver.z[-1] - solver.a[-1] @ solver.problem.W[-1].T - solver.problem.b[-1])
            self.assertLessEqual(self.lagrangian(solver), before + 1e-9 * abs(before))
            solver.u = u

    def test_every_step_descends(self):
        self.descends(self.solver())

    def test_a_wrong_block_does_not_descend(self):
        solver = self.solver()
        solver.problem.output_prox = lambda m, c: m - 1
        with self.assertRaises(AssertionError):
            self.descends(solver)

    def test_it_learns(self):
        harness = Harness(self, example("admm_numpy.py"), random_problem(), params={"rho": 1, "nu": 1}).initialise()
        losses = harness.losses(60)
        self.assertLess(losses[-1], 0.3 * losses[0])
        self.assertEqual(set(harness.ask("diagnostics")), {"residual", "columns"})
        harness.end()

    def test_other_activations_are_refused(self):
        harness = Harness(self, example("admm_numpy.py"), random_problem(), network={"activation": "tanh"})
        self.assertIn("those of relu, not of tanh", harness.error(**harness.request))


@unittest.skipUnless(shutil.which("Rscript"), "r-base-core is not installed")
class InR(Folder):
    def harness(self, arrays, **more):
        return Harness(self, ["Rscript", str(EXAMPLES / "softmax.R")], arrays, **more)

    def test_it_is_gradient_descent(self):
        for precision, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
            arrays = random_problem(widths=(5, 3), precision=precision)
            harness = self.harness(arrays, params={"lr": 0.25}).initialise()
            wide = {name: array.astype(float) for name, array in arrays.items() if name != "labels"}
            np.testing.assert_allclose(harness.losses(8), descent(wide, 0.25, 8), rtol=tolerance)
            harness.expect({}, "diagnostics")
            harness.end()

    def test_lines_without_spaces_and_in_another_order(self):
        import json
        arrays = random_problem(widths=(5, 3))
        harness = self.harness(arrays, params={"lr": 1e-1})
        harness.send(json.dumps(harness.request, separators=(",", ":"), sort_keys=True))
        self.assertEqual(harness.line(), "{}")
        np.testing.assert_allclose(harness.losses(3), descent(arrays, 0.1, 3), rtol=1e-12)
        harness.end()

    def test_what_it_cannot_do_is_said(self):
        harness = self.harness(random_problem())
        self.assertIn("hidden layers", harness.ask(**harness.request)["error"])
        harness = self.harness(random_problem(widths=(5, 3)), network={"loss": "squared"})
        self.assertIn("cross_entropy", harness.ask(**harness.request)["error"])


@needs("torch", "h5py")
class AdamOfPyTorch(Folder):
    EXPERIMENT = """experiment: adam
precision: float64
datasets: [{file: data.h5}]
network: {hidden: [7, 6], activation: ACTIVATION, loss: LOSS}
iterations: 40
solvers: [{name: adam, params: {learning_rate: 0.01}}]
"""

    def ours(self, activation, loss, labels):
        """Trajectory of the suite's Adam, and the problem that it began with."""
        import h5py
        arrays = random_problem(80, labels=labels)
        with h5py.File(self.folder / "data.h5", "w") as file:
            file["train/x"] = arrays["x"]
            file["train/y" if labels else "train/t"] = arrays["labels" if labels else "targets"]
        text = self.EXPERIMENT.replace("ACTIVATION", activation).replace("LOSS", loss)
        (self.folder / "adam.yaml").write_text(text)
        self.program("run", "adam.yaml", "--quiet", "--threads", 1, "--force")
        with h5py.File(self.folder / "results/runs/adam/data/adam/seed-0.h5") as run:
            initial = {name: run["initial"][name][()] for name in sorted(run["initial"])}
            order = [f"{name}{l}" for l in range(1, 4) for name in "Wb"]
            arrays = {name: array for name, array in arrays.items() if name[0] not in "Wb"}
            return run["trajectory/train_loss"][()], {**arrays, **{name: initial[name] for name in order}}

    @needs_program
    def test_it_agrees_with_the_suites_to_1e_6(self):
        for activation, loss, labels in (("relu", "cross_entropy", True), ("tanh", "squared", False),
                                         ("leaky_relu", "squared", True), ("sigmoid", "cross_entropy", True),
                                         ("identity", "cross_entropy", True)):
            with self.subTest(activation=activation, loss=loss):
                wanted, arrays = self.ours(activation, loss, labels)
                harness = Harness(self, example("adam_torch.py"), arrays, params={"learning_rate": 0.01},
                                  network={"activation": activation, "loss": loss}).initialise()
                losses = harness.losses(40)
                harness.end()
                np.testing.assert_allclose(losses, wanted, rtol=1e-6)
                self.assertLess(losses[-1], losses[0])

    @needs_program
    def test_another_rate_does_not_agree(self):
        wanted, arrays = self.ours("relu", "cross_entropy", True)
        harness = Harness(self, example("adam_torch.py"), arrays, params={"learning_rate": 0.010001}).initialise()
        with self.assertRaises(AssertionError):
            np.testing.assert_allclose(harness.losses(40), wanted, rtol=1e-6)

    def test_batches_cover_every_sample_and_repeat_with_the_seed(self):
        arrays = random_problem(50)
        runs = [Harness(self, example("adam_torch.py"), arrays, params={"batch_size": 16}, seed=seed).initialise().losses(3)
                for seed in (3, 3, 4)]
        self.assertEqual(runs[0], runs[1])
        self.assertNotEqual(runs[0], runs[2])

    def test_float32(self):
        harness = Harness(self, example("adam_torch.py"), random_problem(precision="float32")).initialise()
        losses = harness.losses(5)
        self.assertLess(losses[-1], losses[0])
        self.assertNotIn("Warning", harness.end())


@needs("torch", "h5py")
@needs_program
@unittest.skipUnless(shutil.which("Rscript"), "r-base-core is not installed")
class UnderTheHarness(Folder):
    """The experiment of the examples, run by the program: twins have one trajectory."""

    def runs(self, *changes):
        import h5py
        if "\nexternal " not in self.program("list", "solvers"):
            self.skipTest("this program has no solver `external`")
        self.program("run", EXAMPLES / "compare.yaml", "--quiet", "--threads", 1, "--set", "iterations=10", "--set", "seeds=[3]",
                     *changes)
        losses = {}
        for path in sorted(self.folder.rglob("seed-3.h5")):
            with h5py.File(path) as run:
                losses[path.parts[-3], path.parts[-2]] = run["trajectory/train_loss"][()]
        return losses

    def test_twins_agree(self):
        losses = self.runs()
        self.assertEqual(len(losses), 13)
        for dataset, ours, theirs in (("blobs", "GD", "GD-own"), ("blobs", "Adam", "Adam-PyTorch"),
                                      ("no-hidden-layer", "GD", "GD-own"), ("no-hidden-layer", "GD", "GD-R"),
                                      ("no-hidden-layer", "Adam", "Adam-PyTorch")):
            np.testing.assert_allclose(losses[dataset, theirs], losses[dataset, ours], rtol=1e-6)
            with self.assertRaises(AssertionError):
                np.testing.assert_allclose(losses[dataset, theirs], losses[dataset, "dlADMM"], rtol=1e-6)
        self.assertLess(losses["blobs", "ADMM-NumPy"][-1], losses["blobs", "ADMM-NumPy"][0])
        said = self.program("verify", "results/runs")
        self.assertIn("13 result files are whole", said)

    def test_the_packages_words_reach_the_user(self):
        self.runs("--only", "label=GD")
        said = self.program("run", EXAMPLES / "compare.yaml", "--quiet", "--only", "label=GD-own", "--only", "dataset=blobs",
                            "--set", "solvers.3.params={lrr: 0.5}", code=1)
        self.assertIn("unknown parameter 'lrr'; did you mean 'lr'? known: lr", said)


class Compare(unittest.TestCase):
    @unittest.skipUnless(has("yaml"), "python3-yaml is not installed")
    def test_the_experiment_names_what_there_is(self):
        import yaml
        experiment = yaml.safe_load((EXAMPLES / "compare.yaml").read_text())
        external = [entry for entry in experiment["solvers"] if entry["name"] == "external"]
        named = {entry["command"][1] for entry in external}
        self.assertEqual(named, {name for name in os.listdir(EXAMPLES) if name.endswith((".py", ".R"))})
        for entry in external:
            declared = re.search(r"^    parameters = ({.*?})", (EXAMPLES / entry["command"][1]).read_text(), re.MULTILINE)
            if declared:
                self.assertLessEqual(set(entry["params"]), set(ast.literal_eval(declared[1])), entry)


if __name__ == "__main__":
    unittest.main()
