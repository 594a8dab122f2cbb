"""admmbench.Solver against docs/reference/solver-protocol.md: a stand-in harness sends every request, and solvers make every
mistake."""

import json
import subprocess
import sys
import unittest

import numpy as np

from support import PACKAGE, Folder, Harness, needs, random_problem

HEAD = "import os, sys\nimport numpy as np\nimport admmbench\n"
TAIL = "\nif __name__ == '__main__':\n    admmbench.serve(Mine)\n"


def solver(body, head=""):
    """The text of a solver whose class body is `body`."""
    lines = "\n".join("    " + line for line in body.strip("\n").split("\n"))
    return f"{HEAD}{head}\nclass Mine(admmbench.Solver):\n{lines}\n{TAIL}"


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


class Requests(Folder):
    """What the page says of each request."""

    def harness(self, body, head="", arrays=None, **more):
        self.text = solver(body, head)
        return Harness(self, self.python("mine.py", self.text), arrays or random_problem(), **more)

    def test_all_that_initialise_carries_arrives(self):
        arrays = random_problem()
        body = """
def initialise(self, problem):
    assert self.problem is problem
    for name in ("x", "targets", "labels"):
        np.save(f"%s/{name}.npy", getattr(problem, name))
    self.said = [problem.widths, problem.activation, problem.loss, problem.precision, problem.iterations, problem.seed,
                 problem.threads, problem.params.lr, problem.params["lr"], problem.params.get("no", 7), problem.params.deep.a,
                 problem.L, problem.N, len(problem.W), str(problem.W[0].dtype)]
    print(self.said)
def step(self): pass
""" % self.folder
        harness = self.harness(body, arrays=arrays, params={"lr": 0.5, "deep": {"a": [1, 2]}}, seed=12, threads=2, iterations=33,
                               network={"activation": "tanh"}).initialise()
        said = harness.end()
        self.assertIn("[[5, 7, 3], 'tanh', 'cross_entropy', 'float64', 33, 12, 2, 0.5, 0.5, 7, [1, 2], 2, 60, 2, 'float64']",
                      said)
        for name in ("x", "targets", "labels"):
            np.testing.assert_array_equal(np.load(self.folder / f"{name}.npy"), arrays[name])

    def test_weights_updated_in_place_are_in_the_memory(self):
        arrays = random_problem(precision="float32")
        harness = self.harness("def step(self):\n    self.problem.W[1] += 1\n    self.problem.b[0][2] = 5", arrays=arrays)
        harness.initialise()
        W, b = harness.network()
        np.testing.assert_array_equal(W[1], arrays["W2"])
        harness.expect({}, "step")
        W, b = harness.network()
        np.testing.assert_array_equal(W[1], arrays["W2"] + np.float32(1))
        np.testing.assert_array_equal(W[0], arrays["W1"])
        self.assertEqual(b[0][2], 5)
        harness.end()

    def test_weights_of_its_own_are_written_when_asked_for(self):
        body = """
def initialise(self, problem):
    self.W = [w.astype(np.float64) for w in problem.W]
def step(self):
    self.W = [2 * w for w in self.W]
def weights(self):
    return self.W, [list(b + 1) for b in self.problem.b]
"""
        arrays = random_problem(precision="float32")
        harness = self.harness(body, arrays=arrays).initialise()
        harness.expect({}, "step")
        np.testing.assert_array_equal(harness.array("W1"), arrays["W1"])
        W, b = harness.network()
        np.testing.assert_allclose(W[0], 2 * arrays["W1"], rtol=1e-6)
        np.testing.assert_allclose(b[1], arrays["b2"] + 1, rtol=1e-6)
        harness.end()

    def test_samples_written_to_stay_with_the_solver(self):
        arrays = random_problem()
        harness = self.harness("def initialise(self, problem):\n    problem.x -= 1\n    problem.labels[:] = 0\n"
                               "    problem.targets[:] = 3\n    print(problem.x.mean())\ndef step(self): pass",
                               arrays=arrays).initialise()
        for name in ("x", "labels", "targets"):
            np.testing.assert_array_equal(harness.array(name), arrays[name])
        self.assertIn(str((arrays["x"] - 1).mean())[:6], harness.end())

    def test_regression_has_no_labels(self):
        harness = self.harness("def initialise(self, problem):\n    assert problem.labels is None\ndef step(self): pass",
                               arrays=random_problem(labels=False), network={"loss": "squared"}).initialise()
        harness.expect({}, "step")
        harness.end()

    def test_diagnostics(self):
        body = """
def step(self): pass
def diagnostics(self):
    return {"rho": np.float32(2.5), "residual": np.array([1e-3]), "objective": 3, "count": True, "bad": float("nan"),
            "far": np.inf, "low": -np.inf}
"""
        harness = self.harness(body).initialise()
        harness.expect({"objective": 3.0, "residual": 1e-3,
                        "columns": {"rho": 2.5, "count": 1.0, "bad": "nan", "far": "inf", "low": "-inf"}}, "diagnostics")
        harness.end()
        harness = self.harness("def step(self): pass").initialise()
        harness.expect({}, "diagnostics")
        harness.end()

    def test_a_column_that_is_left_out_later_is_nan(self):
        body = """
k = 0
def step(self): self.k += 1
def diagnostics(self): return {"rho": 1.0, "residual": 2.0} if self.k == 0 else {}
"""
        harness = self.harness(body).initialise()
        harness.expect({"residual": 2.0, "columns": {"rho": 1.0}}, "diagnostics")
        harness.expect({}, "step")
        harness.expect({"residual": "nan", "columns": {"rho": "nan"}}, "diagnostics")

    def test_nan_in_weights_is_not_the_packages_business(self):
        harness = self.harness("def step(self):\n    self.problem.W[0][:] = np.nan").initialise()
        harness.expect({}, "step")
        self.assertTrue(np.isnan(harness.network()[0][0]).all())
        harness.end()

    def test_what_float32_cannot_hold_is_infinite(self):
        harness = self.harness("def step(self): pass\ndef weights(self):\n    return [w * 0.0 + 1e300 for w in map(np.float64, "
                               "self.problem.W)], self.problem.b", arrays=random_problem(precision="float32")).initialise()
        self.assertTrue(np.isinf(harness.network()[0][0]).all())
        self.assertNotIn("Warning", harness.end())

    def test_what_is_printed_goes_to_people(self):
        body = """
def initialise(self, problem):
    print("by print")
    sys.stdout.write("by write, no end of line")
    os.system("echo by another program")
    os.write(1, b"by descriptor")
    self.read = sys.stdin.read()
def step(self):
    print({"error": "not one"})
    print(f"read {self.read!r}")
"""
        harness = self.harness(body, head="print('at import')").initialise()
        harness.expect({}, "step")
        harness.expect({}, "step")
        said = harness.end()
        for part in ("at import", "by print", "by write, no end of line", "by another program", "by descriptor", "not one",
                     "read ''"):
            self.assertIn(part, said)

    def test_serve_returns_after_the_end(self):
        text = solver("def step(self): pass") + "    print('after')\n"
        harness = Harness(self, self.python("mine.py", text), random_problem()).initialise()
        self.assertIn("after", harness.end())

    def test_the_harness_gone_ends_the_solver(self):
        harness = self.harness("def step(self): pass").initialise()
        harness.process.stdin.close()
        self.assertEqual(harness.process.wait(30), 1)
        self.assertIn("the harness is gone", harness.stderr())

    def test_ctrl_c_is_the_harness_to_answer(self):
        import signal
        harness = self.harness("def step(self): pass").initialise()
        harness.process.send_signal(signal.SIGINT)
        harness.expect({}, "step")
        harness.end()

    def test_started_by_hand_it_says_what_it_is(self):
        import os
        import pty
        mine, theirs = pty.openpty()
        self.addCleanup(os.close, mine)
        result = subprocess.run(self.python("mine.py", solver("def step(self): pass")), stdin=theirs, capture_output=True,
                                text=True, env={**os.environ, "PYTHONPATH": str(PACKAGE)}, timeout=60)
        os.close(theirs)
        self.assertEqual(result.returncode, 1)
        self.assertIn("command: [python3, mine.py]", result.stderr)
        self.assertIn("admmbench.check(Mine) tries it by itself", result.stderr)

    def test_two_runs_of_one_program_do_not_share(self):
        first, second = (self.harness("def step(self):\n    self.problem.W[0] += 1").initialise() for _ in range(2))
        first.expect({}, "step")
        self.assertFalse(np.array_equal(first.network()[0][0], second.network()[0][0]))


class Mistakes(Folder):
    """Every mistake of a solver is an error in words."""

    def error(self, body, do="step", arrays=None, before=(), **more):
        self.text = solver(body)
        harness = Harness(self, self.python("mine.py", self.text), arrays or random_problem(), **more)
        if do != "initialise":
            harness.initialise()
            for request in before:
                harness.expect({}, request)
            return harness.error(do), harness
        return harness.error(**harness.request), harness

    def test_an_exception_has_its_type_message_and_line(self):
        said, harness = self.error("def step(self):\n    self.helper()\ndef helper(self):\n    raise ValueError('too ä')")
        self.assertEqual(said, f"ValueError: too ä (mine.py, line {line_of(self.text, 'raise')}, in helper)")
        self.assertIn("Traceback", harness.stderr())
        self.assertEqual(harness.process.returncode, 1)

    def test_an_exception_inside_numpy_has_the_users_line(self):
        said, _ = self.error("def step(self):\n    np.linalg.solve(np.zeros((2, 2)), np.zeros(2))")
        self.assertIn(f"(mine.py, line {line_of(self.text, 'solve')}, in step)", said)
        self.assertIn("LinAlgError: Singular matrix", said)

    def test_an_exception_inside_the_package_has_the_users_line(self):
        said, _ = self.error("def step(self):\n    self.problem.output_prox(self.problem.targets, -1)")
        self.assertIn(f"(mine.py, line {line_of(self.text, 'prox')}, in step)", said)

    def test_exceptions_of_every_request(self):
        for do, method in (("initialise", "initialise(self, problem)"), ("weights", "weights(self)"),
                           ("diagnostics", "diagnostics(self)")):
            said, _ = self.error(f"def step(self): pass\ndef {method}:\n    return 1 // 0", do)
            self.assertIn("ZeroDivisionError", said)
            self.assertIn(f"in {do})", said)

    def test_sys_exit_is_an_error(self):
        self.assertIn("sys.exit(3)", self.error("def step(self): sys.exit(3)")[0])

    def test_no_step(self):
        self.assertIn("class Mine has no step(self)", self.error("pass")[0])

    def test_wrong_shapes(self):
        own = ("def step(self): pass\ndef weights(self):\n    W, b = list(self.problem.W), list(self.problem.b)\n"
               "    {}\n    return W, b")
        for change, wanted in (("W[1] = W[1].T", "weights(): W2 is (7, 3); its layer needs (3, 7)"),
                               ("b[0] = b[0][:, None]", "weights(): b1 is (7, 1); its layer needs (7,)"),
                               ("W[0] = 1.0", "weights(): W1 is (); its layer needs (7, 5)"),
                               ("W.pop()", "weights(): W must be a list of 2 arrays, one a layer; it has 1"),
                               ("b = 3", "weights(): b must be a list of 2 arrays, one a layer; it has no list"),
                               ("W[0] = np.full((7, 5), 'a')", "weights(): W1 holds <U1; numbers are needed"),
                               ("W[0] = W[0] + 1j", "weights(): W1 holds complex128; numbers are needed")):
            self.assertEqual(self.error(own.format(change), "weights")[0], wanted)

    def test_nothing_is_written_if_one_is_wrong(self):
        arrays = random_problem()
        _, harness = self.error("def step(self): pass\ndef weights(self):\n    W = [w + 1 for w in self.problem.W]\n"
                                "    return W, self.problem.b[::-1]", "weights", arrays=arrays)
        np.testing.assert_array_equal(harness.array("W1"), arrays["W1"])

    def test_weights_that_are_no_pair(self):
        for returned in ("None", "[1, 2, 3]", "np.zeros(2)"):
            said = self.error(f"def step(self): pass\ndef weights(self): return {returned}", "weights")[0]
            self.assertIn("weights() must return W, b", said)

    def test_diagnostics(self):
        for returned, wanted in (("{'rho': [1, 2]}", "'rho' has shape (2,); a number is needed"),
                                 ("{'rho': 'x'}", "'rho' is 'x'; a number is needed"),
                                 ("{'train_loss': 1}", "'train_loss' cannot be a column"),
                                 ("{'weight_change_1': 1}", "cannot be a column"), ("{'a/b': 1}", "cannot be a column"),
                                 ("{'': 1}", "cannot be a column"), ("{3: 1}", "cannot be a column"),
                                 ("3", "returned int; it must return a dict")):
            said = self.error(f"def step(self): pass\ndef diagnostics(self): return {returned}", "diagnostics")[0]
            self.assertIn(wanted, said)

    def test_a_column_that_comes_late(self):
        text = "k = 0\ndef step(self): self.k += 1\ndef diagnostics(self): return {'rho': 1} if self.k else {}"
        harness = Harness(self, self.python("mine.py", solver(text)), random_problem()).initialise()
        harness.expect({}, "diagnostics")
        harness.expect({}, "step")
        self.assertIn("'rho' was not there before the first iteration", harness.error("diagnostics"))

    def test_unknown_requests(self):
        said, _ = self.error("def step(self): pass", "wieghts")
        self.assertIn("unknown request 'wieghts'; did you mean 'weights'?", said)
        for text in ("no json", "[1]", '{"do": 3}', "{}"):
            harness = Harness(self, self.python("mine.py", self.text), random_problem()).initialise()
            harness.send(text)
            self.assertIn("error", json.loads(harness.line()))

    def test_step_before_initialise(self):
        harness = Harness(self, self.python("mine.py", solver("def step(self): pass")), random_problem())
        self.assertIn("the first request must be initialise", harness.error("step"))

    def test_another_protocol(self):
        said = self.error("def step(self): pass", "initialise", protocol=2)[0]
        self.assertIn("the harness speaks protocol 2, this package 1", said)

    def test_an_unknown_activation(self):
        said = self.error("def step(self): pass", "initialise", network={"activation": "rleu"})[0]
        self.assertIn("did you mean 'relu'?", said)


class Parameters(Folder):
    BODY = ("parameters = {'lr': 0.1, 'momentum': 0.9, 'inner': 3, 'rule': 'exact', 'fast': False, 'any': None}\n"
            "def initialise(self, problem):\n    print(dict(problem.params))\ndef step(self): pass")

    def said(self, params):
        harness = Harness(self, self.python("mine.py", solver(self.BODY)), random_problem(), params=params).initialise()
        return harness.end()

    def error(self, params):
        harness = Harness(self, self.python("mine.py", solver(self.BODY)), random_problem(), params=params)
        return harness.error(**harness.request)

    def test_defaults_and_values(self):
        self.assertIn("{'lr': 0.1, 'momentum': 0.9, 'inner': 3, 'rule': 'exact', 'fast': False, 'any': None}", self.said({}))
        self.assertIn("{'lr': 1.0, 'momentum': inf, 'inner': 4, 'rule': 'inf', 'fast': True, 'any': [1, 'a']}",
                      self.said({"lr": 1, "momentum": "inf", "inner": 4.0, "rule": "inf", "fast": True, "any": [1, "a"]}))

    def test_unknown_names(self):
        self.assertEqual(self.error({"momentun": 1}), "unknown parameter 'momentun'; did you mean 'momentum'? known: lr, "
                                                      "momentum, inner, rule, fast, any")
        self.assertIn("unknown parameter 'zzz'; known: lr", self.error({"zzz": 1}))

    def test_wrong_kinds(self):
        for params, wanted in (({"lr": "fast"}, "parameter 'lr' is 'fast'; a number is needed, as its default 0.1"),
                               ({"lr": True}, "a number is needed"), ({"inner": 2.5}, "a whole number is needed"),
                               ({"inner": "inf"}, "a whole number is needed"), ({"fast": 1}, "true or false is needed"),
                               ({"rule": 3}, "a word is needed"), ({"lr": [1]}, "a number is needed")):
            self.assertIn(wanted, self.error(params))

    def test_without_a_declaration_every_name_goes(self):
        text = solver("def initialise(self, problem):\n    print(problem.params.anything, problem.params.tol)\n"
                      "    problem.params.lrr\ndef step(self): pass")
        harness = Harness(self, self.python("mine.py", text), random_problem(), params={"anything": [1], "tol": "inf", "lr": 1})
        self.assertIn("there is no parameter 'lrr'; did you mean 'lr'?", harness.error(**harness.request))
        self.assertIn("[1] inf", harness.stderr())


@needs("torch")
class Tensors(Folder):
    def test_tensors_are_taken_with_and_without_gradients(self):
        text = solver("def initialise(self, problem):\n"
                      "    self.W = [torch.nn.Parameter(torch.tensor(w) + 1) for w in problem.W]\ndef step(self): pass\n"
                      "def weights(self): return self.W, [torch.tensor(b) - 1 for b in self.problem.b]\n"
                      "def diagnostics(self): return {'norm': self.W[0].sum(), 'residual': torch.tensor([2.0])}",
                      head="import torch\n")
        arrays = random_problem()
        harness = Harness(self, self.python("mine.py", text), arrays).initialise()
        W, b = harness.network()
        np.testing.assert_array_equal(W[1], arrays["W2"] + 1)
        np.testing.assert_array_equal(b[0], arrays["b1"] - 1)
        answer = harness.ask("diagnostics")
        self.assertEqual(answer["residual"], 2.0)
        self.assertAlmostEqual(answer["columns"]["norm"], float((arrays["W1"] + 1).sum()))
        harness.end()

    def test_the_package_does_not_import_it(self):
        code = "import sys, admmbench; print(sorted({'torch', 'pandas', 'h5py', 'matplotlib'} & set(sys.modules)))"
        said = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True,
                              env={"PYTHONPATH": str(PACKAGE), "PATH": "/usr/bin:/bin"}).stdout
        self.assertEqual(said.strip(), "[]")


class Trials(unittest.TestCase):
    """admmbench.check: the same without a harness."""

    def check(self, *arguments, **more):
        import contextlib
        import io

        import admmbench
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            records = admmbench.check(*arguments, **more)
        return records, said.getvalue()

    def own(self, **members):
        import admmbench
        return type("Own", (admmbench.Solver,), {"step": lambda self: None, **members})

    def test_it_records_what_a_run_would(self):
        def step(self):
            _, gW, gb = self.problem.train_loss_and_gradients()
            for l in range(self.problem.L):
                self.problem.W[l] -= self.problem.params.lr * gW[l]
                self.problem.b[l] -= self.problem.params.lr * gb[l]
        made = self.own(step=step, parameters={"lr": 0.1}, diagnostics=lambda self: {"rho": 2, "residual": np.nan})
        records, said = self.check(made, 5, params={"lr": 0.5})
        self.assertEqual([row["iteration"] for row in records], list(range(6)))
        losses = [row["train_loss"] for row in records]
        self.assertEqual(losses, sorted(losses, reverse=True))
        self.assertEqual(records[0]["rho"], 2)
        self.assertTrue(np.isnan(records[0]["residual"]))
        self.assertEqual(len(said.splitlines()), 6)
        self.assertIn(f"train_loss {losses[-1]:.6g}", said)
        again, _ = self.check(made, 5, params={"lr": 0.5})
        self.assertEqual([row["train_loss"] for row in again], losses)

    def test_it_looks_at_the_memory_as_the_harness_does(self):
        """A solver that forgets to hand its weights over does not learn, whatever it believes."""
        def initialise(self, problem):
            problem.W[0] = problem.W[0] + 1
        import admmbench
        records, _ = self.check(self.own(initialise=initialise, weights=lambda self: (self.problem.W, self.problem.b)), 1)
        before, _ = self.check(self.own(), 1)
        self.assertNotEqual(records[0]["train_loss"], before[0]["train_loss"])
        with self.assertRaisesRegex(admmbench.solver.SolverError, r"W1 is \(10, 20\); its layer needs \(20, 10\)"):
            self.check(self.own(weights=lambda self: ([w.T for w in self.problem.W], self.problem.b)))

    def test_other_shapes(self):
        records, _ = self.check(self.own(), 0, hidden=(), classes=2, features=4, samples=30, precision="float32", loss="squared",
                                activation="tanh")
        self.assertEqual(len(records), 1)

    def test_exceptions_are_the_solvers_own(self):
        def step(self):
            raise KeyError("mine")
        with self.assertRaisesRegex(KeyError, "mine"):
            self.check(self.own(step=step))
        import admmbench
        with self.assertRaisesRegex(TypeError, "no class made from admmbench.Solver"):
            admmbench.check(dict)
        with self.assertRaisesRegex(TypeError, "no class made from admmbench.Solver"):
            admmbench.serve(object())


class Control(Folder):
    """The stand-in harness notices what is against the protocol."""

    def harness(self, lines):
        text = "import sys\nfor line in sys.stdin:\n    sys.stdout.write(%r)\n    sys.stdout.flush()\n" % lines
        return Harness(self, self.python("mine.py", text), random_problem())

    def test_wrong_answers_are_noticed(self):
        for lines in ("no json\n", "[]\n", '{"objective": NaN}\n', "{}\n{}\n"):
            with self.assertRaises((AssertionError, ValueError)):
                self.harness(lines).ask("step")
        self.assertEqual(self.harness("{}\n").ask("step"), {})


if __name__ == "__main__":
    unittest.main()
