"""The two ends of docs/reference/solver-protocol.md: lines of JSON for the harness, and a harness of our own for a trial."""

import json
import os
import signal
import sys
import tempfile
import traceback

import numpy as np

from admmbench.solver import PROTOCOL, Session, described, mapped


class Wire:
    """Standard input and output, taken away from the solver: what it prints, and what programs that it starts print, goes to
    standard error, and what it reads is empty."""

    def __init__(self, solver_class):
        if sys.stdin is not None and sys.stdin.isatty():
            raise SystemExit(f"this is a solver for `admmbench run` (solvers: [{{name: external, command: [python3, "
                             f"{os.path.basename(sys.argv[0])}]}}]); admmbench.check({solver_class.__name__}) tries it by itself")
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the harness is interrupted, and ends us when it has what it needs
        self.input = os.fdopen(os.dup(0), "rb")
        self.output = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        sys.stdout.flush()  # what was printed on the way here, too
        sys.stdout = sys.stderr
        self.session = Session(solver_class)

    def send(self, text):
        line = memoryview((text + "\n").encode())
        while line:
            line = line[os.write(self.output, line):]

    def serve(self):
        for line in self.input:
            if line.isspace():
                continue
            try:
                request = json.loads(line)
                if request.get("do") == "end":
                    return
                answer = self.session.answer(request)
            except BaseException as error:  # sys.exit() of the solver's among them
                traceback.print_exc(file=sys.stderr)
                sys.stderr.flush()
                self.send(json.dumps({"error": described(error)}))
                raise SystemExit(1) from None
            self.send(json.dumps(answer, allow_nan=False) if answer else "{}")
        print("admmbench: the harness is gone", file=sys.stderr)
        raise SystemExit(1)


def _layout(arrays):
    entries, offset = [], 0
    for name, array in arrays.items():
        entries.append({"name": name, "shape": list(array.shape), "type": str(array.dtype), "offset": offset})
        offset += -(-array.nbytes // 64) * 64
    return entries, offset


def trial(session, iterations, samples, widths, network, seed, params):
    """What check() does."""
    draw = np.random.default_rng(seed)
    features, classes = widths[0], widths[-1]
    labels = np.arange(samples, dtype=np.int64) % classes
    arrays = {"x": draw.normal(size=(classes, features))[labels] * 2 + draw.normal(size=(samples, features)),
              "targets": np.eye(classes)[labels]}
    for l in range(1, len(widths)):
        arrays[f"W{l}"] = 0.1 * draw.normal(size=(widths[l], widths[l - 1]))
        arrays[f"b{l}"] = 0.1 * draw.normal(size=widths[l])
    arrays = {name: array.astype(network["precision"]) for name, array in arrays.items()} | {"labels": labels}
    entries, size = _layout(arrays)
    records = []
    with tempfile.NamedTemporaryFile(prefix="admmbench-check-") as file:
        file.truncate(size)
        for entry in entries:
            file.seek(entry["offset"])
            file.write(arrays[entry["name"]].tobytes())
        file.flush()

        def ask(do, **more):
            return json.loads(json.dumps(session.answer(json.loads(json.dumps({"do": do, **more}))), allow_nan=False))

        def record(k):
            ask("weights")
            row = {"iteration": k, "train_loss": harness.train_loss(), "train_accuracy": harness.train_accuracy()}
            said = ask("diagnostics")
            columns = said.pop("columns", {})
            row.update({name: float(value) for name, value in {**said, **columns}.items()})
            records.append(row)
            print("  ".join(f"{name} {value:.6g}" for name, value in row.items()))

        request = dict(protocol=PROTOCOL, memory=file.name, arrays=entries, widths=widths, **network, iterations=iterations,
                       seed=seed, threads=1, params=params)
        harness = mapped(request, {})
        ask("initialise", **request)
        record(0)
        for k in range(1, iterations + 1):
            ask("step")
            record(k)
    return records
