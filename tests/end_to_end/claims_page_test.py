"""docs/claims.md is what results/summaries says, and stops being so when a result changes."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ["ADMMBENCH_PROGRAM"]


def claims(*arguments):
    environment = dict(os.environ, ADMMBENCH_SHARE=str(ROOT))
    return subprocess.run([PROGRAM, "claims", *map(str, arguments)], env=environment, capture_output=True, text=True)


class ClaimsPage(unittest.TestCase):
    def test_the_committed_page_follows_from_the_committed_summaries(self):
        done = claims("--check", ROOT / "docs/claims.md")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_changed_result_is_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            summaries = Path(folder) / "summaries"
            shutil.copytree(ROOT / "results/summaries", summaries)
            file = summaries / "published-settings/mnist.csv"
            header, *lines = file.read_text().splitlines()
            column = header.split(",").index("test_accuracy")
            changed = []
            for line in lines:
                cells = line.split(",")
                if "dladmm" in cells:
                    cells[column] = "0.99"
                changed.append(",".join(cells))
            file.write_text("\n".join([header, *changed]) + "\n")
            done = claims(summaries, "--check", ROOT / "docs/claims.md")
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertIn("is not what the results say", done.stderr)

    def test_every_experiment_of_the_registry_has_runs(self):
        done = claims("--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn('"not tested: no runs"', done.stdout)

    def test_own_runs_are_named_and_confirm_nothing_about_data_sets_that_are_not_among_them(self):
        def verdict(*arguments):
            done = claims(*arguments, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            return next(one for one in json.loads(done.stdout) if one["id"] == "stages-help")

        self.assertEqual(verdict()["verdict"], "confirmed")
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder) / "mine/ingredients"
            part.mkdir(parents=True)
            shutil.copy(ROOT / "results/summaries/ingredients/cora.csv", part)
            one = verdict(part.parent)
            self.assertEqual(one["verdict"], "holds only if", one["text"])
            self.assertIn("no runs for mnist; pubmed", one["text"])
            page = claims(part.parent).stdout
            self.assertIn(f"says of the runs in {part.parent}, not of those of the repository", page)
            self.assertNotIn("results/summaries", page)

    def test_every_tested_claim_states_n_correction_and_what_it_could_have_shown(self):
        for one in json.loads(claims("--json").stdout):
            if one["tests"] > 0:
                self.assertRegex(one["power"], r"n = .*; Holm over \d+ tests? at 5 %; (could have shown|it takes)", one["id"])


if __name__ == "__main__":
    unittest.main()
