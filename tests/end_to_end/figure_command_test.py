"""`admmbench figure`, `rank --diagram` and `rank --format latex`: pictures as wide as the venue's column, type of eight points, embedded
fonts, what is written beside them, and what is refused."""

import csv
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
sys.path.insert(0, str(ROOT / "tests/browser"))
from sample_results import write_run  # noqa: E402


def streams(pdf):
    """What a PDF draws, as far as it is compressed in the usual way."""
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            yield zlib.decompress(found.group(1))
        except zlib.error:
            continue


def type_sizes(pdf):
    """The sizes of all text of a PDF of Cairo's, in points."""
    sizes = set()
    for text in streams(pdf):
        for a, b, c, d in re.findall(rb"([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) [-\d.]+ [-\d.]+ Tm", text):
            sizes.add(round(max(abs(float(a)), abs(float(b))), 1))
    return sizes


def all_objects(pdf):
    """The PDF with the objects that lie in compressed streams."""
    return pdf + b"\n".join(streams(pdf))


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, methods, datasets, seeds=2, name="many"):
        for d in range(datasets):
            for m in range(methods):
                for seed in range(seeds):
                    write_run(self.folder / "runs", name, f"set-{d}", f"method_{m}", seed, solver=f"solver-{m % 5}",
                              level=0.5 + 0.01 * m, params=f"{{rho: {m}}}")

    def run_program(self, *arguments, status=0):
        outcome = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(outcome.returncode, status, outcome.stderr)
        return outcome.stderr if status else outcome.stdout

    def read(self, name):
        return (self.folder / name).read_text()


class FigureForAPaper(Folder):
    def test_width_type_and_fonts(self):
        self.write(3, 2)
        for venue, columns, inches in (("ieee", "1", 3.5), ("ieee", "2", 7.16), ("neurips", "1", 5.5), ("acm", "1", 3.33),
                                       ("acm", "2", 7), ("springer", "1", 4.8)):
            with self.subTest(venue=venue, columns=columns):
                self.run_program("figure", "runs", "--for", venue, "--columns", columns, "-o", "f.pdf")
                pdf = (self.folder / "f.pdf").read_bytes()
                objects = all_objects(pdf)
                box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", objects)
                self.assertAlmostEqual(float(box.group(1)) / 72, inches, delta=1 / 72)  # gnuplot cuts to whole points
                self.assertEqual(type_sizes(pdf), {8.0})
                fonts = len(re.findall(rb"/Type /FontDescriptor", objects))
                self.assertGreater(fonts, 0)
                self.assertEqual(len(re.findall(rb"/FontFile[23]? ", objects)), fonts)
                self.assertNotIn(b"/Type3", objects)

    def test_what_lies_beside_the_picture(self):
        self.write(2, 2)
        printed = self.run_program("figure", "runs", "--for", "acm", "-o", "figures/f.pdf", "--metric", "train_loss",
                                   "--dataset", "set-1", "--dataset", "set-0")
        self.assertEqual(printed.split(), ["figures/f.pdf", "figures/f.tex", "figures/f.csv"])
        self.assertEqual(sorted(file.name for file in (self.folder / "figures").iterdir()), ["f.csv", "f.pdf", "f.tex"])
        latex = self.read("figures/f.tex")
        self.assertIn("\\includegraphics{f.pdf}", latex)
        self.assertIn("Train loss on (a)~set-1 and (b)~set-0 against iteration: mean over 2 seeds (0 to 1)", latex)
        self.assertIn("method\\_1: rho = 1", latex)
        rows = list(csv.DictReader(io.StringIO(self.read("figures/f.csv"))))
        self.assertEqual({row["panel"] for row in rows}, {"(a)", "(b)"})
        self.assertEqual(rows[0]["dataset"], "set-1")
        self.assertAlmostEqual(float(rows[0]["mean"]), 2.3)

    def test_thirty_methods_on_25_data_sets(self):
        self.write(30, 25, seeds=1)
        printed = self.run_program("figure", "runs", "--for", "acm", "-o", "f.pdf").split()
        pictures = [name for name in printed if name.endswith(".pdf")]
        self.assertGreater(len(pictures), 1)
        latex = self.read("f.tex")
        for name in pictures:
            self.assertEqual(type_sizes((self.folder / name).read_bytes()), {8.0})
            self.assertIn(f"\\includegraphics{{{name}}}", latex)
        self.assertIn("Continuation of Figure", latex)

    def test_a_figure_file_draws_the_same(self):
        self.write(3, 2)
        self.run_program("figure", "runs", "--for", "neurips", "--x", "seconds", "--log-x", "-o", "a/f.svg", "--write-file",
                         "files/f.yaml")
        first = self.read("a/f.svg")
        shutil.move(self.folder / "a", self.folder / "b")
        self.assertIn("a/f.svg", self.run_program("figure", "files/f.yaml"))
        self.assertEqual(self.read("a/f.svg"), first)
        self.assertEqual(self.read("a/f.csv"), self.read("b/f.csv"))
        # An edited file, and options over it.
        text = self.read("files/f.yaml")
        (self.folder / "files/f.yaml").write_text(text.replace("name: method_0", "name: ours"))
        self.run_program("figure", "files/f.yaml", "--set", "letters=false")
        changed = self.read("a/f.svg")
        self.assertIn(">ours<", changed)
        self.assertNotIn("(a)", changed)

    def test_mistakes_in_a_file_have_their_line(self):
        (self.folder / "f.yaml").write_text("results: [runs]\nfor: ieee\nmetrcis: [test_accuracy]\ncolumns: 3\n"
                                            "methods:\n  - {label: a, color: red}\npanels: [{metric: x}]\n")
        errors = self.run_program("figure", "f.yaml", status=2)
        self.assertIn("f.yaml:3: metrcis: unknown key; did you mean 'metrics'?", errors)
        self.assertIn("f.yaml:4: columns: 3 is out of range", errors)
        self.assertRegex(errors, "f.yaml:6: methods.0.color: unknown key; did you mean 'colour'")
        self.assertIn("f.yaml:7: panels.0.dataset", errors)
        self.assertFalse((self.folder / "f.pdf").exists())

    def test_what_is_refused(self):
        self.write(2, 2)
        for arguments, words in ((["--for", "neurips", "--columns", "2"], "one column of 5.5 inches"),
                                 (["--for", "nature"], "nature"),
                                 (["-o", "f.jpg"], ".svg, .pdf or .png"),
                                 (["--method", "method_9"], "there are: method_1, method_0"),
                                 (["--dataset", "set-7"], "there are: set-0, set-1"),
                                 (["--set", "lettres=true"], "did you mean 'letters'"),
                                 (["--set", "y_min=2"], "limits of y"),
                                 (["--set", "width=1"], "inches")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.run_program("figure", "runs", *arguments, status=2))
        self.assertEqual([file.name for file in self.folder.iterdir()], ["runs"])


class RankDiagram(Folder):
    def test_names_groups_and_test(self):
        self.write(6, 8)
        self.run_program("rank", "runs", "--diagram", "cd.svg")
        picture = self.read("cd.svg")
        for words in ("method_5 (1.00)", "method_0 (6.00)", "Nemenyi", "n = 8", "CD = "):
            self.assertIn(words, picture)
        self.run_program("rank", "runs", "--diagram", "cd.pdf")
        pdf = (self.folder / "cd.pdf").read_bytes()
        self.assertEqual(type_sizes(pdf), {8.0})
        self.assertRegex(all_objects(pdf), rb"/FontFile[23]? ")

    def test_one_data_set_has_no_diagram(self):
        self.write(3, 1)
        self.assertIn("two data sets", self.run_program("rank", "runs", "--diagram", "cd.pdf", status=2))
        self.assertIn(".svg, .pdf or .png", self.run_program("rank", "runs", "--diagram", "cd.jpg", status=2))
        self.assertFalse((self.folder / "cd.pdf").exists())

    def test_latex(self):
        self.write(2, 2, seeds=3)
        text = self.run_program("rank", "runs", "--format", "latex")
        self.assertEqual(text.count("\\begin{tabular}"), 2)
        self.assertIn("method\\_1", text)
        for line in text.splitlines():
            if line.startswith("method"):
                self.assertTrue(line.endswith("\\\\"), line)
                self.assertIn(line.count("&"), (2, 4))


if __name__ == "__main__":
    unittest.main()
