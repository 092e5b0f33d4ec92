#!/usr/bin/python3
"""What --intrusive asks, against real servers and scripted ones: what is sent, and what the database says then."""
import os
import socket
import sqlite3
import struct
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from cryptography.hazmat.primitives.serialization import Encoding  # noqa: E402

from farm import Farm, Site, main, require  # noqa: E402
from hostile_server import (ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, certificate, handshake,  # noqa: E402
                            record, server_hello)
from proxy_server import ProxyServer  # noqa: E402

FAST = ("--retries", "0", "--per-address", "4", "--address-rate", "0")
NAMES = ("renegotiation", "heartbeat", "ccs", "http-upgrade")
ALL = tuple(word for name in NAMES for word in ("--intrusive", name))
TRAITS = {"client_renegotiation": 4, "heartbeat": 11, "heartbeat_unpadded": 38, "early_ccs": 39, "http_upgrade": 40}
HEARTBEAT = 24
SUITE = 0x009C  # TLS_RSA_WITH_AES_128_GCM_SHA256: its flight has no signature to make
RENEGOTIATION_INFO, HEARTBEAT_ACK = b"\xff\x01\x00\x01\x00", b"\x00\x0f\x00\x01\x01"
ASKED_HEARTBEAT = bytes.fromhex("18030300030100" + "00")
ASKED_CCS = bytes.fromhex("140303000101" * 2)
ASKED_HEAD = b"HEAD / HTTP/1.1\r\nHost: a.test\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n"
PLAIN_HEAD = b"HTTP/1.1 200 OK\r\nServer: plain\r\nContent-Length: 0\r\n\r\n"
UPGRADING_HEAD = b"HTTP/1.1 200 OK\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n"


def give(peer, reply):
    """Bytes; None is silence, and "close" and "reset" are what they say."""
    if reply == "close":
        peer.close_cleanly()
    elif reply == "reset":
        peer.reset()
    else:
        if reply is not None:
            peer.send(reply)
        peer.drain()


class Hello:
    """What of a ClientHello such a server looks at (RFC 5246 section 7.4.1.2)."""

    def __init__(self, data):
        self.version = struct.unpack_from("!H", data, 9)[0]
        at = 43 + 1 + data[43]
        size = struct.unpack_from("!H", data, at)[0]
        self.suites = struct.unpack_from("!%dH" % (size // 2), data, at + 2)
        at += 2 + size
        at += 1 + data[at]
        self.extensions = {}
        at += 2
        while at + 4 <= len(data):
            kind, size = struct.unpack_from("!HH", data, at)
            self.extensions[kind] = data[at + 4:at + 4 + size]
            at += 4 + size


class OldServer:
    """A server of TLS 1.2 with one suite, which never finishes a handshake. What comes behind its flight is kept in
    `said`, and answered by `reply`: bytes, "close", "reset", or None for silence."""

    def __init__(self, identity, reply, acknowledges=True):
        self.certificates = [cert.public_bytes(Encoding.DER) for cert in identity.presented]
        self.reply = reply
        self.acknowledges = acknowledges
        self.said = []

    def flight(self, hello):
        extensions = RENEGOTIATION_INFO if 0xFF01 in hello.extensions or 0xFF in hello.suites else b""
        if self.acknowledges and 15 in hello.extensions:
            extensions += HEARTBEAT_ACK
        return (record(HANDSHAKE, server_hello(SUITE, extensions=extensions)) +
                record(HANDSHAKE, certificate(self.certificates)) + record(HANDSHAKE, handshake(14, b"")))

    def __call__(self, peer):
        data = peer.read_hello()
        if data[0] != HANDSHAKE:
            return
        hello = Hello(data)
        if hello.version < 0x0303 or SUITE not in hello.suites:
            peer.send(record(ALERT, bytes([2, 70 if hello.version < 0x0303 else 40])))
            peer.drain()
            return
        peer.send(self.flight(hello))
        said = peer.read()
        if said[:1] in (bytes([HEARTBEAT]), bytes([CHANGE_CIPHER_SPEC])):
            self.said.append(said)
            give(peer, self.reply)
        elif said[:1] == bytes([HANDSHAKE]):
            peer.send(record(ALERT, b"\x02\x28"))
            peer.drain()


class WebServer:
    """Keeps each request, and answers it."""

    def __init__(self, reply):
        self.reply = reply
        self.requests = []

    def __call__(self, peer):
        request = b""
        while b"\r\n\r\n" not in request:
            more = peer.read()
            if not more:
                return
            request += more
        self.requests.append(request)
        give(peer, self.reply)


def bind_port_80(address):
    """Whether this process may serve on port 80."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, 80))
        except OSError as error:
            raise unittest.SkipTest("port 80 of %s: %s" % (address, error)) from error


class Intrusive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)

    def scan(self, port, *options, profile="standard", address="127.0.0.1", scheme="https"):
        """The traits that a scan finds, by name, and the ids of its findings; what was not measured is None."""
        database = self.farm.path(self.farm.new_name("intrusive") + ".db")
        result = self.farm.tlscensus("scan", "--db", database, "--ca-file", self.farm.ca_file, "--profile", profile,
                                     *FAST, *options, "%s://a.test{%s}:%d" % (scheme, address, port), timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as connection:
            rows = {code: (supported, text) for code, supported, text in connection.execute(
                "SELECT f.code, f.supported, f.text FROM feature AS f JOIN observation AS o USING (feature_set_id) "
                "WHERE f.kind = 'trait' AND f.version = 0")}
            self.findings = dict(connection.execute("SELECT rule, severity FROM v_finding"))
        self.texts = {name: rows.get(code, (None, None))[1] for name, code in TRAITS.items()}
        return {name: rows.get(code, (None, None))[0] for name, code in TRAITS.items()}

    def old_server(self, reply, acknowledges=True):
        server = OldServer(self.farm.ca.leaf("a.test", key="rsa2048"), reply, acknowledges)
        return server, self.farm.hostile().listen(server)


class Renegotiation(Intrusive):
    def openssl(self, *options):
        require("openssl")
        return self.farm.openssl(self.farm.ca.leaf("a.test"), *options)

    def test_openssl_that_lets_clients(self):
        server = self.openssl("-client_renegotiation")
        traits = self.scan(server.port, "--intrusive", "renegotiation")
        self.assertEqual(traits["client_renegotiation"], 1)
        self.assertIn("renego-client-initiated", self.findings)
        for other in ("early_ccs", "heartbeat_unpadded", "http_upgrade"):
            self.assertIsNone(traits[other], other)

    def test_the_same_in_profile_deep(self):
        server = self.openssl("-client_renegotiation")
        traits = self.scan(server.port, "--intrusive", "renegotiation", profile="deep")
        self.assertEqual(traits["client_renegotiation"], 1)

    def test_openssl_as_it_comes(self):
        traits = self.scan(self.openssl().port, "--intrusive", "renegotiation")
        self.assertEqual(traits["client_renegotiation"], 0)
        self.assertNotIn("renego-client-initiated", self.findings)

    def test_openssl_that_refuses(self):
        traits = self.scan(self.openssl("-no_renegotiation").port, "--intrusive", "renegotiation")
        self.assertEqual(traits["client_renegotiation"], 0)

    def test_insecure_renegotiation_is_another_matter(self):
        traits = self.scan(self.openssl("-legacy_renegotiation").port, "--intrusive", "renegotiation")
        self.assertEqual(traits["client_renegotiation"], 0)

    def test_with_chacha(self):
        server = self.openssl("-client_renegotiation", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305")
        self.assertEqual(self.scan(server.port, "--intrusive", "renegotiation")["client_renegotiation"], 1)

    def test_with_cbc_alone_nothing_is_measured(self):
        server = self.openssl("-client_renegotiation", "-cipher", "ECDHE-ECDSA-AES128-SHA", "-tls1_2")
        self.assertIsNone(self.scan(server.port, "--intrusive", "renegotiation")["client_renegotiation"])

    def test_with_tls13_alone_there_is_nothing_to_ask(self):
        server = self.openssl("-client_renegotiation", "-tls1_3")
        self.assertIsNone(self.scan(server.port, "--intrusive", "renegotiation")["client_renegotiation"])

    def test_nobody_asks_unasked(self):
        server = self.openssl("-client_renegotiation")
        for profile in ("standard", "deep"):
            self.assertIsNone(self.scan(server.port, profile=profile)["client_renegotiation"])
            self.assertNotIn("renego-client-initiated", self.findings)


class RealServers(Intrusive):
    def test_nginx(self):
        require("nginx")
        web = self.farm.nginx([Site("a.test", self.farm.ca.leaf("a.test"))])
        traits = self.scan(web.port, *ALL, profile="deep")
        self.assertEqual(traits["client_renegotiation"], 0)
        self.assertEqual(traits["early_ccs"], 0)
        self.assertEqual(traits["heartbeat"], 0)
        self.assertIsNone(traits["heartbeat_unpadded"])  # it does not acknowledge the extension

    def test_gnutls(self):
        """GnuTLS lets clients renegotiate. It speaks of heartbeats to nobody who did not ask for them."""
        row = self.farm.scan_gnutls(self.farm.ca.leaf("a.test"), "--profile", "standard", *FAST, "--intrusive",
                                    "renegotiation", "--intrusive", "ccs")
        with sqlite3.connect("file:%s?mode=ro" % row["database"], uri=True) as connection:
            found = dict(connection.execute("SELECT code, supported FROM feature WHERE kind = 'trait' AND version = 0"))
        self.assertEqual(found.get(TRAITS["client_renegotiation"]), 1)
        self.assertNotEqual(found.get(TRAITS["early_ccs"]), 1)


class Heartbeat(Intrusive):
    def check(self, reply, value, text, finding, acknowledges=True, num_asked=1):
        server, port = self.old_server(reply, acknowledges)
        traits = self.scan(port, "--intrusive", "heartbeat")
        self.assertEqual(server.said, [ASKED_HEARTBEAT] * num_asked)
        self.assertEqual(traits["heartbeat"], int(acknowledges))
        self.assertEqual((traits["heartbeat_unpadded"], self.texts["heartbeat_unpadded"]), (value, text))
        self.assertEqual(self.findings.get("heartbeat-offered"), finding)

    def test_an_answer_of_honest_length(self):
        self.check(record(HEARTBEAT, b"\x02\x00\x00" + bytes(16)), 1, "a heartbeat of 19 bytes", "low")

    def test_one_that_is_longer_than_what_was_asked(self):
        body = b"\x02\x3f\xe0" + bytes(16000)
        self.check(record(HEARTBEAT, body), 1, "a heartbeat of 16003 bytes", "low")

    def test_no_answer(self):
        self.check(None, 0, "nothing", "low")

    def test_an_alert(self):
        self.check(record(ALERT, b"\x02\x0a"), 0, "alert 10", "low")

    def test_hung_up_on(self):
        self.check("close", 0, "the end of the connection", "low")

    def test_reset(self):
        self.check("reset", 0, "the end of the connection", "low")

    def test_another_protocol(self):
        self.check(b"HTTP/1.1 400 Bad Request\r\n\r\n", None, None, "low")

    def test_not_acknowledged_and_so_not_sent(self):
        self.check(None, None, None, None, acknowledges=False, num_asked=0)

    def test_not_sent_unasked(self):
        server, port = self.old_server(None)
        for profile in ("standard", "deep"):
            self.assertIsNone(self.scan(port, profile=profile)["heartbeat_unpadded"])
        self.assertEqual(server.said, [])

    def test_show_says_it(self):
        _, port = self.old_server(record(HEARTBEAT, b"\x02\x00\x00" + bytes(16)))
        result = self.farm.tlscensus("show", "--ca-file", self.farm.ca_file, "--profile", "standard", "--intrusive",
                                     "heartbeat", "https://a.test{127.0.0.1}:%d" % port)
        self.assertIn("answers heartbeats without padding", " ".join(result.stdout.split()))

    def test_show_says_why_it_was_not_sent(self):
        _, port = self.old_server(None, acknowledges=False)
        for option, is_said in (("heartbeat", True), ("ccs", False)):
            result = self.farm.tlscensus("show", "--ca-file", self.farm.ca_file, "--profile", "standard", "--intrusive",
                                         option, "https://a.test{127.0.0.1}:%d" % port)
            self.assertEqual("asked where heartbeat is a yes: answers heartbeats without padding"
                             in " ".join(result.stdout.split()), is_said, option)


class EarlyCcs(Intrusive):
    def check(self, reply, value):
        server, port = self.old_server(reply)
        traits = self.scan(port, "--intrusive", "ccs")
        self.assertEqual(server.said[0], ASKED_CCS)
        self.assertEqual(traits["early_ccs"], value)
        self.assertIsNone(traits["heartbeat_unpadded"])

    def test_taken(self):
        self.check(record(ALERT, b"\x02\x14"), 1)

    def test_taken_says_decryption_failed(self):
        self.check(record(ALERT, b"\x02\x15"), 1)

    def test_refused(self):
        self.check(record(ALERT, b"\x02\x0a"), 0)

    def test_hung_up_on(self):
        self.check("close", 0)

    def test_silence_is_no_answer(self):
        self.check(None, None)

    def test_show_says_it(self):
        _, port = self.old_server(record(ALERT, b"\x02\x14"))
        result = self.farm.tlscensus("show", "--ca-file", self.farm.ca_file, "--profile", "standard", "--intrusive",
                                     "ccs", "https://a.test{127.0.0.1}:%d" % port)
        self.assertIn("takes an early ChangeCipherSpec", " ".join(result.stdout.split()))


class HttpUpgrade(Intrusive):
    """Port 80 itself where this process may have it, of an address for each test; else by way of a proxy."""

    def tls_port(self, address="127.0.0.1"):
        require("openssl")
        return self.farm.openssl(self.farm.ca.leaf("a.test"), address=address).port

    def check_by_proxy(self, kind, reply, value, finding):
        web = WebServer(reply)
        port = self.tls_port()
        web_port = self.farm.hostile().listen(web)
        with ProxyServer(kind, ports={80: web_port}) as proxy:
            traits = self.scan(port, "--intrusive", "http-upgrade", "--proxy", proxy.url)
            self.assertEqual([number for _, number in proxy.requests].count(80), 1)
            self.assertEqual(proxy.requests[-1], ("127.0.0.1", 80))
        self.assertEqual(web.requests, [ASKED_HEAD])
        self.assertEqual(traits["http_upgrade"], value)
        self.assertEqual(self.findings.get("http-upgrade-tls"), finding)

    def test_by_a_proxy_that_connects(self):
        self.check_by_proxy("http", UPGRADING_HEAD, 1, "high")

    def test_by_socks(self):
        self.check_by_proxy("socks5", PLAIN_HEAD, 0, None)

    def test_a_head_without_end(self):
        self.check_by_proxy("http", b"HTTP/1.1 200 OK\r\n" + b"A: Upgrade: TLS/1.0\r\n" * 1000, None, None)

    def test_silence(self):
        self.check_by_proxy("http", None, None, None)

    def test_reset(self):
        self.check_by_proxy("http", "reset", None, None)

    def test_no_http(self):
        self.check_by_proxy("http", b"SSH-2.0-x\r\nUpgrade: TLS/1.0\r\n\r\n", None, None)

    def test_a_proxy_without_a_tunnel_there(self):
        port = self.tls_port()
        refused = self.farm.hostile().refused()
        with ProxyServer("http", ports={80: refused}) as proxy:
            traits = self.scan(port, "--intrusive", "http-upgrade", "--proxy", proxy.url)
        self.assertIsNone(traits["http_upgrade"])

    def test_port_80_itself(self):
        address = "127.0.0.80"
        bind_port_80(address)
        web = WebServer(UPGRADING_HEAD)
        port = self.tls_port(address)
        self.farm.hostile().listen(web, address=address, port=80)
        traits = self.scan(port, "--intrusive", "http-upgrade", address=address)
        self.assertEqual(web.requests, [ASKED_HEAD])
        self.assertEqual(traits["http_upgrade"], 1)
        self.assertEqual(self.findings.get("http-upgrade-tls"), "high")

    def test_nginx_on_port_80(self):
        require("nginx")
        address = "127.0.0.82"
        bind_port_80(address)
        plain = "}\nserver { listen %s:80; server_name a.test; return 301 https://a.test/;" % address
        web = self.farm.nginx([Site("a.test", self.farm.ca.leaf("a.test"), address=address,
                                    extra="return 200; %s" % plain)])
        traits = self.scan(web.port, "--intrusive", "http-upgrade", address=address)
        self.assertEqual(traits["http_upgrade"], 0)
        self.assertNotIn("http-upgrade-tls", self.findings)

    def test_nobody_on_port_80(self):
        bind_port_80("127.0.0.81")
        port = self.tls_port("127.0.0.81")
        self.assertIsNone(self.scan(port, "--intrusive", "http-upgrade", address="127.0.0.81")["http_upgrade"])

    def test_not_asked_unasked_nor_of_what_is_no_web_server(self):
        address = "127.0.0.83"
        bind_port_80(address)
        web = WebServer(UPGRADING_HEAD)
        port = self.tls_port(address)
        self.farm.hostile().listen(web, address=address, port=80)
        for options, scheme in (((), "https"), (ALL[:-2], "https"), (ALL, "tls")):
            traits = self.scan(port, *options, address=address, scheme=scheme)
            self.assertIsNone(traits["http_upgrade"])
        self.assertEqual(web.requests, [])


class Together(Intrusive):
    def test_all_at_once_one_by_one(self):
        """What each of them sends comes once, and at the end, never two at a time."""
        server, port = self.old_server(record(ALERT, b"\x02\x0a"))
        web = WebServer(UPGRADING_HEAD)
        web_port = self.farm.hostile().listen(web)
        with ProxyServer("http", ports={80: web_port}) as proxy:
            traits = self.scan(port, *ALL, "--proxy", proxy.url, profile="deep")
        self.assertEqual(server.said, [ASKED_HEARTBEAT, ASKED_CCS])
        self.assertEqual(web.requests, [ASKED_HEAD])
        self.assertEqual(traits, {"client_renegotiation": None, "heartbeat": 1, "heartbeat_unpadded": 0, "early_ccs": 0,
                                  "http_upgrade": 1})
        self.assertEqual(proxy.requests[-1][1], 80)

    def test_behind_starttls(self):
        """A mail server is asked in TLS as others are, and its port 80 not at all."""
        server = OldServer(self.farm.ca.leaf("a.test", key="rsa2048"), record(HEARTBEAT, b"\x02\x00\x00" + bytes(16)))
        lock = threading.Lock()

        def mail_server(peer):
            with lock:  # one at a time, as it is asked
                peer.send(b"220 a.test ESMTP\r\n")
                for reply in (b"250-a.test\r\n250 STARTTLS\r\n", b"220 go\r\n"):
                    if b"\r\n" not in peer.read():
                        return
                    peer.send(reply)
                server(peer)

        port = self.farm.hostile().listen(mail_server)
        traits = self.scan(port, *ALL, scheme="smtp")
        self.assertEqual(server.said, [ASKED_HEARTBEAT, ASKED_CCS])
        self.assertEqual((traits["heartbeat_unpadded"], traits["http_upgrade"]), (1, None))

    def test_a_dry_run_counts_them(self):
        for options, connections in ((ALL, 82), ((), 75)):
            result = self.farm.tlscensus("scan", "--dry-run", "--profile", "standard", *options,
                                         "https://a.test{127.0.0.1}:443")
            self.assertIn("connections to an endpoint at most %d " % connections, result.stdout)


if __name__ == "__main__":
    main()
