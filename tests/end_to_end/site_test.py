"""The static site's link checker: what is dead is found, what is not is not."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CheckLinks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = pathlib.Path(folder.name) / "site"
        (self.site / "sub").mkdir(parents=True)
        self.write("index.html", '<a href="sub/page.html#there">x</a> <a href="sub/">y</a> <img src="a%20b.png">'
                   '<a href="#own" id="own">z</a>')
        self.write("sub/page.html", '<h2 id="there">t</h2><a href="../index.html">up</a>'
                   '<a href="https://example.org/nowhere">net</a>')
        self.write("sub/index.html", "<a href='page.html#there'>p</a><script>const s = '<a href=\"none.html\">';</script>"
                   "<!-- <a href='gone.html'> -->")
        self.write("a b.png", "")

    def write(self, name, text):
        (self.site / name).write_text(text)

    def check(self):
        return subprocess.run([ROOT / "tools/check-links", self.site], capture_output=True, text=True)

    def test_a_whole_site_has_none(self):
        done = self.check()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "3 pages, 7 links, 0 dead\n")

    def test_each_kind_of_dead_link_is_named(self):
        for link, why in (("missing.html", "there is no such file"), ("sub/page.html#nowhere", "there is no 'nowhere' in it"),
                          ("#gone", "there is no 'gone' in it"), ("../outside.html", "leads out of the site"),
                          ("sub/none.png", "no such file")):
            with self.subTest(link):
                self.write("more.html", f'<a class="a" href="{link}">x</a>')
                done = self.check()
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"more.html: {link}: ", done.stderr)
                self.assertIn(why, done.stderr)

    def test_a_script_that_is_loaded_must_be_there(self):
        self.write("more.html", '<script src="none.js"></script>')
        self.assertIn("more.html: none.js: there is no such file", self.check().stderr)

    def test_no_site_is_an_error(self):
        done = subprocess.run([ROOT / "tools/check-links", self.site / "sub/nothing"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no HTML file", done.stderr)


if __name__ == "__main__":
    unittest.main()
