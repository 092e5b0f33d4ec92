"""Scans of earlier nights, and what two databases tell of the same: for tests of what is kept."""
import os
import sqlite3

DAY_S = 86400
REPORTS = (
    ("--format", "csv", "--table", "endpoints"),
    ("--format", "csv", "--table", "certificates"),
    ("--format", "csv", "--table", "findings"),
    ("--format", "csv", "--table", "changes"),
    ("--format", "json"),
    ("--format", "jsonl"),
    ("--format", "html", "--no-script"),
)


def query(database, sql, parameters=()):
    with sqlite3.connect("file:%s?mode=ro" % database, uri=True, timeout=10) as connection:
        return connection.execute(sql, parameters).fetchall()


def recover(database):
    """After a kill the first to come must be one who may write: a journal may have to be rolled back."""
    connection = sqlite3.connect(database, timeout=10)
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    connection.close()


def age_scans(database, days):
    """All scans so far are that many days older: a night passes without waiting for it."""
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE scan SET started_s = started_s - ?1, finished_s = finished_s - ?1, "
                           "as_of_s = as_of_s - ?1", (days * DAY_S,))
        connection.execute("UPDATE observation SET observed_s = observed_s - ?1", (days * DAY_S,))
    connection.close()


def exports(farm, database, scan_id):
    """Every report of a scan, by its options, byte for byte."""
    found = {}
    for options in REPORTS:
        path = farm.path(farm.new_name("export"))
        result = farm.tlscensus("report", "--db", database, "--scan", scan_id, *options, "-o", path)
        if result.returncode != 0:
            raise AssertionError("report %s: %s" % (" ".join(options), result.stderr))
        with open(path, "rb") as file:
            found[options] = file.read()
        os.unlink(path)
    return found


def dump(database):
    """All rows as SQL, but for what the optimizer notes down."""
    with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as connection:
        return [line for line in connection.iterdump() if "sqlite_stat" not in line and line != "ANALYZE \"sqlite_schema\";"]


def expect_whole(case, database):
    case.assertEqual(query(database, "PRAGMA integrity_check"), [("ok",)])
    case.assertEqual(query(database, "PRAGMA foreign_key_check"), [])
