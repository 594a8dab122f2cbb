"""The tables of docs/measured/scaling.md follow from results/timings/scaling.json, and change when a timing does."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ["ADMMBENCH_PROGRAM"]
CALIBRATION = ROOT / "results/timings/scaling.json"


def scaling(*arguments):
    environment = dict(os.environ, ADMMBENCH_SHARE=str(ROOT))
    return subprocess.run([PROGRAM, "scaling", *map(str, arguments)], env=environment, capture_output=True, text=True)


class ScalingPage(unittest.TestCase):
    def tables(self):
        """The tables of the page by their names."""
        page = (ROOT / "docs/measured/scaling.md").read_text()
        return dict(re.findall("<!-- output: admmbench scaling --markdown (\\S+) -->\n(.*?)<!-- end of output -->", page, re.S))

    def test_the_committed_tables_follow_from_the_committed_calibration(self):
        self.assertGreater(len(self.tables()), 8)
        for name, table in self.tables().items():
            done = scaling("--markdown", name, "--calibration", CALIBRATION)
            self.assertEqual(done.stdout, table, done.stderr)

    def test_the_committed_figures_follow_from_the_committed_calibration(self):
        with tempfile.TemporaryDirectory() as folder:
            done = scaling("--figures", folder, "--calibration", CALIBRATION)
            self.assertEqual(done.returncode, 0, done.stderr)
            drawn = sorted(Path(folder).iterdir())
            self.assertGreater(len(drawn), 2)
            for figure in drawn:
                committed = ROOT / "results/figures/scaling" / figure.name
                self.assertTrue(figure.read_bytes() == committed.read_bytes(), f"{figure.name}: `make scaling` draws it anew")

    def test_a_changed_timing_is_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            changed = json.loads(CALIBRATION.read_text())
            changed["timings"][0]["seconds"] *= 3
            file = Path(folder) / "scaling.json"
            file.write_text(json.dumps(changed))
            done = scaling("--calibration", file, "--markdown", "errors")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotEqual(done.stdout, self.tables()["errors"])

    def test_the_figures_of_the_page_are_there(self):
        page = (ROOT / "docs/measured/scaling.md").read_text()
        self.assertGreater(page.count(".svg)"), 3)
        for line in page.splitlines():
            if line.startswith("!["):
                self.assertTrue((ROOT / "docs/measured" / line.split("(")[1].rstrip(")")).exists(), line)

    def test_a_shape_is_answered(self):
        alone = scaling("784-100-10x6000")
        self.assertEqual(alone.returncode, 0, alone.stderr)
        self.assertIn("`dladmm`", alone.stdout)
        self.assertNotEqual(alone.stdout, scaling("784-100-10x6000", "--workers", "4", "--network", "100GbE").stdout)
        for wrong in (["784"], ["784-100-10x6000", "--network", "pigeon"], ["--workers", "2"],
                      ["784-100-10x6000", "--markdown", "limits"], ["--markdown", "nothing"], []):
            self.assertEqual(scaling(*wrong).returncode, 2, wrong)

    def test_what_is_no_calibration_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "scaling.json"
            file.write_text("{}")
            done = scaling("--calibration", file, "--markdown", "machine")
            self.assertEqual(done.returncode, 1)
            self.assertIn("scaling.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
