"""JARM and JA3S of real servers: ours against another implementation of the two, written here from
JARM's description alone."""
import hashlib
import os
import secrets
import socket
import struct
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ["TLSCENSUS_SOURCE"], "tests", "support"))

# pylint: disable=wrong-import-position
from farm import Farm, Site, main  # noqa: E402

CLIENT = os.path.join(os.environ["TLSCENSUS_BUILD"], "tests", "protocol", "jarm_client")
TIMEOUT_S = 5

ALL = """0016 0033 0067 c09e c0a2 009e 0039 006b c09f c0a3 009f 0045 00be 0088 00c4 009a c008 c009
c023 c0ac c0ae c02b c00a c024 c0ad c0af c02c c072 c073 cca9 1302 1301 cc14 c007 c012 c013 c027 c02f
c014 c028 c030 c060 c061 c076 c077 cca8 1305 1304 1303 cc13 c011 000a 002f 003c c09c c0a0 009c 0035
003d c09d c0a1 009d 0041 00ba 0084 00c0 0007 0004 0005""".split()
NUMBERED = """0004 0005 0007 000a 0016 002f 0033 0035 0039 003c 003d 0041 0045 0067 006b 0084 0088
009a 009c 009d 009e 009f 00ba 00be 00c0 00c4 c007 c008 c009 c00a c011 c012 c013 c014 c023 c024 c027
c028 c02b c02c c02f c030 c060 c061 c072 c073 c076 c077 c09c c09d c09e c09f c0a0 c0a1 c0a2 c0a3 c0ac
c0ad c0ae c0af cc13 cc14 cca8 cca9 1301 1302 1303 1304 1305""".split()
PROTOCOLS = "http/0.9 http/1.0 http/1.1 spdy/1 spdy/2 spdy/3 h2 h2c hq".split()
COMMON = ("http/1.1", "h2")
# version of record and hello, suites, their order, GREASE, rare protocols, versions, reversed
PROBES = [
    ("0303", "0303", ALL, "forward", False, False, "0301 0302 0303", True),
    ("0303", "0303", ALL, "reverse", False, False, "0301 0302 0303", False),
    ("0303", "0303", ALL, "top", False, False, "", False),
    ("0303", "0303", ALL, "bottom", False, True, "", False),
    ("0303", "0303", ALL, "middle", True, True, "", True),
    ("0302", "0302", ALL, "forward", False, False, "", False),
    ("0301", "0303", ALL, "forward", False, False, "0301 0302 0303 0304", True),
    ("0301", "0303", ALL, "reverse", False, False, "0301 0302 0303 0304", False),
    ("0301", "0303", [s for s in ALL if s[:2] != "13"], "forward", False, False,
     "0301 0302 0303 0304", False),
    ("0301", "0303", ALL, "middle", True, False, "0301 0302 0303 0304", True),
]


def ordered(items, order):
    middle = len(items) // 2
    if order == "reverse":
        return items[::-1]
    if order == "top":
        return items[:middle + len(items) % 2][::-1]
    if order == "bottom":
        return items[middle + len(items) % 2:]
    if order == "middle":
        rest = [i for pair in zip(items[middle + 1:], items[middle - 1::-1]) for i in pair]
        return [items[middle]] + rest
    return items


def grease():
    return (secrets.choice("0123456789abcdef") + "a") * 2


def block(width, content):
    return struct.pack(">I", len(content))[4 - width:] + content


def extension(number, body):
    return bytes.fromhex(number) + block(2, body)


def client_hello(probe, host):
    record, version, suites, order, greases, rare, versions, is_reversed = probe
    suites = ordered(suites, order)
    protocols = [p for p in PROTOCOLS if not rare or p not in COMMON]
    versions = versions.split()
    if is_reversed:
        protocols, versions = protocols[::-1], versions[::-1]
    shares = bytes.fromhex("001d0020") + secrets.token_bytes(32)
    extensions = b""
    if greases:
        suites = [grease()] + suites
        versions = versions and [grease()] + versions
        shares = bytes.fromhex(grease() + "000100") + shares
        extensions += extension(grease(), b"")
    extensions += extension("0000", block(2, b"\0" + block(2, host.encode())))
    extensions += extension("0017", b"") + extension("0001", b"\1") + extension("ff01", b"\0")
    extensions += extension("000a", block(2, bytes.fromhex("001d001700180019")))
    extensions += extension("000b", b"\1\0") + extension("0023", b"")
    extensions += extension("0010", block(2, b"".join(block(1, p.encode()) for p in protocols)))
    extensions += extension("000d", block(2, bytes.fromhex("040308040401050308050501080606010201")))
    extensions += extension("0033", block(2, shares)) + extension("002d", b"\1\1")
    if versions:
        extensions += extension("002b", block(1, bytes.fromhex("".join(versions))))
    body = bytes.fromhex(version) + secrets.token_bytes(32) + block(1, secrets.token_bytes(32))
    body += block(2, bytes.fromhex("".join(suites))) + b"\1\0" + block(2, extensions)
    return b"\x16" + bytes.fromhex(record) + block(2, b"\1" + block(3, body))


def take(data, at, width):
    length = int.from_bytes(data[at:at + width], "big")
    return data[at + width:at + width + length], at + width + length


def describe(data):
    """suite|version|alpn|extensions of the ServerHello with which the answer begins, and JA3S."""
    if len(data) < 6 or data[0] != 22 or data[5] != 2:
        return "|||", "-"
    hello, _ = take(data, 6, 3)
    version = hello[:2]
    _, at = take(hello, 34, 1)
    suite = hello[at:at + 2]
    extensions, alpn = [], ""
    fields, _ = take(hello, at + 3, 2)
    at = 0
    while at < len(fields):
        number = fields[at:at + 2].hex()
        body, at = take(fields, at + 2, 2)
        extensions.append(number)
        if number == "0010":
            alpn = body[3:].decode()
    ja3s = "%d,%d,%s" % (int.from_bytes(version, "big"), int.from_bytes(suite, "big"),
                         "-".join(str(int(e, 16)) for e in extensions))
    return ("|".join((suite.hex(), version.hex(), alpn, "-".join(extensions))),
            hashlib.md5(ja3s.encode()).hexdigest())


def ask(address, port, hello):
    with socket.create_connection((address, port), timeout=TIMEOUT_S) as connection:
        connection.sendall(hello)
        try:
            return connection.recv(1484)
        except ConnectionError:
            return b""


def fingerprint(answers):
    if all(answer == "|||" for answer in answers):
        return "0" * 62
    head, tail = "", ""
    for answer in answers:
        suite, version, alpn, extensions = answer.split("|")
        number = NUMBERED.index(suite) + 1 if suite in NUMBERED else 70
        head += "%02x%s" % (number, "abcdef"[int(version[3])]) if suite else "000"
        tail += alpn + extensions
    return head + hashlib.sha256(tail.encode()).hexdigest()[:32]


def theirs(address, port, host):
    described = [describe(ask(address, port, client_hello(probe, host))) for probe in PROBES]
    jarm = fingerprint([answer for answer, _ in described])
    return ["%s %s" % pair for pair in described] + [jarm]


def ours(address, port, host, timeout_s=TIMEOUT_S):
    result = subprocess.run([CLIENT, address, str(port), host, str(int(timeout_s * 1000))],
                            stdout=subprocess.PIPE, check=True, timeout=60, text=True)
    return result.stdout.splitlines()


class Peer:
    """A server that answers every connection with the same bytes, and closes or stays."""

    def __init__(self, answer, closes=True):
        self.answer = answer
        self.closes = closes
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.recv(4096)
            connection.sendall(self.answer)
            if self.closes:
                connection.close()
            else:
                self.open.append(connection)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)
        for connection in self.open:
            connection.close()


class JarmTest(unittest.TestCase):
    def compare(self, server, host="good.test"):
        """Both must agree, on every answer and on the fingerprint; gives the fingerprint."""
        expected = theirs(server.address, server.port, host)
        self.assertEqual(ours(server.address, server.port, host), expected)
        self.assertEqual(len(expected), 11)
        return expected[-1]

    def test_the_two_lists_are_one(self):
        self.assertEqual(len(ALL), 69)
        self.assertEqual(sorted(ALL), sorted(NUMBERED))

    def test_nginx(self):
        with Farm() as farm:
            site = Site("good.test", farm.ca.leaf("good.test"))
            old = Site("old.test", farm.ca.leaf("old.test", key="rsa2048"), address="127.0.0.2",
                       protocols="TLSv1 TLSv1.1 TLSv1.2", http2=False)
            web = farm.nginx([site, old])
            new_jarm = self.compare(web)
            web.address = "127.0.0.2"
            old_jarm = self.compare(web, "old.test")
            self.assertNotEqual(new_jarm, old_jarm)
            self.assertNotIn("0" * 62, (new_jarm, old_jarm))

    def test_openssl(self):
        with Farm() as farm:
            leaf = farm.ca.leaf("good.test", key="rsa2048")
            seen = set()
            for options in ((), ("-tls1_2",), ("-tls1_3",), ("-alpn", "http/1.1,h2"),
                            ("-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1"),
                            ("-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"),
                            ("-groups", "P-384")):
                with self.subTest(options=options):
                    server = farm.openssl(leaf, *options)
                    seen.add(self.compare(server))
                    server.stop()
            # The last asks for another hello, which JARM cannot tell from a ServerHello.
            self.assertEqual(len(seen), 6)

    def test_address_as_host(self):
        with Farm() as farm:
            server = farm.openssl(farm.ca.leaf("127.0.0.1"), "-servername", "other.test",
                                  "-servername_fatal", "-cert2", *self.second(farm))
            self.compare(server, "127.0.0.1")

    @staticmethod
    def second(farm):
        chain, key = farm.write_identity(farm.ca.leaf("other.test"))
        return [chain, "-key2", key]

    def test_warning_hides_the_hello(self):
        """OpenSSL warns of a name that it does not know, and goes on below TLS 1.3."""
        with Farm() as farm:
            server = farm.openssl(farm.ca.leaf("good.test"), "-tls1_2", "-servername", "other.test",
                                  "-cert2", *self.second(farm))
            self.assertEqual(self.compare(server), "0" * 62)

    def test_peers_without_hello(self):
        for name, answer in (("closes at once", b""), ("speaks HTTP", b"HTTP/1.1 400 Bad\r\n\r\n"),
                             ("alert", bytes.fromhex("15030100020228"))):
            with self.subTest(peer=name), Peer(answer) as peer:
                lines = ours("127.0.0.1", peer.port, "good.test")
                self.assertEqual(lines, ["||| -"] * 10 + ["0" * 62])

    def test_silence(self):
        with Peer(b"", closes=False) as peer:
            lines = ours("127.0.0.1", peer.port, "good.test", timeout_s=0.2)
            self.assertEqual(lines, ["||| -", "0" * 62])


if __name__ == "__main__":
    main()
