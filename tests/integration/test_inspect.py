#!/usr/bin/env python3
"""inspect: chains from files, judged as a scan would, without network."""
import csv
import datetime
import os
import subprocess
import sys
import unittest

PROGRAM = os.environ["TLSCENSUS_BIN"]
DATA = os.path.join(os.environ["TLSCENSUS_SHARED"], "data", "real-chains")
ROOTS = os.path.join(DATA, "roots.pem")

# Its CA may only do Server Gated Crypto (2.16.840.1.113730.4.1). OpenSSL takes that for serverAuth; RFC 5280 does not.
OPENSSL_TAKES_SGC = "zcrypto-verify-mega.co.nz.pem"


def inspect(*arguments):
    return subprocess.run([PROGRAM, "inspect", "--ca-file", ROOTS, *arguments], capture_output=True, timeout=120,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})


class RealChains(unittest.TestCase):
    """What the OpenSSL command line says of each leaf must stand on the screen."""

    @classmethod
    def setUpClass(cls):
        with open(os.path.join(DATA, "facts.tsv"), newline="") as table:
            cls.facts = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))

    def test_every_chain_is_shown(self):
        leaves = [row for row in self.facts if row["pos"] == "0"]
        self.assertGreater(len(leaves), 100)
        for row in leaves:
            with self.subTest(row["file"]):
                result = inspect(os.path.join(DATA, row["file"]))
                self.assertEqual(result.returncode, 0, result.stderr)
                text = result.stdout.decode()
                self.assertIn(row["sha256"], text)
                self.assertIn(f"Chain: {row['depth']} presented", text)

    def test_verdicts_agree_with_openssl(self):
        """Asked here, with the same roots alone, a day after each leaf began."""
        agreed = 0
        for row in self.facts:
            if row["pos"] != "0" or row["file"] == OPENSSL_TAKES_SGC:
                continue
            began = datetime.datetime.strptime(row["not_before"], "%Y-%m-%dT%H:%M:%SZ")
            when = (began + datetime.timedelta(days=1)).replace(tzinfo=datetime.timezone.utc)
            path = os.path.join(DATA, row["file"])
            openssl = subprocess.run(
                ["openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile", ROOTS, "-untrusted", path, "-purpose",
                 "sslserver", "-attime", str(int(when.timestamp())), path], capture_output=True, timeout=60)
            text = inspect(path, "--as-of", when.strftime("%Y-%m-%dT%H:%M:%SZ")).stdout.decode()
            with self.subTest(row["file"], openssl=openssl.stderr):
                self.assertEqual("✔ trusted" in text, openssl.returncode == 0, text[:400])
            agreed += openssl.returncode == 0
        self.assertGreater(agreed, 20)

    def test_the_chain_of_the_exercise(self):
        result = inspect(os.path.join(DATA, "limbo-facebook.com.pem"), "--name", "www.facebook.com", "--as-of",
                         "2026-01-15")
        text = result.stdout.decode()
        for words in ("✔ trusted", "✔ name matches", "2 presented, 3 on the verified path, complete",
                      "DigiCert Global G2 TLS RSA SHA256 2020 CA1", "DigiCert Global Root G2", "in trust store"):
            self.assertIn(words, text)
        wrong = inspect(os.path.join(DATA, "limbo-facebook.com.pem"), "--name", "www.example.org", "--as-of",
                        "2026-01-15").stdout.decode()
        self.assertIn("another name", wrong)
        self.assertIn("grade M", wrong)

    def test_a_pile_of_odd_certificates(self):
        result = inspect("--each", os.path.join(DATA, "odd-certs.txt"))
        self.assertEqual(result.returncode, 0, result.stderr)
        text = result.stdout.decode()
        self.assertGreater(text.count("\nChain: 1 presented"), 1600)
        for character in "\x00\x07\x1b\u202e\u200f":
            self.assertNotIn(character, text)

    def test_files_that_are_one_chain(self):
        chain = os.path.join(DATA, "limbo-facebook.com.pem")
        result = inspect("--together", chain, chain, "--name", "facebook.com", "--as-of", "2026-01-15")
        self.assertIn("Chain: 4 presented, 3 on the verified path", result.stdout.decode())


if __name__ == "__main__":
    if not os.path.isdir(DATA):
        print(f"skipped: no real chains at {DATA}")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=1)
