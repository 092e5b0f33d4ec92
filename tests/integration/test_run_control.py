#!/usr/bin/env python3
"""How a scan is begun, watched and ended; test_resume.py has how it is finished later."""
import os
import pty
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import free_port  # noqa: E402

PROGRAM = os.environ["TLSCENSUS_BIN"]
DEADLINE_S = 280
HOLD = ("--handshake-timeout", "600s", "--endpoint-timeout", "600s")  # what says nothing is waited for


class Silent:
    """Accepts on many loopback addresses at one port and never says a word."""

    def __init__(self, count):
        self.addresses = [f"127.61.{i // 250}.{1 + i % 250}" for i in range(count)]
        self.listeners, self.held = [], []
        self.port = free_port()
        for address in self.addresses:
            listener = socket.create_server((address, self.port))
            self.listeners.append(listener)
        self.stop = False
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while not self.stop:
            ready, _, _ = select.select(self.listeners, [], [], 0.05)
            for listener in ready:
                connection, _ = listener.accept()
                self.held.append(connection)

    def close(self):
        self.stop = True
        self.thread.join()
        for sock in self.listeners + self.held:
            sock.close()

    def targets(self):
        return "".join(f"{address}:{self.port}\n" for address in self.addresses)


class RunControl(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tlscensus-run-")
        self.database = os.path.join(self.folder, "run.db")
        self.roots = os.path.join(self.folder, "roots.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", os.devnull, "-out", self.roots, "-subj", "/CN=Test Root", "-days", "2"],
                       check=True, capture_output=True)
        self.silent = None

    def tearDown(self):
        if self.silent:
            self.silent.close()
        shutil.rmtree(self.folder)

    def command(self, *more):
        return [PROGRAM, "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.roots, "--retries", "0", *more]

    def write_list(self, text, name="list.txt"):
        path = os.path.join(self.folder, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def query(self, sql):
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def outcomes(self):
        return dict(self.query("SELECT outcome.name, count(*) FROM observation JOIN outcome USING (outcome_id)"
                               " GROUP BY 1"))

    def wait_until(self, condition, what):
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"never came: {what}")
            time.sleep(0.05)

    def start_on_silent(self, count, *more):
        """A scan whose servers say nothing, once all its connections are there."""
        self.silent = Silent(count)
        path = self.write_list(self.silent.targets())
        process = subprocess.Popen(self.command("-i", path, *HOLD, *more),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.wait_until(lambda: len(self.silent.held) >= min(count, 20), "connections")
        return process

    def is_stored(self, count):
        try:
            return self.query("SELECT count(*) FROM observation")[0][0] >= count
        except sqlite3.OperationalError:
            return False

    def test_second_signal_ends_at_once(self):
        process = self.start_on_silent(30)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE_S)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])

    def stop_while_held(self, path):
        """What a scan said that --max-duration has stopped while a server held it; longer where a machine is slow."""
        for seconds in (2, 20, 100):
            process = subprocess.Popen(self.command("-i", path, *HOLD, "--max-duration", f"{seconds}s"),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.wait_until(lambda: self.silent.held or process.poll() is not None, "a connection, or the end")
            _, said = process.communicate(timeout=DEADLINE_S)
            self.assertEqual(process.returncode, 130)
            if self.silent.held:
                return said.decode(), f"stopped after {seconds} s, as --max-duration says"
            for name in os.listdir(self.folder):
                if name.startswith(os.path.basename(self.database)):
                    os.unlink(os.path.join(self.folder, name))
        self.fail("no server was ever connected to")

    def test_max_duration_is_an_orderly_stop(self):
        """As by SIGTERM: what hangs is stored as interrupted, which is said and kept, and --resume does the rest."""
        self.silent = Silent(20)
        said, words = self.stop_while_held(self.write_list(self.silent.targets()))
        self.assertIn(words, said)
        self.assertEqual(len(said.splitlines()), 1)
        self.assertEqual(self.query("SELECT state FROM scan"), [("interrupted",)])
        self.assertIn(words, self.query("SELECT notices FROM scan")[0][0])
        self.assertEqual(set(self.outcomes()), {"interrupted"})  # a slow machine may not have begun with all of them
        self.silent.close()
        done = subprocess.run(self.command("--resume", "--max-duration", "1h"), capture_output=True, timeout=DEADLINE_S)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.query("SELECT state FROM scan"), [("done",)])
        self.assertEqual(self.outcomes(), {"refused": 20})

    def test_max_duration_ends_a_pipe(self):
        process = subprocess.Popen(self.command("-i", "-", "--max-duration", "5s"), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(b"127.0.0.1:1\n")
        process.stdin.flush()
        process.wait(DEADLINE_S)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.outcomes(), {"refused": 1})
        process.communicate()

    def test_max_duration_ends_the_wait_for_a_first_line(self):
        process = subprocess.Popen(self.command("-i", "-", "--max-duration", "300ms"), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(process.wait(DEADLINE_S), 130)
        process.communicate()

    def test_a_scan_that_is_done_in_time_is_done(self):
        result = subprocess.run(self.command("127.0.0.1:1", "--max-duration", "1h"), capture_output=True, timeout=DEADLINE_S)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(self.query("SELECT state FROM scan"), [("done",)])

    def test_nothing_is_said_without_a_terminal(self):
        result = subprocess.run(self.command("127.0.0.1:1"), capture_output=True, timeout=DEADLINE_S)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))

    def test_progress_on_a_terminal_is_one_line_and_erased(self):
        self.silent = Silent(10)
        path = self.write_list(self.silent.targets())
        try:
            leader, follower = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal can be made here: {error}")
        process = subprocess.Popen(self.command("-i", path, *HOLD),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=follower,
                                   env={**os.environ, "TERM": "xterm", "COLUMNS": "80"})
        os.close(follower)
        text = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
            if b"10 connections" in text:
                self.silent.close()  # all that the scan still waits for
        os.close(leader)
        self.assertEqual(process.wait(DEADLINE_S), 0)
        lines = text.decode()
        self.assertRegex(lines, r"\r\x1b\[K0/10 targets, 0(\.0)?/s, 10 connections")
        self.assertIn("scan 1 done", lines)
        self.assertIn("Next: tlscensus report", lines)
        # The last progress line was erased before the summary.
        self.assertNotIn(" connections,", lines[lines.rindex("\x1b[K"):].split("scan 1 done")[0])

    def test_progress_on_request(self):
        process = self.start_on_silent(20)
        process.send_signal(signal.SIGUSR1)
        line = process.stderr.readline().decode()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE_S)
        self.assertRegex(line, r"^0/20 targets")

    def test_dry_run_contacts_nobody(self):
        self.silent = Silent(5)
        path = self.write_list(self.silent.targets() + self.silent.targets() + "127.0.0.1:0\n")
        result = subprocess.run(self.command("-i", path, "--dry-run"), capture_output=True, timeout=DEADLINE_S)
        self.assertEqual(result.returncode, 0, result.stderr)
        text = result.stdout.decode()
        self.assertRegex(text, r"targets +5\n")
        self.assertRegex(text, r"duplicates, scanned once +5\n")
        self.assertRegex(text, r"lines that cannot be used +1\n")
        self.assertFalse(os.path.exists(self.database))
        self.assertEqual(self.silent.held, [])

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=DEADLINE_S, text=True)

    def test_dry_run_says_what_has_no_limit(self):
        for options, words in (((), "at most 2 at once, 10 new a second"),
                               (("--address-rate", "0"), "at most 2 at once, no limit to new ones a second"),
                               (("--per-address", "0"), "any number at once, 10 new a second")):
            result = self.run_program("scan", "-n", *options, "a.test")
            self.assertIn("to one address             %s\n" % words, result.stdout)

    def test_help_explains_every_fact(self):
        result = self.run_program("help", "facts")
        self.assertEqual(result.returncode, 0, result.stderr)
        said = " ".join(result.stdout.split())
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
        with open(os.path.join(root, "docs", "facts.md"), encoding="utf-8") as file:
            facts = file.read().split("## Asked on request alone")[0]
        rows = [line.strip("| \n").split(" | ") for line in facts.splitlines()
                if line.startswith("| ") and not line.startswith(("| fact ", "| ---"))]
        self.assertGreater(len(rows), 50)
        for row in rows:
            self.assertIn("%s %s" % (row[0], row[-1]), said)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)

    def test_show_names_the_port_that_there_is(self):
        scan = subprocess.run(self.command("https://a.test{127.0.0.1}:1"), capture_output=True, timeout=DEADLINE_S)
        self.assertEqual(scan.returncode, 0, scan.stderr)
        for host, words in (("a.test", "has no endpoint a.test:443; it has a.test:1\n"),
                            ("b.test", "has no endpoint b.test:443\n")):
            result = self.run_program("show", host, "--db", self.database)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(words, result.stderr)

    def test_fail_on_nothing_found(self):
        result = subprocess.run(self.command("127.0.0.1:1", "--fail-on", "info"), capture_output=True, timeout=DEADLINE_S)
        self.assertEqual(result.returncode, 0)

    def test_what_is_so_every_night_is_told_to_a_mail_once(self):
        """A machine without a route says so the first night; later ones keep it with the scan."""
        path = self.write_list("[2001:db8::1]:443\n")
        enclose = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "-r", "--net"]
        if subprocess.run([*enclose, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no network of its own can be made here")
        words = "no IPv6 route from here: IPv6 addresses are not tried (-6 forces it)"
        for more, said in (((), True), ((), False), (("--verbose",), True), ((), False)):
            done = subprocess.run([*enclose, *self.command("-i", path, *more)], capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(words in done.stderr, said, done.stderr)
            if not more:
                self.assertEqual(done.stderr.count("\n"), int(said), done.stderr)
        self.assertEqual(self.query("SELECT notices FROM scan"), [(words,)] * 4)

    def test_many_names_on_one_address_hold_up_nobody(self):
        """Sixty endpoints of one silent address wait for its turn; a hundred others are done meanwhile."""
        self.silent = Silent(1)
        address, port = self.silent.addresses[0], self.silent.port
        crowd = "".join(f"name{i}.example{{{address}}}:{port}\n" for i in range(60))
        others = "".join(f"127.63.0.{i}:1\n" for i in range(1, 101))
        path = self.write_list(crowd + others)
        process = subprocess.Popen(self.command("-i", path, "--concurrency", "10", "--order", "as-given",
                                                *HOLD),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_until(lambda: os.path.exists(self.database) and self.is_stored(100), "the others")
        self.assertEqual(self.outcomes(), {"refused": 100})
        self.assertLessEqual(len(self.silent.held), 2)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(DEADLINE_S), 130)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
