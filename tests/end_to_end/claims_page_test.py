"""docs/claims.md is what results/summaries says, and stops being so when a result changes."""

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
        self.assertNotIn("undetermined: no runs", done.stdout)


if __name__ == "__main__":
    unittest.main()
