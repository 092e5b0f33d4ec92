#!/usr/bin/python3
"""`scan --format jsonl`: results go out as they are stored, in lines that the schema knows; a reader who is slow, who goes
away or who has no room spoils nothing, and a filter leaves nothing behind."""
import json
import os
import pty
import resource
import select
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]

from farm import Farm, Site, die_with_parent, free_port, main, require, self_signed  # noqa: E402
from json_schema import line_problems, read_schema  # noqa: E402
from test_ca import pem  # noqa: E402
from test_run_control import Silent  # noqa: E402

PROGRAM = os.environ["TLSCENSUS_BIN"]
PATIENCE_S = 60
READER_LEFT = 141
# What only the whole scan can tell, by kind of line.
LATER = {
    "endpoint": {"grade", "worst_severity", "findings_critical", "findings_high", "findings_medium", "findings_low",
                 "findings_info", "findings", "previous_grade", "changed", "config_grade", "grade_partial"},
    "certificate": {"endpoints", "hosts", "owners", "first_seen_utc"},
}


def place(line):
    return (line["host"], line["port"], line["address"])


def named_by(endpoint):
    chains = [endpoint] + (endpoint["other_chains"] or [])
    return {sha for chain in chains for sha in (chain["presented_chain"] or []) + (chain["verified_chain"] or [])}


def refused(count):
    """Endpoints that say no at once: port 1 of so many loopback addresses."""
    return "".join("127.%d.%d.%d:1\n" % (100 + i // 62500, i // 250 % 250, 1 + i % 250) for i in range(count))


class Filter(unittest.TestCase):
    """What the tests share: a filter, its reader's end, and a folder that it must leave empty."""

    @classmethod
    def setUpClass(cls):
        cls.schema = read_schema()
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)

    def setUp(self):
        self.temporary = self.farm.path(self.farm.new_name("temporary"))
        os.mkdir(self.temporary)
        self.database = self.farm.path(self.farm.new_name("scan") + ".db")
        self.silent = None

    def tearDown(self):
        if self.silent:
            self.silent.close()

    def command(self, *more):
        profile = () if "--profile" in more else ("--profile", "quick")
        return [PROGRAM, "scan", *profile, "--retries", "0", "--ca-file", self.farm.ca_file, *more]

    def start(self, *more, stdin=subprocess.DEVNULL, **how):
        how.setdefault("stdout", subprocess.PIPE)
        process = subprocess.Popen(self.command("--format", "jsonl", *more), stdin=stdin, stderr=subprocess.PIPE,
                                   cwd=self.farm.folder, env={**os.environ, "TMPDIR": self.temporary},
                                   preexec_fn=die_with_parent, **how)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def filter(self, *more, stdin=None, exit_code=0):
        """What a filter writes until its end, as objects that the schema knows."""
        done = subprocess.run(self.command("--format", "jsonl", *more), input=stdin, capture_output=True, timeout=PATIENCE_S,
                              cwd=self.farm.folder, env={**os.environ, "TMPDIR": self.temporary}, check=False)
        self.assertEqual(done.returncode, exit_code, done.stderr)
        self.said = done.stderr.decode()
        return self.lines_of(done.stdout)

    def lines_of(self, text):
        self.assertTrue(text.endswith(b"\n") or not text)
        lines = [json.loads(line) for line in text.splitlines()]
        for line in lines:
            self.assertEqual(next(iter(line)), "type")
            self.assertEqual(line_problems(line, self.schema)[:3], [])
        return lines

    def kinds(self, lines, kind):
        return [line for line in lines if line["type"] == kind]

    def report(self):
        done = self.farm.tlscensus("report", "--db", self.database, "--format", "jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.lines_of(done.stdout.encode())

    def query(self, sql):
        connection = sqlite3.connect("file:%s?mode=ro" % self.database, uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def wait_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                self.fail("never came: " + what)
            time.sleep(0.05)

    def is_done(self):
        try:
            return self.query("SELECT state FROM scan ORDER BY scan_id DESC LIMIT 1") == [("done",)]
        except sqlite3.OperationalError:
            return False

    def read_line(self, process):
        """The next line of a process whose output is not buffered here."""
        text = b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
            self.assertTrue(ready, "no line came")
            piece = os.read(process.stdout.fileno(), 1)
            self.assertTrue(piece, "the end came: %s" % text)
            text += piece
        return self.lines_of(text)[0]

    def next_endpoint(self, process):
        while True:
            line = self.read_line(process)
            if line["type"] == "endpoint":
                return line

    def start_on_silent(self, *more):
        """A filter whose first target has its line, and whose others say nothing."""
        self.silent = Silent(10)
        path = self.farm.write(self.farm.new_name("list"), "127.0.0.1:1\n" + self.silent.targets())
        process = self.start("-i", path, "--handshake-timeout", "60s", *more)
        self.assertEqual(self.next_endpoint(process)["outcome"], "refused")
        self.wait_until(lambda: len(self.silent.held) == 10, "connections")
        return process

    def run_without_reading(self, count, *more):
        """A filter whose scan is done while nobody has read a line yet."""
        path = self.farm.write(self.farm.new_name("list"), refused(count))
        process = self.start("-i", path, "--db", self.database, *more)
        self.wait_until(self.is_done, "the end of the scan")
        self.assertIsNone(process.poll())
        return process

    def expect_nothing_left(self):
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertFalse(os.path.exists(self.farm.path("tlscensus.db")))


class Lines(Filter):
    """What the lines say, beside what a report of the same scan says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        require("nginx", "openssl")
        key = cls.farm.ca.leaf("one.test").key
        sites = [Site("%s.test" % name, cls.farm.ca.leaf("%s.test" % name, key=key), address="127.0.0.%d" % (i + 20))
                 for i, name in enumerate(("one", "two", "three"))]
        cls.web = cls.farm.nginx(sites)
        rows = ["host,port,address,Owner,Floor 3b", "nobody.test,1,127.0.0.1,,"]
        rows += ["%s,%d,%s,Team %d,%s" % (site.name, cls.web.port, site.address, i, "x" * i) for i, site in enumerate(sites)]
        other = cls.farm.ca.leaf("both.test", key="rsa2048")
        second, second_key = cls.farm.write_identity(other)
        # With its issuers too: a path that other servers complete is known when the scan closes, before or after the line.
        issuers = cls.farm.write("issuers.pem", pem(other.presented[1:]))
        both = cls.farm.openssl(cls.farm.ca.leaf("both.test"), "-dcert", second, "-dkey", second_key, "-dcert_chain", issuers)
        alone = cls.farm.openssl(self_signed("alone.test"))
        rows += ["both.test,%d,127.0.0.1,Team 7,yard" % both.port, "alone.test,%d,127.0.0.1,Team 7," % alone.port]
        cls.list = cls.farm.write("list.csv", "\n".join(rows) + "\n")
        cls.endpoints = len(rows) - 1
        cls.common = ("--address-rate", "0", "--per-address", "8", "-i", cls.list)

    def scan(self, *more):
        return self.filter("--db", self.database, *self.common, *more)

    def expect_order(self, lines):
        """The scan opens and closes the stream, and nothing names what did not come before."""
        self.assertEqual([line["type"] == "scan" for line in lines], [True] + [False] * (len(lines) - 2) + [True])
        self.assertEqual(lines[0]["schema"], "tlscensus/1")
        self.assertEqual(lines[0]["state"], "running")
        self.assertIsNone(lines[0]["finished_utc"])
        sent, has_ended = set(), False
        for line in lines[1:-1]:
            if line["type"] == "certificate":
                self.assertNotIn(line["sha256"], sent)
                sent.add(line["sha256"])
            elif line["type"] == "endpoint":
                self.assertLessEqual(named_by(line), sent)
            else:
                has_ended = True
                continue
            self.assertFalse(has_ended, "facts come before findings")
        return sent

    def expect_report(self, lines):
        """All that a report of the scan has, apart from what could not be known."""
        report = self.report()
        self.assertEqual(lines[-1], report[0])
        for kind in ("finding", "change"):
            self.assertEqual(self.kinds(lines, kind), self.kinds(report, kind))
        for kind, key in (("endpoint", place), ("certificate", lambda line: line["sha256"])):
            seen, told = ({key(line): line for line in self.kinds(all_lines, kind)} for all_lines in (lines, report))
            self.assertEqual(set(seen), set(told))
            for name, line in seen.items():
                self.assertEqual(list(line), list(told[name]))
                for member, value in line.items():
                    if member in LATER[kind]:
                        self.assertIsNone(value, member)
                    else:
                        self.assertEqual(value, told[name][member], member)
        return report

    def test_they_are_those_of_a_report(self):
        lines = self.scan("--profile", "standard")
        self.assertEqual(self.said, "")
        sent = self.expect_order(lines)
        self.assertEqual(len(sent), 3 + 2 + 1 + 2)  # leaves, and their issuer and root
        report = self.expect_report(lines)
        endpoints = {line["host"]: line for line in self.kinds(lines, "endpoint")}
        self.assertEqual(len(endpoints), self.endpoints)
        self.assertTrue(endpoints["one.test"]["features"])
        self.assertIn("other-key", {chain["role"] for chain in endpoints["both.test"]["other_chains"]})
        self.assertEqual(endpoints["alone.test"]["trust_detail"], "self-signed")
        self.assertIn("key-shared", {line["rule"] for line in self.kinds(lines, "finding")})
        self.assertEqual(report[0]["state"], "done")

    def test_a_second_night_has_changes(self):
        self.scan()
        lines = self.scan("127.0.0.2:1")
        self.expect_order(lines)
        self.expect_report(lines)
        self.assertIn("target-added", {line["kind"] for line in self.kinds(lines, "change")})
        self.assertEqual(lines[0]["scan_id"], 2)

    def test_labels_are_named_as_they_come(self):
        """Those of a list are known when its lines have come; twins are told apart by which came first."""
        other = self.farm.write("other.csv", "host,port,Building,Owner,owner\n127.0.0.3,1,North,,Dana\n"
                                             "127.0.0.4,1,South,Amara,Dana\n")
        lines = self.scan("--order", "as-given", "-i", other)
        labels = {line["host"]: line["labels"] for line in self.kinds(lines, "endpoint")}
        self.assertEqual(labels["nobody.test"], {})
        self.assertEqual(labels["127.0.0.3"], {"building": "North", "owner_2": "Dana"})
        self.assertEqual(labels["127.0.0.4"], {"building": "South", "owner": "Amara", "owner_2": "Dana"})
        self.assertEqual(labels["three.test"], {"owner": "Team 2", "floor_3b": "xx"})

    def test_nothing_is_kept_without_a_database(self):
        lines = self.filter(*self.common)
        self.expect_order(lines)
        self.assertEqual(lines[-1]["state"], "done")
        self.assertEqual(len(self.kinds(lines, "endpoint")), self.endpoints)
        self.expect_nothing_left()

    def test_a_file_is_written_in_place(self):
        path = self.farm.write(self.farm.new_name("lines"), "what was there before, and is longer than a line\n" * 1000)
        os.link(path, path + "-link")
        self.assertEqual(self.filter(*self.common, "-o", path), [])
        with open(path + "-link", "rb") as file:
            lines = self.lines_of(file.read())
        self.expect_order(lines)
        self.assertEqual(lines[-1]["state"], "done")

    def test_a_configuration_makes_a_filter_too(self):
        config = self.farm.write("filter.conf", "[scan]\nformat = jsonl\noutput = conf.jsonl\n")
        done = self.farm.tlscensus(*self.command("--config", config, *self.common)[1:], env={"TMPDIR": self.temporary})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        with open(self.farm.path("conf.jsonl"), "rb") as file:
            self.expect_order(self.lines_of(file.read()))
        self.expect_nothing_left()

    def test_reports_are_written_beside_it(self):
        folder = self.farm.path(self.farm.new_name("reports"))
        self.expect_report(self.scan("--output-dir", folder))
        self.assertTrue(os.path.exists(os.path.join(folder, "latest", "report.html")))

    def test_shards_share_the_list(self):
        number = "2ab5d3b2-7e0d-4c7a-9a51-0f6f3ad3f1a4"
        lines = [self.filter("--shard", "%d/2" % shard, "--scan-uuid", number, "--order", "as-given", *self.common)
                 for shard in (1, 2)]
        found = [place(line) for shard in lines for line in self.kinds(shard, "endpoint")]
        self.assertEqual(len(found), self.endpoints)
        self.assertEqual(len(set(found)), self.endpoints)
        self.assertEqual([shard[-1]["shard"] for shard in lines], ["1/2", "2/2"])


class Readers(Filter):
    """Who writes into the pipe, and who reads from it."""

    def test_a_target_has_its_line_while_the_pipe_stays_open(self):
        process = self.start("-i", "-", stdin=subprocess.PIPE)
        for number in (1, 2, 3):
            process.stdin.write(b"127.0.0.%d:1\n" % number)
            process.stdin.flush()
            self.assertEqual(self.next_endpoint(process)["host"], "127.0.0.%d" % number)
        rest, said = process.communicate(timeout=PATIENCE_S)
        self.assertEqual((process.returncode, said), (0, b""))
        self.assertEqual([line["type"] for line in self.lines_of(rest)], ["scan"])
        self.expect_nothing_left()

    def test_a_reader_who_goes_ends_it_quietly(self):
        """At once, though no further line comes; what was found is kept, and the rest can be done."""
        process = self.start_on_silent("--db", self.database)
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE_S), READER_LEFT)
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.query("SELECT state FROM scan"), [("interrupted",)])
        self.assertFalse(os.path.exists(self.database + "-wal"))
        self.silent.close()
        lines = self.filter("--resume", "--db", self.database)
        self.assertEqual(len(self.kinds(lines, "endpoint")), 10)  # the rest alone
        self.assertNotIn("127.0.0.1", {line["host"] for line in self.kinds(lines, "endpoint")})
        self.assertEqual((lines[-1]["state"], lines[-1]["endpoints"]), ("done", 11))

    def test_a_reader_who_goes_leaves_no_database_behind(self):
        process = self.start_on_silent()
        self.assertEqual(len(os.listdir(self.temporary)), 1)
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE_S), READER_LEFT)
        self.assertEqual(process.stderr.read(), b"")
        self.expect_nothing_left()

    def test_signals_end_it_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU):
            with self.subTest(number):
                process = self.start_on_silent()
                process.send_signal(number)
                rest, said = process.communicate(timeout=PATIENCE_S)
                self.assertEqual((process.returncode, said), (130, b""))
                lines = self.lines_of(rest)
                self.assertEqual([line["outcome"] for line in self.kinds(lines, "endpoint")], ["interrupted"] * 10)
                self.assertEqual(lines[-1]["state"], "interrupted")
                self.expect_nothing_left()
                self.silent.close()

    def test_a_time_that_is_over_promises_nothing(self):
        process = self.start_on_silent("--max-duration", "2s")
        _, said = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"stopped after 2 s", said)
        self.assertNotIn(b"resume", said)
        self.expect_nothing_left()

    def peak_kib(self, process):
        with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))

    def test_what_waits_for_a_slow_reader_waits_on_disk(self):
        peaks = []
        for count in (2000, 20000):
            process = self.run_without_reading(count)
            peaks.append(self.peak_kib(process))
            text, said = process.communicate(timeout=PATIENCE_S)
            self.assertEqual((process.returncode, said), (0, b""))
            self.assertEqual(text.count(b'\n{"type":"endpoint"'), count)
            self.assertGreater(len(text), 1600 * count)
            os.unlink(self.database)
        if "san" not in os.environ.get("TLSCENSUS_BUILD", ""):
            self.assertLess(peaks[1] - peaks[0], 24 * 1024)  # the lines that waited are 30 MiB more

    def test_a_signal_ends_the_wait_for_a_slow_reader(self):
        process = self.run_without_reading(2000)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        self.assertEqual(process.returncode, 130)
        self.assertTrue(self.is_done())
        self.assertEqual(len(self.report()), 2001)

    def test_a_time_that_is_over_ends_that_wait_too(self):
        """Whether it was over before the scan was done, or is now."""
        path = self.farm.write(self.farm.new_name("list"), refused(2000))
        for time_ms in (1, 3000):
            process = self.start("-i", path, "--db", self.database, "--max-duration", "%dms" % time_ms)
            process.wait(PATIENCE_S)
            self.assertEqual(process.returncode, 130, process.stderr.read())

    def test_the_database_is_free_while_the_reader_takes_his_time(self):
        process = self.run_without_reading(2000)
        self.wait_until(lambda: not os.path.exists(self.database + "-lock"), "the end of the lock")
        self.assertIsNone(process.poll())
        done = self.farm.tlscensus("assess", "--db", self.database)
        self.assertEqual(done.returncode, 0, done.stderr)
        text, said = process.communicate(timeout=PATIENCE_S)
        self.assertEqual((process.returncode, said), (0, b""))
        self.assertEqual(self.lines_of(text)[-1]["state"], "done")
        for beside in ("-wal", "-shm", "-lock"):
            self.assertFalse(os.path.exists(self.database + beside))

    def test_a_pipe_that_others_write_into_is_not_waited_in(self):
        """It is open once more, so that write() never waits; what standard output shares with others stays as it was."""
        process = self.start("-i", "-", stdin=subprocess.PIPE)
        process.stdin.write(b"127.0.0.1:1\n")
        process.stdin.flush()
        self.next_endpoint(process)
        of_process = "/proc/%d" % process.pid
        pipe, flags = os.readlink(of_process + "/fd/1"), {}
        for number in os.listdir(of_process + "/fd"):
            if os.readlink("%s/fd/%s" % (of_process, number)) == pipe:
                with open("%s/fdinfo/%s" % (of_process, number), encoding="ascii") as file:
                    flags[number] = next(int(line.split()[1], 8) for line in file if line.startswith("flags:"))
        self.assertEqual(len(flags), 2, flags)
        self.assertFalse(flags.pop("1") & os.O_NONBLOCK)
        self.assertTrue(flags.popitem()[1] & os.O_NONBLOCK)
        self.assertEqual(process.communicate(timeout=PATIENCE_S)[1], b"")

    def talk_of(self, to_terminal):
        """What a filter says on a terminal while its servers are silent, until a signal ends it."""
        try:
            leader, follower = pty.openpty()
        except OSError as error:
            self.skipTest("no terminal can be made here: %s" % error)
        self.silent = Silent(3)
        path = self.farm.write(self.farm.new_name("list"), "127.0.0.1:1\n" + self.silent.targets())
        process = subprocess.Popen(self.command("--format", "jsonl", "-i", path, "--handshake-timeout", "60s"),
                                   stdin=subprocess.DEVNULL, stdout=follower if to_terminal else subprocess.PIPE,
                                   stderr=follower, cwd=self.farm.folder, preexec_fn=die_with_parent,
                                   env={**os.environ, "TMPDIR": self.temporary, "TERM": "xterm", "COLUMNS": "80"})
        self.addCleanup(self.end, process)
        os.close(follower)
        text, has_stopped = b"", False
        while True:
            try:
                text += os.read(leader, 65536)
            except OSError:
                break
            if not has_stopped and (b'"endpoint"' in text or b"3 connections" in text):
                process.send_signal(signal.SIGINT)
                has_stopped = True
        os.close(leader)
        lines = b"" if to_terminal else process.stdout.read()
        self.assertEqual(process.wait(PATIENCE_S), 130)
        self.silent.close()
        return text, lines

    def test_talk_on_a_terminal_stays_out_of_the_lines(self):
        text, lines = self.talk_of(False)
        self.assertIn(b"\r\x1b[K", text)
        self.assertNotIn(b'"type"', text)
        self.assertNotIn(b"--resume", text)
        self.assertNotIn(b"Next:", text)
        self.assertEqual(self.lines_of(lines)[-1]["state"], "interrupted")

        text, _ = self.talk_of(True)
        self.assertNotIn(b"\x1b[K", text)
        self.assertIn(b'"type":"endpoint"', text)

    def test_a_fifo_waits_for_its_reader(self):
        path = self.farm.path(self.farm.new_name("fifo"))
        os.mkfifo(path)
        process = self.start("-o", path, "127.0.0.1:1")
        with open(path, "rb") as file:
            lines = self.lines_of(file.read())
        self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertEqual([line["type"] for line in lines], ["scan", "endpoint", "scan"])

        process = self.start("-o", path, "127.0.0.1:1")
        self.wait_until(lambda: self.minds(process, signal.SIGTERM), "the time from which signals are minded")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE_S), 130)
        self.expect_nothing_left()

    @staticmethod
    def minds(process, number):
        with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
            caught = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt:"))
        return caught >> (number - 1) & 1 == 1


class Nights(Filter):
    """A second scan that has changes to tell, beside the stream."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        require("nginx")

    def setUp(self):
        super().setUp()
        self.heard = self.farm.path(self.farm.new_name("heard"))
        site, port = "a.test", free_port()
        web = self.farm.nginx([Site(site, self.farm.ca.leaf(site))], port=port)
        self.target = "%s{127.0.0.1}:%d" % (site, port)
        self.filter("--db", self.database, self.target)
        web.stop()
        self.farm.nginx([Site(site, self_signed(site))], port=port)

    def program(self, end):
        text = "#!/bin/sh\necho said\ncat > %s.part\nmv %s.part %s\n%s\n" % (self.heard, self.heard, self.heard, end)
        path = self.farm.write(self.farm.new_name("program"), text)
        os.chmod(path, stat.S_IRWXU)
        return path

    def test_a_program_hears_of_it_before_the_reader_does(self):
        """And the signal that ends the wait for him is its own exit code, whatever became of the program."""
        folder = self.farm.path(self.farm.new_name("reports"))
        process = self.run_without_reading(2000, self.target, "--output-dir", folder, "--on-change", self.program("exit 5"))
        self.wait_until(lambda: os.path.exists(self.heard), "the program")
        self.assertTrue(os.path.exists(os.path.join(folder, "latest", "report.html")))
        self.wait_until(lambda: not os.path.exists(self.database + "-lock"), "the end of the lock")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE_S), 130)
        said = process.stderr.read()
        self.assertIn(b"ended with 5", said)
        self.assertNotIn(b"stopped with us", said)

    def test_what_a_program_prints_is_no_line_of_the_stream(self):
        program = self.program("exit 0")
        for more in ((), ("-o", "/dev/stdout")):
            lines = self.filter("--db", self.database, self.target, "--on-change", program, *more)
            self.assertEqual(lines[-1]["state"], "done")
            if not more:
                self.assertEqual(self.said, "said\n")
                self.assertTrue(self.kinds(lines, "change"))

    def test_what_a_program_prints_is_the_scans_beside_a_file(self):
        path = self.farm.path(self.farm.new_name("lines"))
        process = self.start("--db", self.database, self.target, "--on-change", self.program("exit 0"), "-o", path)
        self.assertEqual(process.communicate(timeout=PATIENCE_S), (b"said\n", b""))
        self.assertEqual(process.returncode, 0)


# A file system of its own on the temporary folder, so small that the database does not fit; then what is left there.
SMALL_DISK = 'mount -t tmpfs -o size=1m tmpfs "$TMPDIR" && { "$@"; status=$?; ls -A "$TMPDIR" >&2; exit $status; }'


class Refusals(Filter):
    """What cannot be done is said, and nothing is left of it."""

    def refuse(self, exit_code, words, *more, stdin=None):
        self.assertEqual(self.filter(*more, stdin=stdin, exit_code=exit_code), [])
        self.assertIn(words, self.said)
        self.expect_nothing_left()

    def test_what_wants_a_database(self):
        for more, words in ((("--resume",), "--resume finishes a scan that is stored"),
                            (("--incremental", "--profile", "standard", "a.test"), "--incremental confirms"),
                            (("--output-dir", "x", "a.test"), "--output-dir is for reports"),
                            (("--on-change", "/bin/true", "a.test"), "--on-change compares")):
            self.refuse(2, words, *more)
            self.assertIn("name the database with --db", self.said)

    def test_other_formats(self):
        done = self.farm.tlscensus("scan", "--format", "csv", "a.test")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--format csv: must be one of none, jsonl", done.stderr)
        done = self.farm.tlscensus("scan", "-o", "lines", "a.test")
        self.assertEqual(done.returncode, 2)
        self.assertIn("-o lines: is for the lines of --format jsonl", done.stderr)
        self.assertFalse(os.path.exists(self.farm.path("lines")))

    def test_a_list_or_a_database_is_not_written_over(self):
        path = self.farm.write("precious", "127.0.0.1:1\n")
        self.refuse(2, "the results would go into it", "-i", path, "-o", path)
        with open(path, "rb") as file, open(path, "ab") as behind:
            process = self.start("-i", "-", stdin=file, stdout=behind)
            self.assertEqual(process.wait(PATIENCE_S), 2)
            self.assertIn(b"the results would go into it", process.stderr.read())
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"127.0.0.1:1\n")
        self.refuse(2, "the results would go into it", "--db", self.database, "-o", self.database, "127.0.0.1:1")
        self.assertFalse(os.path.exists(self.database))

    def test_what_the_scan_reads_is_not_written_over(self):
        folder = self.farm.path(self.farm.new_name("read"))
        os.mkdir(folder)
        texts = {"list": "127.0.0.1:1\n", "exclude": "192.0.2.1\n", "waivers": "rule,host,until,reason\n",
                 "program": "#!/bin/sh\n", "scan.conf": "[scan]\nformat = jsonl\n[targets mail]\ninput = list\n"}
        with open(self.farm.ca_file, encoding="ascii") as file:
            texts["ca.pem"] = file.read()
        for name, text in texts.items():
            os.chmod(self.farm.write(os.path.join(folder, name), text), stat.S_IRWXU)
        path = {name: os.path.join(folder, name) for name in texts}
        config = ("--config", path["scan.conf"])
        for name, more in (("list", config), ("scan.conf", config),
                           ("exclude", ("--exclude", path["exclude"])),
                           ("waivers", ("--waivers", path["waivers"])),
                           ("program", ("--on-change", path["program"], "--db", self.database)),
                           ("ca.pem", ("--ca-file", path["ca.pem"])),
                           ("ca.pem", ("--ca-path", folder)),
                           ("ca.pem", ("--rules", folder))):
            with self.subTest(more[0], file=name):
                done = subprocess.run(self.command("--format", "jsonl", *more, "-o", path[name],
                                                   *(() if more == config else ("127.0.0.1:1",))),
                                      capture_output=True, timeout=PATIENCE_S, check=False, cwd=folder,
                                      env={**os.environ, "TMPDIR": self.temporary})
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(b"the results would go into it", done.stderr)
                with open(path[name], encoding="ascii") as file:
                    self.assertEqual(file.read(), texts[name])
        self.expect_nothing_left()

    def test_a_link_that_leads_nowhere_stays_one(self):
        path = self.farm.path(self.farm.new_name("link"))
        os.symlink(path + "-target", path)
        self.refuse(2, "no targets", "-o", path)
        self.assertTrue(os.path.islink(path))
        self.filter("-o", path, "127.0.0.1:1")
        with open(path + "-target", "rb") as file:
            self.assertEqual(self.lines_of(file.read())[-1]["state"], "done")

    def test_a_limit_on_the_size_of_files(self):
        """SIGXFSZ would end it where it is."""
        def limit():
            die_with_parent()
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        path = self.farm.write(self.farm.new_name("list"), refused(5000))
        done = subprocess.run(self.command("--format", "jsonl", "-i", path), capture_output=True, timeout=PATIENCE_S,
                              check=False, cwd=self.farm.folder, preexec_fn=limit,
                              env={**os.environ, "TMPDIR": self.temporary})
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"scan.db: may not grow any more", done.stderr)
        self.expect_nothing_left()

    def test_no_place_to_write(self):
        self.refuse(3, "/nowhere/lines: cannot be written", "-o", "/nowhere/lines", "127.0.0.1:1")
        self.refuse(3, "cannot be written: Is a directory", "-o", self.farm.folder, "127.0.0.1:1")
        done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *self.command("--format", "jsonl", "127.0.0.1:1")],
                              capture_output=True, cwd=self.farm.folder, check=False,
                              env={**os.environ, "TMPDIR": self.temporary})
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"standard output: cannot be written: Bad file descriptor", done.stderr)
        self.temporary = self.farm.path("no such folder")
        self.filter("127.0.0.1:1", exit_code=3)
        self.assertIn("no temporary database can be made there", self.said)

    def test_no_target_leaves_no_file(self):
        path = self.farm.path(self.farm.new_name("lines"))
        self.refuse(2, "no targets", "-o", path)
        self.assertFalse(os.path.exists(path))

    def test_no_room_for_the_temporary_database(self):
        enclose = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
        if subprocess.run([*enclose, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no mount namespace can be made here")
        path = self.farm.write(self.farm.new_name("list"), refused(20000))
        done = subprocess.run([*enclose, "sh", "-c", SMALL_DISK, "sh", *self.command("--format", "jsonl", "-i", path)],
                              capture_output=True, timeout=PATIENCE_S, check=False, cwd=self.farm.folder,
                              env={**os.environ, "TMPDIR": self.temporary})
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"scan.db: the disk is full", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)  # nothing is left there
        lines = self.lines_of(done.stdout)
        # Whole lines and no end; the disk may be full before the first one is read.
        self.assertIn([line["type"] for line in lines if line["type"] != "endpoint"], ([], ["scan"]))

    def test_a_full_disk(self):
        """Without a database there is no reason to go on; with one the scan is done and stored, and that is said."""
        process = self.start("-i", "-", "-o", "/dev/full", stdin=subprocess.PIPE)
        process.stdin.write(b"127.0.0.1:1\n")  # and the pipe stays open
        process.stdin.flush()
        self.assertEqual(process.wait(PATIENCE_S), 3)
        self.assertIn(b"/dev/full: cannot be written: No space left on device", process.stderr.read())
        self.expect_nothing_left()

        self.filter("-o", "/dev/full", "--db", self.database, "127.0.0.1:1", exit_code=3)
        self.assertIn("tlscensus report --db %s --scan 1 --format jsonl writes all of it" % self.database, self.said)
        self.assertEqual([line["type"] for line in self.report()], ["scan", "endpoint"])
        self.assertTrue(self.is_done())


if __name__ == "__main__":
    main()
