#!/usr/bin/python3
"""Peers that misbehave: every one ends in its own outcome, soon, within the caps, and in one row."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, main  # noqa: E402
from hostile_server import BEHAVIOURS  # noqa: E402

# What scans here are given: loopback answers at once, so six seconds are silence. No retries, and nobody waits for
# another's turn.
IMPATIENT = ("--connect-timeout", "6s", "--handshake-timeout", "6s", "--retries", "0",
             "--per-address", "0", "--address-rate", "0")
# Of faults that end by themselves, however slow the machine.
PATIENT = (*IMPATIENT, "--handshake-timeout", "60s")
READ_CAP = 256 << 10

# behaviour → outcome, stage, a word of the detail
EXPECTED = {
    "alert": ("alert", "tls", "handshake_failure"),
    "alert-after-server-hello": ("alert", "tls", "internal_error"),
    "application-data-first": ("protocol-error", "tls", ""),
    "big-certificate": ("limit-exceeded", "tls", ""),
    "broken-certificate": ("protocol-error", "tls", "cert"),
    "client-hello-back": ("protocol-error", "tls", ""),
    "close": ("closed", "tls", "without any answer"),
    "close-after-hello": ("closed", "tls", "ClientHello"),
    "close-after-server-hello": ("closed", "tls", "ServerHello"),
    "close-notify": ("closed", "tls", ""),
    "drip": ("handshake-timeout", "tls", ""),
    "empty-certificate": ("protocol-error", "tls", ""),
    "endless-change-cipher-spec": ("protocol-error", "tls", ""),
    "endless-empty-records": ("protocol-error", "tls", ""),
    "endless-handshake": ("limit-exceeded", "tls", ""),
    "endless-hello-requests": ("protocol-error", "tls", ""),
    "endless-http": ("not-tls", "tls", "HTTP"),
    "endless-warnings": ("protocol-error", "tls", ""),
    "garbage": ("not-tls", "tls", ""),
    "http": ("not-tls", "tls", "HTTP"),
    "huge-hello": ("limit-exceeded", "tls", ""),
    "huge-record": ("protocol-error", "tls", ""),
    "malformed-alert": ("protocol-error", "tls", ""),
    "many-certificates": ("limit-exceeded", "tls", "100 certificates"),
    "plaintext-after-hello": ("protocol-error", "tls", ""),
    "reset": ("reset", ("tcp", "tls"), ""),  # it may overtake the end of our connect()
    "reset-after-hello": ("reset", "tls", ""),
    "reset-after-server-hello": ("reset", "tls", "ServerHello"),
    "silence": ("handshake-timeout", "tls", "ClientHello"),
    "silence-after-server-hello": ("handshake-timeout", "tls", "ServerHello"),
    "smtp": ("not-tls", "tls", "SMTP"),
    "ssh": ("not-tls", "tls", "SSH"),
    "sslv2": ("not-tls", "tls", ""),
    "truncated-header": ("closed", "tls", ""),
    "truncated-record": ("closed", "tls", ""),
    "warning-alert": ("handshake-timeout", "tls", ""),
    "wrong-extension": ("protocol-error", "tls", ""),
    "wrong-suite": ("protocol-error", "tls", ""),
    "wrong-version": ("protocol-error", "tls", ""),
    "refused": ("refused", "tcp", ""),
    "unanswered": ("connect-timeout", "tcp", ""),
}


def target(port):
    return "127.0.0.1:%d" % port


class Behaviours(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        hostile = cls.farm.hostile()
        names = {hostile.listen(name): name for name in BEHAVIOURS}
        names[hostile.refused()] = "refused"
        names[hostile.unanswered()] = "unanswered"
        rows = cls.farm.scan([target(port) for port in names], *IMPATIENT)
        cls.rows = {names[row["port"]]: row for row in rows}
        cls.num_rows = len(rows)
        cls.hostile = hostile
        cls.ports = {name: port for port, name in names.items()}

    def test_every_behaviour_is_expected_somewhere(self):
        self.assertEqual(set(EXPECTED), set(BEHAVIOURS) | {"refused", "unanswered"})

    def test_each_peer_is_one_row(self):
        self.assertEqual(self.num_rows, len(EXPECTED))
        self.assertEqual(set(self.rows), set(EXPECTED))

    def test_outcomes(self):
        for name, (outcome, stage, word) in EXPECTED.items():
            with self.subTest(name):
                row = self.rows[name]
                self.assertEqual(row["outcome"], outcome, row["outcome_detail"])
                self.assertIn(row["outcome_stage"], stage if isinstance(stage, tuple) else (stage,))
                self.assertIn(word, row["outcome_detail"])

    def test_nobody_makes_us_read_beyond_the_cap(self):
        for name, row in self.rows.items():
            with self.subTest(name):
                self.assertLessEqual(row["read_bytes"], READ_CAP)

    def test_one_connection_each(self):
        for name, row in self.rows.items():
            with self.subTest(name):
                self.assertEqual(row["connections"], 1)
                if name in BEHAVIOURS:
                    self.assertEqual(self.hostile.accepted[self.ports[name]], 1)

    def test_a_failed_peer_gets_no_grade(self):
        for name, row in self.rows.items():
            with self.subTest(name):
                self.assertIsNone(row["handshake_ms"])
                if name != "broken-certificate":  # a certificate was seen, though it is none
                    self.assertIsNone(row["grade"])

    def test_a_certificate_that_is_none_is_kept(self):
        row = self.rows["broken-certificate"]
        self.assertEqual((row["presented_depth"], row["trusted"], row["trust_detail"]),
                         (1, 0, "unparsable"))


class Retries(unittest.TestCase):
    """Transient outcomes get one more attempt, the others none."""

    EXPECTED_CONNECTIONS = {"silence": 2, "reset": 2, "close": 2, "close-after-hello": 2,
                            "close-after-server-hello": 1, "alert": 1, "http": 1, "garbage": 1}

    def test_retries(self):
        with Farm() as farm:
            hostile = farm.hostile()
            ports = {name: hostile.listen(name) for name in self.EXPECTED_CONNECTIONS}
            rows = farm.scan([target(port) for port in ports.values()], "--handshake-timeout",
                             "6s", "--per-address", "0", "--address-rate", "0")
            attempts = {row["port"]: row["attempts"] for row in rows}
            for name, expected in self.EXPECTED_CONNECTIONS.items():
                with self.subTest(name):
                    self.assertEqual(attempts[ports[name]], expected)
                    self.assertEqual(hostile.accepted[ports[name]], expected)


class Faults(unittest.TestCase):
    """A good server behind a fault, at every step of its handshake."""

    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        leaf = cls.farm.ca.leaf("a.test")
        cls.webs = {
            "TLS 1.2": cls.farm.nginx([Site("a.test", leaf, protocols="TLSv1.2")]),
            "TLS 1.3": cls.farm.nginx([Site("a.test", leaf, protocols="TLSv1.3")]),
        }
        cls.hostile = cls.farm.hostile()

    def scan(self, faults, limits=PATIENT):
        """One relay for each fault; its row by the fault's name."""
        ports = {self.hostile.relay(web.port, **fault): name
                 for name, (web, fault) in faults.items()}
        rows = self.farm.scan([target(port) for port in ports], *limits)
        self.assertEqual(len(rows), len(faults))
        return {ports[row["port"]]: row for row in rows}

    def each_step(self, how, **key_values):
        del key_values
        return {(version, count): (web, {"cut_after_records": count, "how": how})
                for version, web in self.webs.items() for count in range(4)}

    def test_closed_at_each_step(self):
        for (version, count), row in self.scan(self.each_step("close")).items():
            with self.subTest(version=version, records=count):
                self.assertIn(row["outcome"], ("closed", "ok") if count == 3 else ("closed",),
                              row["outcome_detail"])

    def test_reset_at_each_step(self):
        for (version, count), row in self.scan(self.each_step("reset")).items():
            with self.subTest(version=version, records=count):
                self.assertIn(row["outcome"], ("reset", "ok") if count == 3 else ("reset",),
                              row["outcome_detail"])

    def test_silent_at_each_step(self):
        for (version, count), row in self.scan(self.each_step("silence"), IMPATIENT).items():
            with self.subTest(version=version, records=count):
                self.assertIn(row["outcome"], ("handshake-timeout", "ok") if count == 3 else
                              ("handshake-timeout",), row["outcome_detail"])

    def test_closed_after_each_of_the_first_bytes(self):
        faults = {count: (self.webs["TLS 1.3"], {"cut_after_bytes": count})
                  for count in list(range(1, 12)) + [40, 80, 130, 400]}
        for count, row in self.scan(faults).items():
            with self.subTest(count=count):
                self.assertEqual(row["outcome"], "closed", row["outcome_detail"])

    def test_corrupt_bytes(self):
        # Offset 1 is left out: the version of the first record, which nobody compares.
        faults = {(version, offset): (web, {"corrupt_byte": offset})
                  for version, web in self.webs.items()
                  for offset in (0, 3, 4, 5, 6, 9, 20, 44, 60, 80, 100, 150, 200)}
        for name, row in self.scan(faults, IMPATIENT).items():
            with self.subTest(name):
                self.assertIn(row["outcome"], ("protocol-error", "not-tls", "handshake-timeout",
                                               "alert", "limit-exceeded", "closed"),
                              row["outcome_detail"])

    def test_bytes_that_come_one_by_one_are_a_handshake_all_the_same(self):
        rows = self.scan({version: (web, {"one_byte_s": 0.0001})
                          for version, web in self.webs.items()})
        for version, row in rows.items():
            with self.subTest(version):
                self.assertEqual(row["outcome"], "ok", row["outcome_detail"])
                self.assertEqual(row["presented_depth"], 2)


if __name__ == "__main__":
    main()
