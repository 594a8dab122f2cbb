"""What the tests of the Python package share: folders, the program, and a stand-in for the harness that speaks
docs/reference/solver-protocol.md to a solver."""

import importlib.util
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python"
EXAMPLES = ROOT / "examples/external"
PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", "")

sys.dont_write_bytecode = True
sys.path.insert(0, str(PACKAGE))


def has(module):
    return importlib.util.find_spec(module) is not None


def needs(*packages):
    """Skips a class, saying why, where a module is missing: needs("torch", ...)."""
    missing = [name for name in packages if not has(name)]
    debian = ", ".join("python3-" + name for name in missing)
    return unittest.skipIf(missing, f"{debian} is not installed")


needs_program = unittest.skipUnless(PROGRAM, "ADMMBENCH_PROGRAM, the path of the program, is not set")


class Folder(unittest.TestCase):
    """A folder of its own, gone at the end."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="admmbench-python-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def program(self, *arguments, code=0):
        """What the program says. The solvers that it starts have this Python and this package."""
        programs = self.folder / "bin"
        if not programs.exists():
            programs.mkdir()
            (programs / "python3").symlink_to(sys.executable)
        environment = dict(os.environ, ADMMBENCH_CACHE=str(self.folder / "cache"), ADMMBENCH_SHARE=str(ROOT),
                           PATH=f"{programs}:{os.environ['PATH']}", OPENBLAS_NUM_THREADS="1")
        result = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=600,
                                env=environment)
        self.assertEqual(result.returncode, code, f"{arguments}\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result.stdout + result.stderr

    def python(self, name, text):
        """A solver of the tests' own."""
        path = self.folder / name
        path.write_text(text)
        return [sys.executable, "-B", str(path)]


def random_problem(samples=60, widths=(5, 7, 3), precision="float64", labels=True, seed=1):
    """{name: array} of the memory."""
    draw = np.random.default_rng(seed)
    y = np.arange(samples) % widths[-1]
    arrays = {"x": draw.normal(size=(samples, widths[0])) + 2 * np.eye(widths[-1], widths[0])[y],
              "targets": np.eye(widths[-1])[y] if labels else draw.normal(size=(samples, widths[-1]))}
    for l in range(1, len(widths)):
        arrays[f"W{l}"] = 0.1 * draw.normal(size=(widths[l], widths[l - 1]))
        arrays[f"b{l}"] = 0.1 * draw.normal(size=widths[l])
    arrays = {name: array.astype(precision) for name, array in arrays.items()}
    return {**arrays, "labels": y.astype(np.int64)} if labels else arrays


class Harness:
    """A process with a solver, and the memory that it is given. The page's rules are checked at every answer: one line, an
    object of JSON with numbers that JSON has."""

    def __init__(self, test, command, arrays, params=None, network=None, **request):
        self.test, self.arrays = test, arrays
        self.memory = test.folder / f"memory-{len(list(test.folder.glob('memory-*')))}"
        self.entries, offset = [], 0
        with open(self.memory, "wb") as file:
            for name, array in arrays.items():
                offset = -(-offset // 64) * 64
                file.seek(offset)
                file.write(np.ascontiguousarray(array).tobytes())
                self.entries.append({"name": name, "shape": list(array.shape), "type": str(array.dtype), "offset": offset})
                offset += array.nbytes
        L = sum(name[0] == "W" for name in arrays)
        self.widths = [arrays["x"].shape[1], *(len(arrays[f"b{l}"]) for l in range(1, L + 1))]
        self.request = {"do": "initialise", "protocol": 1, "memory": str(self.memory), "arrays": self.entries,
                        "widths": self.widths, "activation": "relu", "loss": "cross_entropy", "precision": str(arrays["x"].dtype),
                        "iterations": 10, "seed": 0, "threads": 1, "params": params or {}, **(network or {}), **request}
        environment = dict(os.environ, PYTHONPATH=str(PACKAGE), OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        environment.pop("PYTHONUNBUFFERED", None)
        self.said_to_people = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said_to_people,
                                        cwd=EXAMPLES, env=environment, bufsize=0)
        self.received = b""
        test.addCleanup(self.close)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.said_to_people.close()

    def send(self, request):
        text = request if isinstance(request, str) else json.dumps(request)
        self.process.stdin.write(text.encode() + b"\n")

    def line(self, seconds=60):
        while b"\n" not in self.received:
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                raise AssertionError(f"no answer within {seconds} s; {self.stderr()[-2000:]}")
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            if not data:
                raise AssertionError(f"the solver has ended: {self.stderr()[-2000:]}")
            self.received += data
        line, _, self.received = self.received.partition(b"\n")
        return line.decode()

    def ask(self, do, **more):
        """The answer, which may be an error."""
        self.send({"do": do, **more})
        line = self.line()
        self.test.assertEqual(self.received, b"", "more than one line for one request")

        def refused(constant):
            raise AssertionError(f"{constant} is not of JSON: {line}")
        answer = json.loads(line, parse_constant=refused)
        self.test.assertIsInstance(answer, dict, line)
        return answer

    def expect(self, answer, do, **more):
        self.test.assertEqual(self.ask(do, **more), answer)

    def initialise(self):
        answer = self.ask(**self.request)
        self.test.assertEqual(answer, {})
        return self

    def error(self, do, **more):
        """The text of the error that a request must give; the process ends."""
        answer = self.ask(do, **more)
        self.test.assertIn("error", answer)
        self.process.wait(30)
        return answer["error"]

    def array(self, name):
        """What lies in the memory now."""
        entry = next(entry for entry in self.entries if entry["name"] == name)
        data = self.memory.read_bytes()
        return np.frombuffer(data, entry["type"], int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"]).copy()

    def network(self):
        self.expect({}, "weights")
        layers = range(1, len(self.widths))
        return [self.array(f"W{l}") for l in layers], [self.array(f"b{l}") for l in layers]

    def end(self):
        self.send({"do": "end"})
        self.test.assertEqual(self.process.wait(30), 0, self.stderr()[-2000:])
        self.test.assertEqual(self.received + self.process.stdout.read(), b"", "an answer to end")
        return self.stderr()

    def stderr(self):
        self.said_to_people.seek(0)
        return self.said_to_people.read().decode(errors="replace")

    def losses(self, iterations):
        """Training loss at the iterations 0, 1, ...: computed here, from the memory."""
        losses = [self.loss()]
        for _ in range(iterations):
            self.expect({}, "step")
            losses.append(self.loss())
        return losses

    def loss(self):
        W, b = self.network()
        a = self.arrays["x"]
        f = {"relu": lambda z: np.maximum(z, 0), "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z), "tanh": np.tanh,
             "identity": lambda z: z, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}[self.request["activation"]]
        for l, (weight, bias) in enumerate(zip(W, b), 1):
            z = a @ weight.T + bias
            a = f(z)
        y = self.arrays["targets"]
        if self.request["loss"] == "squared":
            return 0.5 * np.sum((z - y) ** 2) / len(z)
        return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(y * z, axis=1))
