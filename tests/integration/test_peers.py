#!/usr/bin/python3
"""Servers that nobody serves any more, or not yet, played from published byte layouts: the survey says what their
tables say, neither more nor less. The same table drives the peer and makes the expectation.

Where BSSL_SERVER names a current upstream BoringSSL's `bssl`, its server is surveyed too.
"""
import os
import sys
import unittest
from hashlib import sha256

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import hello_wire as wire  # noqa: E402
from farm import Farm, main  # noqa: E402
from hello_wire import SSL2, SSL3, TLS10, TLS11, TLS12, TLS13  # noqa: E402
from scripted_server import (HABITS, MLKEM512, MLKEM768, MLKEM1024, P256, P256_MLKEM768, P384,  # noqa: E402
                             P384_MLKEM1024, P521, X448, X25519, X25519_KYBER768, X25519_MLKEM768, Scripted, Table)
from survey_facts import Survey, check_burden  # noqa: E402
from table_truth import gaps, lies  # noqa: E402
from test_ca import der  # noqa: E402

FAST = ("--retries", "0", "--per-address", "4", "--address-rate", "0")
# Of those who always answer: a machine that is slow takes nothing for silence.
PATIENT = ("--handshake-timeout", "60s", "--endpoint-timeout", "600s")
IMPATIENT = ("--handshake-timeout", "3s")

# Specs of SSL 2.0, three bytes each, from the draft's appendix C.4.
RC4_MD5, RC2_MD5, IDEA_MD5, DES_MD5, DES3_MD5 = 0x010080, 0x030080, 0x050080, 0x060040, 0x0700C0
RC4_EXPORT, RC2_EXPORT = 0x020080, 0x040080


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.rsa = cls.farm.ca.leaf("a.test", key="rsa2048")
        cls.ecdsa = cls.farm.ca.leaf("a.test")

    def survey(self, port, profile, patience):
        database = self.farm.path(self.farm.new_name("survey") + ".db")
        result = self.farm.tlscensus("scan", "--db", database, "--ca-file", self.farm.ca_file, "--profile", profile,
                                     *FAST, *patience, "https://a.test{127.0.0.1}:%d" % port)
        self.assertEqual(result.returncode, 0, result.stderr)
        return check_burden(self, Survey(database, "a.test"), profile)

    def check(self, table, is_whole=True, **manners):
        """Both profiles; the survey of the last. `is_whole`: nothing may be left unmeasured."""
        with self.farm.hostile() as hostile:
            for profile in ("standard", "deep"):
                port = hostile.listen(Scripted(table, **manners))
                survey = self.survey(port, profile, IMPATIENT if "silence" in manners.values() else PATIENT)
                with self.subTest(profile=profile):
                    self.assertEqual(lies(survey, table), [])
                    self.assertEqual(gaps(survey, table) if is_whole else [], [])
                    self.assertEqual(survey.connections, hostile.accepted[port])
        return survey


class Old(Case):
    """SSL 2.0 and 3.0, alone and beside what came later."""

    def check_ssl2_alone(self, manner):
        """What it answers no other hello with is not measured: nothing tells that it was heard."""
        table = Table(suites={SSL2: (RC4_MD5, DES3_MD5, RC2_EXPORT)}, leaves={"RSA": self.rsa})
        survey = self.check(table, is_whole=False, to_strangers=manner)
        self.assertEqual(survey.rows["version", 0, SSL2][0], 1)
        self.assertEqual(survey.supported("cipher", SSL2), set(table.suites[SSL2]))
        return survey

    def test_ssl2_alone_hangs_up_on_the_rest(self):
        self.check_ssl2_alone("close")

    def test_ssl2_alone_waits_for_more(self):
        """It reads a header of SSL 2.0 in the record, and 5,635 bytes that are to come."""
        self.check_ssl2_alone("silence")

    def test_ssl2_alone_answers_with_an_error(self):
        self.check_ssl2_alone("ssl2-error")

    def test_ssl2_alone_shows_its_leaf(self):
        """So that rule drown-shared-key can hold it against the keys of others."""
        survey = self.check_ssl2_alone("close")
        self.assertEqual(survey.leaf, sha256(der(self.rsa.cert)).hexdigest())

    def test_ssl2_without_a_spec(self):
        """It speaks SSL 2.0 all the same (CVE-2015-3197)."""
        self.check(Table(suites={SSL2: (), TLS12: (0xC02F,)}, leaves={"RSA": self.rsa}, acknowledged=HABITS))

    def test_ssl3_alone(self):
        self.check(Table(suites={SSL3: (0x0005, 0x0004, 0x000A, 0x0016, 0x0009, 0x0003)}, leaves={"RSA": self.rsa}))

    def test_ssl3_alone_client_order(self):
        self.check(Table(suites={SSL3: (0x002F, 0x0035, 0x0005, 0x0039)}, leaves={"RSA": self.rsa}, server_order=False))

    def test_ssl3_compresses(self):
        self.check(Table(suites={SSL3: (0x000A, 0x0005)}, leaves={"RSA": self.rsa}, compression=True))

    def test_both_beside_tls10(self):
        self.check(Table(suites={SSL2: (RC4_MD5, RC2_MD5, IDEA_MD5, DES_MD5, DES3_MD5, RC4_EXPORT, RC2_EXPORT),
                                 SSL3: (0x0035, 0x000A, 0x0005, 0x0008),
                                 TLS10: (0xC014, 0x0035, 0x0039, 0x000A, 0x0005)},
                         leaves={"RSA": self.rsa}, acknowledged=frozenset({wire.SESSION_TICKET, wire.HEARTBEAT}),
                         fallback_scsv=False))

    def test_ssl3_beside_tls12_with_holes(self):
        self.check(Table(suites={SSL3: (0x000A,), TLS12: (0xC02F, 0x009C)}, leaves={"RSA": self.rsa},
                         acknowledged=HABITS, alpn=("h2", "http/1.1")))


class New(Case):
    """Groups that no library at hand may have: the group stands in the clear in HelloRetryRequest."""

    def check_groups(self, *groups, server_order=True, **options):
        suites = {TLS13: (0x1302, 0x1303, 0x1301), **options.pop("suites", {})}
        return self.check(Table(suites=suites, leaves={"RSA": self.rsa}, groups=groups, server_order=server_order,
                                **options))

    def test_hybrid_first(self):
        survey = self.check_groups(X25519_MLKEM768, X25519)
        self.assertEqual(survey.trait("post_quantum"), 1)

    def test_hybrid_last(self):
        survey = self.check_groups(P384, X25519, X25519_MLKEM768)
        self.assertEqual(survey.trait("post_quantum"), 1)

    def test_all_of_them_in_client_order(self):
        self.check_groups(X25519_MLKEM768, P256_MLKEM768, P384_MLKEM1024, MLKEM512, MLKEM768, MLKEM1024,
                          X25519_KYBER768, X25519, X448, P256, P384, P521, server_order=False)

    def test_hybrid_alone(self):
        self.check_groups(X25519_MLKEM768)

    def test_pure_alone(self):
        self.check_groups(MLKEM1024)

    def test_the_draft_is_not_the_standard(self):
        survey = self.check_groups(X25519_KYBER768, X25519)
        self.assertEqual(survey.trait("post_quantum"), 0)

    def test_hybrid_beside_tls12(self):
        self.check_groups(X25519_MLKEM768, X25519, P256, suites={TLS12: (0xC030, 0xC02F)}, curves=(X25519, P256),
                          acknowledged=HABITS, alpn=("http/1.1",))


class Leaves(Case):
    """Two leaves. The server looks at suites alone, not at signature_algorithms and signature_algorithms_cert."""

    def check_both(self, table):
        survey = self.check(table)
        first, second = [leaf for leaf in table.leaves.values()]
        both = {sha256(der(leaf.cert)).hexdigest() for leaf in (first, second)}
        self.assertEqual({survey.leaf, survey.roles["other-key"].hex()}, both)
        return survey

    def crossed(self):
        """Each leaf is signed by the other kind of key."""
        rsa_ca = self.farm.root.intermediate("RSA Issuing CA", key="rsa2048")
        return {"ECDSA": rsa_ca.leaf("a.test"), "RSA": self.rsa}

    def test_two_leaves(self):
        self.check_both(Table(suites={TLS12: (0xC02B, 0xC02F, 0xCCA9, 0xC030, 0xC02C, 0x009C)}, leaves=self.crossed(),
                              acknowledged=HABITS))

    def test_two_leaves_rsa_first(self):
        self.check_both(Table(suites={TLS12: (0xC02F, 0xC030, 0xC02B, 0xC00A)}, leaves=self.crossed()))

    def test_two_leaves_client_order(self):
        self.check_both(Table(suites={TLS12: (0xC02B, 0xC02F, 0x009D), TLS11: (0xC009, 0xC013)}, leaves=self.crossed(),
                              server_order=False, acknowledged=HABITS))

    def test_two_leaves_for_one_name_and_another_for_the_rest(self):
        survey = self.check_both(Table(
            suites={TLS12: (0xC02B, 0xC02F)}, leaves=self.crossed(),
            default={"ECDSA": self.farm.ca.leaf("b.test"), "RSA": self.farm.ca.leaf("b.test", key="rsa2048")}))
        self.assertEqual(set(survey.roles), {"other-key", "no-sni", "unknown-sni"})


class Curves(Case):
    """Groups below TLS 1.3, which the signed key exchange names."""

    CURVES = (P384, X25519, P256)

    def check_curves(self, suites, leaves, curves=CURVES, **options):
        return self.check(Table(suites={TLS12: suites}, leaves=leaves, curves=curves, acknowledged=HABITS, **options))

    def test_rsa(self):
        survey = self.check_curves((0xC02F,), {"RSA": self.rsa})
        self.assertEqual(survey.trait("group_order", TLS12), 1)

    def test_rsa_client_order(self):
        survey = self.check_curves((0xC02F,), {"RSA": self.rsa}, server_order=False)
        self.assertEqual(survey.trait("group_order", TLS12), 0)

    def test_ecdsa_client_order(self):
        self.check_curves((0xC02B, 0xC02C), {"ECDSA": self.ecdsa}, server_order=False)

    def test_rank(self):
        survey = self.check_curves((0xC02F,), {"RSA": self.rsa})
        self.assertEqual(survey.ranked("group", TLS12), list(self.CURVES))

    def test_ecdsa(self):
        self.check_curves((0xC02B,), {"ECDSA": self.ecdsa})

    def test_ecdsa_and_its_own_curve_alone(self):
        self.check_curves((0xC02B,), {"ECDSA": self.ecdsa}, curves=(P256,))


class Upstream(Case):
    """A current BoringSSL, which has what Debian's servers lack."""

    def check_server(self, *groups, names):
        program = os.environ.get("BSSL_SERVER")
        if not program:
            raise unittest.SkipTest("BSSL_SERVER names no bssl of a current BoringSSL")
        chain, key = self.farm.write_identity(self.ecdsa)
        for profile in ("standard", "deep"):
            row = self.farm.scan_enclosed([program, "server", "-accept", "4433", "-cert", chain, "-key", key, "-curves",
                                           ":".join(names), "-loop", "-www"], "--profile", profile, *FAST,
                                           *PATIENT)
            survey = check_burden(self, Survey(row["database"], "a.test"), profile)
            with self.subTest(profile=profile):
                self.assertEqual(survey.supported("group", TLS13), set(groups))
                self.assertEqual(survey.trait("groups_complete", TLS13), 1)
                self.assertEqual(survey.trait("post_quantum"), int(X25519_MLKEM768 in groups))
                self.assertEqual(survey.trait("survey_complete"), 1, survey.text("survey_complete"))

    def test_hybrid_and_x25519(self):
        self.check_server(X25519_MLKEM768, X25519, names=("X25519MLKEM768", "X25519"))

    def test_without_post_quantum(self):
        self.check_server(X25519, P256, names=("X25519", "P-256"))


if __name__ == "__main__":
    main()
