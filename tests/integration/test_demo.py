#!/usr/bin/env python3
"""The demonstration: it serves, scans, reports, ends by itself, and leaves nothing behind."""
import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

SOURCE, PROGRAM = os.environ["TLSCENSUS_SOURCE"], os.environ["TLSCENSUS_BIN"]
DEMO = os.path.join(SOURCE, "samples", "demo")
sys.path.insert(0, DEMO)

import hosts  # noqa: E402


class Demonstration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tlscensus-test-")
        cls.scratch = os.path.join(cls.folder, "tmp")
        os.mkdir(cls.scratch)
        cls.result = subprocess.run([sys.executable, "-B", os.path.join(DEMO, "demo.py"), "--program", PROGRAM,
                                     "--output-dir", cls.folder], capture_output=True, timeout=800, text=True,
                                    env={**os.environ, "TMPDIR": cls.scratch})
        with open(os.path.join(cls.folder, "endpoints.csv"), newline="", encoding="utf-8-sig") as rows:
            cls.rows = list(csv.DictReader(rows))
        cls.by_host = {row["host"]: row for row in cls.rows}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_it_ends_well(self):
        self.assertEqual(self.result.returncode, 0, self.result.stderr)
        for name in ("report.html", "endpoints.csv", "demo.db", "domains.csv"):
            self.assertIn(os.path.join(self.folder, name), self.result.stdout)
            self.assertGreater(os.path.getsize(os.path.join(self.folder, name)), 1000)

    def test_every_host_is_there_with_its_labels(self):
        self.assertEqual(set(self.by_host), {host.name for host in hosts.HOSTS})
        self.assertEqual(len(self.rows), sum(host.addresses for host in hosts.HOSTS))
        for host in hosts.HOSTS:
            row = self.by_host[host.name]
            self.assertEqual((row["label_department"], row["label_owner"]), (host.department, host.owner))

    def test_what_is_wrong_is_found(self):
        expected = {
            "telescope.physics.campus.example": ("T", "cert-expired"),
            "lab2.physics.campus.example": ("M", "cert-name-mismatch"),
            "archive.library.campus.example": ("T", "cert-self-signed"),
            "catalog.library.campus.example": ("B", "chain-incomplete"),
            "intranet.campus.example": ("T", "cert-untrusted-root"),
            "legacy-lab.hospital.example": ("F", "sig-sha1-md5"),
            "pacs.hospital.example": ("T", "key-rsa-small"),
            "old-proxy.campus.example": ("C", "tls12-missing-no-tls13"),
            "vpn.campus.example": (None, "tls13-missing"),
            "enroll.campus.example": ("C", "must-staple-unmet"),
            "data.hpc.campus.example": (None, "chain-order"),
            "transcripts.campus.example": (None, "chain-extraneous"),
            "law.campus.example": (None, "chain-root-sent"),
            "books.press.example": (None, "chain-intermediate-expiring"),
            "cache.campus.example": (None, "backend-inconsistent"),
            "moot.law.campus.example": (None, "cert-cn-only"),
            "parking.facilities.campus.example": ("T", "cert-eku-ku"),
            "tickets.athletics.campus.example": (None, "cert-validity-too-long"),
            "status.campus.example": (None, "cert-expiring"),
        }
        for host, (grade, finding) in expected.items():
            with self.subTest(host):
                row = self.by_host[host]
                self.assertIn(finding, row["findings"].split())
                if grade:
                    self.assertEqual(row["grade"], grade)
        self.assertEqual(self.by_host["git.campus.example"]["findings"], "group-pq-missing")
        self.assertEqual(self.by_host["git.campus.example"]["grade"], "A")

    def test_how_the_others_failed(self):
        outcomes = {"silent": "handshake-timeout", "http": "not-tls", "closed": "closed", "refused": "refused",
                    "none": "dns-not-found", "no-address": "dns-no-address", "reject": "alert",
                    "client-cert": "client-certificate-required"}
        for host in hosts.HOSTS:
            if host.server in outcomes:
                with self.subTest(host.name):
                    self.assertEqual(self.by_host[host.name]["outcome"], outcomes[host.server])

    def test_page_and_summary_count_alike(self):
        with open(os.path.join(self.folder, "report.html"), encoding="utf-8") as file:
            page = re.search(r"(\d+) untrusted, (\d+) incomplete, (\d+) wrong name", file.read())
        said = self.result.stdout + self.result.stderr
        summary = re.search(r"broken +(\d+) not trusted, (\d+) for another name, (\d+) with an incomplete chain", said)
        self.assertIsNotNone(page)
        self.assertIsNotNone(summary, said)
        self.assertEqual(page.groups(), (summary.group(1), summary.group(3), summary.group(2)))

    def test_nothing_is_left(self):
        port = int(self.rows[0]["port"])
        for row in self.rows:
            if row["address"]:
                with socket.socket() as probe:
                    self.assertNotEqual(probe.connect_ex((row["address"], port)), 0, row["address"])
        self.assertEqual(os.listdir(self.scratch), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
