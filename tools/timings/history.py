"""The timing history: results/timings/<kind of machine>.jsonl, one line of JSON per revision."""

import dataclasses
import json
import pathlib
import statistics

from timings import codes
from timings.files import Failure, write_whole
from timings.job import gemm_columns

SCHEMA = 1
MEASURES = ("seconds", "gemm_seconds", "ratio")


def digits(value):
    """Six significant digits: more is noise that makes differences of the file hard to read."""
    return float(f"{value:.6g}")


def make_line(commit, date, machine, found):
    """found: {benchmark: Samples}"""
    benchmarks = {}
    for name, samples in sorted(found.items()):
        columns = {"seconds": samples.seconds, **gemm_columns(samples)}
        benchmarks[name] = {key: digits(statistics.median(values)) for key, values in columns.items()}
        benchmarks[name]["n"] = len(samples.seconds)
    return {"schema": SCHEMA, "commit": commit, "date": date, "machine": dataclasses.asdict(machine),
            "benchmarks": benchmarks}


def read(path):
    """The lines of a history file, oldest revision first."""
    lines = []
    for number, text in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        try:
            line = json.loads(text)
            known = line["schema"] == SCHEMA and line["commit"] and line["date"] and isinstance(line["benchmarks"], dict)
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise Failure(f"{path}:{number}: not a line of schema {SCHEMA}; mend or remove it, or take the file back from "
                          "git", codes.USAGE)
        lines.append(line)
    return sorted(lines, key=order)


def order(line):
    return line["date"], line["commit"]


def add(folder, machine, line):
    """Writes the line into its machine's file, in place of an earlier one of the same commit. (path, whether replaced)"""
    path = pathlib.Path(folder) / f"{machine.slug}.jsonl"
    lines = read(path) if path.is_file() else []
    others = [other for other in lines if other["commit"] != line["commit"]]
    write_whole(path, "".join(json.dumps(one) + "\n" for one in sorted([*others, line], key=order)))
    return path, len(others) < len(lines)


def series(lines, name, measure):
    """(lines, values) of one benchmark where it has that measure."""
    having = [line for line in lines if measure in line["benchmarks"].get(name, {})]
    return having, [line["benchmarks"][name][measure] for line in having]
