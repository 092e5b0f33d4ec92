#!/usr/bin/python3
"""Through a proxy: CONNECT and SOCKS5, with names looked up here or there, and proxies that fail."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, main, require  # noqa: E402
from proxy_server import ProxyServer  # noqa: E402

LIMITS = ("--connect-timeout", "6s", "--handshake-timeout", "6s", "--retries", "0")


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("nginx")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.web = cls.farm.nginx([Site("a.test", cls.farm.ca.leaf("a.test"))])
        cls.dns = cls.farm.dns({"a.test": {"A": ["127.0.0.1"]}})
        cls.target = "https://a.test:%d" % cls.web.port

    def scan(self, proxy, *options, url=None, target=None):
        before = len(self.dns.queries)
        rows = self.farm.scan([target or self.target], "--resolver", self.dns.resolver, "--proxy",
                              url or proxy.url, *LIMITS, *options)
        self.looked_up = len(self.dns.queries) > before
        self.assertEqual(len(rows), 1)
        return rows[0]

    def expect(self, row, requests, proxy, address):
        self.assertEqual(row["outcome"], "ok", row["outcome_detail"])
        self.assertEqual((row["trusted"], row["name_match"], row["presented_depth"]), (1, 1, 2))
        self.assertEqual(row["address"], address)
        self.assertEqual(proxy.requests, requests)

    def test_names_are_looked_up_here(self):
        for kind in ("http", "socks5"):
            with self.subTest(kind), ProxyServer(kind) as proxy:
                row = self.scan(proxy)
                self.expect(row, [("127.0.0.1", self.web.port)], proxy, "127.0.0.1")
                self.assertTrue(self.looked_up)

    def test_names_are_looked_up_there(self):
        names = {"a.test": "127.0.0.1"}
        with ProxyServer("http", names) as proxy:
            row = self.scan(proxy, "--proxy-resolve")
            self.expect(row, [("a.test", self.web.port)], proxy, "")
            self.assertFalse(self.looked_up)
        with ProxyServer("socks5", names) as proxy:
            row = self.scan(proxy, url=proxy.url.replace("socks5:", "socks5h:"))
            self.expect(row, [("a.test", self.web.port)], proxy, "")
            self.assertFalse(self.looked_up)

    def test_user_and_password(self):
        for kind in ("http", "socks5"):
            with self.subTest(kind), ProxyServer(kind, user="me", password="geheim") as proxy:
                self.expect(self.scan(proxy), [("127.0.0.1", self.web.port)], proxy, "127.0.0.1")

    def test_a_wrong_password(self):
        for kind in ("http", "socks5"):
            with self.subTest(kind), ProxyServer(kind, user="me", password="geheim") as proxy:
                row = self.scan(proxy, url=proxy.url.replace("geheim", "falsch"))
                self.assertNotIn(row["outcome"], ("ok", "not-tls", "alert"))
                self.assertIn("proxy", row["outcome_detail"].lower())

    def test_the_password_is_kept_nowhere(self):
        with ProxyServer("http", user="me", password="geheim") as proxy:
            database = self.farm.path("proxy.db")
            self.farm.scan([self.target], "--resolver", self.dns.resolver, "--proxy", proxy.url,
                           *LIMITS, database=database)
            with open(database, "rb") as file:
                self.assertFalse(b"geheim" in file.read())

    def test_faults_are_the_proxy_s_not_the_server_s(self):
        for kind in ("http", "socks5"):
            for fault in ("silence", "close", "reset", "garbage", "refuse", "unreachable",
                          "endless"):
                with self.subTest(kind=kind, fault=fault), ProxyServer(kind, fault=fault) as proxy:
                    row = self.scan(proxy)
                    self.assertNotIn(row["outcome"], ("ok", "not-tls", "alert", "protocol-error"),
                                     row["outcome_detail"])
                    self.assertEqual(row["outcome_stage"], "tcp", row["outcome_detail"])
                    self.assertIn("proxy", row["outcome_detail"].lower())

    def test_a_proxy_that_is_not_there(self):
        port = self.farm.hostile().refused()
        row = self.scan(None, url="http://127.0.0.1:%d" % port)
        self.assertEqual(row["outcome_stage"], "tcp")
        self.assertNotEqual(row["outcome"], "ok")

    def test_the_environment_is_not_read(self):
        with ProxyServer("http") as proxy:
            variables = {name: proxy.url for name in ("http_proxy", "https_proxy", "HTTPS_PROXY",
                                                      "ALL_PROXY", "all_proxy")}
            result = self.farm.tlscensus("scan", "--profile", "quick", "--db", self.farm.path("env.db"), "--ca-file",
                                         self.farm.ca_file, "--resolver", self.dns.resolver,
                                         self.target, env=variables)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(proxy.requests, [])


if __name__ == "__main__":
    main()
