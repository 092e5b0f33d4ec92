#!/usr/bin/python3
"""Real servers, good and broken: what is seen of them in one handshake, and what is made of it."""
import os
import sys
import unittest

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, main, require  # noqa: E402
from test_ca import Authority, der, self_signed  # noqa: E402

POLITE_ENOUGH = ("--retries", "0", "--per-address", "0", "--address-rate", "0")


def sites(farm):
    """Name → (identity, what is expected of its row)."""
    ca, root = farm.ca, farm.root
    foreign_root = Authority("Foreign Root")
    foreign = foreign_root.intermediate("Foreign CA")
    deep = ca.intermediate("Second").intermediate("Third")
    old_ca = root.intermediate("Expired CA", not_before_days=-400, not_after_days=-3)
    short = root.intermediate("Short CA", path_length=0)
    good = {"trusted": 1, "trust_detail": None, "name_match": 1, "chain_status": "complete"}
    return {
        "good.test": (ca.leaf("good.test", "www.good.test", not_after_days=60.5), dict(
            good, presented_depth=2, verified_depth=3, subject_cn="good.test",
            names="good.test www.good.test", issuer_cn="tlscensus Test Issuing CA",
            anchor_cn="tlscensus Test Root", key_type="ECDSA P-256", leaf_days_left=60)),
        "rsa.test": (ca.leaf("rsa.test", key="rsa2048"), dict(good, key_type="RSA", key_bits=2048)),
        "wild.test": (ca.leaf("*.wild.test", "wild.test"), dict(good, is_wildcard=1)),
        "sub.wild.test": (ca.leaf("*.wild.test"), dict(good, is_wildcard=1)),
        "direct.test": (root.leaf("direct.test"), dict(good, presented_depth=1, verified_depth=2)),
        "deep.test": (deep.leaf("deep.test"), dict(good, presented_depth=4, verified_depth=5)),
        "sent-root.test": (ca.leaf("sent-root.test").presenting("root"), dict(
            good, presented_depth=3, verified_depth=3)),
        "reversed.test": (deep.leaf("reversed.test").presenting("reversed"), dict(
            good, chain_status="out-of-order")),
        "extra.test": (lambda leaf: leaf.presenting(leaf.presented + [foreign.cert]))(
            ca.leaf("extra.test")),
        "expired.test": (ca.leaf("expired.test", not_before_days=-100, not_after_days=-2.5), {
            "trusted": 0, "trust_detail": "expired", "name_match": 1, "leaf_days_left": -3,
            "verified_depth": 3}),
        "future.test": (ca.leaf("future.test", not_before_days=2), {
            "trusted": 0, "trust_detail": "not-yet-valid", "name_match": 1}),
        "old-ca.test": (old_ca.leaf("old-ca.test"), {
            "trusted": 0, "trust_detail": "expired", "chain_expires_subject": "Expired CA"}),
        "wrong.test": (ca.leaf("right.test"), {"trusted": 1, "name_match": 0, "grade": "M"}),
        "cn-only.test": (ca.leaf("cn-only.test", san=False), {"trusted": 1, "name_match": 0}),
        "self.test": (self_signed("self.test"), {
            "trusted": 0, "trust_detail": "self-signed", "name_match": 1, "grade": "T"}),
        "foreign.test": (foreign.leaf("foreign.test"), {
            "trusted": 0, "trust_detail": "unknown-issuer"}),
        "foreign-root.test": (foreign.leaf("foreign-root.test").presenting("root"), {
            "trusted": 0, "trust_detail": "untrusted-root"}),
        "client-only.test": (ca.leaf("client-only.test", usage=False, extensions=[
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)]), {
                "trusted": 0, "trust_detail": "purpose"}),
        "path-length.test": (short.intermediate("Too Deep").leaf("path-length.test"), {
            "trusted": 0, "trust_detail": "constraint"}),
    }


class Chains(unittest.TestCase):
    """Every shape of chain, on one nginx, by name."""

    @classmethod
    def setUpClass(cls):
        require("nginx")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.sites = sites(cls.farm)
        identity = cls.sites["extra.test"]
        cls.sites["extra.test"] = (identity, {
            "trusted": 1, "chain_status": "extra-certificates", "presented_depth": 3,
            "verified_depth": 3})
        web = cls.farm.nginx([Site(name, pair[0]) for name, pair in cls.sites.items()])
        dns = cls.farm.dns({name: {"A": ["127.0.0.1"]} for name in cls.sites})
        rows = cls.farm.scan(["https://%s:%d" % (name, web.port) for name in cls.sites],
                             "--resolver", dns.resolver, *POLITE_ENOUGH)
        cls.rows = {row["host"]: row for row in rows}

    def test_each_name_is_one_row(self):
        self.assertEqual(set(self.rows), set(self.sites))

    def test_facts(self):
        for name, (_, expected) in self.sites.items():
            for column, value in expected.items():
                with self.subTest(name=name, column=column):
                    self.assertEqual(self.rows[name]["outcome"], "ok",
                                     self.rows[name]["outcome_detail"])
                    self.assertEqual(self.rows[name][column], value)

    def test_leaf_hashes(self):
        import hashlib
        for name, (identity, _) in self.sites.items():
            with self.subTest(name):
                self.assertEqual(self.rows[name]["leaf_sha256"],
                                 "sha256:" + hashlib.sha256(der(identity.cert)).hexdigest())

    def test_what_was_negotiated(self):
        row = self.rows["good.test"]
        self.assertEqual((row["tls_version"], row["alpn"]), ("TLSv1.3", "h2"))
        self.assertEqual(row["connections"], 1)


class Incomplete(unittest.TestCase):
    """A chain without its intermediate: repaired by what another server sent, or not at all."""

    def scan(self, with_helper):
        with Farm() as farm:
            names = {"cut.test": farm.ca.leaf("cut.test").presenting("leaf")}
            if with_helper:
                names["whole.test"] = farm.ca.leaf("whole.test")
            web = farm.nginx([Site(name, identity) for name, identity in names.items()])
            dns = farm.dns({name: {"A": ["127.0.0.1"]} for name in names})
            rows = farm.scan(["https://%s:%d" % (name, web.port) for name in names], "--resolver",
                             dns.resolver, *POLITE_ENOUGH)
            return next(row for row in rows if row["host"] == "cut.test")

    def test_alone(self):
        row = self.scan(with_helper=False)
        self.assertEqual((row["trusted"], row["trust_detail"], row["verified_depth"]),
                         (0, "unknown-issuer", None))

    def test_repaired(self):
        row = self.scan(with_helper=True)
        self.assertEqual((row["trusted"], row["trust_detail"], row["chain_status"],
                          row["verified_depth"]), (0, "incomplete-chain", "incomplete", 3))


class Servers(unittest.TestCase):
    """Versions, staples, client certificates, and the other libraries' servers."""

    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.leaf = cls.farm.ca.leaf("a.test")

    def examine(self, server, *options, host="a.test"):
        """The row of one server."""
        rows = self.farm.scan(["https://%s{%s}:%d" % (host, server.address, server.port)],
                              *POLITE_ENOUGH, *options)
        self.assertEqual(len(rows), 1)
        return rows[0]

    def expect_ok(self, row, **columns):
        self.assertEqual(row["outcome"], "ok", row["outcome_detail"])
        for column, value in columns.items():
            with self.subTest(column):
                self.assertEqual(row[column], value)

    def test_openssl_versions(self):
        for option, version in (("-tls1", "TLSv1.0"), ("-tls1_1", "TLSv1.1"),
                                ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            with self.subTest(version):
                server = self.farm.openssl(self.leaf, option, "-cipher", "ALL:@SECLEVEL=0")
                self.expect_ok(self.examine(server), tls_version=version, trusted=1,
                               presented_depth=2)

    def test_openssl_suites(self):
        for cipher, name in (("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
                             ("ECDHE-RSA-CHACHA20-POLY1305",
                              "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")):
            with self.subTest(cipher):
                server = self.farm.openssl(self.farm.ca.leaf("a.test", key="rsa2048"), "-tls1_2",
                                           "-cipher", cipher + ":@SECLEVEL=0")
                row = self.examine(server)
                self.expect_ok(row, cipher=name)

    def test_openssl_without_a_common_suite(self):
        server = self.farm.openssl(self.leaf, "-tls1_2", "-cipher",
                                   "ECDHE-ECDSA-CAMELLIA128-SHA256:@SECLEVEL=0")
        row = self.examine(server)
        self.assertEqual((row["outcome"], row["outcome_detail"]), ("alert", "handshake_failure"))

    def test_gnutls(self):
        for priority, version in (("NORMAL", "TLSv1.3"), ("NORMAL:-VERS-TLS1.3", "TLSv1.2")):
            with self.subTest(priority):
                row = self.farm.scan_gnutls(self.leaf, *POLITE_ENOUGH, priority=priority)
                self.expect_ok(row, tls_version=version, trusted=1)

    def test_staple(self):
        web = self.farm.nginx([Site("a.test", self.leaf, staple=self.leaf.ocsp_response())])
        self.expect_ok(self.examine(web), ocsp_stapled=1)

    def test_no_staple(self):
        web = self.farm.nginx([Site("a.test", self.leaf)])
        self.expect_ok(self.examine(web), ocsp_stapled=0)

    def test_client_certificate_required(self):
        for arguments in (["-tls1_2"], ["-tls1_3"]):
            with self.subTest(arguments[0]):
                server = self.farm.openssl(self.leaf, "-Verify", "1", *arguments)
                row = self.examine(server)
                self.assertEqual(row["outcome"], "client-certificate-required",
                                 row["outcome_detail"])
                self.assertEqual((row["presented_depth"], row["trusted"], row["subject_cn"]),
                                 (2, 1, "a.test"))

    def test_client_certificate_wished(self):
        server = self.farm.openssl(self.leaf, "-verify", "1")
        self.expect_ok(self.examine(server), presented_depth=2)

    def test_alpn(self):
        web = self.farm.nginx([Site("a.test", self.leaf, http2=False)])
        self.expect_ok(self.examine(web), alpn="http/1.1")

    def test_sni_decides(self):
        other = self.farm.ca.leaf("b.test")
        web = self.farm.nginx([Site("a.test", self.leaf), Site("b.test", other)])
        self.expect_ok(self.examine(web, host="b.test"), subject_cn="b.test", name_match=1)
        self.expect_ok(self.examine(web, host="c.test"), subject_cn="a.test", name_match=0)

    def test_an_address_sends_no_sni(self):
        by_address = self.farm.ca.leaf("127.0.0.1")
        web = self.farm.nginx([Site("127.0.0.1", by_address), Site("a.test", self.leaf)])
        rows = self.farm.scan(["127.0.0.1:%d" % web.port], *POLITE_ENOUGH)
        self.expect_ok(rows[0], name_match=1)

    def test_every_address_is_an_endpoint(self):
        addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        web = self.farm.nginx([Site("a.test", self.leaf, address=address)
                               for address in addresses])
        dns = self.farm.dns({"a.test": {"A": addresses}})
        for options, expected in (((), addresses), (("--one-address",), addresses[:1])):
            with self.subTest(options):
                rows = self.farm.scan(["a.test:%d" % web.port], "--resolver", dns.resolver,
                                      *options, *POLITE_ENOUGH)
                self.assertEqual(sorted(row["address"] for row in rows), expected)

    def test_ipv6(self):
        try:
            web = self.farm.nginx([Site("a.test", self.leaf, address="::1")])
        except RuntimeError as error:
            raise unittest.SkipTest("no IPv6 on loopback: %s" % error) from None
        dns = self.farm.dns({"a.test": {"AAAA": ["::1"]}})
        rows = self.farm.scan(["a.test:%d" % web.port], "--resolver", dns.resolver, *POLITE_ENOUGH)
        self.expect_ok(rows[0], address="::1")

    def test_oversized_chains(self):
        identity = self.leaf.presenting(self.leaf.presented + [self.farm.root.cert] * 150)
        server = self.farm.openssl(identity)
        row = self.examine(server)
        self.assertEqual(row["outcome"], "limit-exceeded", row["outcome_detail"])


if __name__ == "__main__":
    main()
