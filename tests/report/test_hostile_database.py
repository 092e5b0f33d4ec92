#!/usr/bin/env python3
"""A database with any value in any column still gives a page, metrics, a calendar, an inventory, and what changed, or one
line that says why not: never a crash.
Run it on the sanitizer builds too."""
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.environ.get("TLSCENSUS_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("TLSCENSUS_BUILD", os.path.join(ROOT, "build", "dev"))
MAKE_PAGE = os.path.join(BUILD, "tests", "report", "make_page")
RENDER = os.path.join(BUILD, "tests", "golden", "render")
SAMPLE = os.path.join(ROOT, "tests", "support", "make_sample_db.py")
VALUES = {
    "INTEGER": [None, 0, 1, -1, 4, 77, 2 ** 62, -2 ** 62, 2 ** 63 - 1, -2 ** 63],
    "TEXT": [None, "", "x" * 70000, "<b>", "\u202e", "a\x00b", "{title}", "\"'&", "%s%n", "</script>"],
    "BLOB": [None, b"", b"x" * 31, b"\xff" * 32, b"y" * 1000],
}
TABLES = ("observation", "certificate", "finding_set_row", "finding_waiver", "rule", "scan", "target", "endpoint",
          "scan_target", "label", "chain_certificate", "handshake_message", "rejected_target", "registry_name",
          "certificate_name", "feature", "suite", "tls_group", "other_chain", "change")
ROUNDS = 24
DIFF_ROUNDS = 12


def damage(path, chance):
    """Puts odd values into some rows of every table, where the schema lets them in."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for table in TABLES:
            columns = [(row[1], row[2]) for row in db.execute("PRAGMA table_info(%s)" % table) if row[1] != "scan_id"]
            numbers = [row[0] for row in db.execute("SELECT * FROM %s LIMIT 2000" % table)]
            for _ in range(chance.randrange(20)):
                name, kind = chance.choice(columns)
                value = chance.choice(VALUES[kind])
                where = " WHERE %s = ?" % db.execute("PRAGMA table_info(%s)" % table).fetchone()[1]
                try:
                    db.execute("UPDATE %s SET %s = ?%s" % (table, name, where), (value, chance.choice(numbers)))
                except (sqlite3.Error, IndexError):
                    continue  # the schema's own rules refuse it
    db.close()


def is_survived(done, codes):
    """Whether a run ended in one of the ways that it may."""
    return done.returncode in codes and "runtime error" not in done.stderr and "Sanitizer" not in done.stderr


def check_diffs(folder, chance):
    """What changed: as it is stored, and compared anew."""
    failed = 0
    sound, bad = os.path.join(folder, "nights.db"), os.path.join(folder, "bad.db")
    subprocess.run([sys.executable, "-B", SAMPLE, sound, "--nights"], check=True)
    for scan in ("3", "4", "5"):
        subprocess.run([RENDER, sound, "close", "scan=" + scan], check=True)
    for number in range(DIFF_ROUNDS):
        shutil.copy(sound, bad)
        damage(bad, chance)
        for arguments in (["diff", "text", "scan=4", "all=1", "page=x"], ["diff", "json", "scan=4"], ["csv", "changes", "scan=5"],
                          ["diff", "text", "scan=5", "base=3"], ["diff", "csv", "scan=5", "base=2", "all=1"]):
            done = subprocess.run([RENDER, bad, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  errors="replace", check=False)
            if not is_survived(done, (0, 1)):
                failed += 1
                print("FAILED diff round %d %s: exit %d\n%s" % (number, arguments, done.returncode, done.stderr[:1500]))
    return failed


def main():
    failed = 0
    chance = random.Random(5)
    with tempfile.TemporaryDirectory(prefix="tlscensus-hostile-") as folder:
        sound = [os.path.join(folder, "quick.db"), os.path.join(folder, "survey.db")]
        bad = os.path.join(folder, "bad.db")
        subprocess.run([sys.executable, "-B", SAMPLE, sound[0]], check=True)
        subprocess.run([sys.executable, "-B", SAMPLE, sound[1], "--survey"], check=True)
        for number in range(ROUNDS):
            shutil.copy(sound[number % 2], bad)
            damage(bad, chance)
            page = [MAKE_PAGE, bad, os.path.join(folder, "page.html"), "--scan", "2"]
            for command in (page, page + ["--rows", "12", "--details", "5"], [RENDER, bad, "prometheus", "label=Owner", "scan=2"],
                            [RENDER, bad, "ics", "scan=2"], [RENDER, bad, "csv", "inventory", "scan=2"]):
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                                      check=False)
                if not is_survived(done, (0, 1 if command[0] == RENDER else 3)):
                    failed += 1
                    print("FAILED round %d %s: exit %d\n%s" % (number, command, done.returncode, done.stderr[:1500]))
        failed += check_diffs(folder, chance)
    print("%d rounds, %d failed" % (ROUNDS + DIFF_ROUNDS, failed))
    sys.exit(1 if failed else 0)


main()
