#!/usr/bin/python3
"""`prune` on scans of real servers: reports of what stays do not change by a byte."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, die_with_parent, free_port, main, require  # noqa: E402
from nights import age_scans, dump, expect_whole, exports, query  # noqa: E402

NIGHTS = 6


def without_the_past(report):
    """The page's trend and its lines of history go as far back as the scans that are there."""
    report = re.sub(rb'<div class="card trend">.*?</ul></div>', b"", report, flags=re.S)
    return re.sub(rb'<p class="hy">.*?</p>', b"", report, flags=re.S)


class Prune(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Six nights: a.test renews in the third, b.test stops answering in the fourth, c.test is scanned
        twice alone, d.test comes in the second, e.test is broken and gets repaired in the fifth, f.test is broken
        from the third on."""
        require("nginx")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.port = free_port()
        cls.nights = cls.farm.path("nights.db")
        first, second = cls.farm.ca.leaf("a.test"), cls.farm.ca.leaf("a.test")
        broken = cls.farm.ca.leaf("e.test").presenting("leaf")
        breaks = cls.farm.ca.leaf("f.test")
        for night in range(1, NIGHTS + 1):
            sites = [Site("a.test", first if night < 3 else second),
                     Site("c.test", cls.farm.ca.leaf("c.test"), address="127.0.0.3"),
                     Site("d.test", cls.farm.ca.leaf("d.test", not_after_days=3), address="127.0.0.4"),
                     Site("e.test", broken if night < 5 else broken.presenting("full"), address="127.0.0.5"),
                     Site("f.test", breaks if night < 3 else breaks.presenting("leaf"), address="127.0.0.6")]
            if night < 4:
                sites.append(Site("b.test", cls.farm.ca.leaf("b.test"), address="127.0.0.2"))
            targets = ["a.test{127.0.0.1}:%d", "b.test{127.0.0.2}:%d", "e.test{127.0.0.5}:%d", "f.test{127.0.0.6}:%d"]
            targets += ["c.test{127.0.0.3}:%d"] * (night < 3) + ["d.test{127.0.0.4}:%d"] * (night > 1)
            web = cls.farm.nginx(sites, port=cls.port)
            cls.farm.scan(["https://" + target % cls.port for target in targets], "--retries", "0",
                          "--profile", "standard", "--address-rate", "0", database=cls.nights)
            web.stop()
            age_scans(cls.nights, 1)

    def setUp(self):
        self.database = self.farm.path(self.farm.new_name("prune") + ".db")
        shutil.copyfile(self.nights, self.database)

    def prune(self, *options, exit_code=0):
        result = self.farm.tlscensus("prune", "--db", self.database, *options)
        self.assertEqual(result.returncode, exit_code, result.stderr)
        return result.stdout if exit_code == 0 else result.stderr

    def test_reports_of_what_stays_are_the_same(self):
        for keep in range(1, NIGHTS):
            with self.subTest(keep=keep):
                self.setUp()
                stays = range(NIGHTS - keep + 1, NIGHTS + 1)
                before = [exports(self.farm, self.database, scan) for scan in stays]
                self.prune("--keep-scans", keep)
                expect_whole(self, self.database)
                for scan, wanted in zip(stays, before):
                    for options, seen in exports(self.farm, self.database, scan).items():
                        self.assertEqual(without_the_past(seen), without_the_past(wanted[options]),
                                         "scan %d %s" % (scan, options))

    def number_the_past_last(self):
        """The first three scans get the highest numbers, as those of an older file do that is merged into a newer one."""
        with sqlite3.connect(self.database) as connection:
            for table in ("scan", "scan_target", "rejected_target", "observation", "change", "finding_set"):
                connection.execute(f"UPDATE {table} SET scan_id = scan_id + 100 WHERE scan_id <= 3")
            connection.execute("UPDATE scan SET compared_scan_id = compared_scan_id + 100 WHERE compared_scan_id <= 3")
            connection.execute("UPDATE change SET previous_scan_id = previous_scan_id + 100 WHERE previous_scan_id <= 3")
        connection.close()

    def test_time_counts_and_not_the_number_of_a_scan(self):
        tables = [("--format", "csv", "--table", table) for table in ("endpoints", "certificates", "findings")]
        tables += [("--format", "ics",)]
        views = ("SELECT host, first_seen_utc, previous_grade FROM v_endpoint_history WHERE scan_id BETWEEN 4 AND 6 ORDER BY 1, 2",
                 "SELECT host, last_answered_utc FROM v_unreachable ORDER BY 1")
        def everything():
            texts = [self.farm.tlscensus("report", "--db", self.database, "--scan", scan, *options, "-o", "-")
                     for scan in (4, 5, 6) for options in tables]
            self.assertEqual({text.returncode for text in texts}, {0})
            return [text.stdout for text in texts] + [query(self.database, view) for view in views]
        before = everything()
        self.number_the_past_last()
        self.assertEqual(everything(), before)
        for keep in (3, 2, 1):
            with self.subTest(keep=keep):
                wanted = [exports(self.farm, self.database, scan) for scan in range(7 - keep, 7)]
                self.prune("--keep-scans", keep)
                expect_whole(self, self.database)
                for scan, reports in zip(range(7 - keep, 7), wanted):
                    for options, seen in exports(self.farm, self.database, scan).items():
                        self.assertEqual(without_the_past(seen), without_the_past(reports[options]), (scan, options))

    def test_night_after_night(self):
        """Pruned each night, the database holds what one prune at the end leaves."""
        self.prune("--keep-scans", "1")
        at_once = dump(self.database)
        self.setUp()
        for keep in range(NIGHTS - 1, 0, -1):
            self.prune("--keep-scans", keep)
        self.assertEqual(dump(self.database), at_once)

    def test_the_last_known_state_stays(self):
        self.prune("--keep-scans", "1")
        hosts = {host for host, in query(self.database, "SELECT host FROM v_endpoint_history")}
        self.assertEqual(hosts, {"a.test", "b.test", "c.test", "d.test", "e.test", "f.test"})
        state = query(self.database, "SELECT outcome, subject_cn, scan_id FROM v_endpoint_history "
                      "WHERE host = 'c.test'")
        self.assertIn(("ok", "c.test", 2), state)  # the first scan's may stay for its chain
        answered = query(self.database, "SELECT host, last_answered_utc IS NOT NULL FROM v_unreachable")
        self.assertEqual(answered, [("b.test", 1)])
        listed = self.farm.tlscensus("scans", "--db", self.database).stdout
        self.assertIn("pruned", listed)

    def test_by_age(self):
        text = self.prune("--older-than", "60h")
        self.assertIn("gone", text)
        whole = query(self.database, "SELECT scan_id FROM scan WHERE notices NOT LIKE '%pruned: %' ORDER BY 1")
        self.assertEqual(whole, [(5,), (6,)])
        expect_whole(self, self.database)

    def test_a_dry_run_says_it_and_changes_nothing(self):
        before = dump(self.database)
        would = self.prune("--keep-scans", "1", "--dry-run")
        self.assertEqual(dump(self.database), before)
        self.assertEqual(would.splitlines()[0], "would go")
        did = self.prune("--keep-scans", "1")
        self.assertEqual(did.splitlines()[1:], would.splitlines()[1:])
        for word in ("scans", "observations", "certificates", "bytes"):
            self.assertIn(word, would)

    def test_bytes_of_old_leaves(self):
        age_scans(self.database, 400)
        count = "SELECT count(*) FROM certificate WHERE der IS NULL"
        before = exports(self.farm, self.database, NIGHTS)
        self.prune("--drop-der")
        leaves = query(self.database, "SELECT count(*) FROM certificate WHERE is_ca = 0")
        self.assertEqual(query(self.database, count), leaves)
        self.assertEqual(query(self.database, count + " AND is_ca = 1"), [(0,)])
        self.assertEqual(exports(self.farm, self.database, NIGHTS), before)
        # A scan that meets such a leaf again works as ever.
        self.farm.scan(["https://a.test{127.0.0.1}:1"], "--retries", "0", database=self.database)
        expect_whole(self, self.database)

    def test_the_file_gets_smaller(self):
        with sqlite3.connect(self.database) as connection:
            connection.execute("CREATE TABLE filler (x BLOB)")
            connection.execute("INSERT INTO filler VALUES (zeroblob(3000000))")
            connection.execute("DROP TABLE filler")
        connection.close()
        size = os.path.getsize(self.database)
        self.prune("--keep-scans", "2")
        self.assertGreaterEqual(os.path.getsize(self.database), size)
        self.assertIn("MiB, was", self.prune("--vacuum"))
        self.assertLess(os.path.getsize(self.database), size - 2900000)
        expect_whole(self, self.database)

    def test_too_little_room_for_a_smaller_file(self):
        """A disk of its own, as large as the database and little more."""
        disk = self.farm.path(self.farm.new_name("disk"))
        os.mkdir(disk)
        size = os.path.getsize(self.database)
        script = ('mount -t tmpfs -o size=%d tmpfs "$1" && cp "$2" "$1/census.db" && '
                  '"$3" prune --db "$1/census.db" --vacuum' % (size + size // 2))
        enclose = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
        probe = subprocess.run([*enclose, "mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("no disk can be mounted here")
        result = subprocess.run([*enclose, "sh", "-c", script, "sh", disk, self.database,
                                 os.environ["TLSCENSUS_BIN"]], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("are free", result.stderr)

    def test_a_running_writer_is_said(self):
        silent = self.farm.hostile().listen("silence")
        scan = subprocess.Popen(
            [os.environ["TLSCENSUS_BIN"], "scan", "--profile", "quick", "--db", self.database, "--ca-file",
             self.farm.ca_file, "--retries", "0", "--handshake-timeout", "600s", "--endpoint-timeout", "600s",
             "127.0.0.1:%d" % silent],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent)
        try:
            deadline = time.monotonic() + 150
            while query(self.database, "SELECT count(*) FROM scan") == [(NIGHTS,)]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            text = self.prune("--keep-scans", "1", exit_code=3)
            self.assertIn("process %d is writing" % scan.pid, text)
        finally:
            scan.terminate()
            scan.wait()

    def test_what_cannot_be_meant(self):
        cases = (
            ((), 2, "say what may go"),
            (("--keep-scans", "0"), 2, "between 1"),
            (("--keep-scans", "many"), 2, "not a number"),
            (("--older-than", "90"), 2, "an age such as"),
            (("--older-than", "90m"), 2, "an age such as"),
            (("--older-than", "0d"), 2, "between 1 and"),
            (("--vacuum", "--dry-run"), 2, "--dry-run"),
            (("--keep-scans", "3", "other.db"), 2, "--db"),
        )
        for options, code, words in cases:
            with self.subTest(options):
                self.assertIn(words, self.prune(*options, exit_code=code))
        result = self.farm.tlscensus("prune", "--db", self.farm.path("missing.db"), "--keep-scans", "1")
        self.assertEqual(result.returncode, 3)
        self.assertFalse(os.path.exists(self.farm.path("missing.db")))


if __name__ == "__main__":
    main()
