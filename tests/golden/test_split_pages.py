#!/usr/bin/env python3
"""report --split-by: which files it writes, what they are called, and that index and pages agree."""
import html
import os
import re
import sqlite3
import subprocess

import reports

MAKE_PAGE = os.path.join(reports.BUILD, "tests", "report", "make_page")
NAME = re.compile(r"report-[a-z0-9]+(-[a-z0-9]+)*\.html$")
ROW = re.compile(r'<tr><th scope="row"><a href="\./([^"]+)">([^<]*)</a></th><td class="n">([0-9,]+)<small>(?: / ([0-9,]+))?</small>')

# A label's value, and the file that it gets. Values are sorted, so the first of two that collide is the plain one.
VALUES = [
    ("../../etc/passwd", "report-etc-passwd.html"),
    ("/", "report-page.html"),
    ("A b", "report-a-b.html"),
    ("CON", "report-con.html"),
    ("a/b", "report-a-b-2.html"),
    ("a\u202eb", "report-a-b-3.html"),
    ("javascript:alert(1)", "report-javascript-alert-1.html"),
    ("x" * 300, "report-" + "x" * 40 + ".html"),
    ("\u00c4rzte f\u00fcr Stra\u00dfe", "report-arzte-fur-strase.html"),
    ("\u56fe\u4e66\u9986", "report-page-2.html"),
    ("</title><script>alert(1)</script>", "report-title-script-alert-1-script.html"),
]


def make_pages(database, out, *arguments):
    return subprocess.run([MAKE_PAGE, database, out, *arguments], stderr=subprocess.PIPE, text=True, check=False)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def rename_labels(path, values):
    """Gives the label sets that have a department one of `values` each, in turn."""
    database = sqlite3.connect(path)
    rows = database.execute("SELECT label_set_id FROM label WHERE name = 'Department' ORDER BY 1").fetchall()
    for index, (label_set,) in enumerate(rows):
        database.execute("UPDATE label SET value = ? WHERE name = 'Department' AND label_set_id = ?",
                         (values[index % len(values)], label_set))
    database.commit()
    database.close()
    return len(rows)


def index_rows(page):
    rows = {}
    for name, value, seen, all_of in ROW.findall(page):
        rows[name] = (html.unescape(value), int((all_of or seen).replace(",", "")))
    return rows


def check_agreement(checks, folder, database):
    out = os.path.join(folder, "report.html")
    checks.equal("split: exit", make_pages(database, out, "--split-by", "Department").returncode, 0)
    files = set(os.listdir(folder))
    rows = index_rows(read(out))
    checks.equal("files are the index and what it lists", files, set(rows) | {"report.html"})
    whole = sqlite3.connect(database).execute("SELECT count(*) FROM v_endpoint").fetchone()[0]
    checks.equal("each endpoint is on one page", sum(count for _, count in rows.values()), whole)
    checks.true("a page for those without the label", ("(none)" in {value for value, _ in rows.values()}))
    for name, (value, count) in sorted(rows.items()):
        page = read(os.path.join(folder, name))
        checks.true("%s has its name" % name, NAME.match(name))
        checks.true("%s counts %d" % (name, count), "<dd>%d endpoint" % count in page)
        again = os.path.join(folder, "again.part")
        make_pages(database, again, "--group-by", "Department", "--split", value)
        checks.equal("%s is the page of %s" % (name, value), page == read(again), True)
        os.unlink(again)
    page = read(out)
    checks.true("the index has no script", "<script" not in page and "script-src 'none'" in page)


def check_names(checks, folder, database):
    out = os.path.join(folder, "report.html")
    num_sets = rename_labels(database, [value for value, _ in VALUES])
    checks.true("enough label sets: %d" % num_sets, num_sets >= len(VALUES))
    checks.equal("names: exit", make_pages(database, out, "--split-by", "label_department").returncode, 0)
    wanted = {name for _, name in VALUES} | {"report.html", "report-none.html"}
    checks.equal("names", sorted(os.listdir(folder)), sorted(wanted))
    for name, (value, _) in index_rows(read(out)).items():
        expected = [v for v, n in VALUES if n == name]
        shown = [v[:20].replace("\u202e", r"\u{202E}") for v in expected] or ["(none)"]
        checks.true("%s is for %.40s" % (name, value), value.startswith(shown[0][:9]))
    checks.true("no markup of a stranger", "<script" not in read(out))


def check_refusals(checks, folder, database):
    out = os.path.join(folder, "report.html")
    wrong = make_pages(database, out, "--split-by", "Departement")
    checks.equal("no such label: exit", wrong.returncode, 3)
    checks.true("no such label: which there are: " + wrong.stderr, "Department, " in wrong.stderr)
    checks.equal("no such label: no file", os.listdir(folder), [])
    checks.equal("standard output: exit", make_pages(database, "-", "--split-by", "Department").returncode, 3)
    lost = make_pages(database, os.path.join(folder, "no", "report.html"), "--split-by", "Department")
    checks.equal("no folder: exit", lost.returncode, 3)
    os.mkdir(os.path.join(folder, "report-library.html"))
    taken = make_pages(database, out, "--split-by", "Department")
    checks.equal("a folder is in the way: exit", taken.returncode, 3)
    checks.true("a folder is in the way: no index", not os.path.exists(out))


def main():
    checks = reports.Checks()
    for check in (check_agreement, check_names, check_refusals):
        with reports.folder() as databases, reports.folder() as folder:
            check(checks, folder, reports.make_database(os.path.join(databases, "sample.db")))
    checks.end()


main()
