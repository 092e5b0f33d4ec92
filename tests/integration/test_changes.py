#!/usr/bin/python3
"""Night after night over real servers: what is told, and what is not."""
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Authority, Farm, die_with_parent, find_program, free_port, main, require  # noqa: E402
from test_ca import pem  # noqa: E402

DEADLINE_S = 240


class Nights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("openssl")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.other_ca = Authority("Another Root", organization="Another Authority")

    def setUp(self):
        self.database = self.farm.path(self.farm.new_name("nights") + ".db")
        self.port = free_port()
        self.server = None

    def tearDown(self):
        self.stop()

    # the farm by day

    def stop(self):
        if self.server is not None:
            self.server.stop()
            self.server = None

    def serve(self, identity, *arguments):
        """From now on the port shows this identity."""
        self.stop()
        chain, key = self.farm.write_identity(identity)
        command = [find_program("openssl"), "s_server", "-accept", "127.0.0.1:%d" % self.port, "-cert", chain, "-key", key,
                   "-www", "-quiet", *arguments]
        if len(identity.presented) > 1:
            command += ["-cert_chain", self.farm.write(self.farm.new_name("issuers") + ".pem", pem(identity.presented[1:]))]
        self.server = self.farm.child(command, "127.0.0.1", self.port)

    # the nights

    def targets(self):
        return self.farm.write("fleet.csv", "host,port,owner,address\nwww.a.test,%d,Web team,127.0.0.1\n" % self.port)

    def night(self, *options):
        """One scan, and the mail that comes of it."""
        self.farm.scan([], "-i", self.targets(), "--retries", "0", *options, database=self.database)
        return self.diff()

    def diff(self, *arguments, code=0):
        result = self.farm.tlscensus("diff", "--db", self.database, *arguments)
        self.assertEqual((result.returncode, result.stderr), (code, ""))
        return result.stdout

    def kinds(self):
        with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True) as connection:
            return [row[0] for row in connection.execute("SELECT kind FROM v_change ORDER BY kind")]

    def expect_mail(self, mail, *words):
        for word in words:
            self.assertIn(word, mail)
        self.assertIn("www.a.test:%d (Web team)" % self.port, mail)
        self.assertLessEqual(len(mail.splitlines()), 40)

    def test_renewed(self):
        first = self.farm.ca.leaf("www.a.test")
        self.serve(first)
        self.assertEqual(self.night(), "")
        self.assertEqual(self.night(), "")
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.assertEqual(self.night(), "")  # a routine renewal is no news
        self.assertEqual(self.kinds(), ["certificate-renewed"])
        self.expect_mail(self.diff("--all"), "certificate renewed")
        self.assertEqual(self.diff("--exit-code"), "")
        self.diff("--all", "--exit-code", code=1)
        self.serve(self.farm.ca.leaf("www.a.test", key=first.key))
        self.expect_mail(self.night(), "renewed with the old key", "New problems")
        self.assertEqual(self.night(), "")

    def test_replaced(self):
        self.serve(self.farm.ca.leaf("www.a.test", "a.test"))
        self.night()
        self.serve(self.other_ca.leaf("www.a.test"))
        self.expect_mail(self.night(), "issued by Another Authority, before by Test Authority", "names lost: a.test",
                         "another certificate", "not trusted any more", "cert-untrusted-root", "grade A became T")
        self.assertEqual(self.night(), "")

    def test_down_for_a_night(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night()
        identity = self.farm.ca.leaf("www.a.test")
        self.stop()
        self.assertEqual(self.night(), "")
        self.serve(identity)
        self.assertEqual(self.night(), "")
        self.assertEqual(self.kinds(), ["certificate-renewed"])

    def test_down_for_two_nights(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night()
        self.stop()
        self.assertEqual(self.night(), "")
        self.expect_mail(self.night(), "Lost", "does not answer any more: refused")
        self.assertEqual(self.night(), "")  # told once
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.expect_mail(self.night(), "Fixed", "answers, before: refused")
        self.assertEqual(self.night(), "")

    def test_confirm_after_one(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night("--confirm-after", "1")
        self.stop()
        self.expect_mail(self.night("--confirm-after", "1"), "does not answer any more")

    def test_a_downgrade(self):
        identity = self.farm.ca.leaf("www.a.test")
        self.serve(identity)
        self.night("--profile", "standard")
        self.serve(identity, "-tls1_2")
        self.expect_mail(self.night("--profile", "standard"), "does not accept TLSv1.3 any more", "tls13-missing")
        self.serve(identity)
        self.night("--profile", "quick")
        self.assertEqual(self.kinds(), [])  # good news waits

    def test_other_roots_are_trusted(self):
        """That is news of this machine: mail and page say so beside the verdict."""
        words = "Other roots are trusted than before, which may be why a verdict changed: "
        roots = self.farm.write("other-roots.pem", pem([self.other_ca.cert]))
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night()
        result = self.farm.tlscensus("scan", "--profile", "quick", "--db", self.database, "--ca-file", roots, "--retries", "0",
                                     "-i", self.targets())
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        mail = self.diff()
        self.expect_mail(mail, "not trusted any more")
        line = mail.splitlines()[1]
        self.assertTrue(line.startswith(words + roots), mail)
        self.assertIn("; before " + self.farm.ca_file, line)
        page = self.farm.tlscensus("report", "--db", self.database).stdout
        self.assertIn(words, page)
        self.serve(self.other_ca.leaf("www.a.test"))
        for _ in range(2):  # good news is told once it is confirmed
            self.farm.tlscensus("scan", "--profile", "quick", "--db", self.database, "--ca-file", roots, "--retries", "0",
                                "-i", self.targets())
        self.expect_mail(self.diff(), "trusted")
        self.assertNotIn(words, self.diff())  # by the same roots

    def test_links_lead_to_where_the_page_has_it(self):
        link = ("--page", "https://tls.example/r.html")
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night("127.0.0.1:%d" % self.port)
        self.stop()
        self.night()
        self.night()
        mail = self.diff(*link)
        self.assertIn("    https://tls.example/r.html#unreachable\n", mail)  # does not answer
        self.assertIn("    https://tls.example/r.html#changes\n", self.diff("1", "3", *link))  # and no longer in the list

    def test_any_two_scans_and_all_formats(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night()
        self.serve(self.other_ca.leaf("www.a.test"))
        self.night()
        self.night()
        self.assertEqual(self.diff(), "")
        with open(self.database, "rb") as file:
            before = file.read()
        text = self.diff("1", "3", "--page", "https://tls.example/r.html")
        self.expect_mail(text, "scan 3", "since scan 1", "https://tls.example/r.html#e=www.a.test:%d\n" % self.port)
        rows = list(csv.DictReader(io.StringIO(self.diff("1", "3", "--format", "csv"), newline="")))
        self.assertEqual({(row["scan_id"], row["previous_scan_id"], row["label_owner"]) for row in rows},
                         {("3", "1", "Web team")})
        kinds = sorted({row["kind"] for row in rows})
        self.assertEqual(kinds, ["certificate-replaced", "finding-new", "grade-changed", "issuer-changed", "trust-changed"])
        document = json.loads(self.diff("1", "3", "--format", "json"))
        self.assertEqual(sorted({change["kind"] for change in document["changes"]}), kinds)
        lines = [json.loads(line) for line in self.diff("1", "3", "--format", "jsonl").splitlines()]
        self.assertEqual([line["type"] for line in lines], ["scan"] + ["change"] * len(rows))
        self.assertEqual(sorted({row["kind"] for row in csv.DictReader(io.StringIO(self.diff("1", "--format", "csv")))}), kinds)
        with open(self.database, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_reports_since_any_scan(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night()
        self.serve(self.other_ca.leaf("www.a.test"))
        self.night()
        self.night()

        def report(*arguments):
            return self.farm.tlscensus("report", "--db", self.database, *arguments)

        table = report("--compare-with", "1", "--format", "csv", "--table", "changes").stdout
        self.assertEqual(table, self.diff("1", "3", "--all", "--format", "csv"))
        self.assertIn("issuer-changed", table)
        document = json.loads(report("--compare-with", "1", "--format", "json").stdout)
        self.assertEqual(len(document["changes"]), len(table.splitlines()) - 1)
        page = report("--compare-with", "1").stdout
        self.assertRegex(page, "Since scan 1 .*href=\"#changes-problem\"><b>1</b> with new problems")
        self.assertIn("issued by Another Authority", page)
        self.assertIn("Nothing has changed since scan 2", report().stdout)
        for arguments, code, words in ((("3",), 2, "scan 3 is compared with itself"), (("9",), 3, "has no scan 9"),
                                       (("1", "--format", "ics"), 2, "for what tells changes"),
                                       (("1", "--format", "csv"), 2, "for what tells changes")):
            result = report("--compare-with", *arguments)
            self.assertEqual((result.returncode, result.stdout), (code, ""), arguments)
            self.assertIn(words, result.stderr)

    def test_tables(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night()
        self.serve(self.other_ca.leaf("www.a.test"))
        self.night()
        folder = self.farm.path(self.farm.new_name("tables"))
        result = self.farm.tlscensus("report", "--db", self.database, "--all-tables", folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(os.path.join(folder, "changes.csv"), encoding="utf-8-sig", newline="") as file:
            self.assertIn("issuer-changed", [row["kind"] for row in csv.DictReader(file)])
        with open(os.path.join(folder, "endpoints.csv"), encoding="utf-8-sig", newline="") as file:
            row = next(csv.DictReader(file))
        self.assertEqual((row["previous_grade"], row["grade"]), ("A", "T"))
        self.assertEqual(row["changed"].split(),
                         ["certificate-replaced", "finding-new", "grade-changed", "issuer-changed", "trust-changed"])
        result = self.farm.tlscensus("report", "--db", self.database, "--format", "csv", "--table", "changes")
        self.assertIn("issuer-changed", result.stdout)

    def test_an_empty_list(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        self.night()
        empty = self.farm.write("empty.csv", "host,port\n")
        scan = ("scan", "--profile", "quick", "--ca-file", self.farm.ca_file, "--db", self.database, "-i", empty)
        result = self.farm.tlscensus(*scan)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(self.diff(), "")
        result = self.farm.tlscensus(*scan, "--allow-empty")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.expect_mail(self.diff(), "Lost", "no longer in the list")

    def test_interrupted_and_resumed(self):
        self.serve(self.farm.ca.leaf("www.a.test"))
        silent = self.farm.hostile().listen(self.say_nothing)
        self.night()
        self.serve(self.other_ca.leaf("www.a.test"))
        scan = subprocess.Popen(
            [os.environ["TLSCENSUS_BIN"], "scan", "--profile", "quick", "--ca-file", self.farm.ca_file, "--db", self.database,
             "-i", self.targets(), "--handshake-timeout", "600s", "--endpoint-timeout", "600s", "127.0.0.1:%d" % silent],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=die_with_parent,
            cwd=self.farm.folder)
        self.addCleanup(scan.communicate)
        deadline = time.monotonic() + DEADLINE_S
        while self.count() < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        scan.send_signal(signal.SIGINT)
        self.assertEqual(scan.wait(DEADLINE_S), 130)
        self.assertEqual(self.diff(), "")  # that of the first, which is the newest that is done
        result = self.farm.tlscensus("scan", "--resume", "--db", self.database, "--handshake-timeout", "1s", "--retries", "0")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.expect_mail(self.diff(), "issued by Another Authority")

    @staticmethod
    def say_nothing(peer):
        while not peer.over:
            peer.pause(0.1)

    def count(self):
        with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=10) as connection:
            return connection.execute("SELECT count(*) FROM observation").fetchone()[0]


if __name__ == "__main__":
    main()
