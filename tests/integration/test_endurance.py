#!/usr/bin/python3
"""What may happen to a scan in the night: kills at any moment, a full disk, no resolver, no network, another clock."""
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from dns_server import DnsServer  # noqa: E402
from farm import Farm, Site, die_with_parent, free_port, main, require  # noqa: E402

PROGRAM = os.environ.get("TLSCENSUS_BIN", "")
DEADLINE_S = 240
KILLS = 50
CLOSED = 240  # addresses with a closed port
WEB = 24      # and with a web server
FAKETIME = "/usr/lib/%s-linux-gnu/faketime/libfaketime.so.1" % os.uname().machine


class Endurance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("nginx")
        if not os.access(PROGRAM, os.X_OK):
            raise unittest.SkipTest("no tlscensus at TLSCENSUS_BIN")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.closed_port = cls.farm.hostile().refused("0.0.0.0")
        identity = cls.farm.ca.leaf("*.night.test")
        sites = [Site("w%d.night.test" % i, identity, address="127.12.0.%d" % (i + 1)) for i in range(WEB)]
        cls.web_port = cls.farm.nginx(sites).port
        lines = ["127.11.%d.1:%d" % (i, cls.closed_port) for i in range(CLOSED)]
        lines += ["w%d.night.test{127.12.0.%d}:%d" % (i, i + 1, cls.web_port) for i in range(WEB)]
        cls.list = cls.farm.write("night.txt", "\n".join(lines) + "\n")

    def setUp(self):
        self.database = self.farm.path(self.farm.new_name("night") + ".db")

    def start(self, *arguments, stdin=subprocess.DEVNULL, env=None):
        scan = subprocess.Popen([PROGRAM, "scan", "--db", self.database, *arguments], stdin=stdin,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
                                cwd=self.farm.folder, env=dict(os.environ, **(env or {})))
        self.addCleanup(self.end, scan)
        return scan

    def start_list(self):
        """At a pace at which there is a middle to be killed in: some two seconds in all."""
        return self.start("--profile", "quick", "--ca-file", self.farm.ca_file, "--retries", "0", "--rate", "150", "-i",
                          self.list)

    def start_half(self, *arguments, **more):
        """A scan that has stored something of the first half of its list, and waits for the other half, which is given."""
        scan = self.start("--profile", "quick", "--ca-file", self.farm.ca_file, "--retries", "0", "-i", "-", *arguments,
                          stdin=subprocess.PIPE, **more)
        with open(self.list, encoding="utf-8") as file:
            lines = file.readlines()
        self.feed(scan, lines[:CLOSED // 2])
        self.wait_for_rows(scan, 1)
        return scan, "".join(lines[CLOSED // 2:])

    @staticmethod
    def feed(scan, lines):
        scan.stdin.write("".join(lines))
        scan.stdin.flush()

    @staticmethod
    def end(scan):
        if scan.poll() is None:
            scan.kill()
        scan.communicate()

    def finish(self, scan, code=0, rest=None):
        said = scan.communicate(rest, timeout=DEADLINE_S)[1]
        self.assertEqual(scan.returncode, code, said)
        return said

    def query(self, sql):
        with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=10) as connection:
            return connection.execute(sql).fetchall()

    def count(self, table):
        try:
            return self.query("SELECT count(*) FROM %s" % table)[0][0]
        except sqlite3.OperationalError:
            return 0  # not there yet

    def wait_for_rows(self, scan, count):
        deadline = time.monotonic() + DEADLINE_S
        while self.count("observation") < count:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(scan.poll(), "the scan ended early")
            time.sleep(0.02)

    def outcomes(self):
        return dict(self.query("SELECT o.name, count(*) FROM observation JOIN outcome AS o USING (outcome_id) GROUP BY 1"))

    def expect_whole(self):
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.query("PRAGMA foreign_key_check"), [])

    def expect_complete(self):
        self.expect_whole()
        self.assertEqual(self.query("SELECT state FROM scan"), [("done",)])
        self.assertEqual(self.outcomes(), {"refused": CLOSED, "ok": WEB})
        self.assertEqual(self.query("SELECT count(*), count(DISTINCT endpoint_id) FROM observation"),
                         [(CLOSED + WEB, CLOSED + WEB)])

    # -- killed

    def kill_at_any_moment(self, scan, moment):
        """False where it had ended before."""
        try:
            scan.wait(timeout=moment)
            return False
        except subprocess.TimeoutExpired:
            scan.send_signal(signal.SIGKILL)
            scan.wait()
            return True

    def stored(self):
        return dict(self.query("SELECT endpoint_id, observation_id FROM observation WHERE outcome_id <> "
                               "(SELECT outcome_id FROM outcome WHERE name = 'interrupted')"))

    def test_fifty_kills(self):
        """What was stored stays as it is, nothing is done twice, and in the end all is there."""
        seed = random.SystemRandom().randrange(1 << 32)
        moments = random.Random(seed)
        kills = 0
        while kills < KILLS:
            self.setUp()
            before, most_s = {}, 0.7
            scan = self.start_list()
            while self.kill_at_any_moment(scan, moments.uniform(0.02, most_s)):
                kills += 1
                most_s += 0.05  # so that the slowest machine comes to an end too
                if self.count("scan") > 0 and self.query("SELECT state FROM scan") == [("done",)]:
                    break  # killed when all was done
                if self.count("scan") == 0:  # killed before it had begun
                    scan = self.start_list()
                    continue
                self.expect_whole()
                after = self.stored()
                self.assertLessEqual(before.items(), after.items(), "seed %d" % seed)
                before = after
                scan = self.start("--resume")
            if scan.returncode != -signal.SIGKILL:
                self.finish(scan)
            self.expect_complete()
            self.assertLessEqual(before.items(), self.stored().items(), "seed %d" % seed)
        print("killed %d times, seed %d" % (kills, seed))

    # -- the disk

    def test_disk_full_in_mid_scan(self):
        folder = self.farm.path("small")
        os.makedirs(folder)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", folder], check=False,
                                               capture_output=True).returncode != 0:
            self.skipTest("a small file system cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        self.database = os.path.join(folder, "night.db")
        scan, rest = self.start_half()
        with open(os.path.join(folder, "filler"), "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass
        said = self.finish(scan, code=3, rest=rest)
        self.assertIn(self.database, said)
        self.assertIn("full", said)
        os.remove(os.path.join(folder, "filler"))
        self.expect_whole()
        kept = self.stored()
        self.assertGreater(len(kept), 0)
        with open(self.list, encoding="utf-8") as file:
            self.finish(self.start("--resume", stdin=file))
        self.expect_complete()
        self.assertLessEqual(kept.items(), self.stored().items())

    # -- the network

    def outcomes_of(self, hosts):
        return set(self.query("SELECT DISTINCT o.name FROM observation JOIN outcome AS o USING (outcome_id) JOIN endpoint "
                              "USING (endpoint_id) JOIN target AS t USING (target_id) WHERE t.host IN ('%s')"
                              % "', '".join(hosts)))

    def test_resolver_away_in_mid_scan(self):
        """Names that are asked meanwhile have no answer; those behind them do."""
        before, meanwhile, behind = ([word + "%d.away.test" % i for i in range(40)] for word in ("a", "b", "c"))
        port = free_port()
        zone = {"*.away.test": {"A": ["127.0.0.1"]}}
        scan = self.start("--profile", "quick", "--ca-file", self.farm.ca_file, "--retries", "0", "--dns-timeout", "5s",
                          "--resolver", "127.0.0.1:%d" % port, "--address-rate", "0", "--per-address", "0", "-i", "-",
                          stdin=subprocess.PIPE)
        lines = {name: "%s:%d\n" % (name, self.closed_port) for name in before + meanwhile + behind}
        with DnsServer(zone, port=port):
            self.feed(scan, map(lines.get, before))
            self.wait_for_rows(scan, 40)
        self.feed(scan, map(lines.get, meanwhile))
        self.wait_for_rows(scan, 80)
        with DnsServer(zone, port=port):
            self.finish(scan, rest="".join(map(lines.get, behind)))
        self.assertEqual(self.outcomes_of(before), {("refused",)})
        self.assertLessEqual(self.outcomes_of(meanwhile), {("dns-timeout",), ("dns-failure",)})
        self.assertEqual(self.outcomes_of(behind), {("refused",)})
        self.assertEqual(self.count("observation"), 120)
        self.assertEqual(self.query("SELECT state FROM scan"), [("done",)])

    def test_network_down_in_mid_scan(self):
        """In a network of its own, which goes down and comes back."""
        enclose = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "-r", "--net"]
        if subprocess.run([*enclose, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no network namespace can be made here")
        before, meanwhile, behind = ([first % i for i in range(40)] for first in ("127.13.%d.1", "127.14.%d.1", "127.15.%d.1"))
        reads, writes = os.pipe()
        script = """
            PATH=$PATH:/usr/sbin:/sbin
            ip link set lo up
            "$@" <&%d >/dev/null & scan=$!
            while read -r word; do ip link set lo $word; echo $word; done
            wait $scan""" % reads
        scan = subprocess.Popen(
            [*enclose, "bash", "-c", script, "down", PROGRAM, "scan", "--profile", "quick", "--db", self.database,
             "--ca-file", self.farm.ca_file, "--retries", "0", "--connect-timeout", "3s", "-i", "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=(reads,), preexec_fn=die_with_parent)
        os.close(reads)
        self.addCleanup(self.end, scan)
        with open(writes, "w", encoding="utf-8") as hosts:
            for number, (batch, state) in enumerate(((before, "down"), (meanwhile, "up"), (behind, None)), 1):
                hosts.writelines("%s:1\n" % host for host in batch)
                hosts.flush()
                self.wait_for_rows(scan, 40 * number)
                if state:
                    self.feed(scan, [state + "\n"])
                    self.assertEqual(scan.stdout.readline(), state + "\n")
        self.finish(scan)
        self.assertEqual(self.outcomes_of(before), {("refused",)})
        self.assertEqual(self.outcomes_of(meanwhile), {("connect-timeout",)})
        self.assertEqual(self.outcomes_of(behind), {("refused",)})
        self.assertEqual(self.query("SELECT state FROM scan"), [("done",)])

    def test_no_network_at_all_is_said(self):
        """One host that is away is its row; all of them are a cable."""
        enclose = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "-r", "--net"]
        if subprocess.run([*enclose, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no network namespace can be made here")
        for hosts, is_said in ((4, False), (6, True)):
            self.setUp()
            result = subprocess.run(
                [*enclose, PROGRAM, "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file,
                 "--retries", "0", "--connect-timeout", "200ms", *("192.0.2.%d" % (i + 1) for i in range(hosts))],
                capture_output=True, text=True, timeout=DEADLINE_S, check=False)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual("none of %d endpoints could be reached" % hosts in result.stderr, is_said, result.stderr)
            self.assertEqual(self.query("SELECT instr(notices, 'could be reached') > 0 FROM scan"), [(is_said,)])

    # -- the clock

    def scan_while_the_clock_is_set(self, offset):
        if not os.path.exists(FAKETIME):
            self.skipTest("libfaketime is not installed")
        clock = self.farm.write("clock", "+0")
        began = time.monotonic()
        scan, rest = self.start_half("--verbose", env={
            "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        self.farm.write("clock", offset)
        said = self.finish(scan, rest=rest)
        took = time.monotonic() - began
        self.expect_complete()
        self.assertEqual(self.query("SELECT count(*) FROM observation WHERE min(ifnull(connect_us, 0), "
                                    "ifnull(handshake_us, 0), ifnull(total_us, 0)) < 0 OR total_us > 20000000"), [(0,)])
        lasted, = self.query("SELECT finished_s - started_s FROM scan")[0]
        self.assertTrue(0 <= lasted <= took + 2, lasted)
        notices, = self.query("SELECT notices FROM scan")[0]
        self.assertIn("the clock was set", notices)
        self.assertIn("the clock was set", said)

    def test_clock_set_back(self):
        self.scan_while_the_clock_is_set("-7200")

    def test_clock_set_forward(self):
        self.scan_while_the_clock_is_set("+86400")


if __name__ == "__main__":
    main()
