"""What the tests of reports share: the invented institution as a database, and reports of it."""
import csv
import io
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
BUILD = os.environ.get("TLSCENSUS_BUILD", os.path.join(ROOT, "build", "dev"))
RENDER = os.path.join(BUILD, "tests", "golden", "render")
SAMPLE = os.path.join(ROOT, "tests", "support", "make_sample_db.py")

csv.field_size_limit(1 << 30)


def folder():
    """A temporary folder that goes when the test ends."""
    return tempfile.TemporaryDirectory(prefix="tlscensus-reports-")


def make_database(path, *arguments):
    """The sample institution, the same rows each time."""
    subprocess.run([sys.executable, "-B", SAMPLE, path, *arguments], check=True, stdout=subprocess.DEVNULL)
    return path


def make_nights(path, *arguments):
    """The sample institution over three more nights, each compared with those before."""
    make_database(path, *(arguments or ("--nights",)))
    for scan in ("3", "4", "5"):
        subprocess.run([RENDER, path, "close", "scan=" + scan], check=True)
    return path


def render(database, *arguments):
    """A report as bytes."""
    return subprocess.run([RENDER, database, *arguments], check=True, stdout=subprocess.PIPE).stdout


def read_csv(data, delimiter=","):
    """Rows of a CSV report as dictionaries."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


class Checks:
    """Counts what fails and says it, so that one run shows all."""

    def __init__(self):
        self.failed = 0
        self.done = 0

    def equal(self, what, seen, wanted):
        self.done += 1
        if seen != wanted:
            self.failed += 1
            print("FAILED %s\n  seen   %.300r\n  wanted %.300r" % (what, seen, wanted))

    def true(self, what, holds):
        self.equal(what, bool(holds), True)

    def end(self):
        print("%d checks, %d failed" % (self.done, self.failed))
        sys.exit(1 if self.failed else 0)
