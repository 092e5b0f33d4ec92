#!/usr/bin/python3
"""`--log-format json`: every line on standard error is one object, of the same members in the same order."""
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, free_port, main, require  # noqa: E402

SOURCE = os.environ["TLSCENSUS_SOURCE"]
MEMBERS = ["time", "level", "event", "host", "port", "outcome", "message"]
NULL, TEXT, COUNT = {"type": "null"}, {"type": "string"}, {"type": "integer", "minimum": 0}
OUTCOMES = ["ok", "dns-not-found", "dns-no-address", "dns-failure", "dns-timeout", "excluded", "refused", "unreachable",
            "connect-timeout", "starttls-refused", "starttls-failed", "not-tls", "alert", "handshake-timeout", "closed",
            "reset", "protocol-error", "limit-exceeded", "client-certificate-required", "local-error", "interrupted"]


def event(word, levels, more=None, is_endpoint=False):
    """What lines of one event look like."""
    members = {
        "time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "level": {"enum": levels},
        "event": {"const": word},
        "host": {"type": "string", "minLength": 1} if is_endpoint else NULL,
        "port": {"type": "integer", "minimum": 1, "maximum": 65535} if is_endpoint else NULL,
        "outcome": {"enum": OUTCOMES} if is_endpoint else NULL,
        "message": {"type": "string", "minLength": 1, "pattern": r"^[^\n\r\u001b]*$"},
        **(more or {}),
    }
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


EVENTS = {
    "notice": event("notice", ["info", "warning"]),
    "limits": event("limits", ["info"]),
    "scan-started": event("scan-started", ["info"]),
    "input-rejected": event("input-rejected", ["warning"],
                            {"file": TEXT, "line": {"type": ["integer", "null"], "minimum": 1}}),
    "endpoint-done": event("endpoint-done", ["info"], {"address": {"type": ["string", "null"]}}, is_endpoint=True),
    "progress": event("progress", ["info"],
                      {"done": COUNT, "total": COUNT, "rate": {"type": "number"}, "in_flight": COUNT, "not_ok": COUNT,
                       "eta_s": {"type": ["integer", "null"]}}),
    "scan-stopping": event("scan-stopping", ["info", "warning"]),
    "scan-finished": event("scan-finished", ["info"]),
    "usage": event("usage", ["error"]),
    "error": event("error", ["error"]),
}


class Held:
    """Takes connections on loopback and says nothing until it is let go."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.came = threading.Event()
        self.held = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.held.append(connection)
            self.came.set()

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed before
        self.thread.join()
        for sock in [self.listener, *self.held]:
            sock.close()


class Log(unittest.TestCase):
    def setUp(self):
        self.farm = Farm()
        self.addCleanup(self.farm.close)
        self.database = self.farm.path("log.db")

    def read(self, text):
        """The lines, each looked at as a program would that knows the list of events."""
        lines = []
        for line in text.splitlines():
            members = json.loads(line, object_pairs_hook=list)
            row = dict(members)
            self.assertEqual([name for name, _ in members][:len(MEMBERS)], MEMBERS, line)
            self.assertEqual(len(row), len(members), line)
            self.assertIn(row["event"], EVENTS, line)
            jsonschema.Draft7Validator(EVENTS[row["event"]]).validate(row)
            lines.append(row)
        self.assertEqual("".join(line + "\n" for line in text.splitlines()), text)
        return lines

    def run_json(self, *arguments, exit_code=0, **more):
        result = self.farm.tlscensus(*arguments, "--log-format", "json", **more)
        self.assertEqual(result.returncode, exit_code, result.stderr)
        return self.read(result.stderr)

    def scan_arguments(self, *more):
        return ["scan", "--db", self.database, "--profile", "quick", "--ca-file", self.farm.ca_file, "--retries", "0", *more]

    def scan(self, *more, **expected):
        return self.run_json(*self.scan_arguments(*more), **expected)

    def events(self, lines):
        return [line["event"] for line in lines]

    def of(self, lines, word):
        return [line for line in lines if line["event"] == word]

    def test_a_scan_with_all_words(self):
        """A good host, one that refuses, one that does not exist; each has its line, whatever became of it."""
        require("nginx")
        web = self.farm.nginx([Site("a.test", self.farm.ca.leaf("a.test"))])
        dns = self.farm.dns({})
        closed = free_port()
        lines = self.scan("--verbose", "--resolver", dns.resolver, "https://a.test{127.0.0.1}:%d" % web.port,
                          "127.0.0.1:%d" % closed, "nobody.test")
        self.assertEqual(self.events(lines), ["limits", "scan-started"] + 3 * ["endpoint-done"] + ["scan-finished"])
        done = {line["host"]: (line["port"], line["outcome"], line["address"], line["level"])
                for line in self.of(lines, "endpoint-done")}
        self.assertEqual(done, {"a.test": (web.port, "ok", "127.0.0.1", "info"),
                                "127.0.0.1": (closed, "refused", "127.0.0.1", "info"),
                                "nobody.test": (443, "dns-not-found", None, "info")})
        stored = {row["host"]: (row["port"], row["outcome"]) for row in self.farm.rows(self.database)}
        self.assertEqual({host: row[:2] for host, row in done.items()}, stored)
        self.assertEqual(lines[-1]["message"], "scan 1 done: 3 targets, 3 endpoints")

    def test_silence_is_the_same_silence(self):
        """What text would not say, JSON does not say either."""
        self.assertEqual(self.scan("127.0.0.1:1"), [])
        self.assertEqual(self.scan("127.0.0.1:1", "--quiet", "--verbose"), [])
        self.assertEqual(self.events(self.scan("127.0.0.1:1", "127.0.0.1:99999")), ["input-rejected"])
        self.assertEqual(self.scan("127.0.0.1:1", "127.0.0.1:99999", "--quiet"), [])

    def test_the_words_are_those_of_text(self):
        arguments = self.scan_arguments("127.0.0.1:1", "127.0.0.1:99999", "--strict")
        said = self.farm.tlscensus(*arguments)
        lines = self.run_json(*arguments, exit_code=2)
        self.assertEqual(said.stderr, "".join("tlscensus: %s\n" % line["message"] for line in lines))

    def test_bad_lines_have_their_place(self):
        """What strangers write stays inside its string: quotes, what is no UTF-8, what a terminal obeys."""
        path = self.farm.write("names \"of\" \\ b\u00fccher.txt",
                               b"127.0.0.1:1\n127.0.0.1:99999\n\xff\xfe\n\"q\\uote\":0\nx\x1b[2J\xe2\x80\xae y\n")
        lines = self.of(self.scan("-i", path), "input-rejected")
        self.assertEqual([line["line"] for line in lines], [2, 3, 4, 5])
        self.assertEqual({line["file"] for line in lines}, {path})
        self.assertTrue(lines[0]["message"].endswith(":2: port 99999 is above 65535"), lines[0])
        of_argument = self.of(self.scan("127.0.0.1:1", "127.0.0.1:99999"), "input-rejected")[0]
        self.assertEqual((of_argument["file"], of_argument["line"]), ("command line", None))

    def test_many_bad_lines(self):
        path = self.farm.write("list.txt", "127.0.0.1:1\n" + "127.0.0.1:0\n" * 30)
        self.assertEqual(self.events(self.scan("-i", path)), ["input-rejected"] * 20 + ["notice"])

    def start(self, *more):
        return subprocess.Popen([os.environ["TLSCENSUS_BIN"], *self.scan_arguments("--log-format", "json", *more)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def test_progress_stop_and_resume(self):
        held = Held()
        self.addCleanup(held.close)
        process = self.start("127.0.0.1:%d" % held.port, "--handshake-timeout", "600s", "--endpoint-timeout", "600s",
                             "--verbose")
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        self.assertTrue(held.came.wait(120))
        process.send_signal(signal.SIGUSR1)
        first = []
        while not self.of(first, "progress"):
            line = process.stderr.readline()
            self.assertTrue(line, "it ended early")
            first += self.read(line)
        progress = first[-1]
        self.assertEqual((progress["done"], progress["total"], progress["in_flight"], progress["eta_s"]), (0, 1, 1, None))
        process.send_signal(signal.SIGINT)
        rest = self.read(process.communicate(timeout=300)[1])
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.events(first + rest), ["limits", "scan-started", "progress", "scan-stopping",
                                                     "endpoint-done", "scan-finished", "notice"])
        self.assertEqual([line["outcome"] for line in self.of(rest, "endpoint-done")], ["interrupted"])
        self.assertEqual(self.of(rest, "scan-finished")[0]["message"], "scan 1 interrupted: 1 target, 1 endpoint")
        held.close()
        again = self.run_json(*self.scan_arguments("--resume", "--verbose"))
        self.assertEqual(self.events(again), ["limits", "scan-started", "endpoint-done", "scan-finished"])
        self.assertEqual(again[1]["message"], "scan 1 goes on")
        self.assertEqual(again[2]["outcome"], "refused")

    def test_a_time_that_is_over(self):
        held = Held()
        self.addCleanup(held.close)
        lines = self.scan("127.0.0.1:%d" % held.port, "--handshake-timeout", "600s", "--endpoint-timeout", "600s",
                          "--max-duration", "1s", exit_code=130, timeout=300)
        self.assertEqual([(line["event"], line["level"]) for line in lines], [("scan-stopping", "warning")])

    def test_progress_for_machines(self):
        """`--progress json` alone keeps its own form; among log lines it is one of them."""
        for form in ("text", "json"):
            held = Held()
            self.addCleanup(held.close)
            process = self.start("127.0.0.1:%d" % held.port, "--handshake-timeout", "600s", "--endpoint-timeout", "600s",
                                 "--progress", "json", "--log-format", form)
            self.addCleanup(process.stderr.close)
            self.addCleanup(process.kill)
            line = process.stderr.readline()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=300)
            if form == "json":
                self.assertEqual(self.events(self.read(line)), ["progress"])
            else:
                self.assertEqual(list(json.loads(line)),
                                 ["type", "done", "total", "rate", "in_flight", "not_ok", "eta_s"])

    def test_errors_before_a_scan(self):
        config = self.farm.write("bad.conf", "[scan]\nretreis = 1\nconcurrency = many\n")
        strict = self.farm.write("strict.txt", "127.0.0.1:1\n127.0.0.1:99999\n")
        for arguments, count in ((["scan"], 1), (["scan", "-i", "missing.txt"], 1), (["scan", "--retreis", "1", "a"], 1),
                                 (["scan", "--retries", "many", "a"], 1), (["scan", "--config", config, "a"], 2),
                                 (["scan", "-i", strict, "--strict"], 1), (["scan", "--ca-file", "missing", "a"], 1),
                                 (["config", "check", config], 2), (["scna"], 1), (["report", "--scan", "x"], 1),
                                 (["show"], 1), (["assess", "a"], 1), (["merge", "a"], 1), (["scans", "a"], 1),
                                 (["prune", "a"], 1), (["inspect"], 1)):
            with self.subTest(arguments=arguments):
                lines = self.run_json(*arguments, exit_code=2)
                self.assertEqual(self.events(lines), ["usage"] * count)
                for line in lines:
                    self.assertNotIn("tlscensus: ", line["message"])
        for arguments in (["scan", "--db", self.farm.path("no/such/folder.db"), "127.0.0.1:1"],
                          ["report", "--db", self.farm.path("missing.db")], ["scan", "--resume", "--db", "missing.db"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.events(self.run_json(*arguments, exit_code=3)), ["error"])

    def test_the_format_may_come_last_or_joined(self):
        for arguments in (("scan", "--bad", "--log-format", "json"), ("--bad", "--log-format=json"),
                          ("scan", "--log-format", "text", "--bad", "--log-format=json")):
            self.assertEqual(self.events(self.read(self.farm.tlscensus(*arguments).stderr)), ["usage"])
        for arguments in (("scan", "--log-format", "json", "--bad", "--log-format=text"),
                          ("scan", "--bad", "--", "--log-format", "json")):
            self.assertTrue(self.farm.tlscensus(*arguments).stderr.startswith("tlscensus: --bad"))

    def test_the_format_of_a_configuration(self):
        config = self.farm.write("json.conf", "[scan]\nlog-format = json\n")
        text = self.farm.tlscensus("scan", "--config", config, "--retries", "many").stderr
        self.assertEqual(self.events(self.read(text)), ["usage"])

    def test_errors_during_a_scan(self):
        """A pipe whose second line is refused, and a disk that is full."""
        lines = self.scan("-i", "-", "--strict", "--verbose", stdin="127.0.0.1:1\n127.0.0.1:99999\n", exit_code=2)
        self.assertEqual(self.events(lines)[:2], ["limits", "scan-started"])
        self.assertEqual(lines[-1]["event"], "usage")
        hosts = self.farm.write("many.txt", "".join("127.%d.%d.1:1\n" % (i // 250, i % 250) for i in range(250, 5250)))

        def small_disk():
            resource.setrlimit(resource.RLIMIT_FSIZE, (400 << 10, 400 << 10))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        result = subprocess.run([os.environ["TLSCENSUS_BIN"], *self.scan_arguments(
            "--log-format", "json", "--db", self.farm.path("small.db"), "-i", hosts)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300, preexec_fn=small_disk, restore_signals=False, check=False)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual(self.events(self.read(result.stderr))[-1], "error")

    def test_errors_after_a_scan(self):
        require("nginx")
        port = free_port()
        target = "https://a.test{127.0.0.1}:%d" % port
        program = self.farm.write("fails", "#!/bin/sh\nexit 7\n")
        os.chmod(program, 0o700)
        for leaf in (self.farm.ca.leaf("a.test"), self.farm.ca.leaf("a.test", not_after_days=-3)):
            web = self.farm.nginx([Site("a.test", leaf)], port=port)
            result = self.farm.tlscensus(*self.scan_arguments(target, "--on-change", program, "--log-format", "json"))
            web.stop()
        self.assertEqual(result.returncode, 1)
        self.assertEqual(self.events(self.read(result.stderr)), ["error"])

    def test_other_subcommands(self):
        self.scan("127.0.0.1:1")
        lines = self.run_json("diff", "--db", self.database, "--verbose")
        self.assertEqual([(line["event"], line["level"]) for line in lines], [("notice", "info")])
        self.assertIn("is the first one", lines[0]["message"])
        lines = self.run_json("show", "127.0.0.1:1", "--verbose", "--retries", "0")
        self.assertEqual([(line["host"], line["port"], line["outcome"]) for line in lines], [("127.0.0.1", 1, "refused")])

    def test_pages_tell_every_event(self):
        """The words are a promise: program, man page and documentation have the same ones."""
        source = self.farm.tlscensus("help", "--man", "events").stdout.replace("\\-", "-")
        told = re.findall(r"^\.TP\n\.B (.+)\n(.+)\.$", source, re.M)
        self.assertEqual({word for word, _ in told}, set(EVENTS))
        with open(os.path.join(os.environ["TLSCENSUS_BUILD"], "tlscensus.1"), encoding="utf-8") as file:
            self.assertIn(source.strip(), file.read().replace("\\-", "-"))
        with open(os.path.join(SOURCE, "docs", "monitoring.md"), encoding="utf-8") as file:
            rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", file.read().split("## Log lines")[1], re.M)
        self.assertEqual([(word, words.replace("`", "")) for word, words in rows],
                         [(word, words) for word, words in told])


if __name__ == "__main__":
    main()
