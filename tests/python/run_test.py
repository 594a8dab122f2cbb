"""admmbench.Run: what it writes is a result for every command of the program, and for h5py; what is wrong is refused, all at
once. $ADMMBENCH_PROGRAM is the program."""

import csv
import os
import re
import stat
import unittest
import warnings

import numpy as np

import support
from support import needs, needs_program


class Folder(support.Folder):
    def setUp(self):
        super().setUp()
        self.results = self.folder / "results"
        self.path = self.results / "mine/cora/ours/seed-0.h5"

    def run_of(self, seed=0, **more):
        import admmbench
        more = {"experiment": "mine", "dataset": "cora", "label": "ours", "folder": self.results, **more}
        return admmbench.Run(seed=seed, **more)

    def log(self, values=(0.25, 0.5, 0.75), seed=0, **more):
        with self.run_of(seed, **more) as run:
            for k, value in enumerate(values):
                run.log(iteration=2 * k, seconds=0.5 * k, train_loss=1 - value, test_accuracy=value)
        return run


@needs("h5py")
class Written(Folder):
    def test_the_file_is_what_was_logged(self):
        import h5py
        W, b = [np.ones((4, 3)), 2 * np.ones((2, 4))], [np.zeros(4), [1, 2]]
        with self.run_of(seed=7, config={"lr": np.float64(0.1), "hidden": [4], "opt": {"name": "adam"}}, precision="float32",
                         profile="quick", samples={"train": 140, "test": 1000}, threads=2, data_sha256="ab") as run:
            run.weights(W, b, when="initial")
            run.log(iteration=0, train_loss=np.float32(1.5), test_accuracy=np.array([0.25]), rho=1)
            run.log(iteration=np.int64(5), train_loss=1, test_accuracy=0.5)
            run.weights([w + 1 for w in W], b)
        with h5py.File(self.results / "mine/cora/ours/seed-7.h5") as file:
            attributes = {name: value.decode() if isinstance(value, bytes) else value for name, value in file.attrs.items()}
            wanted = {"schema_version": 2, "experiment": "mine", "dataset": "cora", "solver": "imported", "label": "ours",
                      "seed": 7, "precision": "float32", "status": "completed", "threads": 2, "data_sha256": "ab",
                      "train_samples": 140, "test_samples": 1000, "git_commit": "unknown"}
            self.assertEqual({name: attributes[name] for name in wanted}, wanted)
            self.assertIn("made elsewhere", attributes["message"])
            self.assertEqual(attributes["config"].splitlines(), [
                "experiment: mine", "profile: quick", "precision: float32", "dataset: {label: cora}", "seed: 7",
                "solver: {name: imported, params: {lr: 0.1, hidden: [4], opt: {name: adam}}, label: ours}"])
            trajectory = {name: list(values[()]) for name, values in file["trajectory"].items()}
            self.assertEqual(trajectory.pop("rho")[0], 1)
            self.assertEqual(trajectory, {"iteration": [0, 5], "train_loss": [1.5, 1], "test_accuracy": [0.25, 0.5],
                                          "objective": [1.5, 1]})
            self.assertTrue(np.isnan(file["trajectory/rho"][1]))
            self.assertEqual((file["trajectory/iteration"].dtype, file["trajectory/rho"].dtype, file["final/W1"].dtype),
                             (np.int64, np.float64, np.float32))
            np.testing.assert_array_equal(file["final/W2"], 3 * np.ones((2, 4)))
            np.testing.assert_array_equal(file["initial/b2"], [1, 2])
            for name in file.attrs:
                self.assertNotIsInstance(file.attrs[name], str, f"{name} is of variable length")
        self.assertEqual([path.name for path in self.results.rglob("*") if path.is_file()], ["seed-7.h5"])

    def test_a_long_text_goes_on_in_further_attributes(self):
        import h5py

        from admmbench import result_file
        self.log(config={"note of mine": "ä" * 80_000})
        with h5py.File(self.path) as file:
            self.assertIn("config.2", file.attrs)
        self.assertEqual(result_file.read(self.path).params, {"note of mine": "ä" * 80_000})

    def test_the_end_says_the_status(self):
        from admmbench import result_file
        for status, make in (("completed", lambda run: None), ("stopped", lambda run: run.stop("patience")),
                             ("diverged", lambda run: run.log(iteration=1, train_loss=float("nan"))),
                             ("diverged", lambda run: run.log(iteration=1, train_loss=float("inf"))),
                             ("failed", lambda run: 1 / 0), ("interrupted", lambda run: self.interrupt())):
            self.path.unlink(missing_ok=True)
            try:
                with self.run_of() as run:
                    run.log(iteration=0, train_loss=1)
                    make(run)
            except (ZeroDivisionError, KeyboardInterrupt):
                pass
            read = result_file.read(self.path)
            self.assertEqual(read.status, status)
            wanted = {"stopped": "patience", "failed": "ZeroDivisionError: division by zero", "interrupted": "KeyboardInterrupt"}
            self.assertIn(wanted.get(status, "made elsewhere"), read.message)
            self.assertEqual(read.trajectory["train_loss"][0], 1)

    def interrupt(self):
        raise KeyboardInterrupt

    def test_the_exception_is_the_callers(self):
        with self.assertRaisesRegex(RuntimeError, "out of memory"):
            with self.run_of():
                raise RuntimeError("out of memory")
        from admmbench import result_file
        self.assertEqual(result_file.read(self.path).message, "RuntimeError: out of memory")

    def test_a_run_without_records_is_none(self):
        with self.assertRaisesRegex(ValueError, "nothing was logged"):
            with self.run_of():
                pass
        self.assertFalse(self.path.exists())

    def test_what_cannot_be_written_leaves_nothing_behind(self):
        from admmbench import result_file
        self.path.parent.mkdir(parents=True)
        with self.assertRaises(Exception):
            result_file.write(self.path, {"experiment": "a\0b"}, {}, {})
        self.assertEqual(list(self.path.parent.iterdir()), [])


@needs("h5py")
class NeverLess(Folder):
    """A complete result is replaced by a complete one alone, and then kept aside."""

    def status(self):
        from admmbench import result_file
        return result_file.read(self.path).status

    def fail(self, kind=RuntimeError):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                with self.run_of() as run:
                    run.log(iteration=0, train_loss=1)
                    raise kind("no")
            except kind:
                pass
        return " ".join(str(one.message) for one in caught)

    def test_a_failure_leaves_what_is_complete(self):
        self.log()
        before = self.path.read_bytes()
        for kind in (RuntimeError, KeyboardInterrupt):
            self.assertIn("the completed result", self.fail(kind))
            self.assertEqual(self.path.read_bytes(), before)

    def test_a_failure_is_replaced(self):
        self.assertEqual(self.fail(), "")
        self.assertEqual(self.status(), "failed")
        self.fail(KeyboardInterrupt)
        self.assertEqual(self.status(), "interrupted")
        self.log()
        self.assertEqual(self.status(), "completed")

    def test_another_complete_result_is_kept_aside(self):
        self.log()
        before = self.path.read_bytes()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.log(values=(0.1, 0.2))
        self.assertIn("kept as", str(caught[0].message))
        aside = [path for path in self.path.parent.iterdir() if path != self.path]
        self.assertEqual([path.read_bytes() for path in aside], [before])
        self.assertRegex(aside[0].name, r"^seed-0\.h5\.old-[0-9a-f]{8}$")

    def test_the_same_again_is_nothing_new(self):
        self.log()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.log()
        self.assertEqual(len(list(self.path.parent.iterdir())), 1)

    def test_a_damaged_file_is_replaced(self):
        self.log()
        self.path.write_bytes(b"nothing")
        self.log()
        self.assertEqual(self.status(), "completed")

    @needs_program
    def test_a_result_of_the_suites_is_left_alone(self):
        (self.folder / "mine.yaml").write_text("experiment: mine\ndatasets: [{name: blobs, label: cora}]\niterations: 1\n"
                                               "network: {hidden: [3]}\nsolvers: [{name: sgd, label: ours}]\n")
        self.program("run", "mine.yaml", "--quiet", "--out", self.results)
        with self.assertRaisesRegex(FileExistsError, "is a result of the suite's, of the solver sgd"):
            self.run_of()


@needs("h5py")
class Refused(Folder):
    def test_all_that_is_missing_or_wrong_is_named_at_once(self):
        import admmbench
        with self.assertRaises(ValueError) as caught:
            admmbench.Run()
        self.assertEqual(str(caught.exception),
                         "Run: experiment is missing; dataset is missing; label is missing; seed is missing")
        with self.assertRaises(ValueError) as caught:
            admmbench.Run(experiment="../up", dataset="a//b", label="", seed=-1, precision="half", threads=0, profile="a\nb",
                          samples={"trian": 3}, config={"f": print}, data_sha256=3)
        for part in ("experiment is '../up'", "dataset is 'a//b'", "label is ''", "seed is -1", "precision is 'half'",
                     "threads is 0", "profile is 'a\\nb'", "samples is {'trian': 3}", "config: f is <built-in function print>",
                     "data_sha256 is 3"):
            self.assertIn(part, str(caught.exception))
        for seed in (True, 1.0, "0", 2**63):
            with self.assertRaisesRegex(ValueError, "a whole number >= 0"):
                self.run_of(seed)
        self.assertFalse(self.results.exists())

    def test_values_that_no_run_has(self):
        for values, wanted in (({"test_accuracy": 93.1}, "test_accuracy is 93.1; it must be from 0 to 1"),
                               ({"train_accuracy": -0.1}, "from 0 to 1"),
                               ({"seconds": -1}, "seconds is -1; it must be a finite number"),
                               ({"seconds": float("nan")}, "finite"), ({"flops": float("inf")}, "finite"),
                               ({"loss": "low"}, "loss is 'low'; a number is needed"),
                               ({"a/b": 1}, "'a/b' is no name of a column"),
                               ({"loss": [1, 2]}, "a number is needed"), ({"loss": None}, "a number is needed")):
            with self.subTest(values=values), self.assertRaisesRegex(ValueError, re.escape(wanted)):
                self.run_of().log(iteration=0, **values)
        for iteration, wanted in ((-1, "whole number >= 0"), (0.5, "whole number"), (None, "iteration is missing"),
                                  (True, "whole number")):
            with self.assertRaisesRegex(ValueError, wanted):
                self.run_of().log(iteration=iteration, train_loss=1)
        with self.assertRaises(ValueError) as caught:
            self.run_of().log(iteration=-1, seconds=-1, test_accuracy=2, x="y")
        for part in ("iteration", "seconds", "test_accuracy", "x is 'y'"):
            self.assertIn(part, str(caught.exception))

    def test_records_that_do_not_follow(self):
        run = self.run_of()
        run.log(iteration=3, seconds=1, train_loss=1)
        for values, wanted in ((dict(iteration=3, seconds=2), "iteration is 3 after 3"),
                               (dict(iteration=2, seconds=2), "must ascend"),
                               (dict(iteration=4, seconds=0.5), "seconds is 0.5 after 1"),
                               (dict(iteration=4), "seconds is missing"),
                               (dict(iteration=4, seconds=2, new=1, newer=2), "new, newer: not there at the first record")):
            with self.assertRaisesRegex(ValueError, re.escape(wanted)):
                run.log(**values)
        run.log(iteration=4, seconds=1)
        self.assertEqual(len(run._rows), 2)

    def test_networks_that_are_none(self):
        run = self.run_of()
        good = [np.ones((4, 3)), np.ones((2, 4))], [np.ones(4), np.ones(2)]
        for W, b, when, wanted in (([good[0][0].T, good[0][1]], good[1], "final", "b1 is (4,); its layer needs (3,)"),
                                   (good[0], good[1][::-1], "final", "b1 is (2,)"),
                                   (good[0], good[1][:1], "final", "2 W and 1 b"),
                                   (good[0][::-1], good[1][::-1], "final", "the layer below has 2 outputs"),
                                   ([np.ones(3)], [np.ones(3)], "final", "W1 is (3,); a matrix is needed"),
                                   ([], [], "final", "0 W"), (*good, "end", "when is 'end'"),
                                   ([np.full((1, 1), "a")], [[1]], "final", "W1 holds <U1")):
            with self.assertRaisesRegex(ValueError, re.escape(wanted)):
                run.weights(W, b, when=when)
        self.assertEqual(run._networks, {})
        run.weights(*good)


@needs("h5py", "pandas")
@needs_program
class ForTheProgram(Folder):
    """Every command takes such a run as it takes its own."""

    def setUp(self):
        super().setUp()
        for seed in range(6):
            self.log((0.25, 0.5, 0.625 + seed / 64), seed, config={"lr": 0.1, "text": "a: {b", "opt": {"x": 1e-9}})
            self.log((0.25, 0.5, 0.5 + seed / 64), seed, label="theirs", config={"lr": 0.2})

    def test_table(self):
        self.program("table", self.results, "-o", "tables")
        with open(self.folder / "tables/mine.csv", newline="") as file:
            rows = {row["label"]: row for row in csv.DictReader(file)}
        wanted = [0.625 + seed / 64 for seed in range(6)]
        self.assertEqual((rows["ours"]["solver"], rows["ours"]["n"], rows["ours"]["best"]), ("imported", "6", "1"))
        self.assertEqual(float(rows["ours"]["mean"]), np.mean(wanted))
        self.assertAlmostEqual(float(rows["ours"]["sd"]), np.std(wanted, ddof=1), places=15)

    def test_verify_report_rank_compare_export_plot(self):
        self.assertIn("12 result files are whole, nothing found", self.program("verify", self.results))
        self.assertIn("12 runs", self.program("report", self.results, "-o", "page"))
        self.assertIn("ours", (self.folder / "page/index.html").read_text())
        self.assertRegex(self.program("rank", self.results), r"theirs.*▼")
        self.assertIn("2 cells on both sides: 2 identical to the bit", self.program("compare", self.results, self.results))
        self.assertEqual(len(self.program("export", self.results, "--summary").splitlines()), 13)
        self.program("plot", self.results, "-o", "figure.svg")
        self.program("rates", self.results)

    def test_bare_and_unfinished_runs(self):
        """The least that a run can be: iterations and one column; nothing at all before it failed."""
        with self.run_of(label="bare") as run:
            run.log(iteration=0, test_accuracy=0.5)
        try:
            with self.run_of(1, label="bare"):
                raise RuntimeError("no")
        except RuntimeError:
            pass
        self.assertIn("1 not finished", self.program("table", self.results))
        self.program("report", self.results, "-o", "page")
        self.program("rank", self.results)
        self.assertIn("RuntimeError: no", self.program("verify", self.results, code=4))

    def test_other_parameters_of_one_label_are_not_averaged(self):
        self.log(seed=7, config={"lr": 0.3})
        self.assertIn("lr", self.program("table", self.results, code=1))

    def test_a_changed_file_is_noticed(self):
        import h5py
        with h5py.File(self.path, "r+") as file:
            file["trajectory/test_accuracy"][-1] = 0.99
        self.assertIn("checksum", self.program("verify", self.results, code=4))

    def test_it_is_as_readable_as_the_suites_own(self):
        mode = stat.S_IMODE(os.stat(self.path).st_mode)
        (self.folder / "plain").write_text("")
        self.assertEqual(mode, stat.S_IMODE(os.stat(self.folder / "plain").st_mode))

    def test_load_takes_it(self):
        import admmbench
        finals = admmbench.load(self.results).finals
        ours = finals[finals.label == "ours"]
        self.assertEqual((set(ours.solver), set(ours["param.lr"]), set(ours["param.text"]), set(ours["param.opt.x"])),
                         ({"imported"}, {0.1}, {"a: {b"}, {1e-9}))


if __name__ == "__main__":
    unittest.main()
