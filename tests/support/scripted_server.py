"""A server that is a table: what it supports, in which order, with which leaves. For tests of the survey.

    table = Table(suites={TLS12: (0xC02F, 0x009C)}, leaves={"RSA": farm.ca.leaf("a.test", key="rsa2048")})
    port = hostile.listen(Scripted(table))

It plays the part of a handshake that goes in the clear and hangs up when keys would be needed, so it can be anything:
SSL 2.0 alone, a server of groups that no library at hand has, one that forgets, tires or contradicts itself. What the
table says is what a survey has to report, and never a no for any of it.
"""
import os
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, x448, x25519

import hello_wire as wire
from hello_wire import SSL2, SSL3, TLS10, TLS11, TLS12, TLS13
from test_ca import der

# What most servers acknowledge below TLS 1.3.
HABITS = frozenset({wire.EXTENDED_MASTER_SECRET, wire.ENCRYPT_THEN_MAC, wire.RENEGOTIATION_INFO, wire.SESSION_TICKET})
EVERY_VERSION = (SSL2, SSL3, TLS10, TLS11, TLS12, TLS13)
SCSV_RENEGOTIATION, SCSV_FALLBACK = 0x00FF, 0x5600

# Code → key exchange, key of the leaf (None: none), and whether it is a block cipher in CBC mode. RFC 6101 appendix
# A.6, RFC 5246 appendix A.5, RFC 5289, RFC 7905, RFC 8446 appendix B.4.
SUITES = {
    0x0003: ("RSA_EXPORT", "RSA", False), 0x0004: ("RSA", "RSA", False), 0x0005: ("RSA", "RSA", False),
    0x0008: ("RSA_EXPORT", "RSA", True), 0x0009: ("RSA", "RSA", True), 0x000A: ("RSA", "RSA", True),
    0x0016: ("DHE", "RSA", True), 0x0018: ("DHE", None, False), 0x002F: ("RSA", "RSA", True),
    0x0033: ("DHE", "RSA", True), 0x0035: ("RSA", "RSA", True), 0x0039: ("DHE", "RSA", True),
    0x003C: ("RSA", "RSA", True), 0x009C: ("RSA", "RSA", False), 0x009D: ("RSA", "RSA", False),
    0x009E: ("DHE", "RSA", False), 0xC009: ("ECDHE", "ECDSA", True), 0xC00A: ("ECDHE", "ECDSA", True),
    0xC013: ("ECDHE", "RSA", True), 0xC014: ("ECDHE", "RSA", True), 0xC023: ("ECDHE", "ECDSA", True),
    0xC027: ("ECDHE", "RSA", True), 0xC02B: ("ECDHE", "ECDSA", False), 0xC02C: ("ECDHE", "ECDSA", False),
    0xC02F: ("ECDHE", "RSA", False), 0xC030: ("ECDHE", "RSA", False), 0xCCA8: ("ECDHE", "RSA", False),
    0xCCA9: ("ECDHE", "ECDSA", False),
    0x1301: ("ANY", None, False), 0x1302: ("ANY", None, False), 0x1303: ("ANY", None, False),
}

X25519, X448, P256, P384, P521 = 0x001D, 0x001E, 0x0017, 0x0018, 0x0019
MLKEM512, MLKEM768, MLKEM1024 = 0x0200, 0x0201, 0x0202
P256_MLKEM768, X25519_MLKEM768, P384_MLKEM1024, X25519_KYBER768 = 0x11EB, 0x11EC, 0x11ED, 0x6399
CURVES = {P256: ec.SECP256R1, P384: ec.SECP384R1, P521: ec.SECP521R1}
# The server's share of a hybrid: bytes of the ML-KEM ciphertext, and the curve (draft-ietf-tls-ecdhe-mlkem). A
# ciphertext may be any bytes: decapsulation never fails (FIPS 203 section 6.3).
KEMS = {MLKEM512: (768, None), MLKEM768: (1088, None), MLKEM1024: (1568, None), P256_MLKEM768: (1088, P256),
        X25519_MLKEM768: (1088, X25519), P384_MLKEM1024: (1568, P384), X25519_KYBER768: (1088, X25519)}
CURVE_BEFORE_KEM = (P256_MLKEM768, P384_MLKEM1024, X25519_KYBER768)


def public_key(group):
    """A new key of a curve, as it goes over the wire."""
    raw = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    if group == X25519:
        return x25519.X25519PrivateKey.generate().public_key().public_bytes(*raw)
    if group == X448:
        return x448.X448PrivateKey.generate().public_key().public_bytes(*raw)
    key = ec.generate_private_key(CURVES[group]())
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def server_share(group):
    if group not in KEMS:
        return public_key(group)
    kem_bytes, curve = KEMS[group]
    parts = [os.urandom(kem_bytes)] + ([public_key(curve)] if curve else [])
    return b"".join(parts[::-1] if group in CURVE_BEFORE_KEM else parts)


@dataclass(frozen=True)
class Table:
    """What a server supports. Lists are in its own order, which counts where `server_order` is set."""
    suites: dict = field(default_factory=dict)   # version → codes; SSL 2.0: specs
    leaves: dict = field(default_factory=dict)   # "RSA", "ECDSA" → identity
    name: str = "a.test"                         # which the leaves are for
    default: dict = None                         # leaves for other names and for none; None: the same
    server_order: bool = True
    groups: tuple = (X25519, P256)               # of TLS 1.3
    curves: tuple = (X25519, P256)               # below
    dh_prime: int = (1 << 1023) + 1155           # odd, which is all that a reader can see
    acknowledged: frozenset = frozenset()        # extensions of TLS 1.2 and below
    alpn: tuple = ()
    fallback_scsv: bool = True
    compression: bool = False
    sentinel: bool = True
    session_ids: bool = False


class Refusal(Exception):
    """The alert that a server answers with."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Scripted:
    """A behaviour for HostileServer.listen(). In words of give_up(): `to_strangers` is what hellos get that it has
    never heard of, `to_elders` those that offer only versions older than all of its own."""

    def __init__(self, table, to_strangers="close", to_elders=str(wire.PROTOCOL_VERSION)):
        self.table = table
        self.to_strangers = to_strangers
        self.to_elders = to_elders

    def __call__(self, peer):
        hello = wire.parse_hello(wire.read_first(peer))
        data = self.answer(hello)
        if data is None:
            is_known = isinstance(hello, wire.ClientHello) and set(self.table.suites) - {SSL2}
            give_up(peer, self.to_elders if is_known else self.to_strangers)
            return
        peer.send(data)
        if isinstance(hello, wire.Ssl2Hello) or hello.versions is None:
            peer.read()  # what would need keys now, or close_notify; in TLS 1.3 the server's turn comes first
        peer.close_cleanly()

    def answer(self, hello):
        """The flight; None where a server of this table does not know what to say."""
        if isinstance(hello, wire.Ssl2Hello):
            return self.answer_ssl2(hello)
        version = None
        try:
            if not set(self.table.suites) - {SSL2}:
                return None
            version = self.choose_version(hello)
            if version is None:
                return None
            return self.answer_tls13(hello) if version == TLS13 else self.answer_old(hello, version)
        except Refusal as refusal:
            return wire.alert(min(version or hello.version, TLS12), refusal.code)

    def answer_ssl2(self, hello):
        if SSL2 not in self.table.suites:
            return None
        common = [spec for spec in self.table.suites[SSL2] if spec in hello.specs]
        return wire.ssl2_server_hello(der(self.table.leaves["RSA"].cert), common)

    # Choices.

    def choose_version(self, hello):
        known = sorted(set(self.table.suites) - {SSL2}, reverse=True)
        if hello.versions is not None and TLS13 in known:
            both = [version for version in known if version in hello.versions]
        else:
            both = [version for version in known if version <= min(hello.version, TLS12)]
        if not both:
            return None
        if SCSV_FALLBACK in hello.suites and both[0] < known[0] and self.table.fallback_scsv:
            raise Refusal(wire.INAPPROPRIATE_FALLBACK)
        return both[0]

    def choose(self, own, offered):
        """The first that both have, by the order that counts."""
        first, second = (own, offered) if self.table.server_order else (offered, own)
        return next((code for code in first if code in second), None)

    def leaves_for(self, hello):
        is_own = self.table.default is None or hello.server_name == self.table.name
        return self.table.leaves if is_own else self.table.default

    def choose_suite(self, hello, version, leaves):
        curve = self.choose(self.table.curves, hello.groups if hello.groups is not None else [P256])
        usable = [code for code in self.table.suites[version]
                  if (SUITES[code][1] is None or SUITES[code][1] in leaves) and
                  (SUITES[code][0] != "ECDHE" or curve is not None)]
        suite = self.choose(usable, hello.suites)
        if suite is None:
            raise Refusal(wire.HANDSHAKE_FAILURE)
        return suite, curve

    # TLS 1.3: no more than the first message, which names the group before any arithmetic.

    def answer_tls13(self, hello):
        suite = self.choose(self.table.suites[TLS13], hello.suites)
        if suite is None:
            raise Refusal(wire.HANDSHAKE_FAILURE)
        if hello.shares is None or hello.groups is None or hello.schemes is None:
            raise Refusal(wire.MISSING_EXTENSION)
        group = self.choose(self.table.groups, hello.groups)
        if group is None:
            raise Refusal(wire.HANDSHAKE_FAILURE)
        is_retry = group not in hello.shares
        share = wire.u16(group) + (b"" if is_retry else wire.block16(server_share(group)))
        extensions = {wire.SUPPORTED_VERSIONS: wire.u16(TLS13), wire.KEY_SHARE: share}
        random = wire.RETRY_RANDOM if is_retry else os.urandom(32)
        return wire.records(TLS12, wire.HANDSHAKE,
                            wire.server_hello(TLS13, suite, random, hello.session_id, 0, extensions))

    # SSL 3.0 to TLS 1.2: up to ServerHelloDone.

    def answer_old(self, hello, version):
        leaves = self.leaves_for(hello)
        suite, curve = self.choose_suite(hello, version, leaves)
        exchange, key, is_cbc = SUITES[suite]
        random = os.urandom(24) + self.random_end(version)
        compression = 1 if self.table.compression and 1 in hello.compressions else 0
        session_id = os.urandom(32) if self.table.session_ids else b""
        extensions = None if version == SSL3 else self.extensions(hello, is_cbc)
        flight = wire.server_hello(version, suite, random, session_id, compression, extensions)
        if key is not None:
            flight += wire.certificates([der(cert) for cert in leaves[key].presented])
        parameters = self.parameters(exchange, curve)
        if parameters:
            signature = b"" if key is None else sign(leaves[key].key, hello, version, random, parameters)
            flight += wire.message(12, parameters + signature)
        return wire.records(version, wire.HANDSHAKE, flight + wire.message(14, b""))

    def random_end(self, version):
        """RFC 8446 section 4.1.3."""
        if TLS13 not in self.table.suites or not self.table.sentinel or version < TLS10:
            return os.urandom(8)
        return b"DOWNGRD" + (b"\x01" if version == TLS12 else b"\x00")

    def extensions(self, hello, is_cbc):
        found = {}
        for kind in sorted(self.table.acknowledged):
            signalled = kind == wire.RENEGOTIATION_INFO and SCSV_RENEGOTIATION in hello.suites
            if (kind in hello.extensions or signalled) and (kind != wire.ENCRYPT_THEN_MAC or is_cbc):
                found[kind] = {wire.RENEGOTIATION_INFO: b"\x00", wire.HEARTBEAT: b"\x01"}.get(kind, b"")
        if self.table.alpn and hello.alpn is not None:
            name = self.choose(self.table.alpn, hello.alpn)
            if name is not None:
                found[wire.ALPN] = wire.block16(wire.block8(name.encode()))
        return found

    def parameters(self, exchange, curve):
        """RFC 8422 section 5.4, RFC 5246 section 7.4.3, RFC 6101 section 5.6.5."""
        if exchange == "ECDHE":
            return b"\x03" + wire.u16(curve) + wire.block8(public_key(curve))
        if exchange == "DHE":
            prime, own = self.table.dh_prime, int.from_bytes(os.urandom(8), "big")
            return wire.number16(prime) + wire.number16(2) + wire.number16(prime // 3 + own)
        if exchange == "RSA_EXPORT":
            return wire.number16((1 << 511) + 111) + wire.number16(65537)
        return b""


def sign(key, hello, version, random, parameters):
    """The signature over the parameters: good in TLS 1.2, where it says which it is; below, so many bytes."""
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    if version < TLS12:
        return wire.block16(os.urandom(key.key_size // 8 if is_rsa else 70))
    data = hello.random + random + parameters
    if is_rsa:
        return wire.u16(0x0401) + wire.block16(key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    return wire.u16(0x0403) + wire.block16(key.sign(data, ec.ECDSA(hashes.SHA256())))


# Servers that tire, forget and contradict themselves: each wraps others.


class Numbered:
    """Counts its connections, from 1; each has a thread of its own."""

    def __init__(self):
        self.count = 0
        self.lock = threading.Lock()

    def number(self):
        with self.lock:
            self.count += 1
            return self.count


def give_up(peer, how):
    """One way not to answer a hello that was read: "reset", "close", "silence", "ssl2-error" (NO-CIPHER-ERROR), or an
    alert's number."""
    if how == "reset":
        peer.reset()
    elif how == "silence":
        peer.drain()
    else:
        if how == "ssl2-error":
            peer.send(wire.ssl2_record(b"\x00\x00\x01"))
        elif how != "close":
            peer.send(wire.alert(TLS12, int(how)))
        peer.close_cleanly()


class Stops(Numbered):
    """Answers `after` connections and nobody any more; or not from `until` on, if that is told."""

    def __init__(self, server, after, how, until=None):
        super().__init__()
        self.server, self.after, self.how, self.until = server, after, how, until

    def __call__(self, peer):
        number = self.number()
        if number > self.after and (self.until is None or number <= self.until):
            wire.read_first(peer)
            give_up(peer, self.how)
        else:
            self.server(peer)


class RateLimited(Numbered):
    """Resets every connection beyond so many in any one second."""

    def __init__(self, server, per_second):
        super().__init__()
        self.server, self.per_second, self.recent = server, per_second, []
        self.resets = 0

    def __call__(self, peer):
        if self.is_too_many(self.arrival(peer)):
            wire.read_first(peer)
            give_up(peer, "reset")
        else:
            self.server(peer)

    @staticmethod
    def arrival(peer):
        """When the kernel had it, however late this thread is: `tcpi_last_data_recv` of struct tcp_info, in ms."""
        info = peer.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 56)
        return time.monotonic() - struct.unpack_from("=I", info, 52)[0] / 1000

    def is_too_many(self, arrival):
        with self.lock:
            if sum(arrival - 1 < at <= arrival for at in self.recent) < self.per_second:
                self.recent.append(arrival)
                return False
            self.resets += 1
            return True


class Tarpit(Numbered):
    """From a connection on, its answers come one byte at a time."""

    def __init__(self, server, after, interval_s):
        super().__init__()
        self.server, self.after, self.interval_s = server, after, interval_s

    def __call__(self, peer):
        if self.number() <= self.after:
            self.server(peer)
            return
        for byte in self.server.answer(wire.parse_hello(wire.read_first(peer))) or b"":
            peer.send(bytes([byte]))
            peer.pause(self.interval_s)
        peer.close_cleanly()


class Turns(Numbered):
    """A load balancer: each connection goes to the next server."""

    def __init__(self, *servers):
        super().__init__()
        self.servers = servers

    def __call__(self, peer):
        self.servers[(self.number() - 1) % len(self.servers)](peer)


class Fickle(Scripted):
    """Answers a question that it has heard before as another server would. Hellos ask the same where they differ in
    nothing but random bytes and keys."""

    def __init__(self, table, other, **manners):
        super().__init__(table, **manners)
        self.other, self.heard = Scripted(other), set()

    def answer(self, hello):
        if isinstance(hello, wire.Ssl2Hello):
            return super().answer(hello)
        extensions = tuple((kind, body) for kind, body in hello.extensions.items() if kind != wire.KEY_SHARE)
        question = hello.version, tuple(hello.suites), hello.compressions, extensions
        if question in self.heard:
            return self.other.answer(hello)
        self.heard.add(question)
        return super().answer(hello)


class Stubborn(Scripted):
    """Answers as if the hello had been what `hear` makes of it, whatever was offered."""

    def __init__(self, table, hear):
        super().__init__(table)
        self.hear = hear

    def answer(self, hello):
        return super().answer(hello if isinstance(hello, wire.Ssl2Hello) else self.hear(hello))
