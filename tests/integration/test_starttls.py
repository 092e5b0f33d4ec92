#!/usr/bin/python3
"""STARTTLS with real servers and scripted ones, and mail domains with --mx."""
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, main  # noqa: E402
from proxy_server import ProxyServer  # noqa: E402
from starttls_servers import (  # noqa: E402
    NNTP_SCRIPT, RDP_SCRIPT, SMTP_SCRIPT, TLS, Dovecot, Postfix, Prosody, ScriptedServer, mariadb, postgres,
    slapd, vsftpd)

ONCE = ("--retries", "0", "--helo", "scanner.test")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.identity = cls.farm.ca.leaf("mx.test")

    def scan_one(self, scheme, port, *options, host="mx.test"):
        rows = self.farm.scan(["%s://%s{127.0.0.1}:%d" % (scheme, host, port)], *ONCE, *options)
        self.assertEqual(len(rows), 1)
        return rows[0]

    def expect_tls(self, row):
        self.assertEqual(row["outcome"], "ok", row["outcome_detail"])
        self.assertEqual((row["trusted"], row["name_match"], row["presented_depth"]), (1, 1, 2))
        self.assertIn(row["tls_version"], ("TLSv1.2", "TLSv1.3"))
        parts = [row[name] or 0 for name in ("dns_ms", "connect_ms", "starttls_ms", "handshake_ms")]
        self.assertGreater(row["starttls_ms"], 0)
        self.assertAlmostEqual(row["total_ms"], sum(parts), delta=0.01)

    def expect_refused(self, row, words):
        self.assertEqual((row["outcome"], row["outcome_stage"]), ("starttls-refused", "starttls"))
        self.assertRegex(row["outcome_detail"], words)
        self.assertIsNone(row["starttls_ms"])
        self.assertEqual(row["attempts"], 1)

    def scripted(self, script, **options):
        return self.farm.start(ScriptedServer(self.farm, script, self.identity, **options))


class RealServers(Case):
    def test_postfix(self):
        server = Postfix(self.farm, self.identity)
        self.expect_tls(self.scan_one("smtp", server.port))
        self.expect_refused(self.scan_one("smtp", server.bare_port),
                            r"no STARTTLS in the answer to EHLO: 250-mx\.test 250-PIPELINING")
        self.expect_refused(self.scan_one("lmtp", server.port), r"the answer to LHLO is: 50\d ")
        # It counted our commands: neither talk was lost, each had its QUIT.
        self.assertIn("ehlo=1 starttls=1 quit=1 commands=3", server.log)
        self.assertIn("ehlo=1 quit=1 commands=2", server.log)

    def test_dovecot(self):
        server = Dovecot(self.farm, self.identity)
        for scheme, port in server.ports.items():
            with self.subTest(scheme):
                self.expect_tls(self.scan_one(scheme, port))
        self.assertIn("imap-login: Info: Disconnected: Aborted login by logging out", server.server.log)

    def test_dovecot_without_tls(self):
        server = Dovecot(self.farm, self.identity, ("imap", "pop3", "sieve"), ssl_mode="no")
        for scheme, port in server.ports.items():
            with self.subTest(scheme):
                self.expect_refused(self.scan_one(scheme, port), "^no (STARTTLS|STLS) in the ")

    def test_slapd(self):
        self.expect_tls(self.scan_one("ldap", slapd(self.farm, self.identity).port))

    def test_slapd_without_tls(self):
        self.expect_refused(self.scan_one("ldap", slapd(self.farm).port), r"result 2 \(protocolError\): ")

    def test_postgres(self):
        server = postgres(self.farm, self.identity)
        self.expect_tls(self.scan_one("postgres", server.port))
        self.expect_tls(self.scan_one("postgresql", server.port))

    def test_postgres_without_tls(self):
        self.expect_refused(self.scan_one("postgres", postgres(self.farm).port), r"is: N \(no TLS\)")

    def test_mariadb(self):
        self.expect_tls(self.scan_one("mysql", mariadb(self.farm, self.identity).port))

    def test_mariadb_without_tls(self):
        self.expect_refused(self.scan_one("mysql", mariadb(self.farm).port), "no CLIENT_SSL")

    def test_prosody(self):
        server = Prosody(self.farm, self.identity, "mx.test")
        for scheme, port in (("xmpp-client", server.client_port), ("xmpp-server", server.server_port)):
            with self.subTest(scheme):
                self.expect_tls(self.scan_one(scheme, port))
                self.expect_refused(self.scan_one(scheme, port, host="other.test"),
                                    "the server ends the stream: host-unknown: .*other.test")

    def test_vsftpd(self):
        rsa = self.farm.ca.leaf("mx.test", key="rsa2048")
        self.expect_tls(self.scan_one("ftp", vsftpd(self.farm, rsa).port))

    def test_vsftpd_without_tls(self):
        self.expect_refused(self.scan_one("ftp", vsftpd(self.farm).port),
                            "the answer to AUTH SSL is: 530 Please login")


class ScriptedServers(Case):
    def test_nntp(self):
        server = self.scripted(NNTP_SCRIPT)
        self.expect_tls(self.scan_one("nntp", server.port))
        self.assertEqual(server.settle().inside, [b"QUIT\r\n"])

    def test_rdp(self):
        server = self.scripted(RDP_SCRIPT)
        self.expect_tls(self.scan_one("rdp", server.port))
        self.assertEqual(server.settle().inside, [b""])

    def test_helo(self):
        server = self.scripted(SMTP_SCRIPT)
        self.expect_tls(self.scan_one("smtp", server.port))
        self.assertEqual(server.settle().lines, [[b"EHLO scanner.test\r\n", b"STARTTLS\r\n"]])
        self.assertEqual(server.inside, [b"QUIT\r\n"])

    def test_helo_is_a_name_in_any_case(self):
        server = self.scripted(SMTP_SCRIPT)
        rows = self.farm.scan(["smtp://mx.test{127.0.0.1}:%d" % server.port])
        self.assertEqual(rows[0]["outcome"], "ok")
        self.assertTrue(re.fullmatch(rb"EHLO [A-Za-z0-9._-]+\r\n", server.settle().lines[0][0]))

    def test_bytes_behind_the_go_are_no_tls(self):
        script = SMTP_SCRIPT[:-2] + [b"220 go\r\n250 injected\r\n", TLS]
        self.expect_tls(self.scan_one("smtp", self.scripted(script).port))

    def test_refused_in_the_server_s_own_words(self):
        server = self.scripted([b"554 mx.test go away\r\n"])
        self.expect_refused(self.scan_one("smtp", server.port, "--retries", "3"),
                            "^the greeting is: 554 mx.test go away$")
        self.assertEqual(server.settle().lines, [[b"QUIT\r\n"]])
        self.assertEqual(server.accepted, 1)

    def test_silence_has_a_limit(self):
        server = self.scripted([1])
        row = self.scan_one("smtp", server.port, "--starttls-timeout", "200ms")
        self.assertEqual((row["outcome"], row["outcome_stage"]), ("starttls-failed", "starttls"))
        self.assertEqual(row["outcome_detail"], "the greeting did not come in time")

    def test_the_wrong_protocol(self):
        row = self.scan_one("smtp", self.scripted([b"SSH-2.0-OpenSSH_9.2\r\n"]).port)
        self.assertEqual((row["outcome"], row["outcome_detail"]),
                         ("starttls-failed", "in place of the greeting: SSH-2.0-OpenSSH_9.2"))

    def test_through_proxies(self):
        server = self.scripted(SMTP_SCRIPT)
        for kind in ("http", "socks5"):
            with self.subTest(kind), ProxyServer(kind) as proxy:
                self.expect_tls(self.scan_one("smtp", server.port, "--proxy", proxy.url))
                self.assertEqual(proxy.requests, [("127.0.0.1", server.port)])

    def test_one_at_a_time(self):
        server = self.scripted(SMTP_SCRIPT)
        targets = ["smtp://n%d.test{127.0.0.1}:%d" % (number, server.port) for number in range(12)]
        rows = self.farm.scan(targets, *ONCE, "--per-address", "0", "--address-rate", "0", "--workers",
                              "2")
        self.assertEqual([row["outcome"] for row in rows], ["ok"] * 12)
        self.assertEqual(server.settle(12).most_at_once, 1)

    def test_show(self):
        server = self.scripted([b"220 mx\r\n", "EHLO audit.test", b"250-mx\r\n250 HELP\r\n"])
        result = self.farm.tlscensus("show", "--helo", "audit.test", "smtp://127.0.0.1:%d" % server.port)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("no STARTTLS in the answer to EHLO: 250-mx 250 HELP", result.stdout)


class MailDomains(Case):
    def setUp(self):
        names = ("mx1.test", "mx2.test", "own.test", "xn--bcher-kva.test")
        self.identity = self.farm.ca.leaf(*names)
        self.server = self.scripted(SMTP_SCRIPT)
        here = {"A": ["127.0.0.1"]}
        self.dns = self.farm.dns({
            "a.test": {"MX": ["20 mx2.test", "10 mx1.test"]},
            "b.test": {"MX": ["10 MX1.test"]},
            "own.test": here,
            "null.test": {"MX": "0 ."},
            "broken.test": {"rcode": "SERVFAIL"},
            "literal.test": {"MX": "10 127.0.0.1"},
            "idn.test": {"MX": "10 xn--bcher-kva.test"},
            "secret.test": {"MX": "10 mx1.test"},
            "to-secret.test": {"MX": "10 mx.secret.test"},
            "mx1.test": here, "mx2.test": here, "xn--bcher-kva.test": here,
        })
        self.database = self.farm.path(self.farm.new_name("mx") + ".db")

    def scan(self, text, *options, stdin=None):
        path = self.farm.write(self.farm.new_name("list") + ".csv", text % {"port": self.server.port})
        result = self.farm.tlscensus(
            "scan", "--profile", "quick", "--db", self.database, "--ca-file", self.farm.ca_file, "--mx", *ONCE, "--resolver",
            self.dns.resolver, "--address-rate", "0", "-i", "-" if stdin else path, *options,
            stdin=text % {"port": self.server.port} if stdin else None)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.log = result.stderr
        return {row["host"]: row for row in self.farm.rows(self.database)}

    def query(self, sql):
        with sqlite3.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def asked_for_mx(self):
        return sorted(name for _, name, kind in self.dns.queries if kind == "MX")

    def test_mail_hosts_are_scanned_once_and_have_labels(self):
        rows = self.scan("host,protocol,port,owner\n"
                         "a.test,smtp,%(port)d,Mail\nb.test,smtp,%(port)d,Web\nown.test,smtp,%(port)d,Own\n"
                         "idn.test,smtp,%(port)d,\n")
        self.assertEqual(set(rows), {"mx1.test", "mx2.test", "own.test", "xn--bcher-kva.test"})
        for row in rows.values():
            self.expect_tls(row)
            self.assertEqual((row["protocol"], row["port"]), ("smtp", self.server.port))
        self.assertEqual(rows["mx2.test"]["labels"], "owner=Mail")
        self.assertIn(rows["mx1.test"]["labels"], ("owner=Mail", "owner=Web"))
        self.assertEqual(self.server.settle(4).accepted, 4)
        self.assertEqual(self.asked_for_mx(), ["a.test", "b.test", "idn.test", "own.test"])
        [(reason,)] = self.query("SELECT reason FROM rejected_target")
        self.assertRegex(reason, "duplicate of line [23] with other labels")

    def test_domains_without_mail_hosts(self):
        rows = self.scan("host\nsmtp://null.test:%(port)d\nsmtp://broken.test:%(port)d\n"
                         "smtp://gone.test:%(port)d\nsmtp://literal.test:%(port)d\n")
        expected = {"null.test": ("dns-no-address", "takes no mail .null MX, RFC 7505"),
                    "broken.test": ("dns-failure", "SERVFAIL"),
                    "gone.test": ("dns-not-found", "does not exist"),
                    "literal.test": ("dns-no-address", "nothing that can be a host")}
        self.assertEqual(set(rows), set(expected))
        for host, (outcome, words) in expected.items():
            with self.subTest(host):
                self.assertEqual((rows[host]["outcome"], rows[host]["outcome_stage"]), (outcome, "dns"))
                self.assertRegex(rows[host]["outcome_detail"], words)
        self.assertEqual(self.server.accepted, 0)

    def test_what_is_no_domain_is_left_alone(self):
        rows = self.scan("host\nsmtp://a.test{127.0.0.1}:%(port)d\nsmtp://127.0.0.1:%(port)d\n")
        self.assertEqual(set(rows), {"a.test", "127.0.0.1"})
        self.assertEqual(self.asked_for_mx(), [])

    def test_exclusions_are_names_of_domains_and_of_hosts(self):
        exclude = self.farm.write("exclude.txt", "secret.test\n.secret.test\n")
        rows = self.scan("host\nsmtp://secret.test:%(port)d\nsmtp://to-secret.test:%(port)d\n",
                         "--exclude", exclude)
        self.assertEqual({host: row["outcome"] for host, row in rows.items()},
                         {"secret.test": "excluded", "mx.secret.test": "excluded"})
        self.assertEqual(self.asked_for_mx(), ["to-secret.test"])
        self.assertEqual(self.server.accepted, 0)

    def test_a_pipe(self):
        rows = self.scan("smtp://a.test:%(port)d\nsmtp://null.test:%(port)d\n", stdin=True)
        self.assertEqual(set(rows), {"mx1.test", "mx2.test", "null.test"})

    def test_resume_does_nothing_twice(self):
        text = "host\nsmtp://a.test:%(port)d\nsmtp://null.test:%(port)d\n"
        before = self.scan(text)
        self.query("UPDATE scan SET state = 'running', finished_s = NULL")
        result = self.farm.tlscensus("scan", "--db", self.database, "--resume")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.asked_for_mx(), ["a.test", "a.test", "null.test", "null.test"])
        self.assertEqual(self.server.settle(2).accepted, 2)
        after = {row["host"]: row for row in self.farm.rows(self.database)}
        self.assertEqual({host: row["outcome"] for host, row in after.items()},
                         {host: row["outcome"] for host, row in before.items()})

    def test_a_signal_does_not_wait_for_a_resolver(self):
        self.dns.zone.names["silent.test"] = {"silent": True}
        path = self.farm.write("silent.txt", "smtp://silent.test\n")
        command = [os.environ["TLSCENSUS_BIN"], "scan", "--db", self.database, "--ca-file",
                   self.farm.ca_file, "--mx", "--resolver", self.dns.resolver, "--dns-timeout", "1h", "-i",
                   path]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as scan:
            while not self.dns.queries and scan.poll() is None:
                time.sleep(0.02)
            scan.send_signal(signal.SIGINT)
            self.assertEqual(scan.wait(200), 130)
            self.assertEqual(scan.stderr.read(), b"")
        self.assertEqual(self.query("SELECT state FROM scan"), [("interrupted",)])

    def test_dry_run_asks_nobody(self):
        path = self.farm.write("dry.txt", "smtp://a.test\n")
        result = self.farm.tlscensus("scan", "-n", "--mx", "-i", path, "--resolver", self.dns.resolver)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("--mx looks their hosts up", result.stdout)
        self.assertEqual(self.dns.queries, [])

    def test_names_that_the_proxy_is_to_look_up(self):
        result = self.farm.tlscensus("scan", "--db", self.database, "--mx", "--proxy",
                                     "socks5h://127.0.0.1:1", "smtp://a.test")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--mx", result.stderr)


if __name__ == "__main__":
    main()
