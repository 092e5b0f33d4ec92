"""What goes in the clear at the beginning of SSL and TLS, from the published layouts: hellos in, flights out.

SSL 2.0: "The SSL Protocol" (Netscape, 1995), sections 1.1 and 2.5. SSL 3.0: RFC 6101 sections 5.2 and 5.6. TLS: RFC
5246 section 7.4, RFC 8422 section 5 and RFC 8446 section 4. Nothing of the scanner's own is used here.
"""
import os
import struct
from dataclasses import dataclass, field

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304

ALERT, HANDSHAKE = 21, 22
HANDSHAKE_FAILURE, PROTOCOL_VERSION, INTERNAL_ERROR = 40, 70, 80
INAPPROPRIATE_FALLBACK, MISSING_EXTENSION, UNRECOGNIZED_NAME, NO_APPLICATION_PROTOCOL = 86, 109, 112, 120

SERVER_NAME, SUPPORTED_GROUPS, SIGNATURE_ALGORITHMS, HEARTBEAT, ALPN = 0, 10, 13, 15, 16
ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET, SESSION_TICKET = 22, 23, 35
SUPPORTED_VERSIONS, KEY_SHARE, RENEGOTIATION_INFO = 43, 51, 0xFF01

# RFC 8446 section 4.1.3: a ServerHello with this random is a HelloRetryRequest.
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def block8(data):
    return struct.pack("!B", len(data)) + data


def block16(data):
    return struct.pack("!H", len(data)) + data


def block24(data):
    return struct.pack("!I", len(data))[1:] + data


def u16(*values):
    return struct.pack("!%dH" % len(values), *values)


def list16(data):
    """Two-byte codes behind one another."""
    return list(struct.unpack("!%dH" % (len(data) // 2), data))


class Reader:
    """Bytes that are taken from the front; running short is a ValueError."""

    def __init__(self, data):
        self.data = data

    def take(self, count):
        if count > len(self.data):
            raise ValueError("cut")
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def block(self, length_bytes):
        return self.take(self.number(length_bytes))


@dataclass
class ClientHello:
    """A hello of SSL 3.0 to TLS 1.3."""
    version: int              # the field of that name, which stops at TLS 1.2
    random: bytes
    session_id: bytes
    suites: list
    compressions: bytes
    extensions: dict = field(default_factory=dict)  # type → body

    def _list(self, extension, length_bytes):
        body = self.extensions.get(extension)
        return None if body is None else list16(Reader(body).block(length_bytes))

    @property
    def versions(self):
        """What supported_versions offers; None where it is not there."""
        return self._list(SUPPORTED_VERSIONS, 1)

    @property
    def groups(self):
        return self._list(SUPPORTED_GROUPS, 2)

    @property
    def schemes(self):
        return self._list(SIGNATURE_ALGORITHMS, 2)

    @property
    def shares(self):
        """Group → key; None where there is no key_share at all."""
        if KEY_SHARE not in self.extensions:
            return None
        reader, shares = Reader(Reader(self.extensions[KEY_SHARE]).block(2)), {}
        while reader.data:
            group = reader.number(2)
            shares[group] = reader.block(2)
        return shares

    @property
    def alpn(self):
        if ALPN not in self.extensions:
            return None
        reader, names = Reader(Reader(self.extensions[ALPN]).block(2)), []
        while reader.data:
            names.append(reader.block(1).decode())
        return names

    @property
    def server_name(self):
        if SERVER_NAME not in self.extensions:
            return None
        reader = Reader(Reader(self.extensions[SERVER_NAME]).block(2))
        reader.take(1)
        return reader.block(2).decode()


@dataclass
class Ssl2Hello:
    """A CLIENT-HELLO of SSL 2.0."""
    version: int
    specs: list


def need(data):
    """How long the client's first message is, as far as `data` tells; at least one byte more than nothing."""
    if len(data) < 5:
        return 5
    if data[0] & 0x80 and data[2] == 1:
        return 2 + (struct.unpack("!H", data[:2])[0] & 0x7FFF)
    return 5 + struct.unpack("!H", data[3:5])[0]


def read_first(peer):
    """The client's first message, whole, without what may follow; ConnectionError where it does not come."""
    data = b""
    while len(data) < need(data):
        more = peer.read()
        if not more:
            raise ConnectionError("no hello")
        data += more
    return data[:need(data)]


def parse_hello(data):
    """ClientHello or Ssl2Hello; ValueError where it is neither, or has bytes too few or too many."""
    if data[0] & 0x80 and data[2] == 1:
        return parse_ssl2(Reader(data[3:]))
    record = Reader(data)
    if record.number(1) != HANDSHAKE or record.number(1) != 3:
        raise ValueError("no handshake record")
    record.take(1)
    message = Reader(record.block(2))
    if record.data or message.number(1) != 1:
        raise ValueError("no ClientHello alone")
    body = Reader(message.block(3))
    if message.data:
        raise ValueError("bytes behind ClientHello")
    hello = ClientHello(body.number(2), body.take(32), body.block(1), list16(body.block(2)), body.block(1))
    if body.data:
        extensions = Reader(body.block(2))
        while extensions.data:
            kind = extensions.number(2)
            if kind in hello.extensions:
                raise ValueError("an extension that is there twice")
            hello.extensions[kind] = extensions.block(2)
    if body.data:
        raise ValueError("bytes behind the extensions")
    return hello


def parse_ssl2(body):
    version, specs_len, id_len, challenge_len = (body.number(2) for _ in range(4))
    specs = Reader(body.take(specs_len))
    body.take(id_len + challenge_len)
    if body.data or specs_len % 3 or not 16 <= challenge_len <= 32:
        raise ValueError("a malformed CLIENT-HELLO")
    return Ssl2Hello(version, [specs.number(3) for _ in range(specs_len // 3)])


# Flights.


def records(version, kind, data):
    """RFC 8446 section 5.1: 2^14 bytes at most in each; the version stops at TLS 1.2."""
    pieces = [data[start:start + 0x4000] for start in range(0, len(data), 0x4000)]
    return b"".join(bytes([kind]) + u16(min(version, TLS12)) + block16(piece) for piece in pieces)


def message(kind, body):
    return bytes([kind]) + block24(body)


def alert(version, code, level=2):
    return records(max(version, SSL3), ALERT, bytes([level, code]))


def ssl2_record(body):
    return u16(0x8000 | len(body)) + body


def ssl2_server_hello(certificate, specs):
    """Type 4; no session hit; an X.509 certificate; a connection id of 16 bytes."""
    chosen = b"".join(struct.pack("!I", spec)[1:] for spec in specs)
    return ssl2_record(bytes([4, 0, 1]) + u16(SSL2, len(certificate), len(chosen), 16) + certificate + chosen +
                       os.urandom(16))


def server_hello(version, suite, random, session_id=b"", compression=0, extensions=None):
    """`extensions`: type → body; None leaves the block out, as SSL 3.0 must."""
    body = u16(min(version, TLS12)) + random + block8(session_id) + u16(suite) + bytes([compression])
    if extensions is not None:
        body += block16(b"".join(u16(kind) + block16(content) for kind, content in extensions.items()))
    return message(2, body)


def certificates(chain):
    return message(11, block24(b"".join(block24(der) for der in chain)))


def number16(value):
    """A number of as few bytes as it has, behind their count."""
    return block16(value.to_bytes((value.bit_length() + 7) // 8, "big"))
