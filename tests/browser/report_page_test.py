"""The report page in headless Chromium: it is drawn without errors, and does what its controls say.

Needs chromium, chromium-driver and python3-selenium (tools/bootstrap --dev); without them the test is skipped (exit 77).
Screenshots are kept in $ADMMBENCH_SCREENSHOTS."""

import csv
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import sample_results  # noqa: E402
from report_page import PROGRAM, SCREENSHOTS, make_report, start_browser, webdriver  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402


class ReportPage(unittest.TestCase):
    """One browser and one page for all; every test opens its own view."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        sample_results.write_sample(cls.folder / "runs")
        cls.page = make_report(cls.folder / "runs", cls.folder / "report")
        cls.browser = start_browser(cls.folder / "downloads")
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.media("light")
        self.width(1280, 900)

    def tearDown(self):
        errors = [entry["message"] for entry in self.browser.get_log("browser")]
        self.assertEqual(errors, [], "console messages")

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    def media(self, scheme):
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def width(self, width, height):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                     {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def open(self, view=""):
        self.browser.get("about:blank")
        self.browser.get(self.page.as_uri() + (f"#{view}" if view else ""))
        self.assertEqual(self.script("return document.documentElement.dataset.ready"), "yes")

    def screenshot(self, name, section=None):
        if section:
            self.script("document.getElementById(arguments[0]).scrollIntoView()", section)
        self.browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    def set(self, key, value):
        """Chooses `value` in the control of the view's `key`, as a hand would."""
        self.script("""const select = document.querySelector(`select[data-key="${arguments[0]}"]`);
                       select.value = arguments[1]; select.dispatchEvent(new Event("change"));""", key, value)
        self.assertEqual(self.script("return view[arguments[0]]", key), value)

    def lines(self, section="convergence"):
        """Stroke and dash of the lines of the section's first plot that belong to a series (they are 2 wide)."""
        return self.script("""return [...document.querySelectorAll(`#${arguments[0]} figure`)[0]
                              .querySelectorAll('path[stroke-width="2"]:not([d*="H"])')].map((p) => [p.getAttribute("stroke"),
                              p.getAttribute("stroke-dasharray"), p.getAttribute("d")])""", section)

    def rows(self, table):
        return self.script("""return [...document.querySelectorAll(`#table-${arguments[0]} tbody tr`)]
                              .map((row) => [...row.cells].map((cell) => cell.textContent))""", table)

    def shows(self, element, colour):
        """Whether `element` (a selector) shows pixels of that colour, give or take what blending with neighbours does."""
        return any(max(abs(a - b) for a, b in zip(seen, colour)) <= 24 for seen in self.colours(element))

    def colours(self, element):
        """The distinct colours of the pixels of `element`."""
        # Two frames later everything is painted.
        self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))")
        shot = self.browser.find_element("css selector", element).screenshot_as_base64
        return set(map(tuple, self.browser.execute_async_script("""
            const [data, done] = arguments, image = new Image();
            image.onload = () => {
              const canvas = document.createElement("canvas"), seen = new Set();
              [canvas.width, canvas.height] = [image.width, image.height];
              const context = canvas.getContext("2d");
              context.drawImage(image, 0, 0);
              const pixels = context.getImageData(0, 0, image.width, image.height).data;
              for (let i = 0; i < pixels.length; i += 4) seen.add(pixels.slice(i, i + 3).join());
              done([...seen].map((c) => c.split(",").map(Number)));
            };
            image.src = "data:image/png;base64," + data;""", shot)))

    # ---- drawn ---------------------------------------------------------------------------------------------------

    def test_every_section_is_there_and_every_plot_is_drawn(self):
        self.open("e=compare")
        shown = self.script("return [...document.querySelectorAll('main section')].filter((s) => !s.hidden).map((s) => s.id)")
        self.assertEqual(shown, ["verdict", "results", "convergence", "ranking", "boxes", "targets", "rates", "layers", "distances",
                                 "tuning", "runs", "experiments", "environment", "timings"])
        self.assertEqual(self.script("return [...document.querySelectorAll('section p.note')].map((p) => p.textContent)"),
                         ["made by formula </script><b>"])
        figures = self.script("""return [...document.querySelectorAll("figure")].map((f) => [f.querySelector(".drawing").ariaLabel,
                                 f.querySelectorAll("path").length, f.querySelector("figcaption").textContent])""")
        self.assertGreater(len(figures), 12)
        for label, paths, caption in figures:
            self.assertGreater(paths, 5, label)
            self.assertGreater(len(caption), 10, label)
        self.screenshot("compare")
        for section in shown:
            self.screenshot(f"compare-{section}", section)

    def test_the_first_screen_is_the_sentence_the_table_and_the_curves(self):
        self.width(1440, 900)
        self.open("e=compare")
        text = lambda selector: self.script("return document.querySelector(arguments[0]).textContent", selector)  # noqa: E731
        # Fashion: 0.9, 0.8 and 0.7 with the same noise in every seed, so nothing varies and signed ranks of three seeds decide: they cannot.
        self.assertEqual(text(".verdict"), "In test accuracy, Adam leads on fashion-mnist and mnist, undecided against all 2 others.")
        self.assertEqual(text(".basis"), "Bold: the best mean and what is not told apart from it by signed ranks paired by seed (n = 3), Holm over "
                                         "each column, level 0.05; 4 of 4 comparisons could show none, with so few seeds.")
        facts = self.script("return [...document.querySelectorAll('#verdict .facts')].map((p) => p.textContent).join(' ')")
        self.assertIn("Network: a hidden layer of 4, relu, cross entropy; 40 iterations; float64. 18 runs (1 not finished): 3 methods, 2 data "
                      "sets, 3 seeds.", facts)
        self.assertIn("mnist: 6,000 training and 1,000 test samples, 3 features, 10 classes.", facts)
        tops = self.script("return ['.verdict', '#results table', '#convergence figure'].map((s) => "
                           "document.querySelector(s).getBoundingClientRect().top)")
        self.assertEqual(tops, sorted(tops))
        self.assertLess(tops[2], 800)  # a hundred pixels of the curves at least are on the screen
        self.screenshot("first-screen")

    def test_what_is_about_the_machine_is_folded_at_the_end(self):
        self.open("e=compare")
        last = "return [...document.querySelectorAll('main section')].slice(-2).map((s) => [s.id, s.firstChild.tagName, s.firstChild.open])"
        self.assertEqual(self.script(last), [["environment", "DETAILS", False], ["timings", "DETAILS", False]])
        seen = "return document.getElementById('table-environment').checkVisibility()"
        self.assertFalse(self.script(seen))
        self.script("document.querySelector('#environment summary').click()")
        self.assertTrue(self.script(seen))
        self.script("return new Promise((done) => setTimeout(done, 50))")
        self.assertIn("fo=environment", self.browser.current_url)
        link = self.browser.current_url
        self.open("e=compare&s=environment")
        self.assertTrue(self.script(seen))
        self.browser.get("about:blank")
        self.browser.get(link)
        self.assertTrue(self.script(seen))

    # ---- names ---------------------------------------------------------------------------------------------------

    def lifted(self):
        return self.script("""return [document.documentElement.classList.contains("lifting"),
            [...new Set([...document.querySelectorAll("svg .lifted")].map((e) => e.dataset.m))]]""")

    def opacity(self, method):
        return self.script("return [...document.querySelectorAll(`#convergence svg path.line[data-m=\"${arguments[0]}\"]`)]"
                           ".map((e) => Number(getComputedStyle(e).opacity))", method)

    def test_pointing_at_a_name_lifts_its_curve(self):
        self.open("e=compare&d=mnist")
        names = self.browser.find_elements("css selector", "#table-results-test_accuracy button.name")
        self.assertEqual(self.lifted(), [False, []])
        for element, method in ((names[1], "1"), (self.browser.find_element("css selector", 'button[data-method="SGD"]'), "2")):
            webdriver.ActionChains(self.browser).move_to_element(element).perform()
            self.assertEqual(self.lifted(), [True, [method]])
            self.assertEqual(set(self.opacity(method)), {1})
            self.assertLess(max(self.opacity("0")), 0.3)
        self.screenshot("lifted", "convergence")
        webdriver.ActionChains(self.browser).move_to_element(self.browser.find_element("css selector", "h1")).perform()
        self.assertEqual(self.lifted(), [False, []])

    def test_pointing_at_a_curve_or_its_label_lifts_it(self):
        self.open("e=compare&d=mnist")
        self.script("document.getElementById('convergence').scrollIntoView()")
        at = self.script("""const box = document.querySelector("#convergence .drawing").getBoundingClientRect();
            const line = document.querySelector('#convergence path.line[data-m="1"]'), p = line.getPointAtLength(line.getTotalLength() * 0.7);
            const svg = line.ownerSVGElement, scale = box.width / svg.viewBox.baseVal.width;
            return [Math.round(box.left + p.x * scale), Math.round(box.top + p.y * scale)];""")
        move = webdriver.ActionChains(self.browser)
        move.w3c_actions.pointer_action.move_to_location(*at)
        move.perform()
        self.assertEqual(self.lifted(), [True, ["1"]])
        self.assertEqual(self.script("return document.querySelector('#hover .pointed').textContent.split(':')[0]"), "dlADMM")
        label = self.browser.find_element("css selector", '#convergence text.direct[data-m="2"]')
        webdriver.ActionChains(self.browser).move_to_element(label).perform()
        self.assertEqual(self.lifted(), [True, ["2"]])

    def test_the_keyboard_lifts_and_a_click_keeps(self):
        self.open("e=compare&d=mnist")
        self.script("document.querySelectorAll('#table-results-test_accuracy button.name')[1].focus()")
        self.assertEqual(self.lifted(), [True, ["1"]])
        self.script("document.activeElement.blur()")
        self.assertEqual(self.lifted(), [False, []])
        drawing = "document.querySelector('#convergence .drawing')"
        self.script(f"{drawing}.focus()")
        for expected in ("0", "1", "2", "0"):  # from the top down, by the values at the first iteration and then around
            self.browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
            self.assertEqual(len(self.lifted()[1]), 1)
        self.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
        self.assertEqual(self.lifted(), [False, []])
        self.script("document.querySelectorAll('#table-results-test_accuracy button.name')[1].focus()")
        self.browser.switch_to.active_element.send_keys(Keys.ENTER)
        self.script("document.activeElement.blur()")
        self.assertEqual(self.lifted(), [True, ["1"]])
        link = self.browser.current_url
        self.assertIn("l=dlADMM", link)
        self.browser.get("about:blank")
        self.browser.get(link)
        self.assertEqual(self.lifted(), [True, ["1"]])

    # ---- ranking -------------------------------------------------------------------------------------------------

    def test_ranking_is_that_of_the_rank_command(self):
        done = subprocess.run([PROGRAM, "rank", self.folder / "runs/compare", "-o", self.folder / "ranks"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = list(csv.DictReader((self.folder / "ranks/compare-ranks.csv").read_text().splitlines()))
        self.open("e=compare")
        rows = self.rows("ranks")
        self.assertEqual([row[0] for row in rows], [line["label"] for line in expected])
        for row, line in zip(rows, expected):
            self.assertAlmostEqual(float(row[1]), float(line["mean_rank"]), delta=0.005)
        text = self.script("return document.getElementById('ranking').textContent")
        self.assertIn("Adam has the best mean rank, 1 of 3; not told apart from it: ", text)
        self.assertIn(f"level 0.05): {float(expected[0]['critical_difference']):.3g}.", text)
        self.assertIn("Holm's correction over 4 comparisons", text)
        self.assertEqual(len(self.rows("pairs")), 4)
        self.screenshot("ranking", "ranking")

    def test_where_there_is_no_ranking_it_says_why(self):
        text = "return document.getElementById('ranking').textContent"
        self.open("e=grid")
        self.assertIn("There are no mean ranks: one data set alone was run.", self.script(text))
        self.open("e=a-long-name-of-an-experiment-for-narrow-screens")
        self.assertIn("There is no ranking: one method alone was run.", self.script(text))
        self.assertIn("One method alone, so nothing is compared", self.script("return document.querySelector('.verdict').textContent"))

    def test_groups_of_ranks(self):
        """Two methods share a letter exactly if their mean ranks differ by less than the critical difference."""
        self.open()
        for means, difference in (([1, 2, 3, 4], 1.5), ([1, 1.2, 1.4, 9], 1), ([1, 5, 9], 2), ([1, 2, 3], 10)):
            letters = self.script("return rankGroups(arguments[0], arguments[1])", means, difference)
            for a, b in itertools.combinations(range(len(means)), 2):
                self.assertEqual(bool(set(letters[a]) & set(letters[b])), means[b] - means[a] < difference, (means, letters))

    def test_pixels_have_the_colours_of_the_methods(self):
        self.open("e=compare&d=mnist")
        self.screenshot("pixels", "convergence")
        plot, colours = "#convergence figure .drawing", ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x00, 0x9E, 0x73))
        for colour in colours:
            self.assertTrue(self.shows(plot, colour), colour)
        self.open("e=compare&d=mnist&m=[]")
        for colour in colours:
            self.assertFalse(self.shows(plot, colour), colour)

    def test_nothing_is_loaded_from_elsewhere(self):
        text = self.page.read_text()
        self.assertIsNone(re.search(r"<(script|link|img|iframe)[^>]*\b(src|href)=(?![\"']?data:)", text))
        self.open()
        self.assertEqual(self.script("return performance.getEntriesByType('resource').map((r) => r.name).filter((n) => !n.startsWith('data:'))"), [])

    # ---- controls ------------------------------------------------------------------------------------------------

    def test_methods_are_toggled(self):
        self.open("e=compare&d=mnist")
        self.assertEqual(len(self.lines()), 3 + 3)  # and as many in the legend
        button = 'button[data-method="Adam"]'
        self.browser.find_element("css selector", button).click()
        self.assertEqual(self.browser.find_element("css selector", button).get_attribute("aria-pressed"), "false")
        self.assertEqual(len(self.lines()), 2 + 2)
        # By the keyboard, and back: the focus has stayed.
        self.script("document.querySelector(arguments[0]).focus()", button)
        self.browser.switch_to.active_element.send_keys(Keys.ENTER)
        self.assertEqual(len(self.lines()), 3 + 3)
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("data-method"), "Adam")

    def test_axes_quantities_and_bands(self):
        self.open("e=compare&d=mnist")
        first = self.lines()
        self.set("xs", "log")
        self.assertNotEqual(self.lines(), first)
        self.set("x", "seconds")
        self.assertIn("solver seconds", self.script("return document.querySelector('#convergence figure').textContent"))
        bands = "return document.querySelectorAll('#convergence figure path[fill-opacity]').length"
        self.assertEqual(self.script(bands), 3)
        self.set("b", "none")
        self.assertEqual(self.script(bands), 0)
        self.set("q", "residual")
        # 0.8^k on a logarithmic axis is straight: equal steps in equal iterations.
        self.set("x", "iteration")
        self.set("xs", "linear")
        points = [tuple(map(float, p.split(" "))) for p in self.lines()[0][2][1:].split("L")]
        steps = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(points, points[1:])]
        self.assertGreater(len(steps), 20)
        self.assertLess(max(steps) - min(steps), 0.05 * abs(steps[0]))
        self.set("ys", "linear")
        bent = [tuple(map(float, p.split(" "))) for p in self.lines()[0][2][1:].split("L")]
        self.assertGreater((bent[1][1] - bent[0][1]), 5 * (bent[-1][1] - bent[-2][1]))

    def test_reference_lines_are_the_published_figure_chance_and_target(self):
        self.open("e=compare&d=mnist")
        text = "return document.querySelector('#convergence figure svg').textContent"
        shown = self.script(text)
        self.assertIn("Adam published 0.975", shown)
        self.assertIn("chance 0.1", shown)
        self.assertIn("target ", shown)
        self.set("ref", "0")
        self.assertNotIn("chance", self.script(text))

    def test_tables_sort_and_filter(self):
        self.open("e=compare")
        table = "results-test_accuracy"
        self.assertEqual([row[0] for row in self.rows(table)], ["Adam", "dlADMM", "SGD"])
        self.assertIn("1 not finished", json.dumps(self.rows(table)))
        sort = f"#table-{table} th:nth-child(2) button"
        self.browser.find_element("css selector", sort).click()
        self.browser.find_element("css selector", sort).click()
        self.assertEqual([row[0] for row in self.rows(table)], ["SGD", "dlADMM", "Adam"])
        self.assertEqual(self.script("return document.querySelector(arguments[0]).parentElement.ariaSort", sort), "ascending")
        self.browser.find_element("css selector", "#table-runs input").send_keys("diverged")
        self.assertEqual([row[:4] for row in self.rows("runs")], [["SGD", "mnist", "2", "diverged"]])
        self.assertIn("1 of 18 rows", self.script("return document.querySelector('#table-runs').textContent"))

    def test_a_link_brings_the_view_back(self):
        self.open("e=compare&d=mnist")
        self.set("q", "train_loss")
        self.set("ys", "log")
        self.browser.find_element("css selector", 'button[data-method="SGD"]').click()
        self.browser.find_element("css selector", "#table-runs input").send_keys("adam")
        link, lines, rows = self.browser.current_url, self.lines(), self.rows("runs")
        self.assertEqual(len(rows), 6)
        self.browser.get("about:blank")
        self.browser.get(link)
        self.assertEqual(self.lines(), lines)
        self.assertEqual(self.rows("runs"), rows)
        self.assertEqual(self.script("return document.querySelector('select[data-key=q]').value"), "train_loss")
        # A link that nobody wrote shows the page all the same.
        self.open("q=nothing&m=}{&tables=1&e=none&x=&t=%00")

    def test_the_experiment_is_chosen(self):
        self.open("e=compare&q=train_loss&d=mnist")
        self.set("e", "grid")
        self.assertEqual(self.script("return [view.q, view.d]"), ["", ""])
        cells = self.script("""return [...document.querySelectorAll("#sensitivity figure text")].map((t) => t.textContent)""")
        for text in ("rho", "nu", "0.01", "0.1", "1"):
            self.assertIn(text, cells)
        tiles = "return document.querySelectorAll('#sensitivity figure path[fill^=\"#\"]').length"
        self.assertEqual(self.script(tiles), 6)
        self.screenshot("grid-sensitivity", "sensitivity")
        self.open("e=line/quick")
        self.assertIn("rho", self.script("return document.querySelector('#sensitivity figure').textContent"))
        self.assertEqual(self.script("return document.querySelectorAll('#sensitivity circle').length"), 3)

    def test_box_plots_by_and_across_data_sets(self):
        titles = "return [...document.querySelectorAll('#boxes .drawing')].map((d) => d.ariaLabel.split('.')[0])"
        self.open("e=compare")
        self.assertEqual(self.script(titles), ["test accuracy, fashion-mnist", "test accuracy, mnist", "test accuracy across data sets"])
        # Across the sets a method has one value per set: dlADMM's mean of 0.8 + 0.01 seed, less what is left after 40 iterations.
        lines = self.script("return document.querySelectorAll('#boxes figure')[2].files.csv()").splitlines()
        values = [float(line.split(",")[2]) for line in lines if line.startswith("dlADMM,")]
        self.assertEqual(len(values), 2)
        for value in values:
            self.assertAlmostEqual(value, 0.81, delta=0.01)
        self.open("e=grid")
        self.assertEqual(self.script(titles), ["test accuracy, mnist"])

    def test_a_parameter_of_one_value_is_no_sensitivity(self):
        kept = """const points = arguments[0].map((values, i) => ({label: `${i}`, values}));
                  const s = varying({name: "s", keys: ["a", "b"], points}); return s && [s.keys, s.points.map((p) => p.values)]"""
        self.open()
        self.assertIsNone(self.script(kept, [["1", "2"]]))
        self.assertEqual(self.script(kept, [["1", "2"], ["1", "3"]]), [["b"], [["2"], ["3"]]])
        self.assertEqual(self.script(kept, [["1", "2"], ["2", "3"]])[0], ["a", "b"])

    def test_colours_of_a_heat_map_tell_its_values_apart(self):
        parts = "const scale = colourScale(arguments[0]); return [scale.log, ...arguments[0].flat().map(scale.part)]"
        self.open()
        log, low, middle, high = self.script(parts, [[0.01, 1, 100]])
        self.assertEqual((log, low, high), (True, 0, 1))
        self.assertAlmostEqual(middle, 0.5)
        self.assertEqual(self.script(parts, [[0.6, 0.7, 0.8]])[0], False)  # linear, as -1, 0, 1 is
        self.assertEqual(self.script(parts, [[-1, 0, 1]]), [False, 0, 0.5, 1])
        self.assertEqual(self.script(parts, [[0, 0.01, 1]]), [True, 0, 0, 1])  # 0 has no logarithm: the darkest
        self.assertEqual(self.script(parts, [[3, 3]]), [False, 0.5, 0.5])

    def test_ticks_can_be_told_apart(self):
        texts = "return tickTexts(makeAxis(arguments[0], arguments[1], 0, 1, arguments[2], 5))"
        self.open()
        for low, high, log in ((0.83341, 0.83349, False), (0, 1, False), (0.03, 0.97, True), (1e-4, 0.1, True), (3e-9, 2e5, True)):
            ticks = self.script(texts, low, high, log)
            self.assertGreaterEqual(len(ticks), 3, (low, high, log))
            self.assertEqual(len(set(ticks)), len(ticks), ticks)
        self.assertEqual(self.script(texts, 1e-4, 0.1, True), ["1e-4", "1e-3", "1e-2", "1e-1"])
        self.assertEqual(self.script(texts, 0.03, 0.97, True), ["0.05", "0.1", "0.2", "0.5"])

    def test_a_link_leads_to_its_section(self):
        self.open("e=compare&s=rates")
        top = "return document.getElementById(arguments[0]).getBoundingClientRect().top"
        self.assertLess(abs(self.script(top, "rates")), 60)
        self.script("document.querySelector('nav a[href$=targets]').click()")
        self.assertIn("s=targets", self.browser.current_url)
        self.open("e=compare&s=nowhere")
        self.assertEqual(self.script("return window.scrollY"), 0)

    def test_one_is_singular(self):
        self.open("e=grid")
        facts = self.script("return document.querySelector('#verdict .facts').textContent")
        self.assertIn("6 runs: 6 methods, 1 data set, 1 seed.", facts)

    def test_hovering_shows_values(self):
        self.open("e=compare&d=mnist")
        self.script("document.querySelector('#convergence .drawing').focus({preventScroll: false})")
        active = self.browser.switch_to.active_element
        active.send_keys(Keys.ARROW_RIGHT)
        hover = "const box = document.getElementById('hover'); return box.hidden ? null : box.textContent"
        self.assertIn("iteration 0", self.script(hover))
        # Every formula starts at chance, 1/10.
        self.assertRegex(self.script(hover), r"Adam: 0\.11 ")  # 0.1 + the mean of 0.01 seed
        active.send_keys(Keys.ARROW_RIGHT)
        self.assertIn("iteration 1", self.script(hover))
        active.send_keys(Keys.ESCAPE)
        self.assertIsNone(self.script(hover))
        webdriver.ActionChains(self.browser).move_to_element(active).perform()
        self.assertRegex(self.script(hover), "^iteration (1[5-9]|2[0-5])Adam")
        self.screenshot("hover")

    def test_configuration_and_command_of_a_run(self):
        self.open("e=compare")
        self.script("document.querySelector('#table-runs details').open = true")
        self.script("return new Promise((done) => setTimeout(done, 50))")
        command = self.script("return document.querySelector('#table-runs pre.command').textContent")
        self.assertIn("admmbench run ", command)
        self.assertIn("seeds: [0]", command)
        self.assertIn("experiment: compare", self.script("return document.querySelector('#table-runs pre.config').textContent"))

    # ---- files ---------------------------------------------------------------------------------------------------

    def test_plots_as_files(self):
        self.open("e=compare&d=mnist")
        files = self.browser.execute_async_script("""
            const done = arguments[0], files = document.querySelector("#convergence figure").files;
            files.png().then((blob) => done({svg: files.svg(), pdf: files.pdf(), csv: files.csv(), png: blob.size, type: blob.type}));""")
        for part in ("<desc>compare on mnist: Test accuracy", "seeds 0–2", "Adam: {rho: 0.1}\n", "network: {hidden: [4]"):
            self.assertIn(part, files["svg"])
        self.assertGreater(files["png"], 10000)
        self.assertEqual(files["type"], "image/png")
        self.assertEqual(files["csv"].splitlines()[0], "series,iteration,test accuracy,low,high")
        self.assertEqual(len(files["csv"].splitlines()), 1 + 3 * 41)
        (SCREENSHOTS / "figure.svg").write_text(files["svg"])
        pdf = files["pdf"].encode("latin-1")
        (SCREENSHOTS / "figure.pdf").write_bytes(pdf)
        self.check_pdf(pdf)

    def check_pdf(self, pdf):
        """Every offset of the cross-reference table is that of its object; the streams are as long as they say; no font is needed."""
        table = int(re.search(rb"startxref\n(\d+)\n%%EOF", pdf)[1])
        offsets = re.findall(rb"^(\d{10}) 00000 n $", pdf[table:], re.M)
        self.assertTrue(pdf[table:].startswith(b"xref\n0 %d\n" % (len(offsets) + 1)))
        for number, offset in enumerate(offsets, 1):
            self.assertTrue(pdf[int(offset):].startswith(b"%d 0 obj" % number))
        streams = list(re.finditer(rb"/Length (\d+) >>\nstream\n", pdf))
        self.assertGreater(len(streams), 20)  # the page and the outlines of its letters
        for stream in streams:
            self.assertTrue(pdf[stream.end() + int(stream[1]):].startswith(b"\nendstream"))
        self.assertNotIn(b"/Font", pdf)
        self.assertNotIn(b" Tf", pdf)
        # What the page draws is in its resources, and the other way round.
        drawn, named = set(re.findall(rb"/([FH]admmbench\w+) Do", pdf)), set(re.findall(rb"/([FH]admmbench\w+) \d+ 0 R", pdf))
        self.assertEqual(drawn, named)
        if shutil.which("pdffonts"):
            (SCREENSHOTS / "fonts.pdf").write_bytes(pdf)
            listed = subprocess.run(["pdffonts", SCREENSHOTS / "fonts.pdf"], capture_output=True, text=True, check=True).stdout
            self.assertEqual(len(listed.splitlines()), 2, listed)  # the heading alone

    def test_files_keep_their_legend_and_need_no_font(self):
        self.open("e=compare&d=mnist")
        svg = self.script("return document.querySelector('#convergence figure').files.svg()")
        self.assertNotIn("<text", svg)
        self.assertNotIn("font", svg)
        for name in ("Adam", "dlADMM", "SGD"):
            self.assertEqual(svg.count(f'aria-label="{name}"'), 1, name)
        used, there = set(re.findall(r'<use href="#(\w+)"', svg)), set(re.findall(r'<path id="(\w+)"', svg))
        self.assertEqual(used, there)
        self.assertGreater(len(there), 30)

    def test_outlines_look_like_the_text_they_stand_for(self):
        """Pixels of outlined letters against the browser's own text; a control is the text moved by half a letter."""
        self.open()
        differences = self.browser.execute_async_script("""
            const done = arguments[0], width = 420, height = 60;
            const shape = (x) => ({kind: "text", x, y: 40, text: "dlADMM: ρ = 0.1 ≤ Åß@&8", size: 30, anchor: "start", fill: "#000000"});
            const drawing = (x) => ({width, height, shapes: [shape(x)]});
            const pixels = async (svg) => {
              const image = new Image();
              image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
              await image.decode();
              const canvas = document.createElement("canvas");
              [canvas.width, canvas.height] = [width, height];
              const context = canvas.getContext("2d");
              context.fillStyle = "#ffffff";
              context.fillRect(0, 0, width, height);
              context.drawImage(image, 0, 0);
              return [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 === 0);
            };
            const text = (x) => svgText(drawing(x)).replace("<svg ", `<svg width="${width}" height="${height}" `);
            const apart = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.reduce((sum, v) => sum + 255 - v, 0);
            Promise.all([pixels(text(5)), pixels(svgText(drawing(5), "", "#ffffff")), pixels(text(10))])
              .then(([a, b, c]) => done([apart(a, b), apart(a, c)]));""")
        self.assertLess(differences[0], 0.2, differences)
        self.assertGreater(differences[1], 0.6, differences)

    def test_the_buttons_download(self):
        self.open("e=compare&d=mnist")
        downloads = self.folder / "downloads"
        for name in ("SVG", "PDF", "PNG", "CSV"):
            self.script("[...document.querySelectorAll('#convergence figure button')].find((b) => b.textContent === arguments[0]).click()", name)
        self.script("document.querySelectorAll('#table-results-test_accuracy .controls button').forEach((b) => { if (!b.hidden) b.click(); })")
        expected = {"test-accuracy-mnist.svg": b"<svg", "test-accuracy-mnist.pdf": b"%PDF", "test-accuracy-mnist.png": b"\x89PNG",
                    "test-accuracy-mnist.csv": b"series,", "results-test_accuracy.csv": b"experiment,", "results-test_accuracy.tex": b"% compare"}
        for _ in range(100):
            if all((downloads / name).exists() for name in expected):
                break
            self.browser.execute_async_script("setTimeout(arguments[0], 100)")
        for name, begin in expected.items():
            self.assertTrue((downloads / name).read_bytes().startswith(begin), name)

    def test_tables_as_files(self):
        """The files of the results are those of `admmbench table`; of other tables, what is shown."""
        self.open("e=compare")
        for metric in ("test_accuracy", "train_loss"):
            self.set("t", metric)
            files = self.script("const t = document.querySelector(arguments[0]).files; return [t.csv(), t.latex()]",
                                f"#table-results-{metric}")
            for text, form in zip(files, ("csv", "latex")):
                done = subprocess.run([PROGRAM, "table", self.folder / "runs/compare", "--metric", metric, "--format", form],
                                      capture_output=True, text=True, check=True)
                self.assertEqual(text, done.stdout)
        files = self.script("const t = document.querySelector('#table-runs').files; return [t.csv(), t.latex()]")
        header, first = list(csv.reader(files[0].splitlines()))[:2]
        self.assertEqual(len(header), len(first))
        self.assertIn("\\begin{tabular}{l", files[1])
        self.assertNotRegex(re.sub(r"(?m)^%.*", "", files[1]), r"(?<!\\)_")

    # ---- appearance ----------------------------------------------------------------------------------------------

    def test_dark_and_light(self):
        self.media("dark")
        self.open("e=compare")
        background = "return getComputedStyle(document.body).backgroundColor"
        self.assertEqual(self.script(background), "rgb(22, 24, 28)")
        self.screenshot("dark", "convergence")
        self.assertTrue(self.shows("#convergence figure .drawing", (0x16, 0x18, 0x1C)))
        self.browser.find_element("id", "theme").click()
        self.assertEqual(self.script(background), "rgb(255, 255, 255)")
        self.assertIn("theme=light", self.browser.current_url)
        # A figure in a file is light, whatever the page is.
        self.open("e=compare&theme=dark")
        self.assertIn('fill="#ffffff"', self.script("return document.querySelector('#convergence figure').files.svg()"))

    def test_contrast_is_readable(self):
        """WCAG 2.2: text at least 4.5 to 1 against its ground, lines of plots 3 to 1, in both themes."""
        def luminance(colour):
            parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
            return sum(w * (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4)
                       for w, p in zip((0.2126, 0.7152, 0.0722), parts))

        def contrast(a, b):
            low, high = sorted((luminance(a), luminance(b)))
            return (high + 0.05) / (low + 0.05)

        self.assertAlmostEqual(contrast("#000000", "#ffffff"), 21)
        self.open()
        for theme in self.script("return [LIGHT, DARK]"):
            for name in ("ink", "muted"):
                self.assertGreaterEqual(contrast(theme[name], theme["paper"]), 4.5, name)
            for colour in theme["series"]:
                self.assertGreaterEqual(contrast(colour, theme["paper"]), 3, colour)

    def test_phone_width(self):
        self.width(340, 740)
        for experiment in ("compare", "grid", "a-long-name-of-an-experiment-for-narrow-screens"):
            self.open(f"e={experiment}")
            self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 340)
        self.width(390, 844)
        self.open("e=compare")
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 390)
        self.screenshot("phone-first")
        self.screenshot("phone", "convergence")
        self.screenshot("phone-results", "results")

    def test_plots_are_drawn_as_wide_as_their_column(self):
        for width in (390, 700, 1000, 1280):
            self.width(width, 900)
            self.open("e=compare")
            wide = self.script("""return [...document.querySelectorAll("figure svg")].map((svg) =>
                                  svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)""")
            self.assertGreater(len(wide), 5)
            for scale in wide:
                self.assertAlmostEqual(scale, 1, delta=0.05, msg=str(width))

    def test_everything_is_reached_by_the_keyboard(self):
        self.open("e=compare&d=mnist")
        unreachable = self.script("""return [...document.querySelectorAll("button, select, input, summary, .drawing, .tablebox")]
                                     .filter((e) => e.offsetParent && e.tabIndex < 0).map((e) => e.outerHTML.slice(0, 80))""")
        self.assertEqual(unreachable, [])
        unnamed = self.script("""return [...document.querySelectorAll("button, select, input, .drawing, .tablebox")]
                                 .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.closest("label"))).length""")
        self.assertEqual(unnamed, 0)
        self.browser.find_element("tag name", "body").send_keys(Keys.TAB)
        self.assertIn("to the content", self.browser.switch_to.active_element.text)


if __name__ == "__main__":
    unittest.main()
