#!/usr/bin/python3
"""`--output-dir`: the set of a scan's reports comes whole or not at all, and `latest` leads to the newest."""
import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, die_with_parent, main, require  # noqa: E402

FILES = {"report.html", "endpoints.csv", "certificates.csv", "findings.csv", "changes.csv", "inventory.csv",
         "report.json", "tlscensus.prom", "tlscensus.ics"}
# A file system of its own, so small that a set does not fit; the first argument is where, the rest is the command.
SMALL_DISK = 'mount -t tmpfs -o size="$1" tmpfs "$2" && cp -a "$3"/. "$2"/ && shift 3 && "$@"; status=$?; ' \
             'cp -a "$KEEP_FROM"/. "$KEEP_TO"/; exit $status'


class Outputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("nginx", "openssl")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.web = cls.farm.nginx([Site("a.test", cls.farm.ca.leaf("a.test"))])
        cls.list = cls.farm.write("list.csv", "host,Owner\na.test{%s}:%d,Web team\n127.0.0.1:1,Nobody\n"
                                  % (cls.web.address, cls.web.port))

    def setUp(self):
        self.database = self.farm.path(self.farm.new_name("scan") + ".db")
        self.folder = self.farm.path(self.farm.new_name("reports"))

    def scan(self, *more, exit_code=0):
        done = self.farm.tlscensus("scan", "--profile", "quick", "--retries", "0", "--db", self.database, "--ca-file",
                                   self.farm.ca_file, "--output-dir", self.folder, "-i", self.list, *more)
        self.assertEqual(done.returncode, exit_code, done.stderr)
        return done

    def report(self, *more, exit_code=0):
        done = self.farm.tlscensus("report", "--db", self.database, "--output-dir", self.folder, *more)
        self.assertEqual(done.returncode, exit_code, done.stderr)
        return done

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8-sig", newline="") as file:
            return file.read()

    def latest(self):
        return os.readlink(os.path.join(self.folder, "latest"))

    def names(self):
        return set(os.listdir(self.folder))

    def check_set(self, name, scan_id):
        """All files are there, nothing else is, and each tells of this scan."""
        self.assertEqual(set(os.listdir(os.path.join(self.folder, name))), FILES)
        self.assertIn("</html>", self.read(name + "/report.html"))
        rows = list(csv.DictReader(self.read(name + "/endpoints.csv").splitlines()))
        self.assertEqual({row["scan_id"] for row in rows}, {str(scan_id)})
        self.assertEqual(json.loads(self.read(name + "/report.json"))["scan"]["scan_id"], scan_id)
        self.assertIn('tlscensus_endpoint_up{host="127.0.0.1",port="1",address="127.0.0.1"} 0\n',
                      self.read(name + "/tlscensus.prom"))
        self.assertTrue(self.read(name + "/tlscensus.ics").endswith("END:VCALENDAR\r\n"))

    def test_each_scan_has_its_set(self):
        done = self.scan()
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.check_set("latest", 1)
        self.assertEqual(self.latest(), "scan-000001")
        self.scan("--verbose")
        self.check_set("latest", 2)
        self.check_set("scan-000001", 1)
        self.assertEqual(self.names(), {"latest", "scan-000001", "scan-000002"})

    def test_the_name_of_a_file_says_its_format(self):
        self.scan()
        begins = {"a.html": "<!doctype html>", "a.HTM": "<!doctype html>", "a.csv": '\ufeff"scan_id",', "a.json": '{"schema"',
                  "a.jsonl": '{"type"', "a.prom": "# HELP", "a.ics": "BEGIN:VCALENDAR", "page": "<!doctype html>"}
        for name, begin in begins.items():
            path = os.path.join(self.folder, name)
            done = self.farm.tlscensus("report", "--db", self.database, "-o", path)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            with open(path, encoding="utf-8") as file:
                self.assertTrue(file.read().lower().startswith(begin.lower()), name)
        for arguments, begin in ((("--table", "findings"), '"scan_id",'), (("-o", "-"), "<!doctype html>")):
            done = self.farm.tlscensus("report", "--db", self.database, *arguments)
            self.assertTrue(done.stdout.lower().startswith(begin), arguments)
        for arguments, words in ((("--format", "json", "--table", "findings"), "--table is for csv"),
                                 (("--table", "changes", "-o", path + ".html"), "--table is for csv"),
                                 (("-o", path + ".xlsx"), "spreadsheets open .csv"), (("-o", path + ".csv.gz"), "named .gz")):
            done = self.farm.tlscensus("report", "--db", self.database, *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(words, done.stderr)
            self.assertFalse(os.path.exists(arguments[-1]))

    def test_a_configuration_tells_the_reports_too(self):
        path = self.farm.write("reports.conf", "[report]\ntitle = Census & Sons\nlabel = Owner\noutput = /nowhere/x\n")
        self.scan("--config", path)
        self.assertEqual(set(os.listdir(os.path.join(self.folder, "latest"))), FILES)
        self.assertIn("Census &amp; Sons", self.read("latest/report.html"))
        self.assertIn('label_owner="Web team"', self.read("latest/tlscensus.prom"))

    def test_the_summary_says_where(self):
        self.assertIn("Reports: %s/latest/report.html" % self.folder, self.scan("--verbose").stderr)

    def test_an_older_scan_does_not_become_latest(self):
        self.scan()
        self.scan()
        for name in ("scan-000001", "scan-000002"):
            subprocess.run(["rm", "-r", os.path.join(self.folder, name)], check=True)
        self.report("--scan", "1")
        self.assertEqual(self.latest(), "scan-000002")
        self.check_set("scan-000001", 1)
        self.report("--title", "Again", "--label", "owner")
        self.assertIn('label_owner="Web team"', self.read("latest/tlscensus.prom"))
        self.assertIn("Again", self.read("latest/report.html"))
        self.report("--no-per-endpoint")
        self.assertNotIn("tlscensus_endpoint_up", self.read("latest/tlscensus.prom"))

    def test_a_page_for_each_owner(self):
        self.scan()
        self.report("--split-by", "Owner")
        self.assertEqual(set(os.listdir(os.path.join(self.folder, "latest"))) - FILES,
                         {"report-nobody.html", "report-web-team.html"})

    def test_an_unfit_folder_is_said_before_the_scan(self):
        path = self.farm.write(self.farm.new_name("file"), "")
        for folder, words in ((path, "is no folder"), (path + "/x", "cannot be made"),
                              ("/proc/tlscensus", "cannot be made")):
            self.folder = folder
            done = self.scan(exit_code=3)
            self.assertIn(words, done.stderr)
            self.assertFalse(os.path.exists(self.database))

    def test_no_folder_is_made_by_a_dry_run(self):
        self.scan("--dry-run")
        self.assertFalse(os.path.exists(self.folder))

    def test_a_folder_that_cannot_be_written(self):
        os.mkdir(self.folder, 0o555)
        if os.geteuid() == 0:
            done = subprocess.run(["unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" '
                                   '&& shift && "$@"', "sh", self.folder, os.environ["TLSCENSUS_BIN"], "scan", "--db",
                                   self.database, "--ca-file", self.farm.ca_file, "--output-dir", self.folder,
                                   "127.0.0.1:1"], capture_output=True, text=True, check=False)
            if "mount" in done.stderr or "unshare" in done.stderr:
                self.skipTest("no file system can be made read-only here: " + done.stderr)
        else:
            done = self.scan(exit_code=3)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("nothing can be written there", done.stderr)
        self.assertFalse(os.path.exists(self.database))

    def test_an_interrupted_scan_leaves_latest_alone(self):
        self.scan()
        hostile = self.farm.hostile()
        silent = hostile.listen(lambda peer: peer.drain())
        process = subprocess.Popen(
            [os.environ["TLSCENSUS_BIN"], "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file,
             "--output-dir", self.folder, "--handshake-timeout", "600s", "--endpoint-timeout", "600s",
             "--max-duration", "1s", "127.0.0.1:%d" % silent],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=die_with_parent)
        process.communicate(timeout=150)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.latest(), "scan-000001")
        self.assertEqual(self.names(), {"latest", "scan-000001"})

    def test_without_a_whole_scan_an_interrupted_one_is_shown(self):
        hostile = self.farm.hostile()
        silent = hostile.listen(lambda peer: peer.drain())
        done = self.farm.tlscensus(
            "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file, "--output-dir", self.folder,
            "--handshake-timeout", "600s", "--endpoint-timeout", "600s",
             "--max-duration", "1s", "127.0.0.1:%d" % silent)
        self.assertEqual(done.returncode, 130, done.stderr)
        self.assertIn("tlscensus_scan_success 0\n", self.read("latest/tlscensus.prom"))

    def test_a_full_disk_leaves_the_set_before(self):
        self.scan()
        disk, kept = self.farm.path(self.farm.new_name("disk")), self.farm.path(self.farm.new_name("kept"))
        os.mkdir(disk)
        os.mkdir(kept)
        size = sum(os.path.getsize(os.path.join(self.folder, "latest", name)) + 4096 for name in FILES) + 65536
        command = [os.environ["TLSCENSUS_BIN"], "scan", "--profile", "quick", "--db", self.database, "--ca-file",
                   self.farm.ca_file, "--output-dir", disk, "-i", self.list]
        unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
        done = subprocess.run([*unshare, "sh", "-c", SMALL_DISK, "sh", str(size), disk, self.folder, *command],
                              capture_output=True, text=True, check=False,
                              env=dict(os.environ, KEEP_FROM=disk, KEEP_TO=kept))
        if done.returncode == 1 or "mount:" in done.stderr or "unshare:" in done.stderr:
            self.skipTest("no small disk can be made here: " + done.stderr)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("No space left", done.stderr)
        self.assertIn("the scan is stored", done.stderr)
        with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True) as connection:
            self.assertEqual(connection.execute("SELECT state FROM scan").fetchall(), [("done",), ("done",)])
        self.folder = kept
        self.assertEqual(self.names(), {"latest", "scan-000001"})
        self.check_set("latest", 1)

    def test_readers_never_meet_half_a_set(self):
        """One process renews the set again and again, another reads: each read finds every file."""
        self.scan()
        writer = subprocess.Popen(
            ["sh", "-c", 'while :; do "$0" report --db "$1" --output-dir "$2" || exit 9; done', os.environ["TLSCENSUS_BIN"],
             self.database, self.folder], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=die_with_parent)
        try:
            first = os.stat(os.path.join(self.folder, "scan-000001")).st_ino
            inodes, reads, end = {first}, 0, time.monotonic() + 60
            while (len(inodes) < 12 or reads < 300) and time.monotonic() < end:
                folder = os.open(os.path.join(self.folder, "latest"), os.O_RDONLY)
                try:
                    inodes.add(os.fstat(folder).st_ino)
                    names = set(os.listdir(folder))
                    # A set that was just replaced is being removed; what `latest` leads to now is whole.
                    if os.stat(os.path.join(self.folder, "latest")).st_ino == os.fstat(folder).st_ino:
                        self.assertEqual(names, FILES)
                        reads += 1
                    time.sleep(0.002)
                finally:
                    os.close(folder)
        finally:
            writer.send_signal(signal.SIGTERM)
            _, said = writer.communicate(timeout=150)
        self.assertEqual(said, b"")
        self.assertGreater(reads, 50)


if __name__ == "__main__":
    main()
