"""What the tests of the page share: pages of sample databases, checks that are counted, silence on every width, size."""
import os
import re
import sqlite3
import subprocess
import sys
import time

ROOT = os.environ.get("TLSCENSUS_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("TLSCENSUS_BUILD", os.path.join(ROOT, "build", "dev"))
MAKE_PAGE = os.path.join(BUILD, "tests", "report", "make_page")
RENDER = os.path.join(BUILD, "tests", "golden", "render")
SAMPLE = os.path.join(ROOT, "tests", "support", "make_sample_db.py")
SKIP = 77
WIDTHS = (320, 390, 800, 1280)
# What the rows in sight say: their names, in order.
NAMES = "Array.from(document.querySelectorAll('#ep > tbody > tr:not(.open) th a'), a => a.textContent)"
STATUS = "document.getElementById('cnt').textContent"
failures = []
checks = 0


def equal(what, seen, wanted):
    global checks
    checks += 1
    if seen != wanted:
        failures.append("%s\n    seen   %.400r\n    wanted %.400r" % (what, seen, wanted))


def true(what, value):
    equal(what, bool(value), True)


class Pages:
    """Databases and the pages made of them, in one folder."""

    def __init__(self, folder):
        self.folder = folder

    def database(self, name, *arguments):
        path = os.path.join(self.folder, name + ".db")
        if not os.path.exists(path):
            subprocess.run([sys.executable, "-B", SAMPLE, path, *arguments], check=True)
        return path

    def nights(self, name, *arguments):
        """A database of several scans, each compared with those before."""
        path = self.database(name, *arguments)
        for scan in ("3", "4", "5"):
            subprocess.run([RENDER, path, "close", "scan=" + scan], check=True)
        return path

    def page(self, name, database, *arguments):
        path = os.path.join(self.folder, name + ".html")
        start = time.monotonic()
        subprocess.run([MAKE_PAGE, database, path, *arguments], check=True)
        return path, time.monotonic() - start

    @staticmethod
    def rows(database, condition):
        """Host names of the newest scan for which a condition over v_endpoint holds."""
        with sqlite3.connect(database) as db:
            return sorted(row[0] for row in db.execute(
                "SELECT DISTINCT host FROM v_endpoint WHERE outcome IN ('ok', 'client-certificate-required') AND (%s)"
                % condition))


def url(path, fragment=""):
    return "file://" + path + fragment


def names(browser):
    """Host names in sight, as the database has them."""
    return sorted({name.strip("[]") for name in browser.run(NAMES)})


def check_quiet(browser, path, label):
    """Every width, both themes, with and without script: nothing said, nothing asked for, nothing wider than the page."""
    for script in (True, False):
        browser.script(script)
        for theme in ("light", "dark"):
            browser.theme(theme)
            for width in WIDTHS:
                browser.resize(width)
                browser.open(url(path))
                what = "%s, %d px, %s, script %s" % (label, width, theme, "on" if script else "off")
                size = browser.call("Page.getLayoutMetrics")["cssContentSize"]["width"]
                true(what + ": no horizontal scroll (%d)" % size, size <= width)
                equal(what + ": silent", browser.complaints(), [])
    browser.script(True)
    browser.theme("light")
    browser.resize(1280)


def check_budget(browser, pages, num, *arguments):
    name = "size%d" % num + "".join(arguments)
    database = pages.database(name, "--endpoints", str(num), *arguments)
    path, seconds = pages.page(name, database)
    with open(path, "rb") as file:
        page = file.read()
    rows = len(re.findall(rb'<tr><td class="g">', page))
    details = page.count(b'<details class="dt"')
    budget = 60 * 1024 + 1.3 * 1024 * rows + 3.5 * 1024 * details + 150 * num
    true("%d endpoints: %d bytes within %d" % (num, len(page), budget), len(page) <= budget)
    start = time.monotonic()
    with open(os.devnull, "wb") as sink:
        subprocess.run(["sqlite3", "-csv", database, "SELECT * FROM v_endpoint"], stdout=sink, check=True)
    csv = time.monotonic() - start
    opened = browser.open(url(path))
    equal("%d endpoints: silent" % num, browser.complaints(), [])
    print("%d endpoints: %.2f MB, %d bytes of data an endpoint; written in %.2f s (sqlite3 prints v_endpoint in %.2f s),"
          " opens in %.2f s" % (num, len(page) / 1e6, len(re.search(rb'id="data">(.*?)</script>', page, re.S).group(1)) // num,
                                seconds, csv, opened))


def end():
    """Says what failed; the test's exit code follows."""
    for failure in failures:
        print("FAILED " + failure)
    print("%d checks, %d failed" % (checks, len(failures)))
    sys.exit(1 if failures else 0)
