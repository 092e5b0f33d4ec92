#!/usr/bin/env python3
"""A database that a stranger filled: any number and any text in it is survived by every report."""
import os
import re
import sqlite3
import subprocess

import reports

NUMBERS = [-9223372036854775808, -1, 0, 9223372036854775807]
TEXT = "\x1b[31m\u202e\x00=1\r\n\"'</script>\u2028 %s%n" + "\U0001f600" * 50
FORMATS = ["csv endpoints", "csv certificates", "csv findings", "json", "jsonl", "scans", "summary", "summary columns=40",
           "show", "show utf8=0 columns=40", "show columns=0 color=1"]
# What joins the rows, and what a CHECK keeps in order.
TABLES_KEPT = {"outcome", "registry_name", "target", "endpoint", "scan_target", "sqlite_sequence", "sqlite_stat1"}
COLUMNS_KEPT = {"sha256", "spki_sha256", "state", "scan_uuid", "kind", "position", "code", "run", "runs"}


def spoil(path, number):
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    spoiled = 0
    for table in tables:
        for _, column, kind, _, _, key in connection.execute("PRAGMA table_info(%s)" % table).fetchall():
            kept = column in COLUMNS_KEPT or column.endswith("_id") or key or table in TABLES_KEPT
            if not kept and kind in ("INTEGER", "TEXT"):
                value = number if kind == "INTEGER" else TEXT
                spoiled += connection.execute("UPDATE OR IGNORE %s SET %s = ?" % (table, column), (value,)).rowcount > 0
    connection.commit()
    connection.close()
    return spoiled


def check_output(checks, name, data):
    text = data.decode("utf-8")  # whatever was put in, UTF-8 comes out
    if not name.startswith(("csv", "json")) and "color" not in name:
        checks.true(name + ": shows what would move the cursor", not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\u2028]", text))


def main():
    checks = reports.Checks()
    with reports.folder() as folder:
        for number in NUMBERS:
            database = reports.make_database(os.path.join(folder, "spoiled.db"), "--survey")
            checks.true("columns are spoiled", spoil(database, number) > 60)
            for words in FORMATS:
                arguments = words.split(" ")
                if arguments[0] == "show":
                    arguments.insert(1, "www.example.edu 443")
                done = subprocess.run([reports.RENDER, database, *arguments], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, check=False)
                checks.equal("%s with %d: ends well" % (words, number), (done.returncode, done.stderr), (0, b""))
                check_output(checks, words, done.stdout)
    checks.end()


main()
