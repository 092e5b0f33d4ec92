#!/usr/bin/env python3
"""Every format of one fixed database, byte for byte. `--update` rewrites expected/; review the difference."""
import difflib
import os
import sys

import reports

EXPECTED = os.path.join(reports.HERE, "expected")

# file, database, arguments of render
CASES = [
    ("endpoints.csv", "sample", "csv endpoints"),
    ("endpoints-excel-eu.csv", "plain", "csv endpoints eu=1 bom=1"),
    ("certificates.csv", "plain", "csv certificates"),
    ("findings.csv", "sample", "csv findings"),
    ("inventory.csv", "plain", "csv inventory"),
    ("empty-inventory.csv", "empty", "csv inventory"),
    ("report.json", "plain", "json"),
    ("metrics.prom", "sample", "prometheus label=Owner label=label_department"),
    ("metrics-survey.prom", "survey", "prometheus per-endpoint=0"),
    ("empty.prom", "empty", "prometheus"),
    ("calendar.ics", "sample", "ics"),
    ("calendar-owner.ics", "plain", "ics within=14 group=Owner"),
    ("empty.ics", "empty", "ics"),
    ("scans.txt", "sample", "scans"),
    ("summary.txt", "sample", "summary"),
    ("summary-color.txt", "sample", "summary color=1"),
    ("summary-piped.txt", "sample", "summary columns=0"),
    ("empty-summary.txt", "empty", "summary"),
    ("empty-endpoints.csv", "empty", "csv endpoints"),
    ("empty.json", "empty", "json"),
    ("show.txt", "sample", "show www.example.edu:443"),
    ("show-ascii-60.txt", "sample", "show pacs.med.example.edu:11112 utf8=0 columns=60"),
    ("show-color.txt", "sample", "show legacy-lab.med.example.edu:443 color=1"),
    ("show-piped.txt", "sample", "show xss.example.edu:443 columns=0"),
    ("show-addresses.txt", "sample", "show lb.example.edu:443"),
    ("show-incomplete.txt", "sample", "show proxy.library.example.edu:443"),
    ("show-order.txt", "sample", "show repo.library.example.edu:443"),
    ("show-refused.txt", "sample", "show kiosk.library.example.edu:443"),
    ("show-not-found.txt", "sample", "show old-blog.example.edu:443"),
    ("show-waived.txt", "sample", "show ns-console.example.edu:443"),
    ("show-unicode.txt", "sample", "show xn--brger-kva.example.edu:443"),
    ("show-no-path.txt", "sample", "show doors.facilities.example.edu:443"),
    ("show-starttls.txt", "sample", "show mx1.example.edu:25"),
    ("show-starttls-refused.txt", "sample", "show mx2.example.edu:25 utf8=0 columns=60"),
    ("show-survey.txt", "survey", "show www.example.edu:443"),
    ("show-survey-old.txt", "survey", "show legacy-lab.med.example.edu:443"),
    ("show-survey-ascii-60.txt", "survey", "show transcripts.example.edu:443 utf8=0 columns=60"),
    ("show-survey-cut-short.txt", "survey", "show archive.library.example.edu:8443 color=1"),
    ("changes.csv", "nights", "csv changes"),
    ("diff.txt", "nights", "diff text"),
    ("diff-second.txt", "nights", "diff text scan=4 all=1 page=https://tls.example/report.html"),
    ("diff-color.txt", "nights", "diff text color=1"),
    ("diff-many.txt", "many", "diff text page=https://tls.example/report.html"),
    ("diff-pair.txt", "nights", "diff text base=3 all=1"),
    ("diff.csv", "nights", "diff csv scan=4"),
    ("diff.json", "nights", "diff json scan=4 all=1"),
    ("diff-first.txt", "nights", "diff text scan=3"),
    ("summary-survey.txt", "survey", "summary"),
    ("summary-survey-60.txt", "survey", "summary columns=60"),
]


def arguments_of(text):
    """`show HOST:PORT` becomes one argument with a space between."""
    words = text.split(" ")
    return [w.replace(":", " ") if i == 1 and words[0] == "show" else w for i, w in enumerate(words)]


def difference(name, wanted, seen):
    lines = difflib.unified_diff(wanted.decode("utf-8", "replace").splitlines(),
                                 seen.decode("utf-8", "replace").splitlines(), name, "now", lineterm="", n=1)
    for number, line in enumerate(lines):
        if number < 12:
            print("  %.200s" % line)


def main():
    update = "--update" in sys.argv
    failed = 0
    os.makedirs(EXPECTED, exist_ok=True)
    with reports.folder() as folder:
        databases = {
            "sample": reports.make_database(os.path.join(folder, "sample.db")),
            "survey": reports.make_database(os.path.join(folder, "survey.db"), "--survey"),
            "plain": reports.make_database(os.path.join(folder, "plain.db"), "--no-hostile"),
            "nights": reports.make_nights(os.path.join(folder, "nights.db")),
            "many": reports.make_nights(os.path.join(folder, "many.db"), "--nights-many"),
            "empty": reports.make_database(os.path.join(folder, "empty.db"), "--empty"),
        }
        for name, database, text in CASES:
            seen = reports.render(databases[database], *arguments_of(text))
            path = os.path.join(EXPECTED, name)
            if update:
                with open(path, "wb") as file:
                    file.write(seen)
                continue
            with open(path, "rb") as file:
                wanted = file.read()
            again = reports.render(databases[database], *arguments_of(text))
            if seen != again:
                failed += 1
                print("FAILED %s: two runs differ" % name)
            if seen != wanted:
                failed += 1
                print("FAILED %s (%s)" % (name, text))
                difference(name, wanted, seen)
    print("%d reports %s" % (len(CASES), "written" if update else "compared, %d failed" % failed))
    if failed:
        print("if the change is meant: cmake --build build/dev --target golden-update, then review the difference")
    sys.exit(1 if failed else 0)


main()
