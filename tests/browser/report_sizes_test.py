"""The report page with much to show, and while runs are being made, in headless Chromium.

Screenshots are kept in $ADMMBENCH_SCREENSHOTS."""

import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import sample_results  # noqa: E402
from report_page import PROGRAM, SCREENSHOTS, make_report, start_browser  # noqa: E402


class ManyMethods(unittest.TestCase):
    """Thirty methods on 25 data sets: every line has its name, on every screen and in files."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        sample_results.write_wide(cls.folder / "runs", seeds=2)
        cls.page = make_report(cls.folder / "runs", cls.folder / "report")
        cls.browser = start_browser(cls.folder / "downloads")
        cls.addClassCleanup(cls.browser.quit)

    def open(self, view, width, height):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                     {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.browser.get("about:blank")
        self.browser.get(f"{self.page.as_uri()}#{view}")
        self.assertEqual([entry["message"] for entry in self.browser.get_log("browser")], [])

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    ALL = "m=" + urllib.parse.quote(json.dumps(sample_results.METHODS))
    NAMES = """const svg = document.querySelector("#convergence .drawing svg"), frame = svg.viewBox.baseVal;
        return [...svg.querySelectorAll("text[data-m]")].map((t) => { const b = t.getBBox();
          return {text: t.textContent, x: b.x, y: b.y, right: b.x + b.width, bottom: b.y + b.height, inside: b.x >= 0 && b.x + b.width <= frame.width + 1 && b.y + b.height <= frame.height}; })"""

    def check_names(self, names):
        self.assertEqual(sorted(n["text"] for n in names), sorted(sample_results.METHODS))
        for name in names:
            self.assertTrue(name["inside"], name)
        for a, b in itertools.combinations(names, 2):
            # A line of text is higher than its letters: two pixels of it may be shared.
            overlap = min(a["right"], b["right"]) > max(a["x"], b["x"]) and min(a["bottom"], b["bottom"]) - max(a["y"], b["y"]) > 2
            self.assertFalse(overlap, (a, b))

    def test_every_line_has_its_name_beside_it(self):
        self.open(self.ALL, 1440, 900)
        self.assertEqual(self.script("return document.querySelectorAll('#convergence figure').length"), 8)
        self.check_names(self.script(self.NAMES))
        self.browser.save_screenshot(str(SCREENSHOTS / "wide.png"))
        self.script("document.getElementById('convergence').scrollIntoView()")
        self.browser.save_screenshot(str(SCREENSHOTS / "wide-convergence.png"))
        self.script("document.getElementById('ranking').scrollIntoView()")
        self.browser.save_screenshot(str(SCREENSHOTS / "wide-ranking.png"))

    def test_and_below_the_plot_on_a_phone(self):
        self.open(self.ALL, 390, 844)
        self.check_names(self.script(self.NAMES))
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 390)
        self.browser.save_screenshot(str(SCREENSHOTS / "wide-phone.png"))

    def test_no_two_methods_are_drawn_alike(self):
        self.open(self.ALL, 1440, 900)
        styles = self.script("return DATA.experiments[0].methods.map((_, i) => { const s = lineStyle(i, LIGHT); return s.stroke + s.dash.join(); })")
        self.assertEqual(len(set(styles)), len(styles))
        self.assertEqual(self.script("return new Set([...Array(84).keys()].map((i) => JSON.stringify(lineStyle(i, LIGHT)))).size"), 84)

    def test_files_have_all_names(self):
        self.open(self.ALL, 1440, 900)
        svg = self.script("return document.querySelector('#convergence figure').files.svg()")
        for name in sample_results.METHODS:
            self.assertEqual(svg.count(f'aria-label="{name}"'), 1, name)

    def test_all_data_sets_are_drawn_when_asked_for(self):
        self.open("", 1440, 900)
        self.script("[...document.querySelectorAll('#convergence button')].find((b) => b.textContent.includes('all 25')).click()")
        self.assertEqual(self.script("return document.querySelectorAll('#convergence figure').length"), 25)
        self.assertIn("da=1", self.browser.current_url)

    def test_the_sentence_counts_data_sets(self):
        self.open("", 1440, 900)
        sentence = self.script("return document.querySelector('.verdict').textContent")
        self.assertRegex(sentence, "^In test accuracy, .* of 25 data sets|on any of 25 data sets")
        self.assertLess(len(sentence), 320)

    def test_on_a_phone_names_stay_and_methods_are_behind_a_button(self):
        self.open("", 390, 844)
        place = "const box = document.querySelector('#results .tablebox'), cell = box.querySelector('tbody td'); " \
                "box.scrollLeft = arguments[0]; return [box.scrollLeft, cell.getBoundingClientRect().left, cell.nextSibling.getBoundingClientRect().left]"
        before, after = self.script(place, 0), self.script(place, 200)
        self.assertEqual(after[0], 200)
        self.assertAlmostEqual(after[1], before[1], delta=1)
        self.assertAlmostEqual(after[2], before[2] - 200, delta=1)
        seen = "return [...document.querySelectorAll('[data-method]')].filter((b) => b.checkVisibility()).length"
        self.assertEqual(self.script(seen), 0)
        button = self.browser.find_element("css selector", 'button[data-key="mo"]')
        self.assertEqual(button.get_attribute("aria-expanded"), "false")
        self.assertIn("8 of 30", button.text)
        button.click()
        self.assertEqual(self.script(seen), 30)
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 390)
        self.browser.save_screenshot(str(SCREENSHOTS / "wide-phone-methods.png"))


class Following(unittest.TestCase):
    """The page of a run that goes on: it takes its successor's place and keeps what is shown."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.browser = start_browser(self.folder / "downloads")
        self.addCleanup(self.browser.quit)

    def until(self, condition):
        for _ in range(600):
            if self.browser.execute_script(f"return document.documentElement.dataset.ready === 'yes' && ({condition})"):
                return
            self.browser.execute_async_script("setTimeout(arguments[0], 100)")
        self.fail(f"never: {condition}")

    def test_the_page_renews_itself(self):
        runs, out = self.folder / "runs", self.folder / "report"
        program = subprocess.Popen([PROGRAM, "report", runs, "-o", out, "--follow", "--every", "0.2", "--until-runs", "6"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.kill)
        while not (out / "index.html").exists():
            self.assertIsNone(program.poll())
            self.browser.execute_async_script("setTimeout(arguments[0], 100)")
        self.browser.get((out / "index.html").as_uri())
        self.until("document.querySelector('.verdict').textContent.startsWith('No result yet')")

        def write(seed):
            for label, level in (("Adam", 0.9), ("SGD", 0.7)):
                sample_results.write_run(self.folder / "made", "going", "mnist", label, seed, solver=label.lower(), level=level)
            for file in (self.folder / "made").rglob("*.h5"):
                target = runs / file.relative_to(self.folder / "made")
                target.parent.mkdir(parents=True, exist_ok=True)
                file.rename(target)

        write(0)
        self.until("DATA.experiments.length === 1 && DATA.experiments[0].runs.length === 2")
        self.assertIn("With one seed nothing can be said", self.browser.find_element("css selector", ".verdict").text)
        self.browser.execute_script("""change({ys: "log"}); document.querySelector("#environment details").open = true;
            document.getElementById("runs").scrollIntoView(); document.querySelector('[data-method="SGD"]').focus({preventScroll: true});""")
        self.browser.execute_async_script("setTimeout(arguments[0], 400)")  # the place is written down when scrolling rests
        where = self.browser.execute_script("return window.scrollY")
        self.assertGreater(where, 100)
        write(1)
        self.until("DATA.experiments[0].runs.length === 4")
        state = "[view.ys, document.querySelector('#environment details').open, document.activeElement.dataset.method]"
        self.assertEqual(self.browser.execute_script(f"return {state}"), ["log", True, "SGD"])
        self.assertAlmostEqual(self.browser.execute_script("return window.scrollY"), where, delta=120)
        write(2)
        self.assertEqual(program.wait(60), 0, program.stderr.read())
        self.until("DATA.experiments[0].runs.length === 6 && !DATA.follow")
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["index.html"])
        self.assertEqual(self.browser.execute_script("return document.querySelectorAll('script[src]').length"), 0)


class ManyRuns(unittest.TestCase):
    """A thousand runs: what is asserted is what makes them fast, sizes; the seconds are only printed."""

    def test_a_thousand_runs(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        sample_results.write_many(folder / "runs")
        page = make_report(folder / "runs", folder / "report")
        self.assertLess(page.stat().st_size, 10e6)
        browser = start_browser(folder / "downloads")
        self.addCleanup(browser.quit)
        browser.get(page.as_uri())
        loaded = browser.execute_script("return performance.timing.loadEventEnd - performance.timing.navigationStart")
        print(f"1,000 runs: {page.stat().st_size / 1e6:.1f} MB, loaded in {loaded / 1000:.2f} s")
        self.assertEqual(browser.get_log("browser"), [])
        counts = browser.execute_script("""
            const curves = DATA.experiments.flatMap((e) => e.cells.flat()).filter((c) => c).map((c) => c.curves);
            return {cells: curves.length, longest: Math.max(...curves.map((c) => c.iteration.length)),
                    ends: curves.every((c) => c.iteration[0] === 0 && c.iteration.at(-1) === 200), runs: curves[0].runs,
                    rows: document.querySelectorAll("#table-runs tbody tr").length, elements: document.querySelectorAll("*").length}""")
        self.assertEqual(counts["cells"], 100)
        self.assertEqual(counts["runs"], 10)
        self.assertTrue(counts["ends"])
        self.assertLess(counts["longest"], 201)
        self.assertEqual(counts["rows"], 100)
        self.assertLess(counts["elements"], 20000)
        browser.execute_script("[...document.querySelectorAll('#table-runs button')].find((b) => b.textContent === 'show all 1000 rows').click()")
        self.assertEqual(browser.execute_script("return document.querySelectorAll('#table-runs tbody tr').length"), 1000)
        browser.save_screenshot(str(SCREENSHOTS / "thousand-runs.png"))


if __name__ == "__main__":
    unittest.main()
