#!/usr/bin/env python3
"""The report page in a real browser: silent, without requests, on every width, in both themes, with and without
script; deep links, search, filters, sort, details, paper, contrast, size. Times are printed, never asserted.
TLSCENSUS_LARGE=1 adds the page of 100,000 endpoints."""
import os
import re
import sqlite3
import sys
import tempfile

import chrome
from page_support import NAMES, ROOT, SKIP, STATUS, Pages, check_budget, check_quiet, end, equal, names, true, url


def check_links(browser, pages, path, database):
    """Each deep link selects what it says."""
    expired = pages.rows(database, "leaf_days_left < 0")
    cases = [
        ("#show=expired", expired),
        ("#show=exp7", pages.rows(database, "leaf_days_left BETWEEN 0 AND 7")),
        ("#show=exp30", pages.rows(database, "leaf_days_left BETWEEN 0 AND 30")),
        ("#show=chain", pages.rows(database, "(trusted = 0 AND trust_detail <> 'expired') OR name_match = 0"
                                             " OR chain_status = 'incomplete'")),
        ("#show=act", pages.rows(database, "findings_critical + findings_high > 0")),
        ("#owner=Library", pages.rows(database, "labels LIKE 'Department=Library;%'")),
        ("#owner=Mail", pages.rows(database, "labels LIKE '%Owner=Mail;%'")),
        ("#grade=T", pages.rows(database, "grade = 'T'")),
        ("#grade=A-", pages.rows(database, "grade = 'A-'")),
        ("#rule=chain-incomplete", pages.rows(database, "findings LIKE '%chain-incomplete%'")),
        ("#days=-", expired),
        ("#days=14", pages.rows(database, "leaf_days_left BETWEEN 14 AND 20")),
        ("#days=224", pages.rows(database, "leaf_days_left >= 224")),
        ("#q=autocert%20p-256", pages.rows(database, "issuer_organization = 'AutoCert Authority' AND key_type = 'ECDSA P-256'")),
        ("#q=no-such-thing", []),
        ("#owner=Library&show=act", pages.rows(database, "labels LIKE 'Department=Library;%'"
                                                         " AND findings_critical + findings_high > 0")),
        ("#owner=%3Cscript%3Ealert(1)%3C%2Fscript%3E", ["xss.example.edu"]),
    ]
    for fragment, wanted in cases:
        browser.open(url(path, fragment))
        check_no_target(browser, fragment)
        equal(fragment, names(browser), wanted)
        equal(fragment + ": silent", browser.complaints(), [])
    # A multi-address name may have one address that expired and others that did not.
    browser.open(url(path, "#show=expired"))
    true("#show=expired: the status counts", browser.run(STATUS).startswith("%d of " % len(expired)))


def check_no_target(browser, fragment):
    """The script alone answers a link: what the browser took for its target it would scroll to as well, later."""
    equal(fragment + ": no target of the browser's", browser.run("document.querySelectorAll(':target').length"), 0)


def check_endpoint_link(browser, path):
    for link, host in (("registrar.example.edu:443", "registrar.example.edu"), ("[2001:db8:80::17]:8443", "[2001:db8:80::17]"),
                       ("give.example.edu:443", "give.example.edu")):
        browser.open(url(path, "#e=" + link))
        check_no_target(browser, "#e=" + link)
        browser.settle()
        equal("#e=%s: one detail is open" % link, browser.run("document.querySelectorAll('#ep tr.open').length"), 1)
        equal("#e=%s: below its row" % link,
              browser.run("document.querySelector('#ep tr.open').previousElementSibling.querySelector('th a').textContent"), host)
        top = browser.run("document.querySelector('#ep tr.sel').getBoundingClientRect().top")
        true("#e=%s: in sight (%d)" % (link, top), -5 <= top <= 700)
        true("#e=%s: the chain is drawn" % link, browser.run("document.querySelectorAll('#ep tr.open .nd').length") >= 1)
        equal("#e=%s: silent" % link, browser.complaints(), [])
    browser.open(url(path, "#e=lb.example.edu:443&a=192.0.2.203"))
    true("#e with an address: that variant", "192.0.2.203" in browser.run("document.querySelector('#ep tr.sel').textContent"))
    browser.open(url(path, "#e=nobody.example:1"))
    equal("#e of nobody opens nothing", browser.run("document.querySelectorAll('#ep tr.open').length"), 0)


def days_in_sight(browser):
    text = browser.run("Array.from(document.querySelectorAll('#ep > tbody > tr:not(.open) .ex b'), b => b.textContent)")
    days = []
    for line in text:
        found = re.match(r"expired ([\d,]+) d ago|in < 1 d|in ([\d.]+) ([dy])", line)
        days.append(-int(found.group(1).replace(",", "")) if found.group(1) else
                    0 if not found.group(2) else float(found.group(2)) * (365.25 if found.group(3) == "y" else 1))
    return days


def check_table(browser, path):
    browser.open(url(path, "#sort=d"))
    days = days_in_sight(browser)
    true("#sort=d ascends", days == sorted(days) and len(days) > 40)
    equal("#sort=d is said", browser.run("document.querySelector('#ep th[aria-sort]').getAttribute('aria-sort')"), "ascending")
    browser.open(url(path, "#sort=-d"))
    days = days_in_sight(browser)
    true("#sort=-d descends", days == sorted(days, reverse=True) and len(days) > 40)
    browser.open(url(path))
    click = "document.querySelector('#ep thead button[data-k=%s]').click()"
    browser.run(click % "h")
    hosts = browser.run(NAMES)
    true("a click on a head sorts", hosts == sorted(hosts))
    equal("and the link says so", browser.run("location.hash"), "#sort=h")
    browser.run(click % "h")
    equal("a second click turns it", browser.run("location.hash"), "#sort=-h")
    equal("only one head is sorted", browser.run("document.querySelectorAll('#ep th[aria-sort]').length"), 1)
    everything = len(hosts)
    browser.run("(q => { q.value = 'museum.example'; q.dispatchEvent(new Event('input')); })(document.getElementById('q'))")
    browser.run("new Promise(done => setTimeout(done, 300))")
    equal("search", names(browser), ["museum.example.edu", "tour.museum.example.edu"])
    true("search is in the link", "q=museum.example" in browser.run("location.hash"))
    browser.run("(s => { s.value = 'Law School'; s.dispatchEvent(new Event('change')); })(document.getElementById('group'))")
    equal("filters join", names(browser), [])
    equal("and say so", browser.run("document.getElementById('none').hidden"), False)
    browser.run("document.getElementById('clr').click()")
    equal("Clear shows all", len(browser.run(NAMES)), everything)
    browser.run("document.querySelector('#ep > tbody > tr th a').click()")
    true("a click on a name opens its detail", browser.run("document.querySelector('#ep tr.open') !== null"))
    true("and is a link", browser.run("location.hash").startswith("#e="))
    browser.run("document.querySelector('#ep > tbody > tr th a').click()")
    equal("a second click closes it", browser.run("document.querySelectorAll('#ep tr.open').length"), 0)
    check_csv(browser)
    equal("the table: silent", [line for line in browser.complaints() if "blob:" not in line], [])


def check_csv(browser):
    """The CSV of the visible rows: what the link would save."""
    browser.run("""window.saved = ''; window.Blob = class { constructor(parts) { window.saved = parts.join(''); } };
        URL.createObjectURL = () => '#'; HTMLAnchorElement.prototype.click = function () {};
        document.getElementById('csv').click(); delete HTMLAnchorElement.prototype.click; 1""")
    lines = browser.run("window.saved").split("\r\n")
    equal("CSV: a head, the rows, an end", len(lines), len(browser.run(NAMES)) + 2)
    true("CSV: BOM", lines[0].startswith("\ufeffhost,port,"))
    true("CSV: formulas are guarded", any("\"'=1+cmd" in line for line in lines))
    true("CSV: no line begins a formula", not any(re.search(r'(^|,)"?[=+@]', line) for line in lines[1:]))


def check_details(browser, path):
    """What the script draws for an endpoint is what the page drew for it."""
    browser.open(url(path))
    drawn = browser.run("document.querySelectorAll('#details details').length")
    equal("as many details as asked for", drawn, 50)
    made = "Array.from(document.querySelectorAll('#ep tr.open .nd .ro'), e => e.textContent)"
    browser.open(url(path, "#e=clinic.law.example.edu:443"))
    boxes = browser.run(made)
    browser.run("document.querySelectorAll('#details .db').forEach(e => e.remove())")
    browser.run("location.hash = '#e=law.example.edu:443'")
    browser.run("new Promise(done => setTimeout(done, 100))")
    browser.run("location.hash = '#e=clinic.law.example.edu:443'")
    browser.run("new Promise(done => setTimeout(done, 100))")
    equal("the script draws the same chain", browser.run(made), boxes)
    true("with its words", "not sent" in " ".join(boxes))


def check_without_script(browser, path):
    browser.script(False)
    browser.open(url(path, "#e=clinic.law.example.edu:443"))
    browser.script(True)  # for the questions below; the page's own script did not run
    true("without script the rows are there", browser.run("document.querySelectorAll('#ep > tbody > tr').length") > 40)
    equal("and controls are not", browser.run("getComputedStyle(document.getElementById('q').closest('.bar')).display"), "none")
    equal("a link opens the detail that is in the page",
          browser.run("document.getElementById('e=clinic.law.example.edu:443').closest('details').open"), True)


def check_split(browser, pages, database):
    """--split-by: the index fits and is silent, and its links open pages that hold what their row says."""
    index, _ = pages.page("split", database, "--split-by", "Department")
    check_quiet(browser, index, "split index")
    browser.open(url(index))
    links = "[...document.querySelectorAll('#departments tbody th a')]"
    rows = browser.run(links + ".map(a => [a.textContent, a.href, parseInt(a.closest('tr').cells[1].textContent, 10)])")
    true("split index: a row for each department (%d)" % len(rows), len(rows) > 10)
    for name, target, seen in rows[:3]:
        browser.open(target)
        true("split %s: the page has its name" % name, browser.run("document.querySelector('h1').textContent").endswith(": " + name))
        equal("split %s: endpoints" % name, browser.run("parseInt(document.querySelector('.tile .tn').textContent, 10)"), seen)
        equal("split %s: silent" % name, browser.complaints(), [])


def changed_hosts(database, scan, condition):
    with sqlite3.connect(database) as db:
        return sorted({row[0] for row in db.execute(
            "SELECT t.host FROM change AS ch JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id)"
            " WHERE ch.scan_id = %d AND ch.severity > 0 AND (%s)" % (scan, condition))})


def listed(browser, part):
    """Hosts of a part of the changes, and the number in the glance that leads to it."""
    hosts = browser.run("Array.from(document.querySelectorAll('#changes-%s .ch > li > :nth-child(2)'), e => e.textContent)" % part)
    count = browser.run("(e => e ? +e.textContent : 0)(document.querySelector('.since a[href=\"#changes-%s\"] b'))" % part)
    return sorted(host.split("]")[0].strip("[") if "[" in host else host.split(":")[0] for host in hosts), count


def check_changes(browser, pages):
    """What changed: all of it where it fits, the worst and how many more where it does not, a sentence where nothing did."""
    database = pages.nights("nights", "--nights")
    path, _ = pages.page("changes", database, "--scan", "4")
    check_quiet(browser, path, "changes")
    browser.open(url(path))
    lost = changed_hosts(database, 4, "kind IN ('target-removed', 'became-unreachable', 'address-removed')")
    equal("changes: lost", listed(browser, "lost"), (lost, len(lost)))
    bad = changed_hosts(database, 4, "kind = 'finding-new' OR severity >= 2")
    equal("changes: new problems", listed(browser, "problem"), (bad, len(bad)))
    links = browser.run("Array.from(document.querySelectorAll('#changes .ch a'), a => a.getAttribute('href'))")
    true("changes: links (%d)" % len(links), len(links) >= 7)
    for link in [link for link in links if link.startswith("#e=")]:
        browser.open(url(path, link))
        browser.settle()
        equal("changes: %s opens a detail" % link, browser.run("document.querySelectorAll('#ep tr.open').length"), 1)
    equal("changes: one does not answer", links.count("#unreachable"), 1)
    many = pages.nights("many", "--nights-many")
    path, _ = pages.page("changes-many", many)
    check_quiet(browser, path, "many changes")
    browser.open(url(path))
    hosts, count = listed(browser, "problem")
    equal("many changes: as many as fit", len(hosts), 25)
    equal("many changes: the rest is counted", browser.run("document.querySelector('#changes-problem .more').textContent"),
          "and %d more in changes.csv" % (count - 25))
    first, _ = pages.page("changes-first", database, "--scan", "1")
    browser.open(url(first))
    equal("no scan before: a sentence, no list", browser.run("document.querySelectorAll('#changes .lead, #changes .card, .since').length"), 1)


def check_trend(browser, pages):
    """The last scans in numbers: of this one what the tiles say, of one that was not judged nothing, and all of it in words."""
    path, _ = pages.page("trend", pages.nights("nights", "--nights"))
    browser.open(url(path))
    tiles = dict(browser.run("Array.from(document.querySelectorAll('.tile'), t => [t.children[0].textContent, t.children[1].textContent])"))
    lines = browser.run("Array.from(document.querySelectorAll('.trend li'), e => [e.children[0].textContent,"
                        " e.querySelector('b').firstChild.data, e.querySelector('small').textContent, e.querySelectorAll('rect').length,"
                        " e.querySelector('svg').getAttribute('aria-label')])")
    equal("trend: answered as in its tile", lines[0][1].replace(" ", ""), tiles["Endpoints answered"].replace(" ", ""))
    equal("trend: problems as in their tile", lines[2][1].replace(" ", ""), tiles["Need action"].replace(" ", ""))
    equal("trend: what was not judged is not known", [line[2] for line in lines[1:]], ["not known at first"] * 2)
    equal("trend: a bar for each scan", [line[3] for line in lines], [5] * 3)
    for name, last, _, _, words in lines:
        true("trend, %s: all in words" % name, words.startswith(name + ": ") and words.count(";") == 4 and words.endswith(", " + last))
    first, _ = pages.page("trend-first", pages.database("nights"), "--scan", "1")
    browser.open(url(first))
    equal("one scan is no trend", browser.run("document.querySelectorAll('.trend').length"), 0)


def check_theme_switch(browser, path):
    browser.theme("dark")
    browser.open(url(path))
    background = "getComputedStyle(document.body).backgroundColor"
    dark = browser.run(background)
    browser.run("document.getElementById('theme').click()")
    light = browser.run(background)
    true("the switch leaves the dark", dark != light)
    equal("and comes back", (browser.run("document.getElementById('theme').click(), " + background)), dark)
    browser.theme("light")


def check_windowed(browser, pages):
    """More rows than are rendered: the script draws a window of them."""
    database = pages.database("thousand", "--endpoints", "1000")
    path, _ = pages.page("windowed", database, "--rows", "60", "--details", "20")
    browser.open(url(path))
    live = browser.run("document.querySelectorAll('#ep > tbody > tr').length")
    true("windowed: a window of rows (%d)" % live, 10 <= live <= 80)
    rows = browser.run("+document.getElementById('ep').getAttribute('aria-rowcount')")
    true("windowed: all are counted (%d)" % rows, rows > 900)
    browser.run("scrollTo({top: document.documentElement.scrollHeight / 2, behavior: 'instant'})")
    browser.settle()
    browser.settle()
    index = browser.run("+document.querySelector('#ep > tbody > tr').getAttribute('aria-rowindex')")
    true("windowed: scrolling draws others (%d)" % index, index > 100)
    wanted = pages.rows(database, "leaf_days_left BETWEEN 0 AND 7")
    browser.open(url(path, "#show=exp7"))
    true("windowed: filters see every row", browser.run(STATUS).startswith("%d of " % len(wanted)))
    with sqlite3.connect(database) as db:
        host = db.execute("SELECT host FROM v_endpoint WHERE outcome = 'ok' AND coalesce(findings, '') = '' ORDER BY leaf_days_left DESC"
                          " LIMIT 1 OFFSET 300").fetchone()[0]
    browser.open(url(path, "#e=%s:443" % host))
    browser.settle()
    true("windowed: a link finds a row that was not rendered",
         browser.run("document.querySelector('#ep tr.sel th a').textContent") == host)
    top = browser.run("document.querySelector('#ep tr.open').getBoundingClientRect().top")
    true("windowed: and brings it into sight (%d)" % top, 0 <= top <= 900)
    for width in (390, 1280):
        browser.resize(width)
        browser.open(url(path))
        size = browser.call("Page.getLayoutMetrics")["cssContentSize"]["width"]
        true("windowed, %d px: no horizontal scroll (%d)" % (width, size), size <= width)
    true("windowed: paper has rows", len(browser.pdf()) > 20000)
    equal("windowed: silent", browser.complaints(), [])


# ---- contrast, from the style's own variables ----

def luminance(color):
    parts = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_contrast():
    with open(os.path.join(ROOT, "report", "assets", "style.css"), encoding="utf-8") as file:
        style = file.read()
    blocks = re.findall(r":root[^{]*\{([^}]*--bg[^}]*)\}", style)
    themes = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in blocks]
    equal("light, dark by the system, dark by hand, paper", len(themes), 4)
    equal("both dark themes are one", themes[1], themes[2])
    surfaces = ("bg", "card")
    for number, theme in enumerate(themes):
        pairs = [(ink, surface, 4.5) for surface in surfaces + ("soft",) for ink in ("ink", "mut")]
        pairs += [(ink, surface, 4.5) for surface in surfaces for ink in ("ac", "crit", "high", "med", "low", "info", "ok")]
        pairs += [(tone, tone + "s", 4.5) for tone in ("crit", "high", "med", "low", "info", "ok")]
        pairs += [("ink", tone + "s", 4.5) for tone in ("crit", "high", "med", "low", "info", "ok")]
        pairs += [(bar, surface, 3) for surface in surfaces + ("soft",)
                  for bar in ("bar", "cb", "hb", "mb", "okb", "t1", "t2", "t3", "t4", "t5")]
        pairs += [("hb", "meds", 3), ("mb", "meds", 3), ("hb", "highs", 3), ("mut", "meds", 4.5)]
        for ink, surface, wanted in pairs:
            seen = contrast(theme[ink], theme[surface])
            true("theme %d: %s on %s is %.2f, wanted %.1f" % (number, ink, surface, seen, wanted), seen >= wanted)


def main():
    path = chrome.find()
    if path is None:
        print("SKIPPED: no Chromium here (Debian: apt-get install chromium)")
        sys.exit(SKIP)
    check_contrast()
    with tempfile.TemporaryDirectory(prefix="tlscensus-page-") as folder:
        pages = Pages(folder)
        database = pages.database("sample")
        page, _ = pages.page("sample", database)
        plain, _ = pages.page("no-script", database, "--no-script")
        empty, _ = pages.page("empty", pages.database("empty", "--empty"))
        browser = chrome.Chrome(path)
        try:
            check_quiet(browser, page, "page")
            for name, other in (("no-script page", plain), ("empty page", empty)):
                browser.open(url(other))
                equal(name + ": silent", browser.complaints(), [])
            check_links(browser, pages, page, database)
            check_endpoint_link(browser, page)
            check_table(browser, page)
            check_details(browser, page)
            check_without_script(browser, page)
            check_theme_switch(browser, page)
            check_split(browser, pages, database)
            check_changes(browser, pages)
            check_trend(browser, pages)
            browser.open(url(page))
            paper = browser.pdf()
            true("PDF: made (%d bytes)" % len(paper), paper.startswith(b"%PDF-") and len(paper) > 50000)
            check_windowed(browser, pages)
            for num in (1000, 10000) + ((100000,) if os.environ.get("TLSCENSUS_LARGE") else ()):
                check_budget(browser, pages, num)
        finally:
            browser.close()
    end()


main()
