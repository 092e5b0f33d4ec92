#!/usr/bin/python3
"""Groups of targets in a configuration file: one scan, each group with its own lists, ports, profile and labels."""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, die_with_parent, free_port, main, require  # noqa: E402
from starttls_servers import Postfix  # noqa: E402

DEADLINE_S = 60
MODERN = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"
# The newest scan's targets: the profile as stored, whether there was a survey, and the labels.
TARGETS = """
SELECT t.protocol || '://' || t.host || ':' || (t.port - :base), st.profile, max(o.feature_set_id IS NOT NULL),
  (SELECT group_concat(l.name || '=' || l.value, ' ') FROM (SELECT * FROM label WHERE label_set_id = st.label_set_id
    ORDER BY position) AS l)
FROM scan_target AS st JOIN target AS t USING (target_id) LEFT JOIN endpoint AS e USING (target_id)
  LEFT JOIN observation AS o ON o.scan_id = st.scan_id AND o.endpoint_id = e.endpoint_id
WHERE st.scan_id = (SELECT max(scan_id) FROM scan) GROUP BY t.target_id ORDER BY 1
"""


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Groups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("nginx")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        identity = cls.farm.ca.leaf("a.test", "b.test", "c.test")
        sites = [Site(name, identity, ciphers=MODERN) for name in ("a.test", "b.test", "c.test")]
        cls.one = cls.farm.nginx(sites)
        cls.two = cls.farm.nginx(sites)
        cls.dns = cls.farm.dns({name: {"A": "127.0.0.1"} for name in ("a.test", "b.test", "c.test", "mx.test")})

    def setUp(self):
        self.database = self.farm.path(self.farm.new_name("groups") + ".db")

    def write(self, text):
        """A configuration whose [scan] knows the farm."""
        return self.farm.write(self.farm.new_name("census") + ".conf",
                               "db = %s\n[scan]\nca-file = %s\nresolver = %s\naddress-rate = 0\nretries = 0\nprofile = quick\n%s"
                               % (self.database, self.farm.ca_file, self.dns.resolver, text))

    def scan(self, config, *options, exit_code=0):
        result = self.farm.tlscensus("scan", "--config", config, *options, timeout=DEADLINE_S)
        self.assertEqual(result.returncode, exit_code, result.stderr)
        return result

    def query(self, sql, **parameters):
        with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=10) as connection:
            return connection.execute(sql, parameters).fetchall()

    def targets(self, base=0):
        return self.query(TARGETS, base=base)

    def test_two_groups_in_one_scan(self):
        mail = Postfix(self.farm, self.farm.ca.leaf("mx.test"))
        web = self.farm.write("web.csv", "host,Unit\na.test,\nb.test,Physics\n")
        config = self.write("""[targets web]
input = %s
port = %d, %d
label = unit=Web team
[targets mail]
target = smtp://mx.test:%d
profile = standard
label = unit=Mail
label = group=post
""" % (web, self.one.port, self.two.port, mail.port))
        said = self.scan(config).stderr
        self.assertEqual(said, "")  # as cron likes it
        rows = self.targets()
        web_labels = {"a.test": "Unit=Web team group=web", "b.test": "Unit=Physics group=web"}
        expected = [("smtp://mx.test:%d" % mail.port, "standard", 1, "unit=Mail group=post")]
        expected += [("tls://%s:%d" % (host, port), None, 0, web_labels[host])
                     for host in web_labels for port in (self.one.port, self.two.port)]
        self.assertEqual(rows, sorted(expected))
        self.check_reports()

    def check_reports(self):
        """What is said of profiles is true of each target."""
        report = json.loads(self.farm.tlscensus("report", "--db", self.database, "--format", "json").stdout)
        self.assertEqual(sorted((row["host"], row["profile"], row["labels"]["group"]) for row in report["endpoints"]),
                         [("a.test", "quick", "web")] * 2 + [("b.test", "quick", "web")] * 2
                         + [("mx.test", "standard", "post")])
        page = self.farm.tlscensus("report", "--db", self.database).stdout
        self.assertIn('"group":"Group"', page)  # for want of a label that says more
        self.assertIn("quick: 4 targets; standard: 1 target", page)
        self.assertIn("but for targets of profile quick", page)
        self.assertIn("web, mail", page)  # the options of the scan
        self.assertIn(" mixed ", self.farm.tlscensus("scans", "--db", self.database).stdout)

    def test_what_a_group_leaves_out_is_the_scans(self):
        config = self.write("""port = %d
label = site=North
label = unit=IT
[targets web]
target = a.test
label = Unit=Web
profile = quick
[targets more]
target = b.test
""" % self.one.port)
        self.scan(config, "--profile", "standard")
        self.assertEqual(self.targets(self.one.port), [("tls://a.test:0", "quick", 0, "site=North Unit=Web group=web"),
                                                       ("tls://b.test:0", None, 1, "site=North unit=IT group=more")])

    def three(self):
        listed = self.farm.write(self.farm.new_name("list") + ".txt", "c.test:%d\n" % self.one.port)
        return listed, self.write("input = %s\n[targets web]\ntarget = a.test:%d\n[targets mail]\ntarget = b.test:%d\n"
                                  % (listed, self.one.port, self.one.port))

    def hosts(self):
        return [row[0].split("/")[2].split(".")[0] for row in self.targets()]

    def test_what_the_command_line_leaves(self):
        listed, config = self.three()
        for options, hosts in (((), "abc"), (("--group", "web"), "a"), (("--group", "mail", "--group", "web"), "ab"),
                               (("b.test:%d" % self.one.port,), "b"), (("-i", listed), "c"),
                               (("--group", "web", "b.test:%d" % self.one.port), "ab"),
                               (("--group", "mail", "-i", listed), "bc")):
            with self.subTest(options):
                self.scan(config, *options)
                self.assertEqual("".join(self.hosts()), hosts)

    def test_a_group_in_the_file(self):
        """Which groups a file's own scan takes, beside its list."""
        listed, config = self.three()
        path = self.farm.write("one.conf", read(config).replace("input = %s" % listed, "input = %s\ngroup = mail" % listed))
        self.scan(path)
        self.assertEqual("".join(self.hosts()), "bc")
        self.scan(path, "--group", "web")
        self.assertEqual("".join(self.hosts()), "a")

    def test_a_group_that_is_none(self):
        _, config = self.three()
        self.assertIn("--group wbe: the configuration file has no group of that name; did you mean web?",
                      self.scan(config, "--group", "wbe", exit_code=2).stderr)
        result = self.farm.tlscensus("scan", "--group", "web", "a.test")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--group web: no configuration file has groups of targets", result.stderr)
        self.assertFalse(os.path.exists(self.database))

    def test_the_more_thorough_profile_wins(self):
        """One endpoint, one row; of the lines the one with the deeper profile stands, whatever their order."""
        config = self.write("""[targets web]
target = a.test:%d
[targets vip]
target = a.test:%d
profile = standard
""" % (self.one.port, self.one.port))
        said = self.scan(config, "-v").stderr
        self.assertEqual(self.targets(self.one.port), [("tls://a.test:0", "standard", 1, "group=vip")])
        self.assertEqual(self.query("SELECT file, reason FROM rejected_target"),
                         [("web", "duplicate of a target named before, with other labels: the first ones stand")])
        self.assertIn("group vip: profile standard: at most", said)
        self.assertIn("group web: profile quick: at most", said)

    def test_mail_hosts_of_the_deeper_profile_come_first(self):
        """Though its domain's records come late, after the list of the other group was read."""
        port = free_port()
        dns = self.farm.dns({"dom.test": [{"silent": True}, {"MX": ["10 mx.test"]}], "mx.test": {"A": "127.0.0.1"}})
        config = self.write("""[targets hosts]
target = smtp://mx.test:%d
[targets mail]
target = smtp://dom.test:%d
profile = standard
""" % (port, port)).replace(self.dns.resolver, dns.resolver)
        self.scan(config, "--mx", "--resolver", dns.resolver)
        self.assertEqual(self.targets(port), [("smtp://mx.test:0", "standard", 0, "group=mail")])

    def test_dry_run_sums(self):
        listed, config = self.three()
        with open(config, "a", encoding="utf-8") as file:
            file.write("profile = deep\ntarget = a.test:%d\nport = 1,2,3\ntarget = d.test\n" % self.two.port)
        lines = self.scan(config, "-n").stdout.splitlines()
        self.assertEqual(lines[0], "targets                    7")
        self.assertEqual(lines[3:7], [
            "group web                  1 target, profile quick: at most 1 connection to an endpoint, 1 in all",
            "group mail                 5 targets, profile deep: at most 150 connections to an endpoint, 750 in all",
            "in no group                1 target, profile quick: at most 1 connection to an endpoint, 1 in all",
            "connections in all         at most 752 where each target has one address"])
        self.assertFalse(os.path.exists(self.database))

    def test_printed_configuration_is_read_again(self):
        listed, config = self.three()
        printed = self.scan(config, "--print-config").stdout
        self.assertIn("\n[targets web]\n; input =", printed)
        self.assertIn("target = a.test:%d" % self.one.port, printed)
        again = self.farm.write("again.conf", printed)
        self.assertEqual(self.farm.tlscensus("config", "check", again).returncode, 0)
        self.scan(again)
        self.assertEqual("".join(self.hosts()), "abc")
        printed = self.scan(config, "--print-config", "--group", "mail").stdout
        self.assertNotIn("[targets web]", printed)
        self.assertNotIn(listed, printed)
        self.assertIn("[targets mail]", printed)
        self.assertNotIn("[targets", self.scan(config, "--print-config", "c.test").stdout)

    def test_incremental_goes_by_the_targets_profile(self):
        config = self.write("[targets web]\ntarget = a.test:%d\nprofile = standard\n[targets more]\ntarget = b.test:%d\n"
                            % (self.one.port, self.one.port))
        confirmed = ("SELECT f.text FROM observation AS o JOIN feature AS f USING (feature_set_id) WHERE f.kind = 'trait' "
                     "AND f.code = 45 AND o.scan_id = (SELECT max(scan_id) FROM scan)")
        self.scan(config, "--incremental")
        self.assertEqual(self.query(confirmed), [(None,)])
        self.scan(config, "--incremental")
        self.assertEqual(self.query(confirmed), [("confirmed by a few questions, not surveyed anew",)])
        deeper = self.farm.write("deeper.conf", read(config).replace("standard", "deep"))
        self.scan(deeper, "--incremental")  # a standard survey is not enough to be confirmed
        self.assertEqual(self.query(confirmed), [(None,)])

    def test_another_profile_is_no_change(self):
        text = "[targets web]\ntarget = a.test:%d\nprofile = %s\n[targets more]\ntarget = b.test:%d\nprofile = %s\n"
        for profiles in (("quick", "deep"), ("standard", "standard"), ("deep", "quick"), ("quick", "deep")):
            self.scan(self.write(text % (self.one.port, profiles[0], self.one.port, profiles[1])))
            self.assertEqual(self.query("SELECT kind, field, before, after FROM change"), [])

    def test_merged_shards_keep_profiles(self):
        config = self.write("[targets web]\ntarget = a.test:%d,%d\nprofile = standard\n[targets more]\ntarget = b.test:%d,%d\n"
                            % ((self.one.port, self.two.port) * 2))
        parts = []
        for number in (1, 2):
            parts.append(self.farm.path(self.farm.new_name("part") + ".db"))
            self.scan(config, "--shard", "%d/2" % number, "--scan-uuid", "2ab5d3b2-7e0d-4c7a-9a51-0f6f3ad3f1a4", "--db",
                      parts[-1], "--allow-empty")
        merged = self.farm.tlscensus("merge", self.database, *parts)
        self.assertEqual(merged.returncode, 0, merged.stderr)
        self.assertEqual(self.query("SELECT t.host, st.profile FROM scan_target AS st JOIN target AS t USING (target_id) "
                                    "ORDER BY 1"), [("a.test", "standard")] * 2 + [("b.test", None)] * 2)

    def start(self, config, stdin=subprocess.DEVNULL):
        program = os.environ.get("TLSCENSUS_BIN", "")
        if not os.access(program, os.X_OK):
            raise unittest.SkipTest("no tlscensus at TLSCENSUS_BIN")
        scan = subprocess.Popen([program, "scan", "--config", config], stdin=stdin, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, preexec_fn=die_with_parent, cwd=self.farm.folder)
        self.addCleanup(self.end, scan)
        return scan

    @staticmethod
    def end(scan):
        if scan.poll() is None:
            scan.kill()
        scan.wait()

    def wait_for_rows(self, scan, count):
        deadline = time.monotonic() + DEADLINE_S
        while True:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(scan.poll(), "the scan ended early")
            try:
                if self.query("SELECT count(*) FROM observation")[0][0] >= count:
                    return
            except sqlite3.OperationalError:
                pass  # not there yet
            time.sleep(0.05)

    def test_a_pipe_keeps_no_other_group_waiting(self):
        """Lists are read first, before a pipe has said anything; of what is in both the list's line stands."""
        config = self.write("[targets new]\ninput = -\nprofile = standard\n"
                            "[targets web]\ntarget = b.test:%d\n" % self.one.port)
        scan = self.start(config, stdin=subprocess.PIPE)
        self.wait_for_rows(scan, 1)
        scan.stdin.write(b"a.test:%d\n" % self.one.port)
        scan.stdin.flush()
        self.wait_for_rows(scan, 2)
        scan.stdin.write(b"b.test:%d\nc.test:%d\n" % (self.one.port, self.one.port))
        scan.stdin.close()
        self.assertEqual(scan.wait(DEADLINE_S), 0)
        self.assertEqual(self.targets(self.one.port), [
            ("tls://a.test:0", "standard", 1, "group=new"), ("tls://b.test:0", None, 0, "group=web"),
            ("tls://c.test:0", "standard", 1, "group=new")])

    def test_a_pipe_beside_a_list_may_be_no_list(self):
        """That is said when its turn comes; what was scanned until then is kept."""
        config = self.write("[targets new]\ninput = -\n[targets web]\ntarget = b.test:%d\n" % self.one.port)
        result = self.farm.tlscensus("scan", "--config", config, stdin="", timeout=DEADLINE_S)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("-: is empty: no line names a target", result.stderr)
        self.assertEqual(self.query("SELECT state FROM scan"), [("interrupted",)])

    def late_server(self):
        """A port where nothing is said until the list that comes with it has something; then it closes."""
        is_open = []

        def answer_late(peer):
            while not is_open and not peer.over:
                peer.pause(0.1)
            peer.close_cleanly()

        return self.farm.hostile().listen(answer_late), is_open

    def test_killed_and_resumed_without_the_file(self):
        """Targets that were never begun, or whose survey was under way, are surveyed as their group said."""
        silent, is_open = self.late_server()
        listed = self.farm.write("vip.txt", "a.test:%d\nslow.test{127.0.0.1}:%d\n" % (self.one.port, silent))
        config = self.write("""handshake-timeout = 50s
endpoint-timeout = 55s
[targets vip]
input = %s
profile = standard
label = unit=IT
[targets web]
target = b.test:%d
target = slow.test{127.0.0.1}:%d
""" % (listed, self.one.port, silent))
        scan = self.start(config)
        self.wait_for_rows(scan, 2)
        scan.send_signal(signal.SIGKILL)
        scan.wait()
        before = self.query("SELECT observation_id, endpoint_id FROM observation ORDER BY 1")
        os.unlink(config)
        is_open.append(True)
        result = self.farm.tlscensus("scan", "--resume", "--db", self.database, timeout=DEADLINE_S)
        self.assertEqual(result.returncode, 0, result.stderr)
        after = self.query("SELECT observation_id, endpoint_id FROM observation ORDER BY 1")
        self.assertEqual(after[:len(before)], before)
        self.assertEqual(len(after), 3)
        self.assertEqual([row[1:] for row in self.targets()],
                         [("standard", 1, "unit=IT group=vip"), (None, 0, "group=web"),
                          ("standard", 1, "unit=IT group=vip")])

    def test_a_line_that_moved_before_the_scan_was_resumed(self):
        """What was examined keeps its depth; what was not gets the one of its new group."""
        silent, is_open = self.late_server()
        done, missing = "a.test:%d\n" % self.one.port, "slow.test{127.0.0.1}:%d\n" % silent
        web, vip = self.farm.write("moved-web.txt", done + missing), self.farm.write("moved-vip.txt", "b.test:1\n")
        scan = self.start(self.write("handshake-timeout = 50s\nendpoint-timeout = 55s\n[targets web]\ninput = %s\n"
                                     "[targets vip]\ninput = %s\nprofile = standard\n" % (web, vip)))
        self.wait_for_rows(scan, 2)
        scan.send_signal(signal.SIGKILL)
        scan.wait()
        self.farm.write("moved-web.txt", "b.test:1\n")
        self.farm.write("moved-vip.txt", done + missing)
        is_open.append(True)
        result = self.farm.tlscensus("scan", "--resume", "--db", self.database, timeout=DEADLINE_S)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.query("SELECT host, st.profile FROM scan_target AS st JOIN target USING (target_id) ORDER BY 1"),
                         [("a.test", None), ("b.test", "standard"), ("slow.test", "standard")])
        self.assertEqual([row[3] for row in self.targets()], ["group=vip", "group=web", "group=vip"])

    def test_resume_takes_the_stored_groups(self):
        _, config = self.three()
        self.scan(config)
        for options, words in ((("--group", "web"), "leave --group out"), (("a.test",), "leave targets and -i out")):
            self.assertIn(words, self.scan(config, "--resume", *options, exit_code=2).stderr)


class Check(unittest.TestCase):
    """`config check`, word by word."""

    def setUp(self):
        self.farm = Farm()
        self.addCleanup(self.farm.close)

    def check(self, text):
        self.farm.write("c.conf", text)
        return self.farm.tlscensus("config", "check", "c.conf")

    def test_all_is_well(self):
        self.farm.write("mail.txt", "mx.example.edu\n")
        result = self.check("[scan]\nprofile = standard\n[targets mail]\ninput = mail.txt\ninput = -\n"
                            "target = smtp://mx.example.edu\nport = 25, 465, 587\nprofile = deep\nlabel = unit=Mail\n")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_a_group_that_a_scan_wants_and_none_is(self):
        result = self.check("[scan]\ngroup = mial\ngroup = web\n[targets mail]\ntarget = mx.test\n[targets web]\n"
                            "target = a.test\n")
        self.assertEqual((result.returncode, result.stderr),
                         (2, "tlscensus: c.conf:2: group mial: the file has no section [targets mial]; did you mean mail?\n"))

    def test_every_fault(self):
        result = self.check("""[scan]
prot = 25
[targets web]
input = web.csv
target = foo bar
port = 25, http
profile = depe
labl = unit=Web
label = unit
profile = deep
workers = 3
[targets web]
target = a.example
[targets]
[targets two words]
input = .
[target mail]
input = mail.txt
[targets empty]
port = 443
""")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr.splitlines(), [
            "tlscensus: c.conf:2: prot: scan has no such option; did you mean port?",
            "tlscensus: c.conf:4: input web.csv: No such file or directory",
            "tlscensus: c.conf:5: target: a host name has no blanks: \"foo bar\"",
            "tlscensus: c.conf:6: --port 25, http: port \"http\" is not a number",
            "tlscensus: c.conf:7: --profile depe: must be one of quick, standard, deep; did you mean deep?",
            "tlscensus: c.conf:8: labl: targets web has no such option; did you mean label?",
            "tlscensus: c.conf:9: --label unit: not NAME=VALUE, such as unit=Mail",
            "tlscensus: c.conf:10: profile: line 7 has set it already",
            "tlscensus: c.conf:11: workers: targets web has no such option",
            "tlscensus: c.conf:12: [targets web]: line 3 has begun a group of that name",
            "tlscensus: c.conf:14: [targets]: a group of targets is named by one word of at most 60 bytes, letters, "
            "digits, - _ and . alone: [targets mail]",
            "tlscensus: c.conf:14: [targets]: names no target: neither input nor target",
            "tlscensus: c.conf:15: [targets two words]: a group of targets is named by one word of at most 60 bytes, "
            "letters, digits, - _ and . alone: [targets mail]",
            "tlscensus: c.conf:16: input .: Is a directory",
            "tlscensus: c.conf:19: [targets empty]: names no target: neither input nor target",
            "tlscensus: c.conf:17: [target mail]: a section is named after a subcommand, or [targets NAME]"])

    def test_three_options_before_the_first_section_are_not_the_scans(self):
        """They were report's before scan had any of these names: the file means what it meant."""
        shared = "format = csv\noutput = all.csv\nlabel = owner\nprofile = quick\n[scan]\ndb = x.db\n"
        self.assertEqual((self.check(shared).returncode, self.check(shared).stderr), (0, ""))
        for more, seen in (("", ["format = none", "; output =", "; label ="]),
                           ("format = jsonl\noutput = -\nlabel = unit=IT\n",
                            ["format = jsonl", "output = -", "label = unit=IT"])):
            self.farm.write("c.conf", shared + more)
            printed = self.farm.tlscensus("scan", "--config", "c.conf", "--print-config")
            self.assertEqual(printed.returncode, 0, printed.stderr)
            lines = [line.rsplit(" ; ", 1)[0].rstrip() for line in printed.stdout.splitlines()]
            for line in [*seen, "profile = quick"]:
                self.assertIn(line, lines)
            self.assertEqual(self.farm.tlscensus("scan", "--config", "c.conf", "-n", "127.0.0.1").returncode, 0)
            report = self.farm.tlscensus("report", "--config", "c.conf", "--print-config").stdout
            for line in ("format = csv", "output = all.csv", "label = owner"):
                self.assertRegex(report, "(?m)^%s +; c.conf:" % line)

    @staticmethod
    def labels(first, count):
        return "".join("label = l%d=x\n" % i for i in range(first, first + count))

    def test_as_many_labels_as_there_may_be(self):
        """And the group's name as one more: what the check passes, a scan takes."""
        text = "[targets web]\ntarget = 127.0.0.1:1\n" + self.labels(0, 64)
        self.assertEqual((self.check(text).returncode, self.check(text).stderr), (0, ""))
        result = self.farm.tlscensus("scan", "--config", "c.conf", "--db", "labels.db", "--profile", "quick",
                                     "--ca-file", self.farm.ca_file)
        self.assertEqual(result.returncode, 0, result.stderr)
        with sqlite3.connect(self.farm.path("labels.db")) as connection:
            self.assertEqual(connection.execute("SELECT count(*), max(iif(name = 'group', value, NULL)) FROM label")
                             .fetchall(), [(65, "web")])

    def test_what_is_too_much_together(self):
        group = "[targets web]\ntarget = 127.0.0.1:1\n"
        ports = "".join("port = %s\n" % ",".join(str(1 + 10 * i + j) for j in range(10)) for i in range(26))
        long = "target = %s.example\n" % ".".join(["a" * 60] * 2)
        fault = "c.conf:%d: %s\n"
        bytes_fault = ("target: more than 1048576 bytes of targets in one group: write them into a list, one a line, "
                       "and name it with input = FILE")
        for text, faults in (
                (group + self.labels(0, 65), fault % (67, "label: more than 64 labels")),
                (group + self.labels(0, 70), fault % (67, "label: more than 64 labels")),
                ("[scan]\n%s%s%s" % (self.labels(0, 40), group, self.labels(40, 25)),
                 fault % (68, "label: more than 64 labels")),
                ("[scan]\n%s%s%s" % (self.labels(0, 40), group, self.labels(0, 64)), ""),
                ("[scan]\n" + self.labels(0, 65), fault % (66, "label: more than 64 labels")),
                (group + ports, fault % (28, "port: more than 256 ports")),
                (ports + group, fault % (26, "port: more than 256 ports")),
                ("[scan]\nport = 1\n" + group + ports[:ports.rindex("port")], ""),
                (group + long * 8000, fault % (3 + (1048576 - 14) // (len(long) - 7), bytes_fault))):
            with self.subTest(text=text[:60]):
                result = self.check(text)
                self.assertEqual(result.stderr.replace("tlscensus: ", ""), faults)
                self.assertEqual(result.returncode, 2 if faults else 0)

    def test_groups_that_are_too_much_for_a_scan_together(self):
        """Each could be scanned; together they are more than a scan keeps for --resume."""
        target = "target = %s.example\n" % ".".join(["a" * 60] * 2)
        self.farm.write("c.conf", "[targets web]\n%s[targets mail]\n%s" % (target * 4200, target * 4300))
        result = self.farm.tlscensus("scan", "--config", "c.conf", "--db", "big.db")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr, "tlscensus: [targets mail]: 4300 targets and lists of 554700 bytes: a scan keeps at "
                         "most 1048576 bytes of them and its options for --resume; write targets into one list, one a line, "
                         "and name it with input = FILE\n")
        self.assertFalse(os.path.exists(self.farm.path("big.db")))

    def test_a_scan_checks_first_and_other_subcommands_want_no_list(self):
        """A list that is not there is the scan's to tell: a report needs none."""
        self.farm.write("c.conf", "[targets web]\ninput = web.csv\n")
        result = self.farm.tlscensus("scan", "--config", "c.conf", "-n")
        self.assertEqual(result.returncode, 2)
        self.assertIn("web.csv: cannot be opened: No such file", result.stderr)
        self.assertNotIn("web.csv", self.farm.tlscensus("scans", "--config", "c.conf", "--db", "none.db").stderr)


if __name__ == "__main__":
    main()
