#!/usr/bin/python3
"""DNS through the whole program: what a resolver may say, and what becomes of it."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, main  # noqa: E402

ZONE = {
    "a.test": {"A": ["127.0.0.1"]},
    "two.test": {"A": ["127.0.0.1", "127.0.0.2"]},
    "alias.test": {"CNAME": "middle.test"},
    "middle.test": {"CNAME": "a.test"},
    "dangling.test": {"CNAME": "gone.test"},
    "loop.test": {"CNAME": "loop.test"},
    "empty.test": {"TXT": ["0161"]},
    "six.test": {"AAAA": ["2001:db8::1"]},
    "servfail.test": {"rcode": "SERVFAIL"},
    "refused.test": {"rcode": "REFUSED"},
    "silent.test": {"silent": True},
    "garbage.test": {"garbage": "00"},
    "other-id.test": {"wrong_id": True, "A": ["127.0.0.9"]},
    "other-question.test": {"wrong_question": True, "A": ["127.0.0.9"]},
    "tcp.test": {"truncate": True, "A": ["127.0.0.3"]},
    "long.test": {"A": ["127.1.0.%d" % i for i in range(60)]},
    "late.test": {"A": ["127.0.0.4"], "delay_s": 0.3},
    "second-time.test": [{"rcode": "SERVFAIL"}, {"A": ["127.0.0.5"]}],
    "strangers.test": {"A": ["127.0.0.6"], "extra": [["evil.test", "A", "127.0.0.66"]],
                       "additional": [["ns.test", "A", "127.0.0.67"]],
                       "authority": [["test", "NS", "ns.test"]]},
    "unspecified.test": {"A": ["0.0.0.0"]},
    "*.wild.test": {"A": ["127.0.0.7"]},
}

# name → outcome, addresses (of the names whose ports refuse, since nothing listens)
EXPECTED = {
    "a.test": ("refused", ["127.0.0.1"]),
    "two.test": ("refused", ["127.0.0.1", "127.0.0.2"]),
    "alias.test": ("refused", ["127.0.0.1"]),
    "dangling.test": ("dns-not-found", [""]),
    "loop.test": ("dns-failure", [""]),
    "empty.test": ("dns-no-address", [""]),
    "nowhere.test": ("dns-not-found", [""]),
    "servfail.test": ("dns-failure", [""]),
    "refused.test": ("dns-failure", [""]),
    "silent.test": ("dns-timeout", [""]),
    "garbage.test": ("dns-timeout", [""]),
    "other-id.test": ("dns-timeout", [""]),
    "other-question.test": ("dns-timeout", [""]),
    "tcp.test": ("refused", ["127.0.0.3"]),
    "late.test": ("refused", ["127.0.0.4"]),
    "strangers.test": ("refused", ["127.0.0.6"]),
    "unspecified.test": ("excluded", ["0.0.0.0"]),
    "x.wild.test": ("refused", ["127.0.0.7"]),
}


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.dns = cls.farm.dns(ZONE)
        cls.port = cls.farm.hostile().refused("0.0.0.0")
        cls.database = cls.farm.path("names.db")
        rows = cls.scan(list(EXPECTED), database=cls.database)
        cls.rows = {}
        for row in rows:
            cls.rows.setdefault(row["host"], []).append(row)

    @classmethod
    def scan(cls, names, *options, **more):
        return cls.farm.scan(["%s:%d" % (name, cls.port) for name in names], "--resolver",
                             cls.dns.resolver, "--dns-timeout", "6s", "--retries", "0",
                             "--per-address", "0", "--address-rate", "0", *options, **more)

    def test_outcomes_and_addresses(self):
        for name, (outcome, addresses) in EXPECTED.items():
            with self.subTest(name):
                rows = self.rows[name]
                self.assertEqual({row["outcome"] for row in rows}, {outcome},
                                 [row["outcome_detail"] for row in rows])
                self.assertEqual(sorted(row["address"] for row in rows), addresses)

    def test_stages(self):
        for name, rows in self.rows.items():
            with self.subTest(name):
                stage = "dns" if rows[0]["outcome"].startswith("dns-") else "tcp"
                if rows[0]["outcome"] != "excluded":
                    self.assertEqual(rows[0]["outcome_stage"], stage)

    def test_lookups_are_timed_where_there_were_any(self):
        self.assertGreaterEqual(self.rows["late.test"][0]["dns_ms"], 300)
        rows = self.farm.scan(["127.0.0.1:%d" % self.port], "--retries", "0")
        self.assertIsNone(rows[0]["dns_ms"])

    def test_large_answers_come_by_tcp(self):
        rows = self.scan(["long.test"])
        self.assertEqual(len(rows), 60)
        self.assertIn(("tcp", "long.test", "A"), self.dns.queries)

    def test_one_more_attempt_after_a_failure(self):
        rows = self.scan(["second-time.test"], "--retries", "1")
        self.assertEqual({row["outcome"] for row in rows}, {"refused"})

    def test_no_search_domains(self):
        before = len(self.dns.queries)
        rows = self.scan(["intranet"])
        self.assertEqual(rows[0]["outcome"], "dns-not-found")
        self.assertEqual({name for _, name, _ in self.dns.queries[before:]}, {"intranet"})

    def test_families(self):
        before = len(self.dns.queries)
        self.scan(["a.test"], "-4")
        self.assertEqual({kind for _, _, kind in self.dns.queries[before:]}, {"A"})
        before = len(self.dns.queries)
        rows = self.scan(["a.test"], "-6")
        self.assertEqual({kind for _, _, kind in self.dns.queries[before:]}, {"AAAA"})
        self.assertEqual(rows[0]["outcome"], "dns-no-address")

    def test_a_resolver_that_is_not_there(self):
        nobody = self.farm.hostile().refused()
        rows = self.farm.scan(["a.test:%d" % self.port], "--resolver", "127.0.0.1:%d" % nobody,
                              "--dns-timeout", "1s", "--retries", "0")
        self.assertIn(rows[0]["outcome"], ("dns-failure", "dns-timeout"))

    def test_the_second_resolver_helps(self):
        nobody = self.farm.hostile().refused()
        rows = self.farm.scan(["a.test:%d" % self.port], "--resolver", "127.0.0.1:%d" % nobody,
                              "--resolver", self.dns.resolver, "--retries", "0")
        self.assertEqual(rows[0]["outcome"], "refused")

    def test_what_needs_no_query_ends_too(self):
        """Such names are answered before the loop sleeps: alone in a scan, nothing else wakes it."""
        self.assertEqual(self.scan(["alone.onion"])[0]["outcome"], "dns-not-found")
        try:
            with open("/etc/hosts", encoding="utf-8", errors="replace") as file:
                names = [line.split("#")[0].split() for line in file]
        except FileNotFoundError:  # a bare system has none
            names = []
        if not any(name[:1] == ["127.0.0.1"] and "localhost" in name for name in names):
            self.skipTest("no localhost in /etc/hosts")
        rows = self.farm.scan(["localhost:%d" % self.port], "-4", "--retries", "0")
        self.assertEqual([(row["outcome"], row["dns_ms"]) for row in rows], [("refused", None)])

    def test_names_of_one_answer_are_asked_once(self):
        before = len(self.dns.queries)
        self.farm.scan(["tls://a.test:%d" % (self.port + i) for i in range(5)], "--resolver",
                       self.dns.resolver, "-4", "--retries", "0", "--workers", "1")
        asked = [name for _, name, _ in self.dns.queries[before:]]
        self.assertEqual(asked.count("a.test"), 1)


if __name__ == "__main__":
    main()
