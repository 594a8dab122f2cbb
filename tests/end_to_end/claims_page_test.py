"""docs/claims.md and docs/claims/ are what results/summaries says, and stop being so when a result changes; what is
written, printed
and refused of them."""

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
        self.assertNotIn('"not tested (no runs)', done.stdout)

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

    def test_verdicts_have_one_of_five_words_and_reconstructions_say_so(self):
        for one in json.loads(claims("--json").stdout):
            self.assertIn(one["verdict"], ("confirmed", "refuted", "holds only if", "not decided", "not tested"), one["id"])
            self.assertTrue(one["text"].startswith(one["verdict"]), one["text"])
            if one["verdict"] in ("holds only if", "not decided", "not tested"):
                self.assertRegex(one["text"], r"^[a-z ]+ \(.+\)", one["id"])  # on what condition, or why
            for text in (one["text"], one["brief"]):
                self.assertEqual("of our reconstruction" in text, one["work"] == "AA-DLADMM", one["id"])

    def test_the_overview_is_a_screen_per_work(self):
        text = (ROOT / "docs/claims.md").read_text()
        works = text.split("\n## ")[1:]
        self.assertEqual([work.splitlines()[0] for work in works],
                         ["dlADMM", "mDLAM", "pdADMM", "pdADMM-G", "AA-DLADMM", "BCD", "this suite"])
        for work in works:
            rows = [line for line in work.splitlines() if line.startswith("| **")]
            self.assertLess(len(work.splitlines()), 24)
            for row in rows:
                verdict, claim, evidence = row.strip("| ").split(" | ")
                self.assertRegex(verdict, r"^\*\*.+\*\*$")
                self.assertLessEqual(len(evidence.split()), 12, evidence)
                self.assertRegex(claim, r"^\[.+ .+\]\(claims/[a-z0-9-]+\.md\)$")  # in words, not by its name alone


class Pages(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.page = self.folder / "claims.md"

    def write(self):
        done = claims("-o", self.page)
        self.assertEqual(done.returncode, 0, done.stderr)

    def files(self):
        return {str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file()}

    def test_all_pages_are_written_and_stale_ones_removed(self):
        pages = self.folder / "claims"
        pages.mkdir()
        written = (ROOT / "docs/claims/stages-help.md").read_text()
        (pages / "gone.md").write_text(written.replace("stages-help", "gone"))
        (pages / "notes.md").write_text("# Notes\nof somebody's own\n")
        self.write()
        committed = {"claims.md", *(f"claims/{file.name}" for file in (ROOT / "docs/claims").iterdir())}
        self.assertEqual(self.files(), committed | {"claims/notes.md"})
        self.assertEqual((pages / "stages-help.md").read_text(), written)

    def test_links_go_to_the_folder_of_the_page(self):
        self.page = self.folder / "mine.md"
        self.write()
        self.assertIn("](mine/stages-help.md)", self.page.read_text())
        self.assertIn("](../mine.md)", (self.folder / "mine/stages-help.md").read_text())

    def test_a_failure_leaves_what_was_there(self):
        self.write()
        (self.folder / "claims/stages-help.md").unlink()
        (self.folder / "claims/stages-help.md").mkdir()  # no file can be put in its place
        self.page.write_text("before\n")
        done = claims("-o", self.page)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("stages-help.md", done.stderr)
        self.assertEqual(self.page.read_text(), "before\n")
        self.assertEqual([name for name in os.listdir(self.folder) if "part" in name], [])

    def test_check_looks_at_every_page(self):
        self.write()
        self.assertEqual(claims("--check", self.page).returncode, 0)
        page = self.folder / "claims/stages-help.md"
        text = page.read_text()
        for change, said in ((lambda: page.write_text(text.replace("confirmed", "refuted")), "is not what the results say"),
                             (page.unlink, "is missing"),
                             (lambda: (page.write_text(text), (page.parent / "gone.md").write_text(text)), "claim that is gone")):
            change()
            done = claims("--check", self.page)
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertIn(said, done.stderr)

    def test_no_folder_takes_the_place_of_the_page(self):
        done = claims("-o", self.folder / "page")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(self.files(), set())


class Names(unittest.TestCase):
    def test_a_name_prints_the_claims_page_only(self):
        self.assertEqual(claims("stages-help").stdout, (ROOT / "docs/claims/stages-help.md").read_text())
        both = claims("stages-help", "aa-80-percent").stdout
        self.assertEqual([line for line in both.splitlines() if line.startswith("# ")], ["# aa-80-percent", "# stages-help"])

    def test_brief_is_a_line_per_claim(self):
        lines = claims("--brief").stdout.splitlines()
        self.assertEqual(sorted(line.split()[0] for line in lines),
                         sorted(file.stem for file in (ROOT / "docs/claims").iterdir()))
        self.assertEqual(claims("--brief", "stages-help").stdout, "stages-help  confirmed\n")

    def test_unknown_names_name_near_ones(self):
        for word, near in (("stages-hlep", "did you mean 'stages-help'?"), ("dladmm", "dladmm-descends"), ("x", "--brief")):
            done = claims(word)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(done.stdout, "")
            self.assertIn(f"{word}: no such claim", done.stderr)
            self.assertIn(near, done.stderr)


if __name__ == "__main__":
    unittest.main()
