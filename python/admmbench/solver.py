"""Solvers in Python: the base class, and both ends it may be run from: the harness (serve) and a trial of its own (check)."""

import math
import os
import pathlib
import sysconfig
import traceback

import numpy as np

from admmbench.problem import Params, Problem
from admmbench.words import did_you_mean

PROTOCOL = 1
#: Columns that the harness writes itself.
HARNESS_COLUMNS = ("iteration", "seconds", "flops", "train_loss", "train_accuracy", "val_loss", "val_accuracy",
                   "test_loss", "test_accuracy", "squared_step")
HERE = pathlib.Path(__file__).resolve().parent
STDLIB = pathlib.Path(sysconfig.get_path("stdlib")).resolve()


class Solver:
    """A method of your own. `parameters` names what may stand in `params`, with defaults; left out, every name is taken.
    self.problem is there from initialise() on."""

    parameters = None

    def initialise(self, problem):
        """Builds the state, from problem.W and problem.b. Not timed."""

    def step(self):
        """One iteration; this and nothing else is timed."""
        raise NotImplementedError(f"class {type(self).__name__} has no step(self): write it, one iteration")

    def weights(self):
        """Current W and b: lists of arrays, or what np.asarray takes. Left out: problem.W and problem.b, updated in place."""
        return self.problem.W, self.problem.b

    def diagnostics(self):
        """Numbers by name: objective, residual, and whatever else is to be a column of the result. Not timed."""
        return {}


class SolverError(Exception):
    """What the solver did wrong, in words that need no traceback."""


def as_array(value):
    """An array of anything np.asarray takes, and of tensors with a gradient or on another device."""
    for name in ("detach", "cpu"):
        if hasattr(value, name):
            value = getattr(value, name)()
    return np.asarray(value)


def _number(name, value):
    array = as_array(value)
    if array.size != 1 or array.dtype.kind not in "biuf":
        what = f"has shape {array.shape}" if array.dtype.kind in "biuf" else f"is {value!r}"
        raise SolverError(f"diagnostics(): '{name}' {what}; a number is needed")
    return float(array.reshape(()))


def _as_json(number):
    """A number, or the text for one that JSON does not have."""
    if math.isnan(number):
        return "nan"
    return number if math.isfinite(number) else "inf" if number > 0 else "-inf"


def _from_json(value):
    return float(value) if value in ("nan", "inf", "-inf") else value


def checked_parameters(given, known):
    """What `params` holds, with the defaults of `known` (None: every name goes) for what is not given."""
    given = {name: Params(value) if isinstance(value, dict) else value for name, value in given.items()}
    if known is None:
        return Params({name: _from_json(value) if isinstance(value, str) else value for name, value in given.items()})
    for name in given:
        if name not in known:
            raise SolverError(f"unknown parameter '{name}'{did_you_mean(name, known)}")
    return Params({name: _checked(name, given.get(name, default), default) for name, default in known.items()})


def _checked(name, value, default):
    """`value` as the kind of thing that the default is."""
    if isinstance(value, str) and not isinstance(default, str):
        value = _from_json(value)
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}
    wanted = kinds.get(type(default))
    if wanted is None:
        return value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    whole = number and math.isfinite(value) and value == math.floor(value)
    right = {bool: isinstance(value, bool), int: whole, float: number, str: isinstance(value, str)}
    if not right[type(default)]:
        raise SolverError(f"parameter '{name}' is {value!r}; {wanted} is needed, as its default {default!r}")
    return type(default)(value)


class Session:
    """A solver between requests: dicts in, dicts out."""

    def __init__(self, solver_class):
        self.solver_class = solver_class
        self.solver = None
        self.columns = None

    def answer(self, request):
        """Of anything but `end`. Raises what the solver raises."""
        do = request.get("do")
        if do == "step":
            self._started().step()
            return {}
        if do == "weights":
            self._write_weights()
            return {}
        if do == "diagnostics":
            return self._diagnostics()
        if do == "initialise":
            self._initialise(request)
            return {}
        requests = ("initialise", "step", "weights", "diagnostics", "end")
        raise SolverError(f"unknown request {do!r}{did_you_mean(do, requests)}")

    def _started(self):
        if self.solver is None:
            raise SolverError("the first request must be initialise")
        return self.solver

    def _initialise(self, request):
        if request.get("protocol") != PROTOCOL:
            raise SolverError(f"the harness speaks protocol {request.get('protocol')}, this package {PROTOCOL}")
        params = checked_parameters(request["params"], self.solver_class.parameters)
        self.problem = mapped(request, params)
        self.solver = self.solver_class()
        self.solver.problem = self.problem
        # The memory, whatever the solver puts into the lists.
        self.memory = list(self.problem.W), list(self.problem.b)
        self.solver.initialise(self.problem)

    def _write_weights(self):
        given = self._started().weights()
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise SolverError("weights() must return W, b: two lists of arrays, one array a layer")
        new = []
        for name, arrays, memory in zip("Wb", given, self.memory):
            length = len(arrays) if hasattr(arrays, "__len__") else "no list"
            if length != len(memory):
                raise SolverError(f"weights(): {name} must be a list of {len(memory)} arrays, one a layer; it has {length}")
            new += [(self._checked(f"{name}{l}", *pair), pair[1]) for l, pair in enumerate(zip(arrays, memory), 1)]
        with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and the run has diverged
            for value, memory in new:
                if value is not None:
                    memory[...] = value

    @staticmethod
    def _checked(name, value, memory):
        """`value` as an array of the layer's shape; None if it lies in the memory already."""
        if value is memory:
            return None
        array = as_array(value)
        if array.shape != memory.shape:
            raise SolverError(f"weights(): {name} is {array.shape}; its layer needs {memory.shape}")
        if array.dtype.kind not in "biuf":
            raise SolverError(f"weights(): {name} holds {array.dtype}; numbers are needed")
        same = (array.dtype == memory.dtype and array.strides == memory.strides
                and array.__array_interface__["data"][0] == memory.__array_interface__["data"][0])
        return None if same else array

    def _diagnostics(self):
        given = self._started().diagnostics() or {}
        if not isinstance(given, dict):
            raise SolverError(f"diagnostics() returned {type(given).__name__}; it must return a dict of numbers")
        for name in given:
            named = isinstance(name, str) and name and "/" not in name and name.isprintable()
            if not named or name in HARNESS_COLUMNS or name.startswith("weight_change_"):
                raise SolverError(f"diagnostics(): {name!r} cannot be a column: it is empty, has a slash, or is one that the "
                                  "harness writes itself")
        if self.columns is None:
            self.columns = list(given)
        for name in given:
            if name not in self.columns:
                raise SolverError(f"diagnostics(): '{name}' was not there before the first iteration; give it every time, "
                                  "float('nan') where there is none")
        values = {name: _as_json(_number(name, given.get(name, math.nan))) for name in self.columns}
        answer = {name: values.pop(name) for name in ("objective", "residual") if name in values}
        return {**answer, "columns": values} if values else answer


def mapped(request, params):
    """The problem of an initialise: its arrays are the memory. W and b are shared, of the samples what is written stays here."""
    path = request["memory"]
    shared = np.memmap(path, dtype=np.uint8, mode="r+")
    private = np.memmap(path, dtype=np.uint8, mode="c")
    arrays = {}
    for entry in request["arrays"]:
        name = entry["name"]
        memory = private if name in ("x", "targets", "labels") else shared
        arrays[name] = np.ndarray(tuple(entry["shape"]), np.dtype(entry["type"]), memory, entry["offset"])
    layers = range(1, len(request["widths"]))
    W, b = ([arrays[f"{name}{l}"] for l in layers] for name in "Wb")
    problem = Problem(arrays["x"], arrays["targets"], W, b, labels=arrays.get("labels"), params=params,
                      **{key: request[key] for key in ("activation", "loss", "iterations", "seed", "threads")})
    problem.precision = request["precision"]
    return problem


def described(error):
    """An exception for the harness: its type, its message, and the line of the user's code that it came from."""
    if isinstance(error, SolverError):
        return str(error)
    if isinstance(error, SystemExit):
        error = RuntimeError(f"the solver called sys.exit({error.code!r})")
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_elsewhere(frame.filename)]
    if isinstance(error, SyntaxError) or not frames:
        return text
    return f"{text} ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno}, in {frames[-1].name})"


def _is_elsewhere(filename):
    """Whether a file is of this package, of Python or of what is installed, not the user's."""
    path = pathlib.Path(filename).resolve()
    installed = "site-packages" in path.parts or "dist-packages" in path.parts
    return filename.startswith("<") or installed or not {HERE, STDLIB}.isdisjoint(path.parents)


def serve(solver_class):
    """Runs a solver for the harness: requests on standard input, answers on standard output. What the solver prints goes to
    standard error. Returns after `end`; after an error, or without a harness, the program ends."""
    from admmbench.wire import Wire
    _require_solver(solver_class)
    Wire(solver_class).serve()


def _require_solver(solver_class):
    if not isinstance(solver_class, type) or not issubclass(solver_class, Solver):
        raise TypeError(f"{solver_class!r} is no class made from admmbench.Solver: class Mine(admmbench.Solver), and give Mine")


def check(solver_class, iterations=10, *, samples=200, features=10, classes=3, hidden=(20,), activation="relu",
          loss="cross_entropy", precision="float64", seed=0, params=None):
    """Runs a solver here, without the harness, on random classes, as the harness would; prints training loss and accuracy,
    and returns what it recorded, a dict an iteration. Exceptions are the solver's own."""
    from admmbench.wire import trial
    _require_solver(solver_class)
    network = {"activation": activation, "loss": loss, "precision": precision}
    return trial(Session(solver_class), iterations, samples, [features, *hidden, classes], network, seed, params or {})
