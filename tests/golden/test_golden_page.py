#!/usr/bin/env python3
"""The HTML page of fixed databases, tag for tag. `--update` rewrites expected/; review the difference.

Style and script are files of their own, so the expected pages hold a word in their place. Each tag is on a
line of its own there, so that a difference can be read.
"""
import difflib
import os
import re
import subprocess
import sys

import reports

EXPECTED = os.path.join(reports.HERE, "expected")
MAKE_PAGE = os.path.join(reports.BUILD, "tests", "report", "make_page")

# file, database, arguments of make_page
CASES = [
    ("page.html.txt", "sample", ["--details", "3"]),
    ("page-no-script.html.txt", "plain", ["--no-script", "--details", "2", "--title", "Example University"]),
    ("page-group.html.txt", "plain", ["--details", "1", "--group-by", "Owner", "--split", "Mail"]),
    ("page-split.html.txt", "sample", ["--split-by", "Department"]),
    ("page-windowed.html.txt", "scaled", ["--rows", "12", "--details", "1"]),
    ("page-empty.html.txt", "empty", []),
    ("page-changes.html.txt", "nights", ["--scan", "4", "--rows", "12", "--details", "1"]),
    ("page-changes-many.html.txt", "many", ["--no-script", "--details", "1", "--group-by", "Owner", "--split", "Web team"]),
    ("page-changes-none.html.txt", "nights", ["--scan", "5", "--details", "1", "--group-by", "Owner", "--split", "Museum"]),
    ("page-changes-since.html.txt", "nights", ["--compare-with", "3", "--details", "1", "--group-by", "Owner", "--split", "Network"]),
    ("page-history.html.txt", "nights", ["--scan", "4", "--details", "2", "--group-by", "Owner", "--split", "Web team"]),
    ("page-survey.html.txt", "survey", ["--details", "4"]),
    ("page-survey-windowed.html.txt", "survey", ["--rows", "12", "--details", "1", "--split", "Library", "--group-by", "Department"]),
    ("page-survey-no-script.html.txt", "survey", ["--no-script", "--details", "1", "--split", "Mail", "--group-by", "Owner"]),
]


def make_page(database, out, arguments):
    subprocess.run([MAKE_PAGE, database, out, *arguments], check=True)
    with open(out, encoding="utf-8") as file:
        return file.read()


def readable(page):
    page = re.sub(r"<style>.*?</style>", "<style>style.css</style>", page, flags=re.S)
    page = re.sub(r"<script>.*?</script>", "<script>page.js</script>", page, flags=re.S)
    page = re.sub(r"sha256-[A-Za-z0-9+/=]{44}", "sha256-HASH", page)
    return page.replace("><", ">\n<").replace("\n\n", "\n")


def problems(name, page):
    """What no page may hold, whatever the database says."""
    body = re.sub(r"<(style|script)[ >].*?</\1>", "", page, flags=re.S)
    for what, pattern in (("a style attribute", r"<[^>]* style="), ("a handler", r"<[^>]* on[a-z]+="),
                          ("markup of a stranger", r"<img|alert\(1\)</script"), ("an address to load from", r'<[^>"]*\s(src|action)='),
                          ("an unfilled slot", r">\{[a-z_]+\}<"), ("a control or bidi character", "[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]")):
        found = re.search(pattern, body)
        if found:
            yield "%s holds %s: %.80r" % (name, what, body[max(0, found.start() - 20):found.end() + 40])
    if page.count("<script") != page.count("</script>"):
        yield "%s: a script element was opened or closed by data" % name


def main():
    update = "--update" in sys.argv
    failed = 0
    with reports.folder() as folder:
        databases = {name: reports.make_database(os.path.join(folder, name + ".db"), *arguments) for name, arguments in (
            ("sample", []), ("plain", ["--no-hostile"]), ("empty", ["--empty"]), ("survey", ["--no-hostile", "--survey"]), ("scaled", ["--endpoints", "60"]))}
        databases["nights"] = reports.make_nights(os.path.join(folder, "nights.db"))
        databases["many"] = reports.make_nights(os.path.join(folder, "many.db"), "--nights-many")
        os.mkdir(os.path.join(folder, "again"))
        for name, database, arguments in CASES:
            page = make_page(databases[database], os.path.join(folder, "page.html"), arguments)
            again = make_page(databases[database], os.path.join(folder, "again", "page.html"), arguments)
            for problem in list(problems(name, page)) + (["%s: two runs differ" % name] if page != again else []):
                failed += 1
                print("FAILED " + problem)
            path = os.path.join(EXPECTED, name)
            if update:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(readable(page))
                continue
            with open(path, encoding="utf-8") as file:
                wanted = file.read()
            if readable(page) != wanted:
                failed += 1
                print("FAILED %s (%s)" % (name, " ".join(arguments)))
                lines = difflib.unified_diff(wanted.splitlines(), readable(page).splitlines(), name, "now", lineterm="", n=0)
                for line in list(lines)[:12]:
                    print("  %.200s" % line)
    print("%d pages %s" % (len(CASES), "written" if update else "compared, %d failed" % failed))
    if failed:
        print("if the change is meant: cmake --build build/dev --target golden-update, then review the difference")
    sys.exit(1 if failed else 0)


main()
