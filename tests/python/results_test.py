"""admmbench.load: frames against h5py, tables against `admmbench table`, curves against interpolation by hand, and what is left
out or refused. $ADMMBENCH_PROGRAM is the program, which makes the results."""

import csv
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import warnings

import numpy as np

import support
from support import PACKAGE, has, needs, needs_program

EXPERIMENT = """experiment: small
precision: float64
datasets:
  - {name: blobs, params: {samples: 60, test_samples: 50, features: 6, classes: 3, separation: 2}}
  - {name: blobs, label: wide, params: {samples: 40, test_samples: 30, features: 12, classes: 2, separation: 2}}
network: {hidden: [5], activation: relu, loss: cross_entropy}
seeds: [0, 1, 2]
iterations: 8
solvers:
  - {name: dladmm, label: dlADMM, params: {rho: 1.0e-4, nu: 1.0e-4}}
  - {name: adam, label: Adam, params: {learning_rate: 0.05}}
  - {name: adam, label: Adam-batches, params: {batch_size: 16}, datasets: [blobs]}
  - {name: sgd, label: too long, params: {learning_rate: 1.0e+200}}
profiles: {quick: {iterations: 3, seeds: [0, 1]}}
"""


class Folder(support.Folder):
    """Results to work on, made once."""

    template = None

    def setUp(self):
        super().setUp()
        import tempfile
        if Folder.template is None:
            made = tempfile.TemporaryDirectory(prefix="admmbench-python-")
            unittest.addModuleCleanup(made.cleanup)
            kept, self.folder = self.folder, pathlib.Path(made.name)
            (self.folder / "small.yaml").write_text(EXPERIMENT)
            self.program("run", "small.yaml", "--quiet", "--threads", 1)
            self.program("run", "small.yaml", "--quiet", "--threads", 1, "--profile", "quick", "--out", "results/quick")
            self.folder, Folder.template = kept, made
        shutil.copytree(pathlib.Path(Folder.template.name) / "results", self.folder / "results")
        self.runs = self.folder / "results/runs"

    def load(self, *folders, **more):
        import admmbench
        return admmbench.load(*(folders or [self.runs]), **more)

    def file(self, label="Adam", seed=0, dataset="blobs"):
        return self.runs / "small" / dataset / label / f"seed-{seed}.h5"

    def log(self, label, seed=0, values=(0.5, 0.6), status=None, **more):
        """A run made elsewhere, which ends as it should."""
        import admmbench
        try:
            with admmbench.Run(experiment="small", dataset="blobs", label=label, seed=seed, folder=self.runs, **more) as run:
                for k, value in enumerate(values):
                    run.log(iteration=k, seconds=k, test_accuracy=value, train_loss=1 - value)
                if status == "stopped":
                    run.stop("a rule")
                if status == "failed":
                    raise RuntimeError("it broke")
        except RuntimeError:
            pass


@needs("h5py", "pandas")
@needs_program
class Frames(Folder):
    def test_finals_and_trajectories_are_what_h5py_reads(self):
        import h5py
        results = self.load()
        finals, records = results.finals, results.trajectories
        self.assertEqual(len(finals), 3 * 3 + 3 * 2)  # "too long" diverged
        for _, row in finals.iterrows():
            with h5py.File(row.path) as run:
                for name in ("experiment", "dataset", "label", "solver", "precision", "status", "message"):
                    self.assertEqual(row[name], run.attrs[name].decode())
                self.assertEqual(row.seed, run.attrs["seed"])
                mine = records[records.path == row.path]
                for name, values in run["trajectory"].items():
                    np.testing.assert_array_equal(mine[name], values[()])
                    self.assertEqual(row[name], values[-1])
                others = set(finals.columns) - set(run["trajectory"]) - {name for name in finals if name.startswith("param.")}
                self.assertEqual({name for name in others & set(records) if mine[name].isna().any()}, {"residual"} & others)
        adam = finals[finals.label == "Adam-batches"].iloc[0]
        self.assertEqual([adam[f"param.{name}"] for name in ("learning_rate", "batch_size", "schedule.shape")],
                         [0.001, 16, "constant"])
        self.assertTrue(finals[finals.label == "dlADMM"]["param.batch_size"].isna().all())
        self.assertNotIn("profile", finals)
        self.assertEqual(str(records.iteration.dtype), "int64")

    def test_a_trajectorys_hash_is_that_of_a_summary(self):
        from admmbench import result_file
        self.program("export", self.runs, "--summary", "-o", "summary.csv")
        with open(self.folder / "summary.csv", newline="") as file:
            wanted = sorted(row["trajectory_sha256"] for row in csv.DictReader(file))
        self.assertEqual(sorted(result_file.read(path).trajectory_sha256 for path in self.runs.rglob("seed-*.h5")), wanted)

    def test_a_row_that_a_caller_changes_stays_in_the_callers_frame(self):
        results = self.load()
        results.finals["test_accuracy"] *= 0
        self.assertGreater(results.finals.test_accuracy.max(), 0)

    def test_status(self):
        self.log("ours", 0, status="failed")
        self.log("ours", 1, status="stopped")
        counts = {status: len(self.load(status=status).finals) for status in ("finished", "all", "diverged", "failed", "stopped")}
        self.assertEqual(counts, {"finished": 16, "all": 23, "diverged": 6, "failed": 1, "stopped": 1})
        self.assertEqual(len(self.load(status=["failed", "stopped"]).finals), 2)
        self.assertIn("RuntimeError: it broke", set(self.load(status="failed").finals.message))
        with self.assertRaisesRegex(ValueError, "did you mean 'finished'"):
            self.load(status="finnished")

    def test_a_column_called_like_what_a_run_is(self):
        import admmbench
        with admmbench.Run(experiment="small", dataset="blobs", label="ours", seed=3, folder=self.runs) as run:
            run.log(iteration=0, seed=0.5, test_accuracy=1)
        row = self.load().finals.query("label == 'ours'").iloc[0]
        self.assertEqual((row.seed, row["column.seed"]), (3, 0.5))

    def test_profiles(self):
        both = self.load(self.runs, self.folder / "results/quick").finals
        self.assertEqual(both.groupby("profile").size().to_dict(), {"": 15, "quick": 10})

    def test_a_run_that_failed_at_once_has_a_row(self):
        self.log("ours", 0, values=(), status="failed")
        results = self.load(status="all")
        row = results.finals[results.finals.label == "ours"].iloc[0]
        self.assertTrue(math.isnan(row.test_accuracy))
        self.assertFalse((results.trajectories.label == "ours").any())

    def test_nothing_to_load(self):
        (self.folder / "empty").mkdir()
        import admmbench
        for folders, wanted in (((self.folder / "none",), "no such file or folder"),
                                ((self.folder / "empty",), "no result files"), ((), "name a folder")):
            with self.assertRaisesRegex((FileNotFoundError, ValueError), wanted):
                admmbench.load(*folders)

    def test_what_it_is_is_said(self):
        self.assertEqual(repr(self.load()), "<15 of 21 runs; experiments small; datasets blobs, wide; labels Adam, Adam-batches, "
                                            "dlADMM, too long>")

    def test_single_files(self):
        self.assertEqual(len(self.load(self.file(), self.file(seed=1)).finals), 2)


@needs("h5py", "pandas")
@needs_program
class Imported(Folder):
    """What `admmbench import` and admmbench.Run make are one kind of result."""

    def test_both_stand_side_by_side(self):
        if " import " not in self.program("--help"):
            self.skipTest("this program has no command `import`")
        (self.folder / "theirs.csv").write_text("iteration,seconds,test_accuracy,param.lr,param.name\n0,0,0.25,0.1,\"a, {b\"\n"
                                                "5,2,0.75,0.1,\"a, {b\"\n")
        self.program("import", "theirs.csv", "--experiment", "small", "--dataset", "blobs", "--label", "one, two", "--seed", 0)
        self.log("ours", values=(0.25, 0.75))
        self.assertIn("one, two (imported)", self.program("table", self.runs))
        finals = self.load().finals
        columns = ["dataset", "solver", "precision", "test_accuracy", "seconds"]
        one, ours = (finals[finals.label == label].iloc[0] for label in ("one, two", "ours"))
        self.assertEqual(list(one[columns][:-1]), list(ours[columns][:-1]))
        self.assertEqual((one.seconds_elsewhere, ours.seconds_elsewhere), (2, 1))
        self.assertEqual((one["param.lr"], one["param.name"]), (0.1, "a, {b"))
        self.assertTrue(np.isnan(one.seconds) and np.isnan(ours.seconds))


@needs("h5py", "pandas")
@needs_program
class Tables(Folder):
    def cells(self, *folders, metric="test_accuracy", code=0):
        """Of `admmbench table`: {(profile, dataset, label): row}, in the order of the rows."""
        out = self.folder / "tables"
        shutil.rmtree(out, ignore_errors=True)
        self.program("table", *folders, "--metric", metric, "-o", out, code=code)
        rows = {}
        for path in sorted(out.glob("*.csv")):
            with open(path, newline="") as file:
                rows.update({(row["profile"], row["dataset"], row["label"]): row for row in csv.DictReader(file)})
        return rows

    def check(self, *folders, metric="test_accuracy"):
        folders = folders or (self.runs,)
        theirs = self.cells(*folders, metric=metric)
        ours = self.load(*folders).table(metric, raw=True)
        ours = {(row.profile, row.dataset, row.label): row for row in ours.itertuples()}
        self.assertEqual(set(ours), set(theirs))
        for profile in {cell[0] for cell in theirs}:
            self.assertEqual(*([cell for cell in cells if cell[0] == profile] for cells in (ours, theirs)))
        for cell, row in theirs.items():
            one = ours[cell]
            self.assertEqual((one.experiment, one.solver, one.metric), (row["experiment"], row["solver"], row["metric"]))
            for name in ("n", "not_finished", "not_finite"):
                self.assertEqual(getattr(one, name), int(row[name]), (cell, name))
            self.assertEqual(one.best, row["best"] == "1", cell)
            for name in ("mean", "sd"):
                wanted = float(row[name] or "nan")
                # To the last bit; logarithms are those of another library.
                same = math.isclose if metric.startswith("log10_") else float.__eq__
                self.assertTrue(same(getattr(one, name), wanted) or math.isnan(wanted) and math.isnan(getattr(one, name)),
                                (cell, name, getattr(one, name), wanted))
        return ours

    def test_every_metric_is_that_of_the_program(self):
        self.log("ours", 0, values=(0.5, 0.625))
        self.log("ours", 1, values=(0.5, float("nan")))
        self.log("ours", 2, status="failed")
        for metric in ("test_accuracy", "train_loss", "objective", "seconds", "flops", "weight_change_1", "residual",
                       "log10_train_loss", "seconds_per_iteration"):
            with self.subTest(metric=metric):
                ours = self.check(metric=metric)
        self.assertEqual(ours["", "blobs", "too long"].not_finished, 3)

    def test_profiles_have_tables_of_their_own(self):
        ours = self.check(self.runs, self.folder / "results/quick")
        self.assertEqual({cell[0] for cell in ours}, {"", "quick"})
        text = self.load(self.runs, self.folder / "results/quick").table()
        self.assertEqual(text.index.names, ["profile", "label"])

    def test_the_text_is_that_of_the_program(self):
        self.log("ours", 0, values=(0.5, 0.625))
        for metric in ("test_accuracy", "train_loss"):
            said = self.program("table", self.runs, "--metric", metric)
            theirs = [[cell.strip().strip("*") for cell in line.split("|")[1:-1]] for line in said.splitlines()
                      if line.startswith("|") and "---" not in line]
            table = self.load().table(metric)
            ours = [["method", *table.columns], *([label, *row] for label, row in zip(table.index, table.values.tolist()))]
            self.assertEqual(ours, theirs)

    def test_the_default_metric(self):
        self.assertEqual(self.load().table(raw=True).metric.unique(), ["test_accuracy"])

    def test_choosing(self):
        results = self.load()
        self.assertEqual(list(results.table(dataset="wide").columns), ["wide"])
        self.assertEqual(set(results.table(label=["Adam", "dlADMM"]).index), {"Adam", "dlADMM"})
        for chosen, wanted in ((dict(dataset="wild"), "no run has the dataset 'wild'; did you mean 'wide'"),
                               (dict(label="adam"), "did you mean 'Adam'"), (dict(experiment="big"), "known: small"),
                               (dict(metric="accuracy"), "metric: no run has 'accuracy'")):
            with self.assertRaisesRegex(ValueError, re.escape(wanted)):
                results.table(**chosen)

    def test_another_number_is_noticed(self):
        import h5py

        from admmbench import result_file
        with h5py.File(self.file(), "r+") as run:
            run["trajectory/test_accuracy"][-1] += 1e-15
            del run.attrs["checksum"]
            run.attrs["checksum"] = np.bytes_(result_file.content_sha256(run).encode())
        changed = self.load().table(raw=True)
        shutil.copy(pathlib.Path(Folder.template.name) / "results/runs/small/blobs/Adam/seed-0.h5", self.file())
        self.assertFalse(changed.equals(self.load().table(raw=True)))


@needs("h5py", "pandas")
@needs_program
class NeverAveraged(Folder):
    """What `admmbench table` refuses, load does too, and what it counts once is counted once."""

    def both_refuse(self, *folders, words):
        said = self.program("table", *folders, code=1)
        with self.assertRaises(ValueError) as caught:
            self.load(*folders)
        for word in words:
            self.assertIn(word, str(caught.exception))
            self.assertIn(word, said)

    def test_seeds_of_other_settings(self):
        for what, setting, words in (("iterations", "iterations=2", ["iterations: 8 and 2", "seed-0.h5", "seed-2.h5"]),
                                     ("network", "network.hidden=[4]", ["network.hidden"]),
                                     ("precision", "precision=float32", ["precision: float64 and float32"])):
            with self.subTest(what=what):
                self.program("run", Folder.template.name + "/small.yaml", "--quiet", "--threads", 1, "--only", "seed=2",
                             "--only", "label=Adam", "--only", "dataset=blobs", "--set", setting)
                self.both_refuse(self.runs, words=words)
                results = self.load(mixed=True)
                self.assertEqual(len(results.finals), 15)
                for asked in (results.table, lambda: results.curve_data(dataset="blobs")):
                    with self.assertRaisesRegex(ValueError, "not of one setting"):
                        asked()

    def test_other_data(self):
        self.log("ours", 0, data_sha256="a" * 64)
        self.log("ours", 1, data_sha256="b" * 64)
        self.both_refuse(self.runs, words=["data_sha256: aaaaaaaaaaaa and bbbbbbbbbbbb"])

    def test_copies_count_once(self):
        shutil.copytree(self.runs, self.folder / "copy")
        self.assertTrue(self.load(self.runs, self.folder / "copy").table(raw=True).equals(self.load().table(raw=True)))
        self.assertEqual(len(self.load(self.runs, self.folder / "copy").finals), 15)

    def test_the_finished_copy_counts(self):
        for out in ("before", "sorted-after"):
            self.program("run", Folder.template.name + "/small.yaml", "--quiet", "--threads", 1, "--out", out)
        import h5py

        from admmbench import result_file
        with h5py.File(self.file(), "r+") as run:
            run.attrs["status"] = np.bytes_(b"interrupted")
            del run.attrs["checksum"]
            run.attrs["checksum"] = np.bytes_(result_file.content_sha256(run).encode())
        self.assertEqual(len(self.load().finals), 14)
        for out in ("before", "sorted-after"):
            self.assertEqual(len(self.load(self.runs, self.folder / out).finals), 15)

    def test_two_different_runs_of_a_seed(self):
        self.log("ours", 0, values=(0.5, 0.6))
        shutil.copytree(self.runs / "small/blobs/ours", self.folder / "aside/small/blobs/ours")
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            self.log("ours", 0, values=(0.5, 0.7))
        self.both_refuse(self.runs, self.folder / "aside", words=["two different runs of ours on blobs with seed 0"])
        self.assertEqual(len(self.load(self.runs, self.folder / "aside", mixed=True).finals), 17)


@needs("h5py", "pandas")
@needs_program
class Damage(Folder):
    def left_out(self, *words):
        """The warnings' texts; the rest is loaded, as `admmbench table` does."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            results = self.load()
        said = " ".join(str(warning.message) for warning in caught)
        for word in words:
            self.assertIn(word, said)
        self.program("table", self.runs, code=1)
        self.assertEqual(len(results.finals), 14, said)

    def test_a_changed_value(self):
        import h5py
        with h5py.File(self.file(), "r+") as run:
            run["trajectory/test_accuracy"][-1] = 0.99
        self.left_out(str(self.file()), "not what its checksum was made of")

    def test_a_changed_attribute(self):
        import h5py
        with h5py.File(self.file(), "r+") as run:
            run.attrs["seed"] = np.int64(7)
        self.left_out("checksum")

    def test_no_hdf5_at_all_and_half_a_file(self):
        content = self.file().read_bytes()
        for data in (b"", b"nothing", content[:len(content) // 2], content[:500]):
            self.file().write_bytes(data)
            self.left_out(str(self.file()), "damaged")

    def test_every_byte_changed_ends_in_words(self):
        """No file ends the process, whatever HDF5 makes of it: one byte in 97 is turned, one file each."""
        content = self.file().read_bytes()
        folder = self.folder / "mutants"
        folder.mkdir()
        places = range(0, min(len(content), 6000), 97)
        for place in places:
            mutant = bytearray(content)
            mutant[place] ^= 0xff
            (folder / f"seed-{place}.h5").write_bytes(mutant)
        from admmbench import results
        wrong = results.examine(sorted(folder.iterdir()))
        self.assertEqual(len(wrong), len(places))
        self.assertGreater(sum(map(bool, wrong)), len(places) // 4)

    def test_links_are_not_followed(self):
        import h5py

        from admmbench import result_file
        with h5py.File(self.file(), "r+") as run:
            run["link"] = h5py.SoftLink("/trajectory")
        self.left_out("/link is a link")
        self.assertRaises(result_file.Damaged, result_file.read, self.file())

    def test_values_that_no_run_has(self):
        import h5py

        from admmbench import result_file
        for column, value, words in (("test_accuracy", 1.5, "test_accuracy is 1.5 (entry 3); it must be from 0 to 1"),
                                     ("seconds", -1, "a finite number >= 0"), ("iteration", 99, "iterations ascend from 0")):
            original = self.file().read_bytes()
            with h5py.File(self.file(), "r+") as run:
                run[f"trajectory/{column}"][3] = value
                del run.attrs["checksum"]
                run.attrs["checksum"] = np.bytes_(result_file.content_sha256(run).encode())
            self.left_out(words)
            self.file().write_bytes(original)

    def test_nothing_whole(self):
        for path in self.runs.rglob("seed-*.h5"):
            path.write_bytes(b"nothing")
        with warnings.catch_warnings(record=True), self.assertRaisesRegex(ValueError, "none of the 21"):
            warnings.simplefilter("always")
            self.load()

    def test_files_of_schema_1_are_read(self):
        import h5py
        with h5py.File(self.file()) as old, h5py.File(self.folder / "old.h5", "w") as new:
            for name in old:
                old.copy(name, new)
            for name, value in old.attrs.items():
                if name != "checksum":
                    new.attrs[name] = value.decode() if isinstance(value, bytes) else value
            new.attrs["schema_version"] = 1
        before = self.load(self.file()).finals.drop(columns="path")
        shutil.copy(self.folder / "old.h5", self.file())
        self.assertTrue(self.load(self.file()).finals.drop(columns="path").equals(before))


@needs("h5py", "pandas")
@needs_program
class Curves(Folder):
    def test_over_iterations_it_is_the_mean_where_all_have_a_record(self):
        results = self.load()
        data = results.curve_data("iteration", "train_loss", dataset="blobs")
        records = results.trajectories
        for label in ("Adam", "dlADMM"):
            mine = records[(records.label == label) & (records.dataset == "blobs")].pivot(index="iteration", columns="seed",
                                                                                          values="train_loss")
            one = data[data.label == label]
            np.testing.assert_allclose(one["mean"], mine.mean(axis=1), rtol=1e-14)
            np.testing.assert_array_equal(one.low, mine.min(axis=1))
            np.testing.assert_array_equal(one.high, mine.max(axis=1))
            self.assertEqual(set(one.runs), {3})

    def two_runs(self):
        """Records at seconds 0, 1, 2 and 0.5, 1.5, 5."""
        import admmbench
        for seed, seconds, values in ((0, (0, 1, 2), (0, 0.2, 0.4)), (1, (0.5, 1.5, 5), (0.1, 0.3, 0.3))):
            with admmbench.Run(experiment="two", dataset="d", label="m", seed=seed, folder=self.folder / "two") as run:
                for k, (second, value) in enumerate(zip(seconds, values)):
                    run.log(iteration=k, seconds=second, test_accuracy=value)
        return self.load(self.folder / "two")

    def test_over_seconds_it_is_interpolated_between_the_last_beginning_and_the_first_end(self):
        data = self.two_runs().curve_data("seconds_elsewhere")
        np.testing.assert_array_equal(data.seconds_elsewhere, [0.5, 1, 1.5, 2])
        np.testing.assert_allclose(data.low, [0.1, 0.2, 0.3, 0.3], rtol=1e-14)
        np.testing.assert_allclose(data.high, [0.1, 0.2, 0.3, 0.4], rtol=1e-14)
        np.testing.assert_allclose(data["mean"], [0.1, 0.2, 0.3, 0.35], rtol=1e-14)
        sd = self.two_runs().curve_data("seconds_elsewhere", band="sd")
        np.testing.assert_allclose(sd.high - sd["mean"], [0, 0, 0, 0.1 / math.sqrt(2)], atol=1e-14)
        np.testing.assert_allclose(sd["mean"] - sd.low, [0, 0, 0, 0.1 / math.sqrt(2)], atol=1e-14)

    def test_what_has_no_such_column_is_left_out_in_words(self):
        self.log("ours")
        with self.assertWarnsRegex(UserWarning, "ours does not have seconds and test_accuracy, and is left out"):
            data = self.load().curve_data(dataset="blobs")
        self.assertEqual(set(data.label), {"Adam", "Adam-batches", "dlADMM"})

    def test_what_cannot_be_drawn_is_said(self):
        results = self.load()
        for chosen, wanted in ((dict(), "more than one dataset: blobs, wide; choose with dataset"),
                               (dict(dataset="blobs", y="loss"), "y: no run has 'loss'"),
                               (dict(dataset="blobs", x="time"), "x: no run has 'time'"),
                               (dict(dataset="blobs", x="train_loss"), "train_loss falls within a run"),
                               (dict(dataset="blobs", band="se"), "band is 'se'; there are: range")):
            with self.assertRaisesRegex(ValueError, re.escape(wanted)):
                results.curve_data(**chosen)
        with self.assertRaisesRegex(ValueError, "more than one profile"):
            self.load(self.runs, self.folder / "results/quick").curve_data(dataset="blobs")

    def test_without_matplotlib_it_is_said(self):
        code = (f"import sys; sys.modules['matplotlib'] = None; import admmbench; r = admmbench.load({str(self.runs)!r})\n"
                "print(len(r.curve_data(dataset='blobs')) > 0)\nr.curve(dataset='blobs')")
        result = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True,
                                env={**os.environ, "PYTHONPATH": str(PACKAGE)})
        self.assertEqual(result.stdout, "True\n")
        self.assertIn("curve() needs matplotlib.pyplot: apt install python3-matplotlib", result.stderr)


@needs("h5py", "pandas", "matplotlib")
@needs_program
class Drawn(Folder):
    def test_lines_are_the_curves(self):
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        self.log("ours", 0)
        self.log("ours", 1, status="failed")
        figure, axes = plt.subplots()
        results = self.load()
        self.assertIs(results.curve(dataset="blobs", x="iteration", ax=axes), axes)
        self.assertEqual([text.get_text() for text in axes.get_legend().get_texts()],
                         ["Adam", "Adam-batches", "dlADMM", "ours (1 not finished)"])
        data = results.curve_data("iteration", dataset="blobs")
        np.testing.assert_array_equal(axes.get_lines()[0].get_ydata(), data[data.label == "Adam"]["mean"])
        self.assertEqual((axes.get_xlabel(), axes.get_ylabel()), ("iteration", "test accuracy"))
        other = results.curve(dataset="blobs")
        self.assertIsNot(other, axes)
        plt.close("all")


class ConfigText(unittest.TestCase):
    VALUES = {"a": 1, "b": [1.5, 1e-8, 1e300, "x: y", "12", "", "é\"\\\n", None, True, -3], "c": {"d e": {}, "f": []},
              "g": "http://x:1", "yes": "no", "h": "1.5", "i": "-", "j": {"k": {"l": [[], [1]]}}}

    def test_what_is_written_is_read(self):
        from admmbench import config_text
        self.assertEqual(config_text.parse(config_text.write(self.VALUES)), self.VALUES)
        self.assertEqual(config_text.parse(config_text.write({"a": math.inf})), {"a": math.inf})
        self.assertEqual(config_text.write({"a": np.float64(0.5), "b": np.arange(2), "c": (np.int64(1),)}),
                         "a: 0.5\nb: [0, 1]\nc: [1]\n")

    @unittest.skipUnless(has("yaml"), "python3-yaml is not installed")
    def test_it_is_yaml(self):
        import yaml

        from admmbench import config_text
        self.assertEqual(yaml.safe_load(config_text.write(self.VALUES)), self.VALUES)

    def test_what_is_none_is_an_error(self):
        from admmbench import config_text
        self.assertEqual(config_text.parse("a: b, c\nd: 1, 2\ne: f: g\n"), {"a": "b, c", "d": "1, 2", "e": "f: g"})
        for text in ("a: {b: 1", "a: [1", "a: {b 1}", "a", 'a: "b', "a: ]"):
            with self.assertRaises(ValueError):
                config_text.parse(text)
        with self.assertRaisesRegex(ValueError, "is no number, text, list or dict"):
            config_text.write({"a": object()})


if __name__ == "__main__":
    unittest.main()
