#!/usr/bin/python3
"""Lists through the whole program: streams, labels, duplicates, exclusions, rejected lines."""
import os
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, main  # noqa: E402

QUICK = ("--retries", "0",
         "--per-address", "0", "--address-rate", "0")
DEADLINE_S = 150


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.dns = cls.farm.dns({"*.test": {"A": ["127.0.0.1"]}, "test": {}})
        cls.port = cls.farm.hostile().refused()

    def setUp(self):
        self.database = self.farm.path(self.farm.new_name("list") + ".db")

    def scan(self, *arguments, exit_code=0, **more):
        result = self.farm.tlscensus("scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file,
                                     "--resolver", self.dns.resolver, *QUICK, *arguments, **more)
        self.assertEqual(result.returncode, exit_code, result.stderr)
        return result

    def list(self, text, name="list.csv"):
        return self.farm.write(name, text)

    def query(self, sql):
        with sqlite3.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def hosts(self):
        return sorted(row["host"] for row in self.farm.rows(self.database))

    def rejected(self):
        return self.query("SELECT file, line, text, reason FROM rejected_target ORDER BY 1, 2")

    def test_labels_come_out_again(self):
        path = self.list("Domain name;Owner;Department;port\n"
                         "a.test;\"Physik, \"\"Keller\"\"\";Science;%d\n"
                         "b.test;;Science;%d\n" % (self.port, self.port))
        self.scan("-i", path)
        labels = {row["host"]: row["labels"] for row in self.farm.rows(self.database)}
        self.assertEqual(labels, {"a.test": "Owner=Physik, \"Keller\"; Department=Science",
                                  "b.test": "Department=Science"})

    def test_bad_lines_are_told_kept_and_passed(self):
        path = self.list("a.test:%d\n*.b.test\n\nc.test:70000\nmqtt://d.test\n" % self.port,
                         "bad.txt")
        result = self.scan("-i", path, "e..test")
        for line, word in ((2, "wildcard"), (4, "port 70000 is above 65535"), (5, "unknown scheme")):
            self.assertRegex(result.stderr, r"bad\.txt:%d: .*%s" % (line, word))
        self.assertIn("e..test", result.stderr)
        self.assertEqual(self.hosts(), ["a.test"])
        self.assertEqual([row[1:3] for row in self.rejected() if row[0].endswith("bad.txt")],
                         [(2, "*.b.test"), (4, "c.test:70000"), (5, "mqtt://d.test")])

    def test_bad_lines_are_told_once_to_a_mail(self):
        """The next night nobody hears of them again, but who looks on does; they are kept and counted each time."""
        text = "a.test:%d\n*.b.test\nc.test:70000\n" % self.port
        path = self.list(text, "nightly.txt")
        self.assertEqual(self.scan("-i", path, "e..test").stderr.count("\n"), 3)
        self.assertEqual(self.scan("-i", path, "e..test").stderr, "")
        self.list("\nf..test\n" + text, "nightly.txt")  # one is new, the others are elsewhere
        self.assertIn("e..test", self.scan("e..test", "a.test:%d" % self.port).stderr)  # by hand: no scan of the list
        said = self.scan("-i", path, "e..test").stderr
        self.assertRegex(said, r"^tlscensus: \S+nightly\.txt:2: .*\n$")
        self.assertIn("f..test", said)
        self.assertIn("nightly.txt:4: ", self.scan("-i", path, "e..test", "--verbose").stderr)
        self.assertEqual(self.query("SELECT scan_id, count(*) FROM rejected_target GROUP BY 1"),
                         [(1, 3), (2, 3), (3, 1), (4, 4), (5, 4)])
        self.scan("-i", path, "--strict", exit_code=2)

    def test_strict_stops(self):
        path = self.list("a..test\nb.test:%d\n" % self.port)
        self.scan("-i", path, "--strict", exit_code=2)

    def test_duplicates_are_scanned_once(self):
        path = self.list("host,port,owner\na.test,{0},IT\nA.TEST.,{0},IT\na.test,{0},HR\n"
                         .format(self.port))
        self.scan("-i", path)
        self.assertEqual(self.hosts(), ["a.test"])
        self.assertEqual(self.farm.rows(self.database)[0]["labels"], "owner=IT")
        self.assertEqual([row[1] for row in self.rejected()], [4])  # other labels; line 3 is the same

    def test_same_host_otherwise_is_another_target(self):
        self.scan("tls://a.test:%d" % self.port, "https://a.test:%d" % self.port,
                  "tls://a.test{127.0.0.2}:%d" % self.port)
        self.assertEqual(len(self.farm.rows(self.database)), 3)

    def test_www(self):
        self.scan("--www", "https://a.test:%d" % self.port, "https://x.b.test:%d" % self.port)
        self.assertEqual(self.hosts(), ["a.test", "www.a.test", "x.b.test"])

    def test_exclusions(self):
        path = self.farm.write("exclude.txt", "a.test # not this one\n.b.test\n127.9.0.0/16\n")
        before = len(self.dns.queries)
        self.scan("--exclude", path, *("%s:%d" % (host, self.port) for host in
                                       ("a.test", "x.b.test", "b.test", "127.9.1.1", "127.0.0.1")))
        outcomes = {row["host"]: row["outcome"] for row in self.farm.rows(self.database)}
        self.assertEqual(outcomes, {"a.test": "excluded", "x.b.test": "excluded",
                                    "b.test": "refused", "127.9.1.1": "excluded",
                                    "127.0.0.1": "refused"})
        asked = {name for _, name, _ in self.dns.queries[before:]}
        self.assertEqual(asked, {"b.test"})  # an excluded name is not even looked up

    def test_never_contacted(self):
        self.scan("0.0.0.0:%d" % self.port, "255.255.255.255:%d" % self.port, "224.0.0.1",
                  "[ff02::1]:443", "[::]:%d" % self.port)
        self.assertEqual({row["outcome"] for row in self.farm.rows(self.database)}, {"excluded"})

    def test_international_names_in_both_forms(self):
        self.scan("Bücher.test:%d" % self.port)
        row = self.farm.rows(self.database)[0]
        self.assertEqual((row["host"], row["host_unicode"], row["target"]),
                         ("xn--bcher-kva.test", "bücher.test", "Bücher.test:%d" % self.port))

    def test_standard_input_as_a_list(self):
        self.scan("-i", "-", stdin="a.test:%d\nb.test:%d\n" % (self.port, self.port))
        self.assertEqual(self.hosts(), ["a.test", "b.test"])

    def test_standard_input_under_strict(self):
        self.scan("--strict", "-i", "-", stdin="a.test:%d\nb.test:%d\n" % (self.port, self.port))
        self.assertEqual(self.hosts(), ["a.test", "b.test"])
        self.scan("--strict", "-i", "-", stdin="a.test:%d\nb..test\n" % self.port, exit_code=2)

    def test_several_lists_and_arguments(self):
        first = self.list("a.test:%d\n" % self.port, "first.txt")
        second = self.list("host,port\nb.test,%d\n" % self.port, "second.csv")
        self.scan("-i", first, "-i", second, "c.test:%d" % self.port)
        self.assertEqual(self.hosts(), ["a.test", "b.test", "c.test"])

    def test_a_block_of_addresses(self):
        self.scan("127.3.0.0/29:%d" % self.port)
        self.assertEqual(self.hosts(), ["127.3.0.%d" % i for i in range(8)])

    def test_a_block_too_large(self):
        self.scan("127.0.0.0/8", "127.0.0.1:%d" % self.port)
        self.assertEqual(len(self.rejected()), 1)
        self.assertIn("--max-cidr", self.rejected()[0][3])

    def test_a_password_in_a_url_is_kept_nowhere(self):
        path = self.list("https://me:geheim@a.test/\nb.test:%d\n" % self.port)
        result = self.scan("-i", path, "https://me:geheim@c.test/")
        self.assertNotIn("geheim", result.stderr)
        with open(self.database, "rb") as file:
            self.assertFalse(b"geheim" in file.read())

    def test_a_pipe_is_scanned_while_it_is_written(self):
        """The first host is asked for before the second one is written."""
        program = os.environ["TLSCENSUS_BIN"]
        before = len(self.dns.queries)
        command = [program, "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file,
                   "--resolver", self.dns.resolver, *QUICK, "-i", "-"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, cwd=self.farm.folder) as scan:
            scan.stdin.write("first.test:%d\n" % self.port)
            scan.stdin.flush()
            deadline = time.monotonic() + DEADLINE_S
            while not any(name == "first.test" for _, name, _ in self.dns.queries[before:]):
                self.assertLess(time.monotonic(), deadline, "the first line waits for the second")
                self.assertIsNone(scan.poll())
                time.sleep(0.02)
            _, errors = scan.communicate("second.test:%d\n" % self.port, timeout=DEADLINE_S)
            self.assertEqual(scan.returncode, 0, errors)
        self.assertEqual(self.hosts(), ["first.test", "second.test"])


class Sni(unittest.TestCase):
    def test_columns_sni_and_address(self):
        with Farm() as farm:
            web = farm.nginx([Site("a.test", farm.ca.leaf("a.test"), address="127.0.0.5"),
                              Site("b.test", farm.ca.leaf("b.test"), address="127.0.0.5")])
            path = farm.write("list.csv", "host,port,protocol,address,sni,owner\n"
                              "x.test,{0},https,127.0.0.5,b.test,IT\n".format(web.port))
            row = farm.scan([], "-i", path)[0]
            self.assertEqual((row["outcome"], row["host"], row["address"], row["subject_cn"],
                              row["name_match"], row["labels"]),
                             ("ok", "x.test", "127.0.0.5", "b.test", 1, "owner=IT"))


class FederalList(unittest.TestCase):
    """A real institution's list, as it is; nothing of it exists in this test's DNS."""

    def test_it_works_as_it_is(self):
        path = os.path.join(os.environ.get("TLSCENSUS_SHARED", "."), "data", "dotgov-federal.csv")
        if not os.path.exists(path):
            raise unittest.SkipTest("no %s" % path)
        with Farm() as farm:
            dns = farm.dns({})
            rows = farm.scan([], "-i", path, "--resolver", dns.resolver, timeout=120)
            self.assertEqual(len(rows), 1321)
            self.assertEqual({row["outcome"] for row in rows}, {"dns-not-found"})
            row = next(row for row in rows if row["host"] == "acus.gov")
            self.assertIn("Organization name=Administrative Conference of the United States",
                          row["labels"])


if __name__ == "__main__":
    main()
