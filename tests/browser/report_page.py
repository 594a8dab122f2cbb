"""A page of the report in headless Chromium, for the tests of it."""

import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ADMMBENCH_EXECUTABLE", ROOT / "build/release/bin/admmbench")
SCREENSHOTS = pathlib.Path(os.environ.get("ADMMBENCH_SCREENSHOTS", ROOT / "build/screenshots"))

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    MISSING = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
except ImportError:
    MISSING = ["python3-selenium"]
if MISSING:
    print(f"report_page: SKIPPED, there is no {', '.join(MISSING)}; tools/bootstrap --dev installs it")
    sys.exit(SKIPPED)


def start_browser(downloads, dark=False):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--force-device-scale-factor=1", "--window-size=1280,900"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    options.add_experimental_option("prefs", {
        "download.default_directory": str(downloads), "profile.default_content_setting_values.automatic_downloads": 1})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    browser.set_script_timeout(60)
    return browser


def make_report(results, out, *options):
    done = subprocess.run([PROGRAM, "report", results, "-o", out, *options], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return out / "index.html"
