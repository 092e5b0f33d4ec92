#!/usr/bin/python3
"""Scans that end early: stopped, killed, finished later; the file is whole at every moment."""
import os
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, die_with_parent, main  # noqa: E402

DEADLINE_S = 170
FAST = 60   # hosts that answer at once (with a closed port)
SLOW = 20   # hosts that say nothing until the time is over


class Interrupted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.hostile = cls.farm.hostile()
        cls.refused = cls.hostile.refused("0.0.0.0")
        cls.is_slow = True
        cls.silent = cls.hostile.listen(cls.answer_slowly, address="0.0.0.0")
        lines = ["127.7.%d.1:%d" % (i, cls.refused) for i in range(FAST)]
        lines += ["127.8.%d.1:%d" % (i, cls.silent) for i in range(SLOW)]
        cls.list = cls.farm.write("list.txt", "\n".join(lines) + "\n")

    @classmethod
    def answer_slowly(cls, peer):
        """Not at all, or, once a test says so, with the end."""
        while cls.is_slow and not peer.over:
            peer.pause(0.1)
        peer.close_cleanly()

    def setUp(self):
        type(self).is_slow = True
        self.database = self.farm.path(self.farm.new_name("resume") + ".db")

    def start(self, *options):
        """A scan that has stored its fast hosts and hangs on the slow ones."""
        program = os.environ.get("TLSCENSUS_BIN", "")
        if not os.access(program, os.X_OK):
            raise unittest.SkipTest("no tlscensus at TLSCENSUS_BIN")
        scan = subprocess.Popen(
            [program, "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file, "-i",
             self.list, "--retries", "0", "--handshake-timeout", "600s", "--endpoint-timeout", "600s", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent, cwd=self.farm.folder)
        self.addCleanup(self.end, scan)
        return scan

    @staticmethod
    def end(scan):
        if scan.poll() is None:
            scan.kill()
        scan.communicate()

    def wait_for(self, scan, count):
        """Until that many observations are committed."""
        deadline = time.monotonic() + DEADLINE_S
        while self.count("observation") < count:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(scan.poll(), "the scan ended early")
            time.sleep(0.05)

    def query(self, sql):
        with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=10) as connection:
            return connection.execute(sql).fetchall()

    def count(self, table):
        try:
            return self.query("SELECT count(*) FROM %s" % table)[0][0]
        except sqlite3.OperationalError:
            return 0  # not there yet

    def states(self):
        return [row[0] for row in self.query("SELECT state FROM scan ORDER BY scan_id")]

    def expect_whole(self):
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.query("PRAGMA foreign_key_check"), [])

    def resume(self):
        """With the list and the options of the scan, which the database knows."""
        type(self).is_slow = False
        result = self.farm.tlscensus("scan", "--resume", "--db", self.database, timeout=DEADLINE_S)
        self.assertEqual(result.returncode, 0, result.stderr)

    def expect_complete(self):
        """One scan, done, with each endpoint exactly once."""
        self.expect_whole()
        self.assertEqual(self.states(), ["done"])
        self.assertEqual(self.count("observation"), FAST + SLOW)
        self.assertEqual(self.query("SELECT count(DISTINCT endpoint_id) FROM observation"),
                         [(FAST + SLOW,)])

    def test_killed_and_resumed(self):
        scan = self.start()
        self.wait_for(scan, FAST)
        scan.kill()
        scan.wait()
        self.expect_whole()
        before = self.query("SELECT observation_id, endpoint_id FROM observation ORDER BY 1")
        self.resume()
        self.expect_complete()
        after = self.query("SELECT observation_id, endpoint_id FROM observation ORDER BY 1")
        self.assertEqual(after[:len(before)], before)  # what was stored is not done again

    def test_killed_at_any_moment(self):
        for delay_s in (0.02, 0.05, 0.1, 0.2, 0.4):
            with self.subTest(delay_s):
                self.setUp()
                scan = self.start()
                time.sleep(delay_s)
                scan.kill()
                scan.wait()
                if os.path.exists(self.database) and self.count("scan") > 0:
                    self.expect_whole()
                    self.resume()
                    self.expect_complete()

    def test_interrupted_in_order(self):
        scan = self.start()
        self.wait_for(scan, FAST)
        scan.send_signal(signal.SIGINT)
        _, errors = scan.communicate(timeout=DEADLINE_S)
        self.assertEqual(scan.returncode, 130, errors)
        self.expect_whole()
        self.assertEqual(self.states(), ["interrupted"])
        rows = self.farm.rows(self.database)
        self.assertEqual(sum(row["outcome"] == "refused" for row in rows), FAST)
        self.assertLessEqual({row["outcome"] for row in rows}, {"refused", "interrupted"})
        self.resume()
        self.expect_complete()

    def test_terminated_in_order(self):
        scan = self.start()
        self.wait_for(scan, FAST)
        scan.send_signal(signal.SIGTERM)
        scan.communicate(timeout=DEADLINE_S)
        self.assertEqual(scan.returncode, 130)
        self.assertEqual(self.states(), ["interrupted"])

    def wait_for_surveys(self, scan, num):
        """At one connection a second none of them comes to its end meanwhile."""
        deadline = time.monotonic() + DEADLINE_S
        while self.count("scan") == 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        line = ""
        while "%d under survey" % num not in line:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
            scan.send_signal(signal.SIGUSR1)
            line = scan.stderr.readline()

    def test_interrupted_in_mid_survey(self):
        server = self.farm.openssl(self.farm.ca.leaf("a.test"), address="0.0.0.0")
        targets = ["https://a.test{127.10.%d.1}:%d" % (i, server.port) for i in range(5)]
        options = ["--profile", "standard", "--address-rate", "1", *targets]
        program = os.environ.get("TLSCENSUS_BIN", "")
        if not os.access(program, os.X_OK):
            raise unittest.SkipTest("no tlscensus at TLSCENSUS_BIN")
        scan = subprocess.Popen(
            [program, "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent, cwd=self.farm.folder)
        self.addCleanup(self.end, scan)
        self.wait_for_surveys(scan, 5)
        scan.send_signal(signal.SIGINT)
        _, errors = scan.communicate(timeout=DEADLINE_S)
        self.assertEqual(scan.returncode, 130, errors)
        self.assertEqual(self.query("SELECT feature_set_id FROM observation"), [(None,)] * 5)
        self.assertEqual({row["outcome"] for row in self.farm.rows(self.database)}, {"interrupted"})
        result = self.farm.tlscensus("scan", "--resume", "--address-rate", "0", "--db", self.database,
                                     timeout=DEADLINE_S)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.expect_whole()
        self.assertEqual(self.states(), ["done"])
        rows = self.query("SELECT connections, feature_set_id FROM observation")
        self.assertEqual(len(rows), 5)
        self.assertEqual(len({row[1] for row in rows} - {None}), 1)  # like servers are like
        self.assertEqual([row[0] > 10 for row in rows], [True] * 5)

    def test_two_scans_at_once_on_one_file(self):
        first = self.start()
        self.wait_for(first, FAST)
        second = self.farm.tlscensus("scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file,
                                     "127.9.9.9:%d" % self.refused, timeout=DEADLINE_S)
        self.assertEqual(second.returncode, 3, second.stderr)
        self.assertIn(self.database, second.stderr)
        self.assertIn("process %d is writing" % first.pid, second.stderr)
        type(self).is_slow = False
        first.communicate(timeout=DEADLINE_S)
        self.assertEqual(first.returncode, 0)
        self.expect_whole()
        self.assertEqual(self.states(), ["done"])

    def test_resumed_with_a_configuration(self):
        """The list and the limits are the stored ones; the database is the file's."""
        scan = self.start()
        self.wait_for(scan, FAST)
        scan.kill()
        scan.wait()
        type(self).is_slow = False
        path = self.farm.write("resume.conf", f"db = {self.database}\n[scan]\ninput = /nowhere\nretries = 9\n")
        result = self.farm.tlscensus("scan", "--resume", "--config", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.expect_complete()
        self.assertEqual(self.query("SELECT json_extract(options_json, '$.retries') FROM scan"), [("0",)])

    def test_nothing_to_resume(self):
        result = self.farm.tlscensus("scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file,
                                     "127.9.9.9:%d" % self.refused)
        self.assertEqual(result.returncode, 0, result.stderr)
        result = self.farm.tlscensus("scan", "--resume", "--db", self.database)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("nothing to resume", result.stderr)
        self.assertEqual(self.states(), ["done"])

    def start_on_pipe(self):
        program = os.environ.get("TLSCENSUS_BIN", "")
        if not os.access(program, os.X_OK):
            raise unittest.SkipTest("no tlscensus at TLSCENSUS_BIN")
        scan = subprocess.Popen(
            [program, "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file, "-i", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent, cwd=self.farm.folder)
        self.addCleanup(self.end, scan)
        return scan

    def test_a_silent_pipe_does_not_hold_up_a_stop(self):
        scan = self.start_on_pipe()
        scan.stdin.write("127.9.9.9:%d\n" % self.refused)
        scan.stdin.flush()
        self.wait_for(scan, 1)
        scan.send_signal(signal.SIGINT)
        self.assertEqual(scan.wait(DEADLINE_S), 130)
        self.assertEqual(self.states(), ["interrupted"])

    def test_a_pipe_that_never_said_anything_does_not_either(self):
        scan = self.start_on_pipe()
        time.sleep(0.5)  # before that the signal ends the program as it ends any other
        scan.send_signal(signal.SIGINT)
        self.assertIn(scan.wait(DEADLINE_S), (130, -signal.SIGINT))


if __name__ == "__main__":
    main()
