#!/usr/bin/python3
"""`scan --expand-names`: names in certificates become targets, those of the list's own domains and no others."""
import os
import signal
import sqlite3
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, die_with_parent, main  # noqa: E402

FOREIGN = ["www.other.test", "other.test", "notone.test", "test", "co.uk"]
# host → its address and the names of its certificate
HOSTS = {
    "www.one.test": ("127.0.0.11", ["www.one.test", "two.one.test", "*.one.test", "*.dev.one.test", "gone.one.test",
                                    "private.one.test", "xn--bcher-kva.one.test", "TWO.one.test", "second.one.test",
                                    "under_score.one.test", "sub.amazonaws.com"] + FOREIGN),
    "second.one.test": ("127.0.0.12", ["second.one.test", "www.two.test"]),
    "two.one.test": ("127.0.0.13", ["two.one.test", "three.one.test", "www.one.test"]),
    "three.one.test": ("127.0.0.14", ["three.one.test", "two.one.test"]),
    "xn--bcher-kva.one.test": ("127.0.0.15", ["xn--bcher-kva.one.test"]),
    "under_score.one.test": ("127.0.0.15", ["xn--bcher-kva.one.test"]),
    "private.one.test": ("127.0.0.16", ["private.one.test", "secret.one.test"]),
    "www.amazonaws.com": ("127.0.0.17", ["www.amazonaws.com", "api.amazonaws.com", "mine.s3.amazonaws.com"]),
    "api.amazonaws.com": ("127.0.0.18", ["api.amazonaws.com"]),
}
FOUND = {"two.one.test": "www.one.test", "gone.one.test": "www.one.test", "xn--bcher-kva.one.test": "www.one.test",
         "under_score.one.test": "www.one.test", "three.one.test": "two.one.test", "private.one.test": "www.one.test",
         "secret.one.test": "private.one.test"}  # three rounds


class Inventor:
    """A server that has a certificate for any name, in which there are two more."""

    def __init__(self, farm, address, port):
        self.farm = farm
        self.names = []
        self.lock = threading.Lock()
        self.listener = socket.create_server((address, port))
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()

    def context(self, name):
        with self.lock:
            self.names.append(name)
            number = len(self.names)
            identity = self.farm.ca.leaf(name, "a%d.many.test" % number, "b%d.many.test" % number)
            chain, key = self.farm.write_identity(identity)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        return context

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(peer,), daemon=True).start()

    def answer(self, peer):
        def choose(connection, name, _):
            connection.context = self.context(name)
        context = self.context("first.many.test")
        context.sni_callback = choose
        try:
            with context.wrap_socket(peer, server_side=True) as stream:
                stream.recv(1)
        except OSError:
            pass


class Expansion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        zone = {name: {"A": [address]} for name, (address, _) in HOSTS.items()}
        zone["*.many.test"] = {"A": ["127.0.0.20"]}
        zone["other.test"] = zone["www.other.test"] = zone["www.two.test"] = {"A": ["127.0.0.19"]}
        cls.dns = cls.farm.dns(zone)
        cls.web = cls.farm.nginx([Site(name, cls.farm.ca.leaf(*names), address=address)
                                  for name, (address, names) in HOSTS.items()])

    def setUp(self):
        self.database = self.farm.path(self.farm.new_name("expansion") + ".db")
        self.dns.queries.clear()

    def scan(self, hosts, *options, **more):
        """The rows by host."""
        targets = ["https://%s:%d" % (host, self.web.port) for host in hosts]
        rows = self.farm.scan(targets, "--resolver", self.dns.resolver, "--retries", "0", "--address-rate", "0", *options,
                              database=self.database, **more)
        return {row["host"]: row for row in rows}

    def asked(self):
        return {name for _, name, _ in self.dns.queries}

    def query(self, sql):
        with sqlite3.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def found(self):
        return dict(self.query("SELECT t.host, st.found_in FROM scan_target AS st JOIN target AS t USING (target_id)"
                               " WHERE st.found_in IS NOT NULL AND scan_id = (SELECT max(scan_id) FROM scan)"))

    def test_rounds(self):
        rows = self.scan(["www.one.test", "second.one.test"], "--expand-names", "100")
        self.assertEqual({host: row["found_in"] for host, row in rows.items() if row["found_in"]}, FOUND)
        self.assertEqual(set(rows) - set(FOUND), {"www.one.test", "second.one.test"})
        self.assertEqual(rows["three.one.test"]["outcome"], "ok")
        self.assertEqual({row["port"] for row in rows.values()}, {self.web.port})
        self.assertEqual(rows["gone.one.test"]["outcome"], "dns-not-found")
        self.assertEqual(rows["xn--bcher-kva.one.test"]["host_unicode"], "b\u00fccher.one.test")
        self.assertEqual(self.query("SELECT state, notices FROM scan"), [("done", "")])
        self.assertEqual(self.query("SELECT count(*) FROM rejected_target"), [(0,)])
        # What lies in other domains was not even looked up; nobody guessed what a wildcard stands for.
        self.assertEqual(self.asked(), set(rows))
        self.assertEqual(self.query("SELECT name FROM v_inventory"), [("*.dev.one.test",), ("*.one.test",)])

    def test_not_without_the_option(self):
        rows = self.scan(["www.one.test"])
        self.assertEqual(set(rows), {"www.one.test"})
        self.assertEqual(self.asked(), {"www.one.test"})
        self.assertIn(("two.one.test",), self.query("SELECT name FROM v_inventory"))

    def test_public_suffix_below_a_domain(self):
        rows = self.scan(["www.amazonaws.com"], "--expand-names", "100")
        self.assertEqual(set(rows), {"www.amazonaws.com", "api.amazonaws.com"})
        self.assertNotIn("mine.s3.amazonaws.com", self.asked())

    def test_excluded(self):
        exclude = self.farm.write("exclude.txt", "private.one.test\n.s3.test\n")
        rows = self.scan(["www.one.test", "second.one.test"], "--expand-names", "100", "--exclude", exclude)
        self.assertEqual(set(rows) & {"private.one.test", "secret.one.test"}, set())
        self.assertNotIn("private.one.test", self.asked())
        self.assertIn("three.one.test", rows)

    def test_ceiling(self):
        with Inventor(self.farm, "127.0.0.20", self.web.port) as inventor:
            rows = self.scan(["www.many.test", "www.one.test"], "--expand-names", "5")
            self.assertGreater(len(inventor.names), 5)
        found = [host for host, row in rows.items() if row["found_in"]]
        self.assertEqual(sorted(host.split(".")[1] for host in found), ["many"] * 5 + ["one"] * 5)
        self.assertEqual({rows[host]["outcome"] for host in found if "many" in host}, {"ok"})
        (state, notice), = self.query("SELECT state, notices FROM scan")
        self.assertEqual(state, "done")
        self.assertRegex(notice, r"--expand-names: the ceiling \(5 names .*reached in 2 domains, such as one\.test: "
                                 r"[0-9]+ more names were not scanned")

    def test_resumed(self):
        rows = self.scan(["www.one.test", "second.one.test"], "--expand-names", "100")
        with sqlite3.connect(self.database) as connection:  # as if it had been stopped in its second round
            connection.execute("UPDATE scan SET state = 'interrupted'")
            connection.execute("DELETE FROM observation WHERE endpoint_id IN (SELECT endpoint_id FROM endpoint JOIN target USING"
                               " (target_id) WHERE host IN ('two.one.test', 'three.one.test', 'secret.one.test'))")
            connection.execute("DELETE FROM scan_target WHERE target_id IN (SELECT target_id FROM target WHERE host IN"
                               " ('three.one.test', 'secret.one.test'))")
            kept = {row[0] for row in connection.execute("SELECT observation_id FROM observation")}
        connection.close()
        self.dns.queries.clear()
        result = self.farm.tlscensus("scan", "--resume", "--db", self.database)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.found(), FOUND)
        self.assertEqual({row["host"] for row in self.farm.rows(self.database)}, set(rows))
        self.assertLessEqual(kept, {row[0] for row in self.query("SELECT observation_id FROM observation")})
        self.assertEqual(self.asked(), {"two.one.test", "three.one.test", "secret.one.test"})
        self.assertEqual(self.query("SELECT state, runs FROM scan"), [("done", 2)])

    def test_found_and_listed_later(self):
        self.scan(["www.one.test"], "--expand-names", "100")
        rows = self.scan(["www.one.test", "two.one.test"], "--expand-names", "100")
        self.assertIsNone(rows["two.one.test"]["found_in"])
        self.assertNotIn("two.one.test", self.found())
        self.assertEqual(rows["three.one.test"]["found_in"], "two.one.test")

    def test_quiet_when_no_longer_found(self):
        """What was on no list is not missed on it."""
        self.scan(["www.one.test", "second.one.test"], "--expand-names", "100")
        self.scan(["www.one.test", "second.one.test"])
        removed = dict(self.query("SELECT host, severity FROM v_change WHERE kind = 'target-removed'"))
        self.assertEqual(removed, dict.fromkeys(FOUND, "info"))

    def test_shards(self):
        """Each shard scans what it finds of its own part: together no name twice."""
        hosts, files = [], []
        for number in (1, 2, 3):
            self.database = self.farm.path("shard-%d.db" % number)
            files.append(self.database)
            rows = self.scan(["www.one.test"], "--expand-names", "100", "--shard", "%d/3" % number, "--scan-uuid",
                             "2ab5d3b2-7e0d-4c7a-9a51-0f6f3ad3f1a4")
            hosts += list(rows)
        self.assertEqual(len(hosts), len(set(hosts)))
        self.assertIn("www.one.test", hosts)
        self.assertLessEqual(set(hosts), set(FOUND) | {"www.one.test", "second.one.test"})
        self.database = self.farm.path("whole.db")
        result = self.farm.tlscensus("merge", self.database, *files)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual({row["host"] for row in self.farm.rows(self.database)}, set(hosts))
        self.assertEqual(set(self.found()), set(hosts) - {"www.one.test"})
        forgotten = {name for name, in self.query("SELECT name FROM v_inventory WHERE is_wildcard = 0")}
        named = {name.lower() for host in hosts if host in HOSTS for name in HOSTS[host][1]}
        self.assertEqual(forgotten, {name for name in named if name.endswith(".one.test") and "*" not in name} - set(hosts))

    def test_dry_run(self):
        result = self.farm.tlscensus("scan", "--dry-run", "--expand-names", "7", "www.one.test")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"names in certificates +not known before: at most 7 of each")
        self.assertEqual(self.asked(), set())

    def test_interrupted_while_it_waits(self):
        """A found host that says nothing is what the scan waits for; a signal ends that in order."""
        silent = self.farm.hostile()
        port = silent.listen("silence", address="127.0.0.21")
        identity = self.farm.ca.leaf("www.slow.test", "hang.slow.test")
        self.farm.nginx([Site("www.slow.test", identity, address="127.0.0.22")], port=port)
        dns = self.farm.dns({"www.slow.test": {"A": ["127.0.0.22"]}, "hang.slow.test": {"A": ["127.0.0.21"]}})
        scan = subprocess.Popen(
            [os.environ["TLSCENSUS_BIN"], "scan", "--profile", "quick", "--db", self.database, "--ca-file",
             self.farm.ca_file, "--resolver", dns.resolver, "--expand-names", "9", "--handshake-timeout", "600s",
             "--endpoint-timeout", "600s", "https://www.slow.test:%d" % port],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        self.addCleanup(scan.wait)
        self.addCleanup(scan.kill)
        while silent.accepted.get(port, 0) == 0:
            self.assertIsNone(scan.poll())
            time.sleep(0.02)
        scan.send_signal(signal.SIGINT)
        self.assertEqual(scan.wait(240), 130)
        self.assertEqual({row["host"]: row["outcome"] for row in self.farm.rows(self.database)},
                         {"www.slow.test": "ok", "hang.slow.test": "interrupted"})
        self.assertEqual(self.query("SELECT state FROM scan"), [("interrupted",)])


if __name__ == "__main__":
    main()
