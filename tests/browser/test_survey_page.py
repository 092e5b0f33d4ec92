#!/usr/bin/env python3
"""What a survey adds to the page, in a real browser: tiles, panels, filters, details, glossary; and nothing of it where
no survey was made. Numbers are compared with the tables of the database."""
import json
import os
import sqlite3
import sys
import tempfile

import chrome
from page_support import NAMES, SKIP, STATUS, Pages, check_budget, check_quiet, end, equal, names, true, url

# Endpoints by answer, from the table of features: NULL is in neither list.
LEGACY = ("(SELECT max(f.supported = 1) OR CASE WHEN count(f.supported) = 4 THEN 0 END FROM feature AS f WHERE"
          " f.feature_set_id = ob.feature_set_id AND f.kind = 'version' AND f.code < 771)")
HYBRID = ("(SELECT f.supported FROM feature AS f WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'trait' AND f.code = 46)")
ACCEPTS = "(e => { const h = e.querySelector('.ah'); return h ? h.nextElementSibling.textContent : null; })"
# The block of a detail as the page drew it, and as the script draws it once that one is gone.
OPEN = ACCEPTS + "(document.querySelector('#ep tr.open'))"


def surveyed(database, condition):
    """Endpoints and hosts of the newest scan for which a condition over the observation holds."""
    with sqlite3.connect(database) as db:
        rows = db.execute("SELECT t.host FROM observation AS ob JOIN endpoint AS e USING (endpoint_id) JOIN target AS t"
                          " USING (target_id) WHERE ob.scan_id = 2 AND ob.feature_set_id IS NOT NULL AND (%s)" % condition).fetchall()
    return len(rows), sorted({row[0] for row in rows})


def without_survey(database):
    """The sample as profile quick would have left it."""
    with sqlite3.connect(database) as db:
        db.execute("UPDATE observation SET feature_set_id = NULL")
    return database


def tile(browser, name):
    return browser.run("""(t => t && [t.querySelector('.tn').textContent, t.getAttribute('href')])(
        [...document.querySelectorAll('.tile')].find(t => t.querySelector('.tl').textContent === %s))""" % json.dumps(name))


def bars(browser, name):
    """Label and number of each bar of a panel."""
    return browser.run("""(p => p && [...p.querySelectorAll('li')].map(l => [l.querySelector('.bl').textContent,
        l.querySelector('.bn').firstChild.textContent]))([...document.querySelectorAll('.pan')].find(
        p => p.querySelector('h3').firstChild.textContent === %s))""" % json.dumps(name))


def check_survey_numbers(browser, page, database):
    """Tiles, panels and filters say what the table of features holds."""
    browser.open(url(page))
    cases = [("legacy", LEGACY + " = 1"), ("pq", HYBRID + " = 1"), ("nopq", HYBRID + " = 0")]
    numbers = {name: surveyed(database, condition) for name, condition in cases}
    legacy_known, _ = surveyed(database, LEGACY + " IS NOT NULL")
    hybrid_known, _ = surveyed(database, HYBRID + " IS NOT NULL")
    everyone, _ = surveyed(database, "1")
    true("survey: something was not measured", legacy_known < everyone and hybrid_known < everyone)
    equal("tile Old TLS", tile(browser, "Old TLS"), ["%dof %d" % (numbers["legacy"][0], legacy_known), "#show=legacy"])
    equal("tile Post-quantum", tile(browser, "Post-quantum"), ["%dof %d" % (numbers["pq"][0], hybrid_known), "#show=pq"])
    note = browser.run("""[...document.querySelectorAll('.tile')].find(
        t => t.querySelector('.tl').textContent === 'Post-quantum').querySelector('.td').textContent""")
    equal("tile Post-quantum: what it leaves out", note, "accept keys with ML-KEM; %d do not, %d not measured" % (
        numbers["nopq"][0], everyone - hybrid_known))
    equal("panel: hybrids", bars(browser, "Post-quantum key exchange"), [
        ["accepted", str(numbers["pq"][0])], ["not accepted", str(numbers["nopq"][0])],
        ["not measured", str(everyone - hybrid_known)]])
    versions = dict(bars(browser, "Protocol versions accepted"))
    for code, name in ((0x0304, "TLS 1.3"), (0x0303, "TLS 1.2"), (0x0301, "TLS 1.0"), (0x0002, "SSL 2.0")):
        count, _ = surveyed(database, "EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = ob.feature_set_id AND"
                                      " f.kind = 'version' AND f.code = %d AND f.supported = 1)" % code)
        equal("panel: " + name, versions.get(name), str(count))
    weakest = dict(bars(browser, "Weakest suite accepted"))
    equal("panel: every surveyed endpoint has one bar", sum(int(number) for number in weakest.values()), everyone)
    equal("panel: insecure suites", weakest["insecure"], str(surveyed(
        database, "EXISTS (SELECT 1 FROM accepted_suite AS s WHERE s.feature_set_id = ob.feature_set_id AND s.quality = 'insecure')")[0]))
    for name, (_, hosts) in numbers.items():
        browser.open(url(page, "#show=" + name))
        equal("#show=" + name, names(browser), hosts)
        equal("#show=%s is in the list" % name, browser.run("document.getElementById('show').value"), name)
    equal("survey: silent", browser.complaints(), [])


def check_survey_details(browser, page):
    """What the script draws is what the page drew; each fact leads to its sentence."""
    for host in ("legacy-lab.med.example.edu:443", "www.example.edu:443", "archive.library.example.edu:8443"):
        browser.open(url(page, "#e=" + host))
        drawn = browser.run(OPEN)
        true("%s: something is accepted" % host, drawn and "TLS" in drawn)
        browser.open(url(page))
        browser.run("document.querySelectorAll('#details .db').forEach(e => e.remove())")
        browser.run("location.hash = '#e=%s'" % host)
        browser.run("new Promise(done => setTimeout(done, 100))")
        equal("%s: the script draws the same" % host, browser.run(OPEN), drawn)
    # A set is in the page once: where a detail refers to another, opening it draws all of it.
    browser.open(url(page))
    true("most details refer to one with the same set", browser.run("document.querySelectorAll('#details .same').length") > 30)
    equal("what they refer to has it in full", browser.run("""[...document.querySelectorAll('#details .same p a')].filter(
        a => !document.querySelector('#details .db[data-id="' + CSS.escape(decodeURIComponent(a.hash.slice(1))) + '"]')
          .querySelector('.su')).length"""), 0)
    browser.run("document.querySelector('#details .same').closest('details').open = true")
    browser.run("new Promise(done => setTimeout(done, 100))")
    true("opened, it is drawn", browser.run("[...document.querySelectorAll('#details details[open]')].every(e => e.querySelector('.su'))"))
    browser.open(url(page, "#e=archive.library.example.edu:8443"))
    true("cut short is said", "stopped answering" in browser.run(OPEN))
    browser.open(url(page, "#e=www.example.edu:443"))
    links = browser.run("[...document.querySelectorAll('#ep tr.open .tr a')].map(a => a.getAttribute('href'))")
    true("traits are links (%d)" % len(links), len(links) > 20)
    equal("and each has its sentence", browser.run(
        "%s.filter(l => !(document.getElementById(l.slice(1)) || {textContent: ''}).textContent.endsWith('.'))" % json.dumps(links)), [])
    browser.run("document.querySelector('#ep tr.open .tr a').click()")
    browser.run("new Promise(done => setTimeout(done, 100))")
    equal("a click opens the glossary", browser.run("document.querySelector('#facts details').open"), True)
    browser.open(url(page, "#e=www.example.edu:443"))
    browser.run("document.querySelector('#ep tr.open .ah a').click()")
    browser.run("new Promise(done => setTimeout(done, 100))")
    equal("as does what leads to all of them", browser.run("document.querySelector('#facts details').open"), True)
    unmeasured = browser.run("""[...document.querySelectorAll('#ep tr.open .ah + * dt, #details .ah + * dt')].filter(
        t => t.textContent === 'Not measured').map(t => t.nextElementSibling.textContent)""")
    true("what was not measured is said with its reason", any(line.startswith("asked in profile deep alone: ") or
                                                              line.startswith("no clear answer: ") for line in unmeasured))
    # The browser remarks on a click without a reader's hand.
    equal("details: silent", [line for line in browser.complaints() if "NavigationEntryMarkedSkippable" not in line], [])


def check_survey_absent(browser, page):
    """A quick scan says nothing of what it did not ask."""
    browser.open(url(page))
    for name in ("Old TLS", "Post-quantum"):
        equal("quick: no tile " + name, tile(browser, name), None)
    equal("quick: no panel", bars(browser, "Weakest suite accepted"), None)
    equal("quick: no glossary, no block, no filter", browser.run(
        "[document.getElementById('facts'), document.querySelector('.ah'), document.querySelector('#show option[value=pq]')]"),
        [None, None, None])
    everything = len(browser.run(NAMES))
    true("quick: rows", everything > 40)
    for name in ("legacy", "pq", "nopq"):
        browser.open(url(page, "#show=" + name))
        equal("quick: #show=%s shows none" % name, browser.run(NAMES), [])
    equal("quick: silent", browser.complaints(), [])


def check_survey_windowed(browser, pages):
    database = pages.database("thousand-survey", "--endpoints", "1000", "--survey")
    path, _ = pages.page("windowed-survey", database, "--rows", "60", "--details", "1")
    for name, condition in (("legacy", LEGACY + " = 1"), ("pq", HYBRID + " = 1"), ("nopq", HYBRID + " = 0")):
        browser.open(url(path, "#show=" + name))
        count, _ = surveyed(database, condition)
        true("windowed: #show=%s counts %d" % (name, count), browser.run(STATUS).startswith("%s of " % format(count, ",")))
    with sqlite3.connect(database) as db:
        host = db.execute("SELECT host FROM v_endpoint WHERE outcome = 'ok' AND coalesce(findings, '') = '' ORDER BY leaf_days_left DESC"
                          " LIMIT 1 OFFSET 300").fetchone()[0]
    browser.open(url(path, "#e=%s:443" % host))
    browser.settle()
    true("windowed: the detail says what is accepted", "TLS 1.2" in (browser.run(OPEN) or ""))
    equal("windowed survey: silent", browser.complaints(), [])


def check_no_script(browser, pages, database):
    page, _ = pages.page("survey-no-script", database, "--no-script")
    browser.open(url(page, "#show=legacy"))
    equal("no script: silent", browser.complaints(), [])
    true("no script: a filter's link leads to the table", browser.run(
        "document.getElementById('show=legacy').closest('section').id === 'endpoints'"))
    true("no script: details say what is accepted", browser.run("document.querySelectorAll('#details .su li').length") > 25)


def main():
    path = chrome.find()
    if path is None:
        print("SKIPPED: no Chromium here (Debian: apt-get install chromium)")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory(prefix="tlscensus-survey-") as folder:
        pages = Pages(folder)
        database = pages.database("survey", "--survey")
        page, _ = pages.page("survey", database)
        quick, _ = pages.page("quick", without_survey(pages.database("quick")))
        browser = chrome.Chrome(path)
        try:
            check_survey_numbers(browser, page, database)
            check_survey_details(browser, page)
            check_survey_absent(browser, quick)
            check_no_script(browser, pages, database)
            check_survey_windowed(browser, pages)
            check_quiet(browser, page, "survey page")
            for num in (1000,) + ((10000, 100000) if os.environ.get("TLSCENSUS_LARGE") else (10000,)):
                check_budget(browser, pages, num, "--survey")
        finally:
            browser.close()
    end()


main()
