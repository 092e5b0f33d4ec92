#!/usr/bin/python3
"""`scan --on-change`: one program hears what changed, and cannot hold up the night."""
import json
import os
import stat
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, free_port, main, require, self_signed  # noqa: E402


class OnChange(unittest.TestCase):
    def setUp(self):
        require("nginx")
        self.farm = Farm()
        self.addCleanup(self.farm.close)
        self.port = free_port()
        self.database = self.farm.path("nights.db")
        self.heard = self.farm.path("heard")
        self.good = self.farm.ca.leaf("a.test")

    def program(self, text):
        path = self.farm.write(self.farm.new_name("program"), text)
        os.chmod(path, stat.S_IRWXU)
        return path

    def night(self, identity, program, *options):
        web = self.farm.nginx([Site("a.test", identity)], port=self.port)
        result = self.farm.tlscensus(
            "scan", "--db", self.database, "--profile", "quick", "--ca-file", self.farm.ca_file, "--retries", "0",
            "--on-change", program, *options, "a.test{127.0.0.1}:%d" % self.port)
        web.stop()
        return result

    def two_nights(self, program, *options):
        """The second has another certificate."""
        first = self.night(self.good, program, *options)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertFalse(os.path.exists(self.heard))  # there was nothing to compare with
        return self.night(self_signed("a.test"), program, *options)

    def test_it_hears_what_changed(self):
        program = self.program("#!/bin/sh\ncat > %s; echo said; echo $# >> %s.count\n" % (self.heard, self.heard))
        result = self.two_nights(program)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, "said\n")
        with open(self.heard, encoding="utf-8") as file:
            heard = json.load(file)
        self.assertEqual(heard["schema"], "tlscensus/1")
        self.assertIn("trust-changed", {change["kind"] for change in heard["changes"]})
        diff = self.farm.tlscensus("diff", "--db", self.database, "--format", "json")
        self.assertEqual(heard, json.loads(diff.stdout))
        with open(self.heard + ".count", encoding="utf-8") as file:
            self.assertEqual(file.read(), "0\n")

    def test_a_quiet_night_runs_nothing(self):
        program = self.program("#!/bin/sh\ntouch %s\n" % self.heard)
        for _ in range(2):
            self.assertEqual(self.night(self.good, program).returncode, 0)
        self.assertFalse(os.path.exists(self.heard))

    def test_what_cannot_be_run_is_said_before_the_scan(self):
        for program, words in (("touch %s" % self.heard, "No such file"), (self.farm.folder, "is a directory"),
                               (self.farm.write("plain", "echo"), "Permission denied")):
            result = self.night(self.good, program)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn("--on-change %s: " % program, result.stderr)
            self.assertIn(words, result.stderr)
        self.assertFalse(os.path.exists(self.database))

    def test_a_failure_is_said(self):
        result = self.two_nights(self.program("#!/bin/sh\nexit 7\n"))
        self.assertEqual(result.returncode, 1)  # the scan is done
        self.assertIn("ended with 7", result.stderr)
        result = self.farm.tlscensus("scans", "--db", self.database)
        self.assertEqual(result.stdout.count(" done "), 2, result.stdout)

    def test_it_is_told_where_the_reports_cannot_be_written(self):
        program = self.program("#!/bin/sh\ncat > %s\n" % self.heard)
        self.assertEqual(self.night(self.good, program).returncode, 0)
        sets = self.farm.path("sets")
        blocker = self.program("#!/bin/sh\ncat > %s; touch %s/latest/x\n" % (self.heard, sets))
        self.assertEqual(self.night(self.good, blocker, "--output-dir", sets).returncode, 0)
        os.mkdir(os.path.join(sets, "scan-000003"))
        os.mkdir(os.path.join(sets, "scan-000003", "theirs"))
        result = self.night(self_signed("a.test"), program, "--output-dir", sets)
        self.assertEqual(result.returncode, 0, result.stderr)  # a folder in the way is exchanged, and removed with all in it
        self.assertTrue(os.path.exists(self.heard))
        self.assertFalse([name for name in os.listdir(sets) if name.startswith(".")])

    def test_it_is_stopped_with_all_that_it_started(self):
        program = self.program("#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho $! > %s\nsleep 600\n" % self.heard)
        result = self.two_nights(program, "--on-change-timeout", "5s")
        self.assertEqual(result.returncode, 1)
        self.assertIn("was not done after 5 seconds and was stopped", result.stderr)
        with open(self.heard, encoding="utf-8") as file:
            process = int(file.read())
        deadline = time.monotonic() + 60
        while self.is_running(process):  # it was killed, and has a moment to go
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    @staticmethod
    def is_running(process):
        """Whether it is there and more than a name that nobody has asked for."""
        try:
            with open("/proc/%d/stat" % process, encoding="utf-8") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def test_one_that_does_not_read(self):
        self.assertEqual(self.two_nights(self.program("#!/bin/sh\nexec true\n")).returncode, 0)


if __name__ == "__main__":
    main()
