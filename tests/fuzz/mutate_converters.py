#!/usr/bin/env python3
"""Feeds mutants of small raw files of every kind to the readers of datasets/convert for some seconds. Each
must be converted or refused by a ConversionError, within limits of time and memory, by a process that lives on.

    mutate_converters.py CORPUS/raw --seconds 60 [--seed 1] [--findings FOLDER]

Prints the mutants tried of each kind; exit code 1, and the input in FOLDER, for a finding."""

import argparse
import os
import pathlib
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "datasets/convert"))

import h5py  # noqa: E402
from container import ConversionError  # noqa: E402
from kinds import CONVERTERS  # noqa: E402

SECONDS = 20  # of processor time for one mutant
BYTES = 4 << 30
BATCH = 100  # mutants of one child process

WORDS = (b"nan", b"inf", b"1e999", b"-1", b"0", b"99999999999999999999", b":", b",", b"\n", b"#", b"\0", b"\xff\xff\xff\xff",
         b"\x7f\xff\xff\xff", b"(", b"cnumpy\nndarray\n", b"cos\nsystem\n", b"R", b"\x80\x02", b"PK\x03\x04", b"1_000",
         b"\xef\xbb\xbf")


def mutate(content, numbers):
    content = bytearray(content)
    for _ in range(numbers.choice((1, 1, 2, 4, 16))):
        at = numbers.randrange(len(content) + 1)
        kind = numbers.randrange(6)
        if kind == 0 and content:
            content[at % len(content)] = numbers.randrange(256)
        elif kind == 1 and content:
            content[at % len(content)] ^= 1 << numbers.randrange(8)
        elif kind == 2:
            content[at:at] = numbers.choice(WORDS)
        elif kind == 3:
            content[at:at + len(numbers.choice(WORDS))] = numbers.choice(WORDS)
        elif kind == 4:
            del content[at:at + numbers.randrange(1, 9)]
        else:
            begin = numbers.randrange(len(content) + 1)
            content[at:at] = content[begin:begin + numbers.randrange(1, 33)]
    return bytes(content)


def allow(seconds):
    """So much more processor time for this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, resource.RLIM_INFINITY))


def try_one(kind, inputs):
    """C: converted, R: refused in words, F: a finding."""
    try:
        with h5py.File("out.h5", "w") as file:
            CONVERTERS[kind](inputs, file)
        return b"C"
    except ConversionError as error:
        return b"R" if str(error) else b"F"
    except BaseException:
        traceback.print_exc()
        return b"F"


def try_many(corpus, kind, seed, folder, pipe):
    """A child's work: mutants of one kind, a letter for each; the first is no mutant. The input of the last stays in `folder`."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    os.chdir(folder)
    numbers = random.Random(seed)
    seeds = {path.name: path.read_bytes() for path in sorted((corpus / kind).iterdir())}
    for number in range(BATCH):
        inputs = {role: folder / role for role in seeds}
        victim = numbers.choice(sorted(seeds)) if number else None
        for role, content in seeds.items():
            inputs[role].write_bytes(mutate(content, numbers) if role == victim else content)
        allow(SECONDS)
        end = try_one(kind.partition("-")[0], inputs)
        if (folder / "PWNED").exists() or (number == 0 and end != b"C"):
            end = b"F"
        os.write(pipe, end)
        if end == b"F":
            return


def run_batch(corpus, kind, seed, folder):
    """Letters of the mutants that ended, and how the child did."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try_many(corpus, kind, seed, folder, writing)
        os._exit(0)
    os.close(writing)
    letters = b""
    while chunk := os.read(reading, 4096):
        letters += chunk
    os.close(reading)
    return letters, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=pathlib.Path, default=pathlib.Path("findings"))
    arguments = parser.parse_args()
    corpus, findings = arguments.corpus.resolve(), arguments.findings.resolve()
    kinds = sorted(path.name for path in corpus.iterdir())
    letters = dict.fromkeys(kinds, b"")
    found = 0
    end = time.monotonic() + arguments.seconds
    batch = 0
    while time.monotonic() < end:
        kind = kinds[batch % len(kinds)]
        with tempfile.TemporaryDirectory() as work:
            folder = pathlib.Path(work)
            ended, code = run_batch(corpus, kind, f"{arguments.seed}/{batch}", folder)
            letters[kind] += ended
            if code != 0 or b"F" in ended:
                found += 1
                place = findings / f"{kind}-{arguments.seed}-{batch}"
                shutil.copytree(folder, place, dirs_exist_ok=True)
                why = signal.Signals(-code).name if code < 0 else "not refused in words, or not converted"
                print(f"{kind}: {why}; input in {place}", file=sys.stderr)
        batch += 1
    for kind in kinds:
        print(f"{kind}: {len(letters[kind])} mutants, {letters[kind].count(b'R')} refused")
    print(f"converters: {sum(map(len, letters.values()))} mutants, findings: {found}")
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
