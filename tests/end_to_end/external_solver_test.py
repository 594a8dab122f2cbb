"""Solver `external`: a program in any language beside the suite's own methods (docs/reference/solver-protocol.md)."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import h5py
import numpy as np

PROGRAM = pathlib.Path(os.environ["ADMMBENCH_PROGRAM"])

# Gradient descent on the mean loss without anything of the suite's; `fault` says what goes wrong, and when.
SOLVER = r'''
import json, os, signal, subprocess, sys, time
import numpy as np

def fault(params, when):
    kind, _, at = params.get("fault", "none").partition("@")
    return kind if at == when else ""

def answer(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()

steps = 0
for line in sys.stdin:
    request = json.loads(line)
    what = request["do"]
    if what == "initialise":
        start, params = request, request["params"]
        memory = np.memmap(request["memory"], np.uint8, "r+")
        arrays = {}
        for a in request["arrays"]:
            size = int(np.prod(a["shape"])) * np.dtype(a["type"]).itemsize
            arrays[a["name"]] = memory[a["offset"]:a["offset"] + size].view(a["type"]).reshape(a["shape"])
        L = len(request["widths"]) - 1
        W, b = [arrays[f"W{l}"] for l in range(1, L + 1)], [arrays[f"b{l}"] for l in range(1, L + 1)]
        x, y = arrays["x"], arrays["targets"]
        if "labels" in arrays:
            assert (y.argmax(1) == arrays["labels"]).all()
        if "log" in params:
            with open(params["log"], "w") as log:
                json.dump({"request": {k: v for k, v in request.items() if k != "arrays"}, "pid": os.getpid(),
                           "environment": {k: os.environ.get(k) for k in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                                                          "MKL_NUM_THREADS", "PYTHONPATH")}}, log)
    bad = fault(params, what if what != "step" or steps < 2 else "later")
    if bad == "hang":
        time.sleep(1000)
    elif bad == "child":
        child = subprocess.Popen(["sleep", "1000"])
        open(params["log"] + ".child", "w").write(str(child.pid))
        time.sleep(1000)
    elif bad == "crash":
        print("about to divide", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGSEGV)
    elif bad == "exit":
        print("something was not there", file=sys.stderr)
        sys.exit(3)
    elif bad == "close":
        os.close(1)
        time.sleep(1000)
    elif bad == "error":
        answer({"error": "rho must be positive"})
        continue
    elif bad == "print":
        print("iteration 3: loss 0.5")
    elif bad == "long":
        answer({"objective": "x" * 3_000_000})
    elif bad == "word":
        answer({"objective": "small"})
        continue
    elif bad == "key":
        answer({"loss": 1.0})
        continue
    elif bad == "noise":
        sys.stderr.write("progress " * 100_000)
    if what == "step":
        steps += 1
        a, z = [x], []
        for l in range(L):
            z.append(a[l] @ W[l].T + b[l])
            if l < L - 1:
                a.append(np.maximum(z[l], 0))
        if start["loss"] == "cross_entropy":
            e = np.exp(z[-1] - z[-1].max(1, keepdims=True))
            delta = (e / e.sum(1, keepdims=True) - y) / len(x)
        else:
            delta = (z[-1] - y) / len(x)
        for l in reversed(range(L)):
            below = (delta @ W[l]) * (z[l - 1] > 0) if l else None
            W[l] -= params["lr"] * delta.T @ a[l]
            b[l] -= params["lr"] * delta.sum(0)
            delta = below
        if bad == "nan":
            W[0][0, 0] = np.nan
        answer({})
    elif what == "diagnostics":
        said = {"residual": 0.5 ** steps, "columns": {"steps": steps, "limit": "inf"}}
        if bad == "late" and steps == 3:
            said["columns"]["new"] = 1
        if bad == "silent" and steps == 3:
            said = {}
        answer(said)
    elif what == "end":
        if bad == "stay":
            time.sleep(1000)
        break
    else:
        answer({})
'''

EXPERIMENT = """
experiment: own
datasets:
  - {{name: blobs, params: {{samples: 80, test_samples: 40, features: 6, classes: 3}}}}
network: {{hidden: [7, 5], loss: {loss}}}
precision: {precision}
seeds: [0, 1]
iterations: 12
solvers:
  - {{name: sgd, params: {{learning_rate: 0.3}}}}
  - {{name: external, label: ours, command: [/usr/bin/python3, gd.py], params: {{lr: 0.3}}}}
"""


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"


def gone_soon(pid):
    for _ in range(600):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


class External(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "gd.py").write_text(SOLVER)

    def run_program(self, *arguments, cwd=None):
        return subprocess.run([PROGRAM, *arguments], cwd=cwd or self.folder, capture_output=True, text=True)

    def write(self, text, name="own.yaml"):
        (self.folder / name).write_text(text)

    def entry(self, solver, iterations=4, more=""):
        self.write(f"""
experiment: own
datasets: [{{name: blobs, params: {{samples: 40, test_samples: 20}}}}]
network: {{hidden: [4]}}
iterations: {iterations}
{more}
solvers: [{solver}]
""")

    def columns(self, label="ours", seed=0, dataset="blobs"):
        with h5py.File(self.folder / f"results/runs/own/{dataset}/{label}/seed-{seed}.h5") as result:
            status = result.attrs["status"].decode(), result.attrs["message"].decode()
            return status, {name: column[()] for name, column in result["trajectory"].items()}

    def failure(self, fault, iterations=4, more=""):
        """How the run ends whose program has `fault`, and that another run beside it is made all the same."""
        self.entry(f"{{name: external, label: ours, command: [/usr/bin/python3, gd.py], answer_limit: 3, "
                   f"params: {{lr: 0.1, fault: {fault}, log: {self.folder}/log}}}}, {{name: sgd}}", iterations, more)
        outcome = self.run_program("run", "own.yaml")
        self.assertEqual(self.columns("sgd")[0][0], "completed", outcome.stderr)
        return self.columns()[0]

    # What it computes.

    def test_gradient_descent_of_ones_own_is_ours(self):
        for loss in ("cross_entropy", "squared"):
            for precision, tolerance in (("float64", 1e-12), ("float32", 2e-5)):
                with self.subTest(loss=loss, precision=precision):
                    self.write(EXPERIMENT.format(loss=loss, precision=precision))
                    outcome = self.run_program("run", "own.yaml", "--force")
                    self.assertEqual(outcome.returncode, 0, outcome.stderr)
                    for seed in (0, 1):
                        (status, _), ours = self.columns(seed=seed)
                        _, theirs = self.columns("sgd", seed)
                        self.assertEqual(status, "completed")
                        np.testing.assert_allclose(ours["train_loss"], theirs["train_loss"], rtol=tolerance)
                        np.testing.assert_array_equal(ours["test_accuracy"], theirs["test_accuracy"])
                        np.testing.assert_array_equal(ours["steps"], range(13))
                        np.testing.assert_array_equal(ours["residual"], 0.5 ** np.arange(13))
                        self.assertLess(ours["train_loss"][-1], ours["train_loss"][0])
        table = self.run_program("table", "results/runs")
        self.assertIn("ours (external)", table.stdout)

    def test_averages_searches_and_grids_are_those_of_every_method(self):
        self.write(f"""
experiment: own
datasets: [{{name: blobs, validation: 0.25, params: {{samples: 80, test_samples: 20}}}}]
network: {{hidden: [4]}}
iterations: 6
tune: {{runs: 3, method: random}}
solvers:
  - {{name: sgd, search: {{learning_rate: [0.05, 0.1, 0.4]}}, params: {{average: {{decay: 0.5}}}}}}
  - {{name: external, label: ours, command: [/usr/bin/python3, "{self.folder}/gd.py"], search: {{lr: [0.05, 0.1, 0.4]}},
     params: {{average: {{decay: 0.5}}, name: 'x "y"', list: [1, 2.5, true, null, {{a: b}}], text: "007"}}}}
precision: float64
""")
        outcome = self.run_program("run", "own.yaml")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        np.testing.assert_allclose(self.columns()[1]["train_loss"], self.columns("sgd")[1]["train_loss"], rtol=1e-12)
        self.entry("{name: external, label: ours, command: [/usr/bin/python3, gd.py], grid: {lr: [0.1, 0.2], momentum: [0, 1]}}")
        outcome = self.run_program("run", "own.yaml", "--out", "grid")
        self.assertEqual(sorted(p.name for p in (self.folder / "grid/own/blobs").iterdir()),
                         ["ours-lr=0.1,momentum=0", "ours-lr=0.1,momentum=1", "ours-lr=0.2,momentum=0",
                          "ours-lr=0.2,momentum=1"])

    def test_the_program_is_told_what_it_needs(self):
        params = f"lr: 0.1, log: {self.folder}/log, name: 'x \"y\"', list: [1, 2.5, true, null, {{a: b}}], text: \"007\""
        self.entry(f"{{name: external, label: ours, command: [/usr/bin/python3, gd.py], "
                   f"params: {{{params}, nested: {{deep: [x]}}}}}}")
        outcome = self.run_program("run", "own.yaml", "--threads", "2")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        log = json.loads((self.folder / "log").read_text())
        request = log["request"]
        self.assertEqual(request["params"], {"lr": 0.1, "log": f"{self.folder}/log", "name": 'x "y"', "text": "007",
                                             "list": [1, 2.5, True, None, {"a": "b"}], "nested": {"deep": ["x"]}})
        self.assertEqual((request["protocol"], request["activation"], request["loss"], request["precision"],
                          request["iterations"], request["seed"], request["threads"]),
                         (1, "relu", "cross_entropy", "float64", 4, 0, 2))
        self.assertEqual(request["widths"][1:-1], [4])
        environment = log["environment"]
        self.assertEqual({environment.pop("OMP_NUM_THREADS"), environment.pop("OPENBLAS_NUM_THREADS"),
                          environment.pop("MKL_NUM_THREADS")}, {"2"})
        self.assertTrue((pathlib.Path(environment["PYTHONPATH"].split(":")[0])).parts[-1] == "python")
        self.assertTrue(gone_soon(log["pid"]))

    # What it costs and when it is made again.

    def test_files_of_the_command_are_part_of_a_runs_identity(self):
        (self.folder / "helper.py").write_text("a = 1")
        entry = "{name: external, label: ours, command: [/usr/bin/python3, gd.py], files: [helper.py], params: {lr: 0.1}}"
        self.entry(entry)
        made = [self.run_program("run", "own.yaml").stdout]
        made.append(self.run_program("run", "own.yaml").stdout)
        (self.folder / "elsewhere").mkdir()
        made.append(self.run_program("run", "../own.yaml", "--out", "../results/runs", cwd=self.folder / "elsewhere").stdout)
        (self.folder / "helper.py").write_text("a = 2")
        made.append(self.run_program("run", "own.yaml").stdout)
        with open(self.folder / "gd.py", "a") as file:
            file.write("# changed\n")
        made.append(self.run_program("run", "own.yaml").stdout)
        cached = ["1 cached" in text or "cached: 1" in text or "from the cache" in text for text in made]
        self.assertEqual(cached, [False, True, True, False, False], "\n".join(made))

    def test_it_has_no_checkpoints_and_says_nothing_of_it(self):
        self.entry("{name: external, label: ours, command: [/usr/bin/python3, gd.py], params: {lr: 0.1}}",
                   more="checkpoint: {every: 1}")
        outcome = self.run_program("run", "own.yaml")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertNotIn("checkpoint", outcome.stdout + outcome.stderr)

    def test_a_result_is_repeated_only_where_its_program_is_trusted(self):
        self.entry("{name: external, label: ours, command: [/usr/bin/python3, gd.py], params: {lr: 0.1}}")
        self.run_program("run", "own.yaml")
        refused = self.run_program("rerun", "results/runs")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("--programs", refused.stderr)
        self.assertIn("gd.py", refused.stderr)
        repeated = self.run_program("rerun", "results/runs", "--programs")
        self.assertEqual(repeated.returncode, 0, repeated.stderr)
        self.assertIn("identical", repeated.stdout)

    # What can go wrong.

    def test_every_fault_ends_its_own_run_with_a_reason(self):
        for fault, status, *reasons in (
                ("hang@step", "failed", "no answer within 3 s"),
                ("hang@initialise", "failed", "no answer within 3 s"),
                ("crash@step", "failed", "signal 11", "about to divide"),
                ("exit@initialise", "failed", "exit status 3", "something was not there"),
                ("exit@later", "failed", "exit status 3", "something was not there"),
                ("close@step", "failed", "closed its standard output"),
                ("error@step", "failed", "rho must be positive"),
                ("error@weights", "failed", "rho must be positive"),
                ("print@step", "failed", "iteration 3: loss 0.5", "standard error"),
                ("long@diagnostics", "failed", "megabyte"),
                ("word@diagnostics", "failed", "objective", "small"),
                ("key@diagnostics", "failed", "loss", "objective, residual, columns"),
                ("late@diagnostics", "failed", "says new", "initial point"),
                ("nan@later", "diverged", "not finite"),
                ("silent@diagnostics", "completed", "4 iterations"),
                ("noise@step", "completed", "4 iterations"),
                ("stay@end", "completed", "4 iterations")):
            with self.subTest(fault=fault):
                found = self.failure(fault)
                self.assertEqual(found[0], status, found)
                for reason in reasons:
                    self.assertIn(reason, found[1])

    def test_what_the_program_started_goes_with_it(self):
        self.failure("child@step")
        self.assertTrue(gone_soon(int((self.folder / "log.child").read_text())))

    def test_the_program_goes_with_the_suite(self):
        self.entry(f"{{name: external, label: ours, command: [/usr/bin/python3, gd.py], "
                   f"params: {{lr: 0.1, fault: hang@step, log: {self.folder}/log}}}}")
        suite = subprocess.Popen([PROGRAM, "run", "own.yaml"], cwd=self.folder, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        while not (self.folder / "log").is_file() or not (self.folder / "log").read_text():
            time.sleep(0.05)
        suite.send_signal(signal.SIGKILL)
        suite.wait()
        self.assertTrue(gone_soon(json.loads((self.folder / "log").read_text())["pid"]))

    def test_a_wall_limit_is_kept(self):
        self.entry(f"{{name: external, label: ours, command: [/usr/bin/python3, gd.py], "
                   f"params: {{lr: 0.1, fault: hang@step, log: {self.folder}/log}}}}", more="stop: {wall_limit: 2}")
        outcome = self.run_program("run", "own.yaml")
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("wall limit", self.columns()[0][1])
        self.assertTrue(gone_soon(json.loads((self.folder / "log").read_text())["pid"]))

    def test_wrong_entries_are_refused_where_they_are(self):
        for entry, *reasons in (
                ("{name: external, label: ours}", "own.yaml:7", "solvers.0.command", "missing"),
                ("{name: external, command: [/usr/bin/python3, no.py]}", "no file 'no.py'", "experiment's folder"),
                ("{name: external, command: [pythn4, gd.py]}", "no program 'pythn4'"),
                ("{name: external, command: []}", "command", "at least one word"),
                ("{name: external, command: [/usr/bin/python3, gd.py], params: {command: [sh]}}", "in `params` too"),
                ("{name: external, command: [/usr/bin/python3, gd.py], answer_limit: -1}", "answer_limit"),
                ("{name: sgd, command: [/usr/bin/python3, gd.py]}", "solvers.0.command", "belongs to `name: external`")):
            with self.subTest(entry=entry):
                self.entry(entry)
                for command in ("validate", "run"):
                    outcome = self.run_program(command, "own.yaml")
                    self.assertEqual(outcome.returncode, 2, outcome.stderr)
                    for reason in reasons:
                        self.assertIn(reason, outcome.stdout + outcome.stderr)


if __name__ == "__main__":
    unittest.main()
