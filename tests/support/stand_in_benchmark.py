"""Stands in for the benchmark executable: understands the options that tools/timings/compare-timings gives and writes Google
Benchmark's JSON. Its times come from a seeded generator, so a test of the gate depends on no clock and no machine.

A stand-in is a small script that calls main() with what it shall pretend; write() makes one. Which round it is in, it
knows from how often it was called, counted in files of the folder `state`."""

import json
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent


def write(path, **pretence):
    """Makes an executable stand-in at `path`."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable} -SE\nimport sys\nsys.dont_write_bytecode = True\nsys.path.insert(0, {str(HERE)!r})\n"
                    f"import stand_in_benchmark\nstand_in_benchmark.main(**{pretence!r})\n")
    path.chmod(0o755)
    return path


def call_number(state, name):
    """0 at the first call for this benchmark, 1 at the second, ..."""
    if state is None:
        return 0
    file = pathlib.Path(state, name.replace("/", "_"))
    file.parent.mkdir(parents=True, exist_ok=True)
    number = int(file.read_text()) if file.exists() else 0
    file.write_text(str(number + 1))
    return number


def main(names=(), seed=0, factors=(1.0,), spread=0.01, round_spread=0.0, gemm=None, state=None, silent=False, fail=None,
         sleep=0, tool=False):
    """factors: true slowness, one per round, the last for all further ones. spread: of the repetitions. round_spread: of
    a call, what the machine's state does to it. gemm: GEMM reference in seconds. silent: lists benchmarks, reports none.
    fail: exit code of a measurement. tool: an admmbench of a user's own, whose `bench` takes other words."""
    options = dict(argument.lstrip("-").partition("=")[::2] for argument in sys.argv[1:])
    if tool:
        if sys.argv[1] != "bench":
            sys.exit(2)
        words = {"list": "benchmark_list_tests", "filter": "benchmark_filter", "repetitions": "benchmark_repetitions",
                 "out": "benchmark_out"}
        options = {words.get(name, name): value for name, value in options.items()}
    if "benchmark_list_tests" in options:
        print("\n".join(names))
        return
    if fail is not None:
        print("stand-in: told to fail", file=sys.stderr)
        sys.exit(fail)
    if sleep:
        import time
        time.sleep(sleep)
    wanted = [] if silent else [name for name in names if re.search(options["benchmark_filter"], name)]
    entries = [entry for name in wanted for entry in measure(name, int(options["benchmark_repetitions"]), seed, factors,
                                                             spread, round_spread, gemm, state)]
    print("noise on standard output, as libraries make it")
    pathlib.Path(options["benchmark_out"]).write_text(json.dumps({"context": {"num_cpus": 1}, "benchmarks": entries}))


def measure(name, repetitions, seed, factors, spread, round_spread, gemm, state):
    number = call_number(state, name)
    generator = random.Random(f"{seed} {name} {number}")
    level = factors[min(number, len(factors) - 1)] * (1 + round_spread * generator.gauss(0, 1))
    for index in range(repetitions):
        microseconds = 1000 * level * (1 + spread * generator.gauss(0, 1))
        entry = {"name": name, "run_name": name, "run_type": "iteration", "repetitions": repetitions,
                 "repetition_index": index, "real_time": microseconds, "cpu_time": microseconds, "time_unit": "us"}
        if gemm is not None:
            entry |= {"gemm_seconds": gemm, "ratio": microseconds * 1e-6 / gemm}
        yield entry
    # What the gate must not take for a sample.
    yield {"name": name + "_median", "run_name": name, "run_type": "aggregate", "aggregate_name": "median",
           "real_time": 1e9, "time_unit": "us"}
