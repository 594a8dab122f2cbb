"""docs/measured/scaling.md is what results/timings/scaling.json says, and stops being so when a timing changes."""

import json
import os
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
    def test_the_committed_page_follows_from_the_committed_calibration(self):
        done = scaling("--check", ROOT / "docs/measured/scaling.md")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_changed_timing_is_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            changed = json.loads(CALIBRATION.read_text())
            changed["timings"][0]["seconds"] *= 3
            file = Path(folder) / "scaling.json"
            file.write_text(json.dumps(changed))
            done = scaling("--calibration", file, "--check", ROOT / "docs/measured/scaling.md")
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertIn("is not what the calibration says", done.stderr)

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
                      ["784-100-10x6000", "--check", ROOT / "docs/measured/scaling.md"]):
            self.assertEqual(scaling(*wrong).returncode, 2, wrong)

    def test_what_is_no_calibration_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "scaling.json"
            file.write_text("{}")
            done = scaling("--calibration", file)
            self.assertEqual(done.returncode, 1)
            self.assertIn("scaling.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
