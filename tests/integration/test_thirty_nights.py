#!/usr/bin/python3
"""Thirty nights over a small farm whose servers renew, break, recover, move and take turns: each night's mail says what was
done to it, and nothing else."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Authority, Farm, find_program, free_port, main, require  # noqa: E402
from test_ca import pem  # noqa: E402

NIGHTS = 30
ENTRY = re.compile(r"  ([a-z]+)\.test:\d+ \(team of \1\): (.*)")


class Host:
    """One server of the farm, on every address of loopback."""

    def __init__(self, farm, name):
        self.farm = farm
        self.name = name + ".test"
        self.port = free_port()
        self.server = None

    def show(self, identity):
        self.stop()
        chain, key = self.farm.write_identity(identity)
        command = [find_program("openssl"), "s_server", "-accept", str(self.port), "-cert", chain, "-key", key, "-www", "-quiet"]
        if len(identity.presented) > 1:
            command += ["-cert_chain", self.farm.write(self.farm.new_name("issuers") + ".pem", pem(identity.presented[1:]))]
        self.server = self.farm.child(command, "127.0.0.1", self.port)

    def stop(self):
        if self.server is not None:
            self.server.stop()
            self.server = None


class ThirtyNights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("openssl")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.other_ca = Authority("Another Root", organization="Another Authority")

    def setUp(self):
        names = "renews short long turns moves rotates keeps changes breaks goes vanishes comes".split()
        self.hosts = {name: Host(self.farm, name) for name in names}
        self.zone = {name + ".test": {"A": ["127.0.0.1"]} for name in names}
        self.dns = self.farm.dns(self.zone)
        self.listed = set(names) - {"comes"}
        self.kept = {name: self.leaf(name) for name in names}
        self.turn = (self.leaf("turns"), self.leaf("turns", "other.test"))
        self.database = self.farm.path(self.farm.new_name("thirty") + ".db")

    def leaf(self, name, *more, ca=None, **options):
        return (ca or self.farm.ca).leaf(name + ".test", *more, **options)

    def show(self, name, identity=None):
        self.hosts[name].show(identity or self.kept[name])

    def address(self, name, *addresses):
        """What the name server says from now on; no addresses: there is no such name."""
        spec = {"A": list(addresses)} if addresses else {"rcode": "NXDOMAIN"}
        self.zone[name + ".test"] = spec
        self.dns.zone.names[name + ".test"] = spec

    def day(self, night):
        """What is done to the farm before a night, and what the mail of that night must say of whom."""
        if night == 1:
            for name in self.hosts:
                self.show(name)
            self.address("rotates", "127.0.0.1", "127.0.0.2")
            return {}
        self.show("turns", self.turn[night % 2])
        expected = {}
        if night == 3:
            expected["turns"] = "another certificate; names gained: other.test"
        if night in (3, 15, 27):
            self.show("renews", self.leaf("renews"))  # routine
        if night == 4:
            self.hosts["short"].stop()
        if night == 5:
            self.show("short")
        if night == 6:
            self.hosts["long"].stop()
        if night == 7:
            expected["long"] = "does not answer any more: refused"
        if night == 10:
            self.show("long", self.leaf("long"))
            expected["long"] = "answers, before: refused"
        if night == 8:
            self.address("moves", "127.0.0.3")
            expected["moves"] = "new address 127.0.0.3"
        if night == 9:
            expected["moves"] = "no longer at 127.0.0.1"
        if night == 11:
            self.show("keeps", self.leaf("keeps", key=self.kept["keeps"].key))
            expected["keeps"] = "certificate renewed with the old key"
        if night == 12:
            self.show("changes", self.leaf("changes", ca=self.other_ca))
            expected["changes"] = "issued by Another Authority, before by Test Authority"
        if night == 14:
            self.show("breaks", self.leaf("breaks", not_after_days=-2))
            expected["breaks"] = "cert-expired"
        if night == 17:
            self.show("breaks", self.leaf("breaks"))
        if night == 18:
            expected["breaks"] = "no longer cert-expired"
        if night == 20:
            self.listed.add("comes")  # quiet: it is sound
        if night == 21:
            self.listed.discard("goes")
            expected["goes"] = "no longer in the list"
        if night == 23:
            self.address("vanishes")
        if night == 24:
            expected["vanishes"] = "does not answer any more: dns-not-found"
        if night == 28:
            self.address("vanishes", "127.0.0.1")
            expected["vanishes"] = "answers, before: dns-not-found"
        self.rotate(night, expected)
        return expected

    def rotate(self, night, expected):
        """From the tenth night on two of four addresses in turn: told while it may be a move, then no more."""
        if night < 10:
            return
        pool = ["127.0.0.%d" % number for number in (1, 2, 4, 5)]
        self.address("rotates", pool[night % 4], pool[(night + 1) % 4])
        if night == 10:
            expected["rotates"] = "new address 127.0.0.4"
        if night == 11:
            expected["rotates"] = "no longer at 127.0.0.2"

    def night(self):
        lines = ["host,port,owner"] + ["%s.test,%d,team of %s" % (name, self.hosts[name].port, name) for name in sorted(self.listed)]
        listed = self.farm.write("fleet.csv", "\n".join(lines) + "\n")
        self.farm.scan([], "-i", listed, "--retries", "0", "--resolver", self.dns.resolver, "--address-rate", "0", "--per-address", "0",
                       database=self.database)
        result = self.farm.tlscensus("diff", "--db", self.database)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def test_each_mail_is_right_and_minimal(self):
        for night in range(1, NIGHTS + 1):
            expected = self.day(night)
            mail = self.night()
            told = {}
            for host, words in ENTRY.findall(mail):
                told.setdefault(host, []).append(words)
            self.assertEqual(sorted(told), sorted(expected), "night %d:\n%s" % (night, mail))
            for host, words in expected.items():
                self.assertIn(words, " | ".join(told[host]), "night %d:\n%s" % (night, mail))
            self.assertEqual(mail == "", not expected)


if __name__ == "__main__":
    main()
