"""The documentation: links resolve, what is taken from the sources is up to date, every method has its page."""

import csv
import importlib.machinery
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ["ADMMBENCH_BUILD"]) / "bin/admmbench"


def tool(name):
    """A script of tools/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "tools" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


sys.dont_write_bytecode = True
doxygen_filter = tool("doxygen-filter")
update_docs = tool("update-docs")


def outside_code(text):
    """Lines that are no block of code, with inline code taken out."""
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield re.sub(r"`[^`]*`", "", line)


def anchors(page):
    """The anchors that GitHub gives to the headings of a page, and those that are written in it."""
    found = set()
    fenced = False
    for line in page.read_text().splitlines():
        fenced ^= line.startswith("```")
        found.update(() if fenced else re.findall(r'<a id="([\w-]+)"></a>', line))
        heading = None if fenced else re.match(r"#+ +(.*)", line)
        if heading:
            slug, number = doxygen_filter.slug(heading[1]), 0
            while (slug if number == 0 else f"{slug}-{number}") in found:
                number += 1
            found.add(slug if number == 0 else f"{slug}-{number}")
    return found


def dead_links(page):
    dead = []
    for line in outside_code(page.read_text()):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists() or anchor and anchor not in anchors(file):
                dead.append(target)
    return dead


def linked_pages(page):
    return {(page.parent / path).resolve() for path in re.findall(r"\]\(([^)#\s:]+\.md)", page.read_text())}


def pages():
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")),
            *sorted((ROOT / "examples").rglob("*.md"))]


class Links(unittest.TestCase):
    def test_every_relative_link_resolves(self):
        for page in pages():
            self.assertEqual(dead_links(page), [], page)

    def test_dead_links_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text("# A `b` c\n[1](page.md#a-b-c) [2](none.md) [3](page.md#no) [4](#a-b-c) [5](#x) "
                            "[6](https://example.org/none) `[7](code.md)`\n```\n# no heading\n[8](code.md)\n```\n"
                            "[9](#no-heading)\n")
            self.assertEqual(dead_links(page), ["none.md", "page.md#no", "#x", "#no-heading"])

    def test_pages_that_sources_cite_exist(self):
        files = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines()
        cited = set()
        for file in files:
            if file.endswith((".hpp", ".cpp", ".py", ".yaml")) and (ROOT / file).is_file():
                cited |= set(re.findall(r"\bdocs/[\w/-]+\.md(?:#[\w-]+)?", (ROOT / file).read_text()))
        self.assertGreater(len(cited), 20)
        for citation in sorted(cited):
            page, _, anchor = citation.partition("#")
            self.assertTrue((ROOT / page).is_file(), citation)
            self.assertIn(anchor, {"", *anchors(ROOT / page)}, citation)

    def test_the_index_lists_every_page(self):
        """Itself, or the overview that a folder of pages has beside it: docs/claims.md those of docs/claims."""
        index = ROOT / "docs/index.md"
        listed = linked_pages(index)
        for page in [page for page in listed if page.with_suffix("").is_dir()]:
            listed |= {below for below in linked_pages(page) if below.parent == page.with_suffix("")}
        self.assertEqual(set((ROOT / "docs").rglob("*.md")) - listed - {index}, set())
        self.assertGreater(len(linked_pages(ROOT / "docs/claims.md")), 20)


def wide_cells(text, widest=120):
    """Cells of tables that hold more characters than fit a line."""
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if not fenced and line.startswith("|"):
            yield from (cell for cell in map(str.strip, re.split(r"(?<!\\)\|", line)) if len(cell) > widest)


class Layout(unittest.TestCase):
    def test_no_cell_of_a_table_is_wider_than_a_line(self):
        for page in pages():
            self.assertEqual(list(wide_cells(page.read_text())), [], page)

    def test_wide_cells_are_found(self):
        self.assertEqual(list(wide_cells(f"| a | {'b' * 121} |\n```\n| {'c' * 121} |\n```\n| {'d' * 60}\\|{'e' * 58} |")),
                         ["b" * 121])

    def test_every_page_begins_with_what_it_is_for(self):
        """A title, then words: before the first list, table, code or heading."""
        for page in (ROOT / "docs").rglob("*.md"):
            title, *lines = [line for line in page.read_text().splitlines() if line]
            self.assertTrue(title.startswith("# "), page)
            self.assertRegex(lines[0], r"^\w", page)


class TakenFromTheSources(unittest.TestCase):
    def solvers(self):
        listed = subprocess.run([PROGRAM, "list", "solvers"], capture_output=True, text=True, check=True).stdout
        return [line.split()[0] for line in listed.splitlines()]

    def test_every_method_has_a_page(self):
        overview = (ROOT / "docs/methods/index.md").read_text()
        described = [name for page in (ROOT / "docs").rglob("*.md")
                     for name in re.findall("<!-- output: admmbench describe (\\S+) --markdown -->", page.read_text())]
        self.assertEqual(sorted(described), sorted(self.solvers()))
        for name in self.solvers():
            self.assertIn(f"`{name}`", overview)

    def test_every_method_page_has_theory_issues_and_parameters(self):
        for page in (ROOT / "docs/methods").glob("*.md"):
            if page.name == "index.md":
                continue
            text = page.read_text()
            for heading in ("## Iteration", "## Theory", "## Paper against code", "## Known issues", "## Parameters"):
                self.assertIn(f"\n{heading}", text, page)

    def test_pages_are_up_to_date(self):
        check = subprocess.run([ROOT / "tools/update-docs", "--check", "--program", PROGRAM], capture_output=True, text=True)
        self.assertEqual(check.returncode, 0, check.stderr)

    def test_what_is_out_of_date_is_replaced(self):
        text = ("a\n<!-- output: admmbench describe sgd --markdown -->\nold\n<!-- end of output -->\nb\n"
                "<!-- output: admmbench --version -->\nold\n<!-- end of output -->\n"
                "<!-- file: examples/plugin/CMakeLists.txt -->\nold\n<!-- end of file -->\n")
        shown = update_docs.Program(PROGRAM).shown
        new = update_docs.brought_up_to_date(text, shown)
        self.assertNotIn("old", new)
        self.assertIn("-->\n| parameter of `sgd` |", new)
        self.assertIn("-->\n```console\n$ admmbench --version\nadmmbench ", new)
        self.assertIn((ROOT / "examples/plugin/CMakeLists.txt").read_text(), new)
        self.assertEqual(new, update_docs.brought_up_to_date(new, shown))
        for wrong in ("<!-- file: none.cpp -->\n<!-- end of file -->",
                      "<!-- output: admmbench describe none --markdown -->\n<!-- end of output -->"):
            with self.assertRaises(SystemExit):
                update_docs.brought_up_to_date(wrong, shown)

    def test_what_is_out_of_date_is_named(self):
        self.assertEqual(update_docs.first_difference("a\nb\nc\n", "a\nx\nc\n"), "line 2: 'b', now 'x'")
        self.assertEqual(update_docs.first_difference("a\n", "a\nb\n"), "line 2: 'nothing', now 'b'")

    def test_every_block_is_one_that_is_kept_up_to_date(self):
        for page in (ROOT / "docs").rglob("*.md"):
            text = page.read_text()
            blocks = len(update_docs.OUTPUT.findall(text)) + len(update_docs.FILE.findall(text))
            self.assertEqual(text.count("<!--"), 2 * blocks, page)

    def test_the_example_is_shown_whole(self):
        shown = {match[2] for page in (ROOT / "docs").rglob("*.md") for match in update_docs.FILE.finditer(page.read_text())}
        example = {str(file.relative_to(ROOT)) for file in (ROOT / "examples/plugin").glob("*")
                   if file.suffix in (".cpp", ".yaml", ".txt")}
        self.assertEqual(shown & example, example)

    def test_the_readme_shows_results_of_full_size(self):
        """Its first table is of committed runs without a profile, and kept up to date as the pages are."""
        results = (ROOT / "README.md").read_text().split("## Results", 1)[1]
        block = update_docs.OUTPUT.search(results)
        self.assertLess(block.start(), results.index("\n|"))
        arguments = block[2].split()
        self.assertEqual(arguments[:2], ["table", "--brief"])
        with open(ROOT / f"results/paper/{arguments[2]}.csv", newline="") as file:
            self.assertEqual({row["profile"] for row in csv.DictReader(file)}, {""})

    def test_versions_agree(self):
        version = re.search(r"project\(admmbench VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertRegex((ROOT / "CITATION.cff").read_text(), rf"(?m)^version: {re.escape(version)}$")
        printed = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(printed.split()[-1], version)
        minor = ".".join(version.split(".")[:2])
        self.assertIn(f"find_package(admmbench {minor} REQUIRED)", (ROOT / "examples/plugin/CMakeLists.txt").read_text())
        self.assertIn(f"admmbench_{version}_amd64.deb", (ROOT / "docs/guide/installing.md").read_text())


class DoxygenFilter(unittest.TestCase):
    def filtered(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / name
            file.write_text(text)
            return (doxygen_filter.markdown if name.endswith(".md") else doxygen_filter.header)(file)

    def test_markdown(self):
        text = self.filtered("page.md", "# Title\n## Two `words`\n[a](other.md#its-part) [b](#two-words) [c](../x.cpp) "
                                        "[d](https://e.org)\n```\n# code [a](other.md)\n```\n")
        self.assertEqual(text, "# Title {#page-page}\n## Two words {#page--two-words}\n[a](@ref other--its-part) "
                               "[b](@ref page--two-words) c [d](https://e.org)\n```\n# code [a](other.md)\n```\n")

    def test_repeated_headings_are_counted_as_github_does(self):
        self.assertEqual(self.filtered("page.md", "# T\n## Added\n## Added\n"),
                         "# T {#page-page}\n## Added {#page--added}\n## Added {#page--added-1}\n")

    def test_header(self):
        text = self.filtered("a.hpp", "#pragma once\n/// Of the file.\n\n/// <g, H g> @ x\n///   a <- b\nint f();  ///< > 0\n")
        self.assertIn("/// @file\n/// Of the file.\n\n", text)
        self.assertIn("/// &lt;g, H g&gt; \\@ x\n", text)
        self.assertRegex(text, r"///\n/// {6,}a <- b\nint f\(\);  ///< &gt; 0\n")


if __name__ == "__main__":
    unittest.main()
