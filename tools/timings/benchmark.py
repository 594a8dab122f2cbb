"""Runs a Google Benchmark executable, or an admmbench of a user's own whose `bench` does the same, and reads what it writes."""

import dataclasses
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import tempfile

from timings import codes
from timings.files import Failure

SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


@dataclasses.dataclass
class Samples:
    """One benchmark's repetitions, equally long columns; `gemm_seconds` and `ratio` may be empty."""
    seconds: list = dataclasses.field(default_factory=list)
    gemm_seconds: list = dataclasses.field(default_factory=list)
    ratio: list = dataclasses.field(default_factory=list)

    def extend(self, other):
        for name in ("seconds", "gemm_seconds", "ratio"):
            getattr(self, name).extend(getattr(other, name))


def read_report(text, where):
    """({benchmark: Samples}, context) of Google Benchmark's JSON; aggregates are left out, we make our own."""
    try:
        report = json.loads(text)
        entries, context = report["benchmarks"], report.get("context", {})
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"{where}: not the JSON of a Google Benchmark run ({error})", codes.BENCHMARK_FAILED) from None
    found = {}
    for entry in entries:
        if entry.get("run_type", "iteration") != "iteration":
            continue
        name = entry.get("run_name", entry["name"])
        if entry.get("error_occurred"):
            raise Failure(f"{where}: benchmark {name} reports an error: {entry.get('error_message', '')}",
                          codes.BENCHMARK_FAILED)
        seconds = entry["real_time"] * SECONDS[entry.get("time_unit", "ns")]
        if not (math.isfinite(seconds) and seconds > 0):
            raise Failure(f"{where}: benchmark {name} took {seconds} s; a time must be above 0", codes.BENCHMARK_FAILED)
        samples = found.setdefault(name, Samples())
        samples.seconds.append(seconds)
        # Counters that are missing or not numbers (a NaN says "not measured") leave their column empty.
        for counter in ("gemm_seconds", "ratio"):
            value = entry.get(counter)
            if isinstance(value, (int, float)) and math.isfinite(value) and value > 0:
                getattr(samples, counter).append(float(value))
    return found, context


@dataclasses.dataclass
class Program:
    """An executable with the conditions under which it is run."""
    path: pathlib.Path
    label: str  # what messages call it
    threads: int = 1
    cpus: tuple = ()  # empty: wherever the system puts it
    timeout: float = 600.0
    is_tool: bool = False  # an admmbench: names() finds out

    def names(self):
        """All its benchmarks, in its order."""
        try:
            output = self._run(["--benchmark_list_tests=true"])
        except Failure as no_benchmark:
            try:
                output = self._run(["bench", "--list"])
            except Failure as no_tool:
                raise Failure(f"{no_benchmark}\n{no_tool}", codes.BENCHMARK_FAILED) from None
            self.is_tool = True
        return [line.strip() for line in output.splitlines() if line.strip()]

    def measure(self, name, repetitions, min_time):
        """(Samples, context) of one benchmark in a process of its own."""
        # Beside the program, whose folder goes as a whole: a signal may come between making a folder and entering `with`.
        with tempfile.TemporaryDirectory(prefix="report-", dir=self.path.parent) as folder:
            # A file: what the program prints besides must not spoil the JSON.
            out = pathlib.Path(folder, "report.json")
            if self.is_tool:
                self._run(["bench", f"--filter=^{escape(name)}$", f"--repetitions={repetitions}", f"--min-time={min_time:g}",
                           f"--threads={self.threads}", f"--out={out}"])
            else:
                self._run([f"--benchmark_filter=^{escape(name)}$", f"--benchmark_repetitions={repetitions}",
                           f"--benchmark_min_time={min_time:g}",  # 1.7.1 wants a bare number
                           f"--benchmark_out={out}", "--benchmark_out_format=json"])
            text = out.read_text() if out.is_file() else ""
        found, context = read_report(text, self.label) if text.strip() else ({}, {})
        return found.get(name, Samples()), context

    def _run(self, arguments):
        command = [str(self.path), *arguments]
        try:
            process = subprocess.Popen(command, env=environment(self.threads), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True, start_new_session=True,
                                       preexec_fn=self._pin if self.cpus else None)
        except OSError as error:
            raise Failure(f"{self.label}: {self.path} cannot be run: {error.strerror}", codes.BENCHMARK_FAILED) from None
        try:
            output, errors = process.communicate(timeout=self.timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.label}: {' '.join(command)}: stopped after {self.timeout:g} s (--timeout)",
                          codes.BENCHMARK_FAILED) from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # its own group, by its own number
                process.wait()
        if process.returncode != 0:
            how = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
            raise Failure(f"{self.label}: {' '.join(command)}: ended with {how}\n{errors.strip()[-2000:]}",
                          codes.BENCHMARK_FAILED)
        return output

    def _pin(self):
        os.sched_setaffinity(0, self.cpus)


def environment(threads):
    return os.environ | {variable: str(threads) for variable in THREAD_VARIABLES}


def escape(name):
    """For the POSIX and the ECMAScript syntax alike: a backslash only before what both take as special."""
    return re.sub(r"([.\[\]{}()\\*+?|^$])", r"\\\1", name)


def choose_cpus(wish, threads):
    """The processors to pin to: `wish` is "auto", "none" or a number. The last ones: the first serves most interrupts."""
    if wish == "none" or not hasattr(os, "sched_setaffinity"):
        return ()
    allowed = sorted(os.sched_getaffinity(0))
    if wish == "auto":
        return tuple(allowed[-threads:])
    if not wish.isdecimal() or int(wish) not in allowed:
        raise Failure(f"--cpu {wish}: allowed are auto, none, {', '.join(map(str, allowed))}", codes.USAGE)
    if threads > 1:
        raise Failure(f"--cpu {wish}: {threads} threads do not fit on one processor; use --cpu auto or none",
                      codes.USAGE)
    return (int(wish),)
