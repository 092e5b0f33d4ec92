#!/usr/bin/python3
"""The samples: the nightly script with programs that play their part, units as systemd reads them, a dashboard whose
metrics are ours, and a list of it all."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE, PROGRAM = os.environ["TLSCENSUS_SOURCE"], os.environ["TLSCENSUS_BIN"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))

from farm import main  # noqa: E402  pylint: disable=wrong-import-position

SAMPLES = os.path.join(SOURCE, "samples")
SCRIPT = os.path.join(SAMPLES, "cron", "tlscensus-nightly")
DAY = 86400

# What stands in for tlscensus: it notes how it was called, and does as the test's files say.
FAKE = """#!/bin/sh
printf '%s\\n' "$*" >>"$PLAY/calls"
if [ -f "$PLAY/$1.says" ]; then cat "$PLAY/$1.says" >&2; fi
if [ -f "$PLAY/$1.prints" ]; then cat "$PLAY/$1.prints"; fi
if [ -f "$PLAY/$1.exit" ]; then exit "$(cat "$PLAY/$1.exit")"; fi
"""
SENDMAIL = """#!/bin/sh
printf '%s\\n' "$*" >"$PLAY/mail.arguments"
cat >"$PLAY/mail"
"""


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


class Nightly(unittest.TestCase):
    def setUp(self):
        self.play = tempfile.mkdtemp(prefix="tlscensus-nightly-")
        self.addCleanup(shutil.rmtree, self.play)
        self.out = os.path.join(self.play, "reports")
        self.write("tlscensus", FAKE, 0o755)
        self.write("sendmail", SENDMAIL, 0o755)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.play, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def run_script(self, **settings):
        environment = dict(PATH=self.play + ":" + os.environ["PATH"], PLAY=self.play, TMPDIR=self.play,
                           SENDMAIL=os.path.join(self.play, "sendmail"), TLSCENSUS_LIST="/lists/domains.csv",
                           TLSCENSUS_DB="/data/census.db", TLSCENSUS_OUT=self.out, **settings)
        return subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False)

    def calls(self):
        return read(self.play, "calls").splitlines()

    def has_mail(self):
        return os.path.exists(os.path.join(self.play, "mail"))

    def test_a_quiet_night_is_silent(self):
        done = self.run_script(TLSCENSUS_MAILTO="team@example.org")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertFalse(self.has_mail())
        self.assertEqual(self.calls(), ["scan -i /lists/domains.csv --db /data/census.db --output-dir %s --max-duration 6h"
                                        % self.out, "diff --db /data/census.db"])
        self.assertEqual([name for name in os.listdir(self.play) if name.startswith("tmp.")], [])

    def test_news_is_printed_for_cron(self):
        self.write("diff.prints", "New problems\n  b\u00fcrger.example.edu:443  cert-expired\n")
        done = self.run_script()
        self.assertEqual((done.returncode, done.stdout), (0, read(self.play, "diff.prints")))
        self.assertFalse(self.has_mail())

    def test_news_is_mailed(self):
        self.write("diff.prints", "New problems\n")
        done = self.run_script(TLSCENSUS_MAILTO="team@example.org")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        head, body = read(self.play, "mail").split("\n\n", 1)
        self.assertIn("To: team@example.org\nSubject: TLS census on ", head)
        self.assertIn("charset=utf-8", head)
        self.assertEqual(body, "New problems\n")
        self.assertEqual(read(self.play, "mail.arguments"), "-oi -t\n")

    def test_what_the_scan_says_is_news(self):
        self.write("scan.says", "tlscensus: domains.csv:7: port 70000 is above 65535\n")
        self.assertEqual(self.run_script().stdout, read(self.play, "scan.says"))

    def test_a_scan_that_fails_is_news_and_compared_with_nothing(self):
        for code in ("2", "3", "130"):
            self.write("scan.says", "tlscensus: it went wrong\n")
            self.write("scan.exit", code)
            done = self.run_script()
            self.assertEqual((done.returncode, done.stdout), (int(code), "tlscensus: it went wrong\n"))
        self.assertFalse([call for call in self.calls() if call.startswith("diff")])

    def test_a_comparison_that_fails_is_news(self):
        self.write("diff.says", "tlscensus: /data/census.db: damaged\n")
        self.write("diff.exit", "3")
        done = self.run_script()
        self.assertEqual((done.returncode, done.stdout), (3, "tlscensus: /data/census.db: damaged\n"))

    def test_more_options(self):
        self.run_script(TLSCENSUS_OPTIONS="--www --profile quick", TLSCENSUS_MAX_DURATION="90m")
        self.assertTrue(self.calls()[0].endswith("--max-duration 90m --www --profile quick"))

    def test_a_configuration_in_place_of_the_list(self):
        self.run_script(TLSCENSUS_CONFIG="/etc/own.conf", TLSCENSUS_PAGE="https://tls.example/latest/report.html")
        scan, diff = self.calls()[:2]
        self.assertTrue(scan.startswith("scan --config /etc/own.conf --db "), scan)
        self.assertTrue(diff.endswith("--page https://tls.example/latest/report.html"), diff)

    def test_old_reports_go_but_never_the_latest(self):
        for name, age in (("scan-000001", 100), ("scan-000002", 89), ("scan-000003", 200), ("other", 200)):
            os.makedirs(os.path.join(self.out, name))
            self.write("reports/%s/report.html" % name, "")
            os.utime(os.path.join(self.out, name), (time.time() - age * DAY,) * 2)
        os.symlink("scan-000003", os.path.join(self.out, "latest"))
        self.run_script()
        self.assertEqual(sorted(os.listdir(self.out)), ["latest", "other", "scan-000002", "scan-000003"])

    def test_plain_shell(self):
        for shell in ("sh", "dash", "bash"):
            if shutil.which(shell):
                subprocess.run([shell, "-n", SCRIPT], check=True)

    def test_the_options_are_ours(self):
        """Every option that script and unit use is one of the program."""
        known = subprocess.run([PROGRAM, "scan", "--help"], capture_output=True, text=True, check=True).stdout
        unit = read(SAMPLES, "systemd", "tlscensus.service").split("ExecStart=")[1].split("\nTimeout")[0]
        script = read(SCRIPT).split("tlscensus scan \"$@\"")[1].split("TLSCENSUS_OPTIONS:-")[0]
        options = re.findall(r"(--[a-z-]+)", unit + script)
        self.assertGreater(len(options), 5)
        for option in options:
            self.assertIn(option + " ", known)


class Crontab(unittest.TestCase):
    def test_one_line_with_a_user(self):
        lines = [line for line in read(SAMPLES, "cron", "tlscensus.cron").splitlines() if not re.match(r"#|[A-Z]+=", line)]
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], r"^\d+ \d+ \* \* \* tlscensus tlscensus-nightly$")


class Units(unittest.TestCase):
    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not here")
        self.folder = tempfile.mkdtemp(prefix="tlscensus-units-")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("tlscensus.service", "tlscensus.timer"):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(read(SAMPLES, "systemd", name).replace("/usr/bin/tlscensus", PROGRAM))

    def analyze(self, *arguments):
        done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, cwd=self.folder, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_systemd_reads_them(self):
        code, said = self.analyze("--man=no", "verify", "./tlscensus.timer", "./tlscensus.service")
        ours = [line for line in said.splitlines() if "tlscensus" in line]
        self.assertEqual((code, ours), (0, []), said)

    def test_little_is_exposed(self):
        code, said = self.analyze("security", "--offline=yes", "--threshold=20", "--no-pager", "./tlscensus.service")
        if "unrecognized" in said or "Unknown" in said:
            self.skipTest("this systemd-analyze does not judge files")
        self.assertEqual(code, 0, said)


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tlscensus-dashboard-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        database = os.path.join(cls.folder, "sample.db")
        subprocess.run([sys.executable, "-B", os.path.join(SOURCE, "tests", "support", "make_sample_db.py"), database,
                        "--survey"], check=True)
        text = subprocess.run([PROGRAM, "report", "--db", database, "--format", "prometheus"], capture_output=True,
                              text=True, check=True).stdout
        cls.metrics = set(re.findall(r"^# HELP (\S+)", text, re.M))
        cls.labels = {}
        for name, labels in re.findall(r"^(\w+)\{(.*)\} ", text, re.M):
            cls.labels.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
        cls.dashboard = json.loads(read(SAMPLES, "grafana", "tlscensus.json"))
        cls.targets = [target for panel in cls.dashboard["panels"] for target in panel["targets"]]

    def test_every_metric_is_one_that_we_write(self):
        named = set(re.findall(r"tlscensus_\w+", json.dumps(self.dashboard)))
        self.assertGreater(len(named), 10)
        self.assertEqual(named - self.metrics, set())

    def test_every_label_is_one_that_the_metric_has(self):
        for target in self.targets:
            metric = re.search(r"tlscensus_\w+", target["expr"])[0]
            used = re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
            used += re.findall(r"(\w+)=~?\"", target["expr"])
            for group in re.findall(r"(?:by|on) \(([\w, ]+)\)", target["expr"]):
                used += group.split(", ")
            for label in used:
                self.assertIn(label, self.labels.get(metric, set()), target["expr"])

    def test_values_that_are_asked_for_exist(self):
        outcomes = {"ok", "client-certificate-required"}
        for target in self.targets:
            for value in re.findall(r"outcome=~?\"([^\"]+)\"", target["expr"]):
                self.assertEqual(set(value.split("|")) - outcomes, set())
            for value in re.findall(r"within=\"([^\"]+)\"", target["expr"]):
                self.assertIn(value, ("7d", "14d", "30d", "60d", "90d"))

    def test_prometheus_understands_every_expression(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool is not here (Debian package prometheus)")
        alerts = re.findall(r"^ +expr: (.*)$", read(SOURCE, "docs", "monitoring.md"), re.M)
        self.assertGreater(len(alerts), 3)
        expressions = [target["expr"] for target in self.targets] + alerts
        expressions += [note["expr"] for note in self.dashboard["annotations"]["list"]]
        rules = [{"record": "r%d" % number, "expr": expr} for number, expr in enumerate(expressions)]
        path = os.path.join(self.folder, "rules.yml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"groups": [{"name": "all", "rules": rules}]}, file)
        done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in self.dashboard["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertLessEqual(place["x"] + place["w"], 24)
            self.assertEqual(cells & taken, set(), panel["title"])
            taken |= cells
        self.assertEqual(len({panel["id"] for panel in self.dashboard["panels"]}), len(self.dashboard["panels"]))

    def test_the_documentation_has_every_metric_and_no_other(self):
        text = read(SOURCE, "docs", "monitoring.md")
        rows = re.findall(r"^\| `(tlscensus_\w+)` \| ([^|]*)\|", text, re.M)
        self.assertEqual({name for name, _ in rows}, self.metrics)
        for name, labels in rows:
            own = set(re.findall(r"`(\w+)`", labels))
            self.assertEqual(own, self.labels.get(name, set()) - {"host", "port", "address"}, name)
        self.assertEqual(set(re.findall(r"tlscensus_\w+", text)) - self.metrics, set())


class List(unittest.TestCase):
    def test_the_readme_names_each(self):
        text = read(SAMPLES, "README.md")
        named = set(re.findall(r"^\| `([^`]+)`", text, re.M))
        found = set()
        for folder, _, files in os.walk(SAMPLES):
            below = os.path.relpath(folder, SAMPLES)
            if below.split(os.sep)[0] == "demo":
                found.add("demo/")
            elif below != ".":
                found.update(os.path.join(below, name) for name in files)
        self.assertEqual(named, found)


if __name__ == "__main__":
    main()
