"""The verdicts on the committed summaries and the tables of full-size runs (results/tables/full) do not contradict each other."""

import csv
import json
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ["ADMMBENCH_BUILD"]) / "bin/admmbench"

# What is compared in a claim, by the labels of the table with the same comparison at full size; the best variant counts.
COMPARISONS = {
    "pdadmm-g-best": ("pdadmm-g-accuracy-100", ["pdADMM-G"], ["GD", "Adadelta", "Adagrad", "Adam"]),
    "mdlam-beats-all": ("mdlam-accuracy", ["mDLAM-rho-1e-4", "mDLAM-rho-1e-3", "mDLAM-rho-1e-2", "mDLAM-accelerated"],
                        ["Adam-learning_rate=1.0e-3", "Adagrad", "GD-learning_rate=1.0e-1", "Adadelta", "dlADMM"]),
}


def means(table):
    """{data set: {label: mean}}"""
    found = {}
    for row in table:
        if row["mean"]:
            found.setdefault(row["dataset"], {})[row["label"]] = float(row["mean"])
    return found


def contradictions(claims, tables):
    """Units that hold although an opponent is ahead at full size, or are refuted although none is."""
    for claim in claims:
        if claim["id"] not in COMPARISONS:
            continue
        experiment, mine, opponents = COMPARISONS[claim["id"]]
        table = means(tables[experiment])
        for unit in claim["units"]:
            values = table.get(unit["unit"], {})
            own = [values[label] for label in mine if label in values]
            others = [values[label] for label in opponents if label in values]
            if not own or not others:
                continue
            ahead = max(own) > max(others)
            if (unit["outcome"] == "refuted" and ahead) or (unit["outcome"] == "holds" and not ahead):
                yield f"{claim['id']}, {unit['unit']}: {unit['outcome']}, at full size {max(own)} against {max(others)}"


class CommittedVerdicts(unittest.TestCase):
    def setUp(self):
        self.tables = {}
        for experiment, _, _ in COMPARISONS.values():
            with open(ROOT / f"results/tables/full/{experiment}.csv", newline="") as file:
                self.tables[experiment] = list(csv.DictReader(file))

    def test_none_contradicts_the_full_tables(self):
        done = subprocess.run([PROGRAM, "claims", "--json", ROOT / "results/summaries"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        claims = json.loads(done.stdout)
        self.assertLessEqual(set(COMPARISONS), {claim["id"] for claim in claims})
        self.assertEqual(list(contradictions(claims, self.tables)), [])


class ClaimsTables(unittest.TestCase):
    """results/tables/claims and own are of the runs of results/summaries, by the metric that their experiments name."""

    def rows(self, text):
        return {(row["dataset"], row["label"], row["metric"]): (row["n"], row["mean"], row["sd"], row["best"], row["p_best"])
                for row in csv.DictReader(text.splitlines())}

    def test_each_is_that_of_its_summaries(self):
        seen = 0
        tables = ROOT / "results/tables"
        for table in [*sorted((tables / "claims").glob("*.csv")), *sorted((tables / "own").glob("*.csv"))]:
            summaries = ROOT / "results/summaries" / table.stem
            if not summaries.is_dir():
                continue  # exponents, rates and a ranking, made otherwise
            committed = self.rows(table.read_text())
            done = subprocess.run([PROGRAM, "table", summaries, "--format", "csv"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.rows(done.stdout), committed, table.name)
            seen += 1
        self.assertGreater(seen, 10)


class Control(unittest.TestCase):
    def found(self, outcome, mine, theirs):
        table = [{"dataset": "cora", "label": label, "mean": mean} for label, mean in
                 [("pdADMM-G", mine), ("GD", theirs), ("Adam", "0.1")]]
        claims = [{"id": "pdadmm-g-best", "units": [{"unit": "cora", "outcome": outcome}]}]
        return list(contradictions(claims, {"pdadmm-g-accuracy-100": table}))

    def test_contradictions_are_found_either_way(self):
        self.assertEqual(self.found("refuted", "0.8", "0.7"),
                         ["pdadmm-g-best, cora: refuted, at full size 0.8 against 0.7"])
        self.assertEqual(len(self.found("holds", "0.7", "0.8")), 1)
        self.assertEqual(self.found("holds", "0.8", "0.7") + self.found("refuted", "0.7", "0.8"), [])
        self.assertEqual(self.found("not tested at its size", "0.8", "0.7"), [])


if __name__ == "__main__":
    unittest.main()
