#!/usr/bin/python3
"""`scan --incremental`: few connections where nothing has changed, and every change is found.

Each test prints how many connections its servers were asked to bear.
"""
import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, main, require  # noqa: E402

FAST = ("--retries", "0", "--per-address", "2", "--address-rate", "0")
MODERN = ("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
          "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305")
DEBIAN = "HIGH:!aNULL:!MD5"
COMPLETE = ("trait", 0, 45)
CONSISTENT = ("trait", 0, 37)
CONFIRMED = "confirmed by a few questions, not surveyed anew"


class Result:
    """One endpoint of the newest scan: its features without how the survey went, which is apart."""

    def __init__(self, database):
        with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as connection:
            self.connections, feature_set, observation = connection.execute(
                "SELECT connections, feature_set_id, observation_id FROM observation "
                "ORDER BY scan_id DESC LIMIT 1").fetchone()
            self.features = {tuple(row[:3]): tuple(row[3:]) for row in connection.execute(
                "SELECT kind, version, code, supported, rank, value, text FROM feature WHERE feature_set_id = ?",
                (feature_set,))}
            self.roles = {role for role, in connection.execute(
                "SELECT role FROM other_chain WHERE observation_id = ?", (observation,))}
            self.options, = connection.execute(
                "SELECT options_json FROM scan ORDER BY scan_id DESC LIMIT 1").fetchone()
        complete = self.features.pop(COMPLETE)
        self.features.pop(CONSISTENT, None)
        self.is_complete = complete[0] == 1
        self.is_confirmed = complete[3] == CONFIRMED


class Incremental(unittest.TestCase):
    def setUp(self):
        require("nginx", "openssl")
        self.farm = Farm()
        self.addCleanup(self.farm.close)
        self.ecdsa = self.farm.ca.leaf("a.test", key="p256")
        self.rsa = self.farm.ca.leaf("a.test", key="rsa2048")
        self.database = self.farm.path("census.db")
        self.web = None

    def serve(self, identity=None, protocols="TLSv1.2 TLSv1.3", ciphers=MODERN, both=False, extra="", http2=True):
        """The server, in place of the one before, at its port."""
        port = self.web.port if self.web else None
        if self.web:
            self.web.stop()
        lines = [extra]
        if both:
            lines.append("ssl_certificate %s; ssl_certificate_key %s;" % self.farm.write_identity(self.ecdsa))
        self.web = self.farm.nginx([Site("a.test", identity or self.rsa, protocols=protocols, ciphers=ciphers,
                                         extra="\n".join(lines), http2=http2)], port=port)

    def scan(self, *options, profile="standard", database=None, exit_code=0):
        database = database or self.database
        result = self.farm.tlscensus("scan", "--db", database, "--ca-file", self.farm.ca_file, "--profile", profile,
                                     *FAST, *options, "https://a.test{127.0.0.1}:%d" % self.web.port, timeout=120)
        self.assertEqual(result.returncode, exit_code, result.stderr)
        if exit_code != 0:
            return result
        found = Result(database)
        print("%s %s: %d connections%s" % (self.id().split(".")[-1], " ".join((profile,) + options), found.connections,
                                           ", confirmed" if found.is_confirmed else ""), flush=True)
        return found

    def check_same(self, most, profile="standard"):
        first = self.scan("--incremental", profile=profile)  # nothing is there to be confirmed
        self.assertFalse(first.is_confirmed)
        for _ in range(2):
            again = self.scan("--incremental", profile=profile)
            self.assertTrue(again.is_complete and again.is_confirmed)
            self.assertLessEqual(again.connections, most)
            self.assertEqual(again.features, first.features)
            self.assertEqual(again.roles, first.roles)
        return first, again

    def test_nothing_has_changed(self):
        self.serve()
        _, again = self.check_same(10)
        self.assertIn('"incremental":"true"', again.options)  # for --resume

    def test_nothing_has_changed_with_both_keys_and_the_server_order(self):
        self.serve(both=True, extra="ssl_prefer_server_ciphers on;")
        first, _ = self.check_same(11)
        self.assertIn("other-key", first.roles)

    def test_nothing_has_changed_at_a_default_server(self):
        self.serve(ciphers=DEBIAN)
        self.check_same(11)

    def test_nothing_has_changed_at_an_old_server(self):
        self.serve(protocols="TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", ciphers="ALL:!aNULL:!eNULL:!ARIA:!CAMELLIA:@SECLEVEL=0")
        self.check_same(18)

    def test_nothing_has_changed_with_tls13_alone(self):
        self.serve(protocols="TLSv1.3", both=True)
        self.check_same(10)

    def test_nothing_has_changed_in_deep(self):
        self.serve()
        self.check_same(13, profile="deep")

    def test_every_change_is_found(self):
        changes = [
            ("another list of suites", {"ciphers": DEBIAN}),
            ("the static ones are gone", {"ciphers": DEBIAN + ":!kRSA"}),
            ("the server's order", {"ciphers": DEBIAN + ":!kRSA", "extra": "ssl_prefer_server_ciphers on;"}),
            ("an old version", {"ciphers": "ALL:!aNULL:!eNULL:@SECLEVEL=0", "protocols": "TLSv1.1 TLSv1.2 TLSv1.3"}),
            ("no TLS 1.3", {"protocols": "TLSv1.2"}),
            ("TLS 1.3 alone", {"protocols": "TLSv1.3"}),
            ("other groups", {"extra": "ssl_ecdh_curve X25519;"}),
            ("one group more", {"extra": "ssl_ecdh_curve X25519:secp521r1;"}),
            ("another kind of key", {"identity": self.ecdsa, "extra": "ssl_ecdh_curve X25519:secp521r1;"}),
            ("both kinds", {"both": True}),
            ("no HTTP/2", {"both": True, "http2": False}),
            ("client certificates", {"both": True, "extra": "ssl_verify_client optional_no_ca;"}),
        ]
        self.serve()
        self.scan()
        for number, (name, change) in enumerate(changes):
            with self.subTest(name):
                self.serve(**change)
                again = self.scan("--incremental")
                anew = self.scan(database=self.farm.path("anew%d.db" % number))
                self.assertTrue(again.is_complete and not again.is_confirmed)
                self.assertEqual(again.features, anew.features)
                self.assertEqual(again.roles, anew.roles)

    def test_a_shallower_survey_is_not_built_on(self):
        self.serve()
        self.scan(profile="standard")
        self.assertFalse(self.scan("--incremental", profile="deep").is_confirmed)
        self.assertTrue(self.scan("--incremental", profile="standard").is_confirmed)  # deep has it all

    def test_a_survey_cut_short_is_not_built_on(self):
        self.serve()
        self.scan("--connections-per-endpoint", "12")
        again = self.scan("--incremental")
        self.assertTrue(again.is_complete and not again.is_confirmed)

    def test_quick_confirms_nothing(self):
        self.serve()
        result = self.scan("--incremental", profile="quick", exit_code=2)
        self.assertIn("--incremental", result.stderr)

    def test_dry_run_says_what_to_expect(self):
        self.serve()
        result = self.farm.tlscensus("scan", "--dry-run", "--incremental", "https://a.test{127.0.0.1}:%d" % self.web.port)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("confirmed", result.stdout)
        self.assertIn("at most 75 ", result.stdout)


if __name__ == "__main__":
    main()
