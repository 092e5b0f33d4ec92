#!/usr/bin/python3
"""`scan --shard` and `merge`: shards of real scans become what one scan would have been."""
import csv
import io
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import any_rows  # noqa: E402
from farm import Farm, Site, die_with_parent, free_port, main, require  # noqa: E402
from nights import age_scans, dump, expect_whole, exports, query, recover  # noqa: E402

SHARDS = 3
HOSTS = 12
# What two scans of the same servers need not have in common.
APART = {"scan_id", "scanned_utc", "observed_utc", "first_seen_utc", "last_seen_utc", "dns_ms", "connect_ms", "starttls_ms",
         "server_hello_ms", "handshake_ms", "total_ms", "connections", "read_bytes"}
MASK = (1 << 64) - 1

DEADLINE_S = 150


def shard_of(protocol, host, port, total):
    """What include/tlscensus/shard.h promises, written a second time."""
    number = 0xCBF29CE484222325
    for byte in protocol.encode() + b"\0" + host.encode() + b"\0" + port.to_bytes(2, "big"):
        number = ((number ^ byte) * 0x100000001B3) & MASK
    number = ((number ^ (number >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    number = ((number ^ (number >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    number ^= number >> 33
    return ((number >> 32) * total >> 32) + 1


class Merging(unittest.TestCase):
    """What the tests share: running the program, and looking at what it made."""

    farm = None

    def path(self, stem):
        return self.farm.path(self.farm.new_name(stem) + ".db")

    def run_well(self, *arguments):
        result = self.farm.tlscensus(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def merge(self, out, *shards):
        return self.run_well("merge", "--ca-file", self.farm.ca_file, out, *shards)

    def refuse(self, exit_code, words, *arguments):
        result = self.farm.tlscensus(*arguments)
        self.assertEqual(result.returncode, exit_code, result.stderr)
        self.assertIn(words, result.stderr)

    def state(self, database):
        return query(database, "SELECT state, shard FROM scan ORDER BY scan_id")


class Shards(Merging):
    @classmethod
    def setUpClass(cls):
        """Twelve hosts: two that are in different shards have one key; one of a third shard lacks the
        intermediate, which one of those two alone sends. They are scanned as a whole and in three shards."""
        require("nginx")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.hosts = ["h%d.test" % i for i in range(HOSTS)]
        cls.key = cls.farm.ca.leaf("key.test").key
        cls.rare_ca = cls.farm.root.intermediate("Rare Issuing CA")
        time.sleep(1.1)  # days count from when the test began: a scan in that very second has one more
        port = cls.choose_port()
        web = cls.farm.nginx([cls.site(i) for i in range(HOSTS)], port=port)
        lines = ["host,port,address,owner"]
        lines += ["%s,%d,127.0.0.%d,owner %d" % (host, web.port, i + 10, i % 4) for i, host in enumerate(cls.hosts)]
        lines += ["h1.test,%d,127.0.0.11,somebody else" % web.port, "no such host!,443,,nobody"]
        cls.list = cls.farm.write("list.csv", "\n".join(lines) + "\n")
        cls.waivers = cls.farm.write("waivers.csv", "rule,host,until,reason\nkey-shared,h0.test,2099-01-01,known\n")
        cls.uuid = str(uuid.uuid4())
        cls.whole = cls.scan("whole.db", "--scan-uuid", str(uuid.uuid4()))
        cls.shards = [cls.scan("shard-%d.db" % number, "--shard", "%d/%d" % (number, SHARDS), "--scan-uuid", cls.uuid)
                      for number in range(1, SHARDS + 1)]

    @classmethod
    def choose_port(cls):
        """One with which the hosts 0, 1 and 2 are in different shards, and the second of these can be stopped midway."""
        while True:
            port = free_port()
            shards = [shard_of("tls", host, port, SHARDS) for host in cls.hosts]
            if len(set(shards[:3])) == 3 and shards.count(2) > 2:
                return port

    @classmethod
    def site(cls, i):
        issuer = cls.farm.ca if i not in (0, 2) else cls.rare_ca
        leaf = issuer.leaf(cls.hosts[i], not_after_days=60.5, key=cls.key if i < 2 else "p256")
        return Site(cls.hosts[i], leaf.presenting("leaf") if i == 2 else leaf, address="127.0.0.%d" % (i + 10))

    @classmethod
    def scan(cls, name, *options, profile="standard", exit_code=0):
        database = cls.farm.path(name)
        result = cls.farm.tlscensus("scan", "--db", database, "-i", cls.list, "--ca-file", cls.farm.ca_file, "--profile",
                                    profile, "--address-rate", "0", "--retries", "0", *options)
        if result.returncode != exit_code:
            raise AssertionError("scan ended with %d: %s" % (result.returncode, result.stderr))
        return database

    def table(self, database, name):
        result = self.run_well("report", "--db", database, "--format", "csv", "--table", name)
        return [{column: cell for column, cell in row.items() if column not in APART}
                for row in csv.DictReader(io.StringIO(result.stdout, newline=""), strict=True)]

    def expect_same_tables(self, merged):
        for name in ("endpoints", "certificates", "findings"):
            self.assertEqual(self.table(merged, name), self.table(self.whole, name), name)

    # -- the parts

    def test_the_union_is_the_whole_and_the_parts_are_disjoint(self):
        hosts = []
        for number, database in enumerate(self.shards, 1):
            part = [(host, port) for host, port in query(database, "SELECT host, port FROM v_endpoint")]
            self.assertEqual({shard_of("tls", host, port, SHARDS) for host, port in part} - {number}, set())
            self.assertEqual(self.state(database), [("done", "%d/%d" % (number, SHARDS))])
            hosts += [host for host, _ in part]
        self.assertEqual(sorted(hosts), sorted(self.hosts))

    def test_a_dry_run_counts_the_part(self):
        text = self.run_well("scan", "-i", self.list, "--shard", "1/3", "--scan-uuid", self.uuid, "--dry-run").stdout
        counts = {line.rsplit(None, 1)[0]: line.rsplit(None, 1)[1] for line in text.splitlines()[:2]}
        here = query(self.shards[0], "SELECT count(*) FROM scan_target")[0][0]
        self.assertEqual(counts["targets"], str(here))
        self.assertEqual(counts["targets of other shards"], str(HOSTS + 1 - here - (
            shard_of("tls", "h1.test", self.port(), SHARDS) == 1)))

    def port(self):
        return query(self.whole, "SELECT port FROM target LIMIT 1")[0][0]

    def test_a_shard_without_targets_is_done_too(self):
        database = self.path("empty")
        port = self.port()
        free = next(n for n in range(1, 1001) if shard_of("https", "127.0.0.10", port, 1000) != n)
        result = self.run_well("scan", "--profile", "quick", "--db", database, "--ca-file", self.farm.ca_file, "--shard",
                               "%d/1000" % free, "--scan-uuid", str(uuid.uuid4()), "https://127.0.0.10:%d" % port)
        self.assertEqual(result.stderr, "")
        self.assertEqual(self.state(database), [("done", "%d/1000" % free)])
        self.assertEqual(query(database, "SELECT count(*) FROM observation"), [(0,)])

    def test_mail_hosts_are_in_one_shard_each(self):
        """Mail domains share their hosts: each host is scanned once in all, wherever its domains are."""
        domains = ["d%d.test" % i for i in range(8)]
        hosts = ["mx%d.test" % i for i in range(6)]
        zone = {domain: {"MX": ["10 " + hosts[i % 6], "20 " + hosts[(i + 1) % 6]]} for i, domain in enumerate(domains)}
        zone.update({host: {"A": ["127.0.0.1"]} for host in hosts})
        dns = self.farm.dns(zone)
        name = str(uuid.uuid4())
        port = self.farm.hostile().refused()
        found = []
        for number in range(1, SHARDS + 1):
            database = self.path("mail")
            self.run_well("scan", "--profile", "quick", "--db", database, "--ca-file", self.farm.ca_file, "--mx",
                          "--resolver", dns.resolver, "--retries", "0", "--shard", "%d/3" % number, "--scan-uuid", name,
                          *["smtp://%s:%d" % (domain, port) for domain in domains])
            part = [host for host, in query(database, "SELECT host FROM v_endpoint")]
            self.assertEqual({shard_of("smtp", host, port, SHARDS) for host in part} - {number}, set())
            found += part
        self.assertEqual(sorted(found), hosts)

    def test_the_engine_runs_a_shard_again(self):
        database = self.path("again")
        shutil.copyfile(self.shards[0], database)
        before = dump(database)
        self.scan(database, "--shard", "1/3", "--scan-uuid", self.uuid.upper())
        self.assertEqual(dump(database), before)

    def test_the_engine_runs_a_killed_shard_again(self):
        database = self.path("killed")
        options = ["scan", "--db", database, "-i", self.list, "--ca-file", self.farm.ca_file, "--profile", "standard",
                   "--retries", "0", "--shard", "1/3", "--scan-uuid", self.uuid]
        scan = subprocess.Popen([os.environ["TLSCENSUS_BIN"], *options, "--address-rate", "1"], preexec_fn=die_with_parent,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_scan(scan, database)
        scan.kill()
        scan.wait()
        self.refuse(2, "shard 1/3 in it did not finish", "merge", self.path("out"), database)
        self.run_well(*options, "--address-rate", "0")
        self.assertEqual(self.state(database), [("done", "1/3")])
        self.assertEqual(query(database, "SELECT runs FROM scan"), [(2,)])
        merged = self.path("merged")
        self.merge(merged, self.shards[2], database, self.shards[1])
        self.expect_same_tables(merged)

    def test_resume_keeps_the_shard(self):
        database = self.path("resumed")
        options = ["scan", "--db", database, "-i", self.list, "--ca-file", self.farm.ca_file, "--profile", "quick",
                   "--retries", "0", "--rate", "0.05", "--shard", "2/3", "--scan-uuid", self.uuid]
        scan = subprocess.Popen([os.environ["TLSCENSUS_BIN"], *options], preexec_fn=die_with_parent,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_scan(scan, database)
        scan.send_signal(signal.SIGINT)
        self.assertEqual(scan.wait(DEADLINE_S), 130)
        self.refuse(2, "leave --shard", "scan", "--resume", "--db", database, "--shard", "1/3", "--scan-uuid", self.uuid)
        self.run_well("scan", "--resume", "--db", database, "--rate", "0")
        self.assertEqual(self.state(database), [("done", "2/3")])
        hosts = "SELECT host FROM v_endpoint ORDER BY host"
        self.assertEqual(query(database, hosts), query(self.shards[1], hosts))

    def wait_for_scan(self, scan, database):
        deadline = time.monotonic() + DEADLINE_S
        while not os.path.exists(database) or self.count(database) == 0:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(scan.poll())
            time.sleep(0.02)

    def count(self, database):
        try:
            return query(database, "SELECT count(*) FROM scan_target")[0][0]
        except sqlite3.OperationalError:
            return 0  # not there yet

    def test_words_that_cannot_be_meant(self):
        cases = (
            (("--shard", "1/3"), "needs --scan-uuid"),
            (("--shard", "4/3", "--scan-uuid", self.uuid), "--shard 4/3"),
            (("--shard", "half", "--scan-uuid", self.uuid), "not K/N"),
            (("--scan-uuid", "7"), "not a UUID"),
            (("--scan-uuid", self.uuid + "0"), "not a UUID"),
        )
        for options, words in cases:
            with self.subTest(options):
                self.refuse(2, words, "scan", "--db", self.farm.path("never.db"), *options, "127.0.0.1:1")
        self.assertFalse(os.path.exists(self.farm.path("never.db")))
        self.refuse(2, "has shard 1/3", "scan", "--db", self.shards[0], "--shard", "2/3", "--scan-uuid", self.uuid,
                    "127.0.0.1:1")

    # -- the whole

    def test_in_any_order_as_one_scan(self):
        first = None
        for order in itertools.permutations(self.shards):
            merged = self.path("merged")
            self.merge(merged, *order)
            expect_whole(self, merged)
            self.assertEqual(self.state(merged), [("done", "1/1")])
            self.expect_same_tables(merged)
            found = exports(self.farm, merged, 1)
            for options in list(found)[:5]:  # a page lists its rows as they came
                self.assertEqual(found[options], (first or found)[options], options)
            first = first or found
        findings = self.table(merged, "findings")
        self.assertIn("key-shared", {row["rule"] for row in findings})
        self.assertEqual(self.path_of_h2(merged), ("incomplete-chain", "3"))
        alone = self.shards[shard_of("tls", "h2.test", self.port(), SHARDS) - 1]
        self.assertEqual(self.path_of_h2(alone), ("unknown-issuer", ""))

    def path_of_h2(self, database):
        row, = [row for row in self.table(database, "endpoints") if row["host"] == "h2.test"]
        return row["trust_detail"], row["verified_depth"]

    def test_a_second_time_changes_nothing(self):
        merged = self.path("merged")
        self.merge(merged, *self.shards)
        before = dump(merged)
        result = self.merge(merged, *self.shards)
        self.assertIn("0 scans, 0 more shards, 0 observations", result.stdout)
        self.assertEqual(dump(merged), before)

    def test_missing_shards_are_named(self):
        merged = self.path("merged")
        result = self.merge(merged, self.shards[0])
        self.assertIn("missing by number: 2-3 of 3", result.stderr)
        result = self.merge(merged, self.shards[2])
        self.assertIn("missing by number: 2 of 3", result.stderr)
        self.assertEqual(self.state(merged), [("interrupted", "1,3/3")])
        self.refuse(3, "nothing to resume", "scan", "--resume", "--db", merged)
        result = self.merge(merged, self.shards[1])
        self.assertEqual(result.stderr, "")
        self.assertEqual(self.state(merged), [("done", "1/1")])
        self.expect_same_tables(merged)

    def test_merged_parts_are_merged(self):
        some, all_of_it = self.path("some"), self.path("all")
        self.merge(some, self.shards[2], self.shards[1])
        self.merge(all_of_it, self.shards[0], some)
        self.assertEqual(self.state(all_of_it), [("done", "1/1")])
        self.expect_same_tables(all_of_it)

    def test_into_a_shard_itself(self):
        merged = self.path("merged")
        shutil.copyfile(self.shards[1], merged)
        self.merge(merged, self.shards[0], self.shards[2])
        self.assertEqual(self.state(merged), [("done", "1/1")])
        self.expect_same_tables(merged)

    def test_waivers_hold_for_the_whole(self):
        merged = self.path("merged")
        self.run_well("merge", "--ca-file", self.farm.ca_file, "--waivers", self.waivers, merged, *self.shards)
        waived = query(merged, "SELECT host, rule FROM v_finding WHERE waived_until_utc IS NOT NULL")
        self.assertEqual(waived, [("h0.test", "key-shared")])

    def test_without_the_roots_verdicts_stay_as_they_are(self):
        merged = self.path("merged")
        result = self.run_well("merge", merged, *self.shards)
        self.assertIn("--ca-file", result.stderr)
        self.assertEqual(self.path_of_h2(merged), ("unknown-issuer", ""))
        trusted = query(merged, "SELECT count(*) FROM v_endpoint WHERE trusted = 1")
        self.assertEqual(trusted, [(HOSTS - 1,)])

    # -- what is not one scan

    def test_shards_of_another_partition(self):
        other = self.scan(self.path("quarter"), "--shard", "2/4", "--scan-uuid", self.uuid, profile="quick")
        self.refuse(3, "profile", "merge", self.path("out"), self.shards[0], other)
        with sqlite3.connect(other) as connection:
            connection.execute("UPDATE scan SET profile = 'standard'")
        connection.close()
        self.refuse(2, "one number", "merge", self.path("out"), self.shards[0], other)
        with sqlite3.connect(other) as connection:
            connection.execute("UPDATE scan SET shard = '3/2'")
        connection.close()
        self.refuse(3, "cannot be", "merge", self.path("out"), other)

    def test_shards_of_another_list(self):
        """A target that only one of two lists has may be in no shard: that is said, and nothing is lost."""
        other = self.path("list")
        shutil.copyfile(self.shards[1], other)
        with sqlite3.connect(other) as connection:
            connection.execute("UPDATE scan SET input_sha256 = zeroblob(32)")
        connection.close()
        for files in ((self.shards[0], other, self.shards[2]), (other, self.shards[2], self.shards[0])):
            merged = self.path("out")
            said = self.merge(merged, *files).stderr
            self.assertIn("is of another target list", said)
            self.assertEqual(said.count("\n"), 1)
            self.assertEqual(self.state(merged), [("done", "1/1")])
        self.assertNotIn("list", self.merge(self.path("out"), *self.shards).stderr)

    def test_shards_of_another_version(self):
        other = self.path("version")
        shutil.copyfile(self.shards[1], other)
        with sqlite3.connect(other) as connection:
            connection.execute("UPDATE scan SET tool_version = '0.0.9'")
        connection.close()
        self.refuse(3, "0.0.9", "merge", self.path("out"), self.shards[0], other)


class Files(Merging):
    """Whole scans side by side, and files that are not what they should be."""

    @classmethod
    def setUpClass(cls):
        require("nginx")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        web = cls.farm.nginx([Site("a.test", cls.farm.ca.leaf("a.test")),
                              Site("b.test", cls.farm.ca.leaf("b.test", key="rsa1024"), address="127.0.0.2")])
        waivers = cls.farm.write("waivers.csv", "rule,host,until,reason\nkey-rsa-small,b.test,2099-01-01,known\n")
        cls.first, cls.second = cls.farm.path("first.db"), cls.farm.path("second.db")
        for database, targets in ((cls.first, ("a.test{127.0.0.1}:%d", "b.test{127.0.0.2}:%d")),
                                  (cls.second, ("b.test{127.0.0.2}:%d", "127.0.0.1:%d"))):
            for _ in range(2):
                cls.farm.scan(["https://" + target % web.port for target in targets], "--waivers", waivers, "--retries",
                              "0", "--keep-messages", database=database)
                age_scans(database, 1)
        age_scans(cls.second, 30)

    def test_a_whole_scan_stays_as_it_was(self):
        merged = self.path("merged")
        self.merge(merged, self.first)
        expect_whole(self, merged)
        for scan in (1, 2):
            self.assertEqual(exports(self.farm, merged, scan), exports(self.farm, self.first, scan))
        waived = query(merged, "SELECT DISTINCT host, rule, waiver_reason FROM v_finding WHERE waived_until_utc NOT NULL")
        self.assertEqual(waived, [("b.test", "key-rsa-small", "known")])
        messages = "SELECT count(*) FROM handshake_message"
        self.assertEqual(query(merged, messages), query(self.first, messages))

    def test_scans_are_numbered_by_their_time(self):
        started = "SELECT scan_uuid FROM scan ORDER BY scan_id"
        uuids = query(self.second, started) + query(self.first, started)
        for files in ((self.first, self.second), (self.second, self.first)):
            merged = self.path("merged")
            result = self.merge(merged, *files)
            self.assertIn("4 scans", result.stdout)
            self.assertEqual(query(merged, started), uuids)
            self.assertEqual(query(merged, "SELECT count(*) FROM certificate WHERE is_ca = 0"), [(2,)])
            before = dump(merged)
            self.merge(merged, *files)
            self.assertEqual(dump(merged), before)

    def test_bytes_that_were_pruned_come_back(self):
        merged = self.path("merged")
        self.merge(merged, self.second)
        with sqlite3.connect(merged) as connection:
            connection.execute("UPDATE certificate SET der = NULL WHERE is_ca = 0")
        connection.close()
        self.merge(merged, self.first)
        self.assertEqual(query(merged, "SELECT count(*) FROM certificate WHERE der IS NULL"), [(0,)])

    def test_every_column_of_every_table(self):
        """Two rows of everything, beside other rows whose numbers are the same."""
        empty, here, there = self.path("empty"), self.path("here"), self.path("there")
        self.refuse(2, "needs", "merge", empty)
        self.merge(empty, self.first)
        self.clear(empty)
        shutil.copyfile(empty, here)
        shutil.copyfile(empty, there)
        for database, seed in ((here, 1), (there, 2)):
            with sqlite3.connect(database) as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                any_rows.fill(connection, seed)
            connection.close()
            expect_whole(self, database)
        ignored = {
            ("finding_set", "sha256"), ("finding_set", "scan_id"),  # of this database's numbers of rules
            # numbers of scans that are not there
            ("change", "previous_scan_id"), ("scan", "compared_scan_id"), ("rule", "first_scan_id"), ("rule", "last_scan_id"),
        }
        before, more = self.rows(here, ignored), self.rows(there, ignored)
        self.merge(here, there)
        after = self.rows(here, ignored)
        for table in more:
            self.assertEqual(after[table], sorted(before[table] + more[table]), table)
        expect_whole(self, here)

    @staticmethod
    def rows(database, ignored):
        with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as connection:
            return any_rows.rows(connection, ignored)

    @staticmethod
    def clear(database):
        with sqlite3.connect(database) as connection:
            for table in reversed(any_rows.tables(connection)):
                connection.execute("DELETE FROM %s" % table)
        connection.close()

    def test_unfinished_scans_are_left_out(self):
        half = self.path("half")
        shutil.copyfile(self.first, half)
        with sqlite3.connect(half) as connection:
            connection.execute("UPDATE scan SET state = 'running' WHERE scan_id = 2")
        connection.close()
        merged = self.path("merged")
        result = self.merge(merged, half)
        self.assertIn("its scan 2 did not finish and is left out", result.stderr)
        self.assertEqual(self.state(merged), [("done", "1/1")])

    def spoil(self, work):
        path = self.path("spoilt")
        shutil.copyfile(self.first, path)
        with sqlite3.connect(path) as connection:
            work(connection)
        connection.close()
        return path

    def test_files_that_are_something_else(self):
        out = self.path("out")
        text = self.farm.write("text.db", "host,port\n" * 1000)
        other = self.farm.path("other.db")
        with sqlite3.connect(other) as connection:
            connection.execute("CREATE TABLE scan (x)")
        connection.close()
        cases = (
            (self.farm.path("missing.db"), 3, "no such file"),
            (text, 3, "not a database"),
            (other, 3, "another program"),
            (self.farm.write("empty.db", ""), 3, "empty file"),
            (self.spoil(lambda c: c.execute("PRAGMA user_version = 99")), 3, "newer program"),
            (self.spoil(lambda c: c.execute("PRAGMA user_version = 1")), 3, "an older step"),
            (self.spoil(lambda c: c.execute("ALTER TABLE observation ADD COLUMN mine TEXT")), 3, "not as tlscensus makes it"),
            (self.spoil(lambda c: c.execute("DELETE FROM certificate WHERE is_ca = 0")), 3, "not there"),
            (self.farm.folder, 3, "directory"),
        )
        for path, exit_code, words in cases:
            with self.subTest(words):
                self.refuse(exit_code, words, "merge", out, self.first, path)
                self.assertFalse(os.path.exists(out))

    def test_a_damaged_file(self):
        path = self.path("damaged")
        shutil.copyfile(self.first, path)
        page = query(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'certificate'")[0][0]
        with open(path, "r+b") as file:
            file.seek((page - 1) * 8192)
            file.write(b"\xff" * 8192)
        result = self.farm.tlscensus("merge", self.path("out"), path)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn(path, result.stderr)

    def test_into_itself(self):
        merged = self.path("merged")
        shutil.copyfile(self.first, merged)
        link = self.path("link")
        os.symlink(merged, link)
        self.refuse(2, "merged into", "merge", merged, link)

    def test_a_file_that_is_written(self):
        busy = self.path("busy")
        shutil.copyfile(self.first, busy)
        silent = self.farm.hostile().listen("silence")
        scan = subprocess.Popen([os.environ["TLSCENSUS_BIN"], "scan", "--profile", "quick", "--db", busy, "--retries", "0",
                                 "--handshake-timeout", "600s", "--endpoint-timeout", "600s",
                                 "--ca-file", self.farm.ca_file, "127.0.0.1:%d" % silent], preexec_fn=die_with_parent,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + DEADLINE_S
            while query(busy, "SELECT count(*) FROM scan") != [(3,)]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            self.refuse(3, "writing to it", "merge", self.path("out"), busy)
            self.refuse(3, "is writing to it", "merge", busy, self.second)
        finally:
            scan.terminate()
            scan.wait()

    def test_killed_at_any_moment(self):
        """What was there stays; and the next merge ends what this one began."""
        big = self.path("big")
        subprocess.run([sys.executable, "-B", os.path.join(HERE, "..", "support", "make_sample_db.py"), big, "--endpoints",
                        "3000"], check=True, stdout=subprocess.DEVNULL)
        with sqlite3.connect(big) as connection:  # what the sample invents is no certificate
            connection.execute("UPDATE certificate SET der = NULL")
        connection.close()
        wanted = self.path("wanted")
        shutil.copyfile(self.first, wanted)
        begun = time.monotonic()
        self.merge(wanted, big)
        took_s = time.monotonic() - begun
        wanted_rows = dump(wanted)
        for part in (0.2, 0.4, 0.6, 0.75, 0.9):
            with self.subTest(part):
                merged = self.path("merged")
                shutil.copyfile(self.first, merged)
                merge = subprocess.Popen([os.environ["TLSCENSUS_BIN"], "merge", merged, big], preexec_fn=die_with_parent,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(took_s * part)
                merge.kill()
                merge.wait()
                recover(merged)
                expect_whole(self, merged)
                self.assertIn(query(merged, "SELECT count(*) FROM scan"), ([(2,)], [(4,)]))
                self.assertEqual(query(merged, "SELECT count(*) FROM observation WHERE scan_id <= 2"), [(4,)])
                self.merge(merged, big)
                self.assertEqual(dump(merged), wanted_rows)
                os.unlink(merged)


if __name__ == "__main__":
    main()
