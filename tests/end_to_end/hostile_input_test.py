"""Damaged and hostile files: an error with the file's name, bounded time, nothing executed, nothing written outside the folder
that was named. $ADMMBENCH_PROGRAM is the program; all inputs are made here."""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

import h5py
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))

SMALL = """experiment: small
datasets: [{name: blobs, params: {samples: 40, test_samples: 20}}]
network: {hidden: [4]}
seeds: [0, 1]
iterations: 3
solvers: [{name: adam}, {name: dladmm}]
"""
READERS = (["table"], ["export"], ["rank"], ["report", "-o", "page"], ["plot", "-o", "figure.svg"], ["rates"])


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.work = self.folder / "work"
        self.work.mkdir()
        self.environment = dict(os.environ, ADMMBENCH_CACHE=str(self.folder / "cache"))

    def run_it(self, *arguments, **more):
        environment = dict(self.environment, **more)
        return subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.work, env=environment, capture_output=True,
                              text=True, errors="replace", timeout=120)

    def expect(self, code, *arguments, **more):
        result = self.run_it(*arguments, **more)
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, code, f"{arguments}\n{said[:3000]}")
        return said

    def write(self, name, text):
        path = self.work / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def files_outside(self):
        """Everything in the folder that is neither the working folder nor the cache."""
        inside = (self.work, self.folder / "cache")
        return [p for p in self.folder.rglob("*") if not any(p == i or i in p.parents for i in inside)]

    def make_results(self):
        self.write("small.yaml", SMALL)
        self.expect(0, "run", "small.yaml", "--quiet", "--threads", 1)
        self.results = sorted(self.work.rglob("seed-*.h5"))
        self.assertEqual(len(self.results), 4)
        return self.results


def as_written_before(source, target, **changes):
    """A file of schema 1: texts of variable length, no checksum."""
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        for name in old:
            old.copy(name, new)
        for name, value in old.attrs.items():
            if name != "checksum":
                new.attrs[name] = value.decode() if isinstance(value, bytes) else value
        new.attrs["schema_version"] = 1
        for name, value in changes.items():
            new.attrs[name] = value


class DamagedResults(Folder):
    def test_a_changed_value_is_damage_which_every_reader_names_and_run_heals(self):
        victim = self.make_results()[0]
        whole = victim.read_bytes()
        for change in ("value", "weight", "attribute"):
            victim.write_bytes(whole)
            with h5py.File(victim, "r+") as file:
                if change == "value":
                    file["trajectory/test_accuracy"][1] = 0.123
                elif change == "weight":
                    file["final/W1"][0, 0] += 1
                else:
                    file.attrs["seed"] = 7
            for reader in READERS:
                said = self.expect(1, reader[0], "results/runs/small", *reader[1:])
                self.assertIn(victim.name, said)
                self.assertIn("damaged", said)
            self.expect(1, "compare", "results/runs/small", "results/runs/small")
            self.expect(1, "claims", "results/runs/small", "--brief")
            said = self.expect(4, "verify", "results/runs")
            self.assertRegex(said, r"damaged .*seed-0.h5")
        said = self.expect(0, "run", "small.yaml", "--threads", 1)
        self.assertIn(str(victim.relative_to(self.work)), said)
        self.assertIn("4 runs, 3 cached, 1 to run", said)
        self.expect(0, "table", "results/runs/small")
        self.expect(0, "verify", "results/runs")

    def test_values_out_of_their_range_are_damage_in_old_files_too(self):
        victim = self.make_results()[0]
        good = self.folder / "good.h5"
        shutil.copy(victim, good)

        def accuracy(file):
            file["trajectory/test_accuracy"][1] = 7.5

        def order(file):
            file["trajectory/iteration"][1] = 9

        def time(file):
            file["trajectory/seconds"][1] = -1

        def status(file):
            file.attrs["status"] = "fine"

        def version(file):
            file.attrs["schema_version"] = 3

        for change, word in ((accuracy, "7.5, expected 0 to 1"), (order, "ascending"), (time, "-1"), (status, "fine"),
                             (version, "schema 3 is not known")):
            as_written_before(good, victim)
            with h5py.File(victim, "r+") as file:
                change(file)
            said = self.expect(1, "table", "results/runs/small")
            self.assertIn(word, said)
            self.assertIn(victim.name, said)

    def test_old_files_are_read(self):
        for path in self.make_results():
            copy = self.folder / path.name
            shutil.copy(path, copy)
            as_written_before(copy, path)
        self.expect(0, "table", "results/runs/small")
        self.assertIn("4 runs, 4 cached", self.expect(0, "run", "small.yaml", "--threads", 1))

    def test_results_hold_no_text_of_variable_length(self):
        for path in self.make_results():
            self.assertNotIn(b"GCOL", path.read_bytes())
            with h5py.File(path) as file:
                for name, value in file.attrs.items():
                    self.assertNotIsInstance(value, str, name)

    def test_no_flipped_byte_ends_a_reader(self):
        """Of old files, whose heap crashes the library, and of new ones."""
        new = self.make_results()[0]
        old = self.folder / "old.h5"
        as_written_before(new, old)
        numbers = random.Random(1)
        kept = self.work / "damaged"
        kept.mkdir()
        for source in (new, old):
            whole = source.read_bytes()
            heap = [m.start() for m in re.finditer(b"GCOL", whole)]
            for number in range(60):
                content = bytearray(whole)
                for _ in range(numbers.choice((1, 1, 8))):
                    at = numbers.randrange(len(content))
                    if heap and number % 2:
                        at = numbers.choice(heap) + numbers.randrange(64)
                    content[at] = numbers.choice((0, 1, 0x7F, 0xFF, numbers.randrange(256)))
                (kept / f"seed-{number}.h5").write_bytes(content)
            for number in range(20):
                (kept / f"seed-{100 + number}.h5").write_bytes(whole[:numbers.randrange(len(whole))])
            result = self.run_it("verify", "damaged")
            self.assertEqual(result.returncode, 4, result.stderr[-2000:])
            for reader in (["table"], ["report", "-o", "page"]):
                result = self.run_it(reader[0], "damaged", *reader[1:])
                self.assertEqual(result.returncode, 1, result.stderr[-2000:])


class Names(Folder):
    def test_nothing_is_written_outside_the_named_folder(self):
        good = self.make_results()[0]
        target = self.work / "in" / "seed-0.h5"
        target.parent.mkdir()
        for experiment in ("../../x", "/tmp/admmbench-x", "a/../../../x", "..", "a\x1b[2Jb", "a\nb"):
            as_written_before(good, target, experiment=experiment)
            for command in (["table", "in", "-o", "out"], ["rank", "in", "-o", "out"],
                            ["claims", "in", "--brief", "--save-summaries", "out"],
                            ["claims", "in", "--brief", "--save-reference", "out"]):
                result = self.run_it(*command)
                said = result.stdout + result.stderr
                self.assertEqual(result.returncode, 1, f"{command} {said[:1000]}")
                self.assertNotIn("\x1b", said)
            self.assertEqual(self.files_outside(), [])
            self.assertFalse(pathlib.Path("/tmp/admmbench-x.md").exists())
        # What it says of its end is shown, on one line that steers no terminal.
        as_written_before(good, target, status="failed", message="two\nlines \x1b[2J", host="\x1b[3J", cpu="c\x1b[0m")
        for command in (["verify", "in"], ["table", "in"], ["export", "in", "--summary"], ["report", "in", "-o", "out"]):
            result = self.run_it(*command)
            self.assertNotIn("\x1b", result.stdout + result.stderr)
        self.assertRegex(self.run_it("verify", "in").stdout, "two lines")
        # A summary says what it likes, too.
        self.expect(0, "export", "results/runs/small", "--summary", "-o", "s.csv")
        self.write("s.csv", (self.work / "s.csv").read_text().replace("small,", "../../x,"))
        for command in (["rank", "s.csv", "-o", "out"], ["claims", "s.csv", "--brief", "--save-summaries", "out"]):
            self.assertEqual(self.run_it(*command).returncode, 1)
        self.assertEqual(self.files_outside(), [])

    def test_registries_name_no_options_and_no_other_folders(self):
        entry = """{name}:
  kind: libsvm
  summary: s
  addresses: ['{address}']
  files:
    - {{role: train, name: '{file}', sha256: dd9cb84beee4338679e457238bb75ed993fe781117010c2d418a5ddb14dd8cf1}}
  licence: l
  citation: c
"""
        self.write("rc.txt", 'url = "file:///etc/hostname"\noutput = "PWNED"\n')
        self.write("e.yaml", SMALL)
        right = {"name": "evil", "address": "file:///none/", "file": "t"}
        for key, value in (("address", "-Krc.txt"), ("address", ""), ("address", "--next"), ("file", "-Krc.txt"),
                           ("file", "../../t"), ("file", "/etc/passwd"), ("name", "../../x"), ("name", "'a\x01b'")):
            self.write("reg.yaml", entry.format(**dict(right, **{key: value})))
            said = self.expect(3, "data", "fetch", right["name"], ADMMBENCH_REGISTRY="reg.yaml")
            self.assertIn("reg.yaml", said)
            self.assertFalse((self.work / "PWNED").exists())
            self.assertEqual(self.files_outside(), [])


def data_file(path, rows=60):
    numbers = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for split in ("train", "test"):
            file[f"{split}/x"] = numbers.normal(size=(rows, 3))
            file[f"{split}/y"] = numbers.integers(0, 2, size=rows)
    return path


def graph_file(path, nodes=40):
    ring = np.arange(nodes)
    with h5py.File(path, "w") as file:
        file["graph/edges"] = np.array([ring, (ring + 1) % nodes])
        file["nodes/y"] = ring % 2
        file["nodes/x/data"] = np.ones(nodes)
        file["nodes/x/indices"] = ring % 5
        file["nodes/x/indptr"] = np.arange(nodes + 1)
        file["nodes/x"].attrs["shape"] = np.array([nodes, 5])
        file["split/train"] = ring[:20]
        file["split/test"] = ring[20:]
    return path


class DataFiles(Folder):
    def refused(self, words, change):
        path = data_file(self.work / "mine.h5")
        with h5py.File(path, "r+") as file:
            change(file)
        self.write("e.yaml", SMALL.replace("{name: blobs, params: {samples: 40, test_samples: 20}}", "{file: mine.h5}"))
        said = self.expect(3, "run", "e.yaml", "--threads", 1)
        self.assertIn("mine.h5", said)
        for word in words:
            self.assertIn(word, said)

    def test_what_lies_elsewhere_is_refused(self):
        data_file(self.work / "other.h5")
        self.write("raw", bytes(60 * 3 * 8))

        def replace(file, make):
            del file["train/x"]
            make(file)

        def external_link(file):
            file["train/x"] = h5py.ExternalLink("other.h5", "/train/x")

        def soft_link(file):
            file["train/x"] = h5py.SoftLink("/test/x")

        def external_storage(file):
            file.create_dataset("train/x", (60, 3), "f8", external=[("raw", 0, 60 * 3 * 8)])

        def view(file):
            layout = h5py.VirtualLayout((60, 3), "f8")
            layout[:] = h5py.VirtualSource("other.h5", "train/x", (60, 3))
            file.create_virtual_dataset("train/x", layout)

        for make, word in ((external_link, "link into another file"), (soft_link, "soft link"),
                           (external_storage, "in another file"), (view, "view of other files")):
            self.refused(["/train/x", word], lambda file, make=make: replace(file, make))

    def test_declared_sizes_are_checked_against_the_file(self):
        def many_rows(file):
            del file["train/x"]
            file.create_dataset("train/x", (200_000_000, 3), "f8")

        def many_packed_rows(file):
            del file["train/x"]
            file.create_dataset("train/x", (2**40, 3), "f8", chunks=(1024, 3), compression="gzip")

        def many_classes(file):
            file.attrs["classes"] = 10_000_000

        def high_label(file):
            file["train/y"][5] = 10_000_000

        def not_finite(file):
            file["train/x"][3, 1] = np.nan

        for change, word in ((many_rows, "declares the shape (200000000, 3)"), (many_packed_rows, "declares the shape"),
                             (many_classes, "10000000 classes"), (high_label, "classes for 60 samples"),
                             (not_finite, "sample 3, column 1")):
            self.refused([word], change)

    def test_no_flipped_byte_ends_a_run(self):
        self.flip(data_file(self.work / "mine.h5").read_bytes())

    def test_no_flipped_byte_of_a_graph_ends_a_run(self):
        self.flip(graph_file(self.work / "mine.h5").read_bytes())

    def flip(self, whole):
        self.write("e.yaml", SMALL.replace("{name: blobs, params: {samples: 40, test_samples: 20}}", "{file: mine.h5}"))
        numbers = random.Random(2)
        for _ in range(40):
            content = bytearray(whole)
            for _ in range(4):
                content[numbers.randrange(4000)] = numbers.choice((0, 1, 0xFF, numbers.randrange(256)))
            self.write("mine.h5", bytes(content))
            self.assertIn(self.run_it("validate", "e.yaml").returncode, (0, 2, 3))
            self.assertIn(self.run_it("run", "e.yaml", "--threads", 1, "--quiet", "--only", "label=adam", "--set",
                                      "iterations=1", "--set", "seeds=[0]").returncode, (0, 2, 3))

    def test_sound_files_are_read(self):
        self.write("e.yaml", SMALL.replace("{name: blobs, params: {samples: 40, test_samples: 20}}", "{file: mine.h5}"))
        for make in (data_file, graph_file):
            make(self.work / "mine.h5")
            self.expect(0, "run", "e.yaml", "--threads", 1)


class Experiments(Folder):
    def test_limits_are_said(self):
        bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"a{i}: &a{i} [{','.join(['*a' + str(i - 1)] * 9)}]\n" for i in range(1, 10))
        keys = "".join(f"k{i}: {i}\n" for i in range(100_000))
        grid = ", ".join(f"{name}: [{', '.join(str(i / 1000) for i in range(1, 101))}]"
                         for name in ("learning_rate", "beta1", "beta2", "epsilon"))
        for text, word in (
                (SMALL + bomb, "too many values"),
                (SMALL + "profiles:\n  q:\n    note: x\n" + "".join("    " + line + "\n" for line in bomb.splitlines()),
                 "too many values"),
                (SMALL + "x: &x [*x]\n", "inside what it stands for"),
                (SMALL + "x: " + "[" * 100_000, "nested too deeply"),
                (SMALL + "x: " + "[" * 1000 + "]" * 1000, "nested too deeply"),
                (SMALL + keys, "unknown key"),
                (SMALL + "---\nexperiment: f\n", "second document"),
                (SMALL.replace("experiment: small", "experiment: small\0"), "control character"),
                (SMALL.replace("experiment: small", "experiment: !!python/object/apply:os.system [\"touch x\"]"), "tag"),
                (SMALL.replace("iterations: 3", "iterations: 1" + "0" * 18), "out of range"),
                (SMALL.replace("iterations: 3", "iterations: 1" + "0" * 30), "out of range"),
                (SMALL.replace("{name: dladmm}", "{name: adam, label: g, grid: {" + grid + "}}"), "combinations"),
                (SMALL.replace("{hidden: [4]}", "\n\thidden: [4]"), "a tab"),
                (SMALL + "# " + "x" * (5 << 20), "bytes; allowed")):
            self.write("e.yaml", text)
            for command in ("validate", "plan", "run"):
                said = self.expect(2, command, "e.yaml")
                self.assertIn(word, said)
                self.assertIn("e.yaml", said)
        self.assertFalse((self.work / "x").exists())

    def test_what_is_no_utf8_is_named_also_as_json(self):
        self.write("e.yaml", SMALL.encode().replace(b"experiment: small", b"experiment: 's\xff'"))
        self.assertIn("allowed: a-z", self.expect(2, "validate", "e.yaml"))
        shown = self.run_it("validate", "e.yaml", "--json")
        self.assertEqual(shown.returncode, 2, shown.stderr)
        problem, = json.loads(shown.stdout)["files"][0]["problems"]
        self.assertIn("'s\ufffd' has other characters", problem["message"])

    def test_merge_keys_are_read(self):
        self.write("e.yaml", SMALL.replace("iterations: 3\n", "<<: {iterations: 2, note: n}\n"))
        self.expect(0, "validate", "e.yaml")
        self.write("e.yaml", SMALL + "<<: {iterations: -2}\n")  # what is given goes first
        self.expect(0, "validate", "e.yaml")
        self.write("e.yaml", SMALL + "<<: 3\n")
        self.expect(2, "validate", "e.yaml")


class Helpers(Folder):
    EVIL = "open('PWNED', 'w').close()\nraise SystemExit(3)\n"

    def test_nothing_in_the_working_folder_or_on_pythonpath_is_executed(self):
        self.write("t.csv", "a,b,label\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(40)))
        for name in ("h5py.py", "random.py", "numpy.py", "argparse.py", "sitecustomize.py"):
            self.write(name, self.EVIL)
        self.write("e.yaml", SMALL.replace("{name: blobs, params: {samples: 40, test_samples: 20}}", "{file: t.csv}"))
        self.expect(0, "run", "e.yaml", "--threads", 1, PYTHONPATH=str(self.work), PYTHONSTARTUP="h5py.py")
        self.assertFalse((self.work / "PWNED").exists())

    def test_the_commit_is_the_programs_whatever_is_checked_out(self):
        other = self.folder / "other"
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
        subprocess.run(["git", "init", "-q", str(other)], check=True)
        subprocess.run([*git, "-C", str(other), "commit", "-q", "--allow-empty", "-m", "x"], check=True)
        self.write("small.yaml", SMALL)

        def commit(**more):
            self.expect(0, "run", "small.yaml", "--quiet", "--force", "--threads", 1, **more)
            with h5py.File(next(self.work.rglob("seed-0.h5"))) as file:
                return file.attrs["git_commit"].decode()

        self.assertEqual(commit(GIT_DIR=str(other / ".git"), GIT_WORK_TREE=str(other)), commit())
        self.assertEqual(commit(PATH="/nowhere"), commit())  # no git program

    def test_threads_of_the_environment_are_followed_or_overruled_aloud(self):
        self.write("small.yaml", SMALL)
        plain = {name: "" for name in ("OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS")}

        def threads(*arguments, **more):
            said = self.expect(0, "run", "small.yaml", "--force", *arguments, **dict(plain, **more))
            with h5py.File(next(self.work.rglob("seed-0.h5"))) as file:
                return int(file.attrs["threads"]), said

        for value in ("3", "3,1"):
            count, said = threads(OMP_NUM_THREADS=value)
            self.assertEqual(count, 3)
            self.assertNotIn("OMP_NUM_THREADS", said)
        count, said = threads("--threads", 1, OMP_NUM_THREADS="3")
        self.assertEqual(count, 1)
        self.assertIn("OMP_NUM_THREADS=3 is overruled", said)
        for value in ("0", "abc"):
            self.assertIn(f"OMP_NUM_THREADS={value} is no number of threads", threads(OMP_NUM_THREADS=value)[1])
        for option, value in (("--threads", 0), ("--threads", -1), ("--threads", 100_000), ("--jobs", 0), ("--jobs", -1)):
            self.assertIn("not in range", self.expect(2, "run", "small.yaml", option, value))

    def test_archives_that_claim_more_than_they_hold_are_not_unpacked(self):
        converter = ROOT / "datasets/convert"
        header = (0x803).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in (4_000_000_000, 28, 28))
        for role in ("train_images", "test_images"):
            self.write(role, header + b"0")
        for role in ("train_labels", "test_labels"):
            self.write(role, (0x801).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"\1")
        inputs = [f"--input={role}={role}" for role in ("train_images", "train_labels", "test_images", "test_labels")]

        def convert(kind, inputs):
            return subprocess.run(["/usr/bin/python3", "-I", "-B", str(converter), kind, "--output", "o.h5", "--name", "n",
                                   "--source", "s", "--sha256", "h", *inputs], cwd=self.work, capture_output=True,
                                  text=True, timeout=60)

        result = convert("idx", inputs)
        self.assertEqual(result.returncode, 1)
        self.assertIn("train_images: header says (4000000000, 28, 28)", result.stderr)

        import io
        import zipfile
        with zipfile.ZipFile(self.work / "g.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            array = io.BytesIO()
            np.lib.format.write_array_header_1_0(
                array, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
            archive.writestr("adj_data.npy", array.getvalue() + bytes(100))
        result = convert("npz", ["--input=graph=g.npz"])
        self.assertEqual(result.returncode, 1)
        self.assertIn("g.npz: adj_data.npy says (1000000000000,)", result.stderr)


if __name__ == "__main__":
    unittest.main()
