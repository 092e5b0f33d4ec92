#!/usr/bin/python3
"""What a server is configured with is what the survey reports, exactly.

The expected lists come from the servers' own tools (`openssl ciphers`, `gnutls-cli -l`); none is written here.
Each test prints how many connections its server was asked to bear.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, find_program, free_port, main, require  # noqa: E402
from server_lists import (VERSIONS, gnutls_groups, gnutls_suites, openssl_curve,  # noqa: E402
                          openssl_suites)
from survey_facts import Survey, check_burden  # noqa: E402

FAST = ("--retries", "0", "--per-address", "4", "--address-rate", "0")
ALL_OLD = "ALL:!aNULL:!eNULL:@SECLEVEL=0"
MODERN = ("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
          "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305")
TLS12, TLS13 = 0x0303, 0x0304


class Case(unittest.TestCase):
    def survey(self, farm, host, port, *options, profile="standard", address="127.0.0.1"):
        database = farm.path(farm.new_name("survey") + ".db")
        result = farm.tlscensus("scan", "--db", database, "--ca-file", farm.ca_file, "--profile", profile, *FAST,
                                *options, "https://%s{%s}:%d" % (host, address, port), timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        return check_burden(self, Survey(database, host), profile)

    def assert_suites(self, survey, expected):
        """`expected`: version → codes."""
        for version in VERSIONS.values():
            with self.subTest(version=hex(version)):
                found = survey.supported("cipher", version)
                wanted = set(expected.get(version, ()))
                self.assertEqual(sorted(survey.names["cipher", code] for code in found),
                                 sorted(survey.names["cipher", code] for code in wanted))
                if wanted:
                    self.assertEqual(survey.trait("ciphers_complete", version), 1)
                self.assertEqual(survey.rows["version", 0, version][0], 1 if wanted else 0)


class Nginx(Case):
    """One policy each: versions, keys, suites, whose order."""

    def check(self, protocols, ciphers, keys, server_order=False, curves=None, profile="standard", extra=""):
        require("nginx", "openssl")
        with Farm() as farm:
            ecdsa = farm.ca.leaf("a.test", key="p256")
            rsa = farm.ca.leaf("a.test", key="rsa2048")
            first = ecdsa if keys[0] == "ECDSA" else rsa
            lines = [extra]
            if len(keys) > 1:
                chain, key = farm.write_identity(rsa if first is ecdsa else ecdsa)
                lines.append("ssl_certificate %s; ssl_certificate_key %s;" % (chain, key))
            if server_order:
                lines.append("ssl_prefer_server_ciphers on;")
            if curves:
                lines.append("ssl_ecdh_curve %s;" % ":".join(curves))
            web = farm.nginx([Site("a.test", first, protocols=protocols, ciphers=ciphers, extra="\n".join(lines))])
            survey = self.survey(farm, "a.test", web.port, profile=profile)
        expected = {VERSIONS[name]: openssl_suites(VERSIONS[name], ciphers, keys) for name in protocols.split()}
        self.assert_suites(survey, expected)
        for version, codes in expected.items():
            if len(codes) > 1 and version != TLS13:
                self.assertEqual(survey.trait("cipher_order", version), int(server_order), hex(version))
            if server_order and version != TLS13:
                self.assertEqual(survey.ranked("cipher", version), codes if len(codes) > 1 else
                                 survey.ranked("cipher", version))
        if curves and TLS13 in expected:
            self.assertEqual(survey.supported("group", TLS13), {openssl_curve(name) for name in curves})
            self.assertEqual(survey.trait("groups_complete", TLS13), 1)
        self.assertEqual(survey.trait("ecdsa_certificate"), int("ECDSA" in keys))
        self.assertEqual(survey.trait("rsa_certificate"), int("RSA" in keys))
        self.assertEqual("other-key" in survey.roles, len(keys) > 1)
        self.assertEqual(survey.trait("survey_complete"), 1)
        return survey

    def test_default_ecdsa(self):
        self.check("TLSv1.2 TLSv1.3", "HIGH:!aNULL:!MD5", ["ECDSA"])

    def test_default_rsa(self):
        self.check("TLSv1.2 TLSv1.3", "HIGH:!aNULL:!MD5", ["RSA"])

    def test_modern_both_keys_server_order(self):
        survey = self.check("TLSv1.2 TLSv1.3", MODERN, ["ECDSA", "RSA"], server_order=True,
                            curves=["X25519", "P-256", "P-384"])
        self.assertEqual(survey.trait("fallback_scsv"), 1)
        self.assertEqual(survey.trait("downgrade_sentinel", TLS12), 1)
        self.assertEqual(survey.trait("compression"), 0)
        self.assertEqual(survey.trait("secure_renegotiation"), 1)
        self.assertEqual(survey.trait("extended_master_secret"), 1)
        self.assertEqual(survey.trait("post_quantum"), 0)

    def test_tls13_alone(self):
        survey = self.check("TLSv1.3", "DEFAULT", ["RSA"], curves=["X25519", "P-521"])
        self.assertIsNone(survey.trait("fallback_scsv"))

    def test_tls12_alone(self):
        self.check("TLSv1.2", "ECDHE+AESGCM", ["RSA"], curves=["P-384", "X25519"])

    def test_tls11_alone(self):
        self.check("TLSv1.1", ALL_OLD, ["RSA"])

    def test_tls10_alone_server_order(self):
        self.check("TLSv1", ALL_OLD, ["RSA"], server_order=True)

    def test_one_suite(self):
        self.check("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", ["RSA"])

    def test_everything_both_keys(self):
        self.check("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", ALL_OLD, ["ECDSA", "RSA"], profile="deep")

    def test_everything_server_order(self):
        self.check("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", ALL_OLD, ["RSA"], server_order=True, profile="deep")


class Names(Case):
    """Certificates for other names, and none at all."""

    def test_default_certificate_differs(self):
        require("nginx")
        with Farm() as farm:
            web = farm.nginx([Site("default.test", farm.ca.leaf("default.test", not_before_days=-90, not_after_days=-2)),
                              Site("a.test", farm.ca.leaf("a.test"))])
            survey = self.survey(farm, "a.test", web.port)
        self.assertEqual(survey.trait("no_sni_answered"), 1)
        self.assertEqual(survey.trait("no_sni_same_certificate"), 0)
        self.assertEqual(survey.trait("unknown_sni_same_certificate"), 0)
        self.assertEqual(set(survey.roles), {"no-sni", "unknown-sni"})

    def test_unknown_names_are_refused(self):
        require("nginx")
        with Farm() as farm:
            web = farm.nginx([Site("none.test", farm.ca.leaf("none.test"), extra="ssl_reject_handshake on;"),
                              Site("a.test", farm.ca.leaf("a.test"))])
            survey = self.survey(farm, "a.test", web.port)
        self.assertEqual(survey.trait("no_sni_answered"), 0)
        self.assertEqual(survey.trait("unknown_sni_answered"), 0)
        self.assertEqual(survey.roles, {})

    def test_tls13_alone_differs(self):
        require("nginx")
        with Farm() as farm:
            web = farm.nginx([Site("default.test", farm.ca.leaf("default.test"), protocols="TLSv1.3"),
                              Site("a.test", farm.ca.leaf("a.test"), protocols="TLSv1.3")])
            survey = self.survey(farm, "a.test", web.port)
        self.assertEqual(survey.trait("no_sni_same_certificate"), 0)
        self.assertEqual(set(survey.roles), {"no-sni", "unknown-sni"})


class Habits(Case):
    """What else nginx can be told to do."""

    def check(self, extra, **options):
        require("nginx")
        with Farm() as farm:
            web = farm.nginx([Site("a.test", farm.ca.leaf("a.test", key="rsa2048"), extra=extra, **options)])
            return self.survey(farm, "a.test", web.port)

    def test_resumption_and_early_data(self):
        survey = self.check("ssl_early_data on;")
        self.assertEqual(survey.trait("psk_resumption"), 1)
        self.assertEqual(survey.trait("session_ticket"), 1)
        self.assertEqual(survey.trait("early_data"), 1)
        self.assertGreater(survey.value("early_data"), 0)

    def test_ticket_lifetime(self):
        survey = self.check("ssl_session_timeout 3d;")
        self.assertEqual(survey.trait("session_ticket"), 1)
        self.assertEqual(survey.value("session_ticket"), 3 * 86400)

    def test_session_ids(self):
        survey = self.check("ssl_session_tickets off; ssl_session_cache shared:SSL:1m;", protocols="TLSv1.2")
        self.assertEqual(survey.trait("session_id_resumption"), 1)
        self.assertEqual(survey.trait("session_ticket"), 0)

    def test_small_diffie_hellman(self):
        require("openssl")
        with Farm() as farm:
            params = farm.path("dh.pem")
            subprocess.run(["openssl", "dhparam", "-out", params, "1024"], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            # The parameters are judged by the library's default level, before the suites name another.
            config = farm.write("openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
                                "[c]\nCipherString = DEFAULT:@SECLEVEL=0\n")
            chain, key = farm.write_identity(farm.ca.leaf("a.test", key="rsa2048"))
            port = free_port()
            server = farm.child(["env", "OPENSSL_CONF=" + config, find_program("openssl"), "s_server", "-accept",
                                 "127.0.0.1:%d" % port, "-cert", chain, "-key", key, "-www", "-quiet", "-no_tls1_3",
                                 "-dhparam", params, "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0"], "127.0.0.1", port)
            survey = self.survey(farm, "a.test", server.port)
        supported, _, bits, _ = survey.rows["dh", 0, survey.codes["dh", "configured"]]
        self.assertEqual((supported, bits), (1, 1024))


class OpenSsl(Case):
    """What nginx does not do."""

    def check(self, *arguments, key="rsa2048", **survey_options):
        require("openssl")
        with Farm() as farm:
            server = farm.openssl(farm.ca.leaf("a.test", key=key), *arguments)
            return self.survey(farm, "a.test", server.port, **survey_options)

    def test_null_and_anonymous_suites(self):
        ciphers = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
        survey = self.check("-cipher", ciphers, "-no_tls1_3", profile="deep")
        self.assert_suites(survey, {VERSIONS[name]: openssl_suites(VERSIONS[name], ciphers, ["RSA"], dh=True)
                                    for name in ("TLSv1", "TLSv1.1", "TLSv1.2")})

    def test_no_tickets(self):
        survey = self.check("-num_tickets", "0", "-no_ticket")
        self.assertEqual(survey.trait("psk_resumption"), 0)

    def test_client_certificate_request(self):
        survey = self.check("-verify", "2")
        self.assertEqual(survey.trait("client_certificate_request"), 1)

    def test_alpn_list(self):
        survey = self.check("-alpn", "http/1.1,http/1.0")
        names = {survey.names["alpn", code] for code in survey.supported("alpn")}
        self.assertEqual(names, {"http/1.1", "http/1.0"})

    def test_fallback_scsv_is_honoured(self):
        survey = self.check("-cipher", "DEFAULT:@SECLEVEL=0")
        self.assertEqual(survey.trait("fallback_scsv"), 1)


class GnuTls(Case):
    """Another stack: its lists, its order, its groups."""

    NAMES = {"GROUP-SECP256R1": 0x17, "GROUP-SECP384R1": 0x18, "GROUP-SECP521R1": 0x19, "GROUP-X25519": 0x1D,
             "GROUP-X448": 0x1E, "GROUP-FFDHE2048": 0x100, "GROUP-FFDHE3072": 0x101, "GROUP-FFDHE4096": 0x102,
             "GROUP-FFDHE6144": 0x103, "GROUP-FFDHE8192": 0x104}

    def check(self, priority, key="rsa2048", profile="standard"):
        require("gnutls-serv", "gnutls-cli")
        with Farm() as farm:
            identity = farm.ca.leaf("a.test", key=key)
            row = farm.scan_gnutls(identity, "--profile", profile, *FAST, priority=priority)
            survey = check_burden(self, Survey(row["database"], "a.test"), profile)
        expected = {}
        for version, code in gnutls_suites(priority, "ECDSA" if key.startswith("p") else "RSA"):
            expected.setdefault(version, set()).add(code)
        self.assert_suites(survey, expected)
        if TLS13 in expected:
            self.assertEqual(survey.supported("group", TLS13), {self.NAMES[name] for name in gnutls_groups(priority)})

    def test_normal(self):
        self.check("NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-DHE-RSA")

    def test_ecdsa_tls13(self):
        self.check("NORMAL:-VERS-ALL:+VERS-TLS1.3", key="p256")

    def test_legacy(self):
        self.check("LEGACY:-DHE-RSA", profile="deep")


if __name__ == "__main__":
    main()
