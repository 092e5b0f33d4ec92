#!/usr/bin/python3
"""Servers that misbehave, for tests: each behaviour gets a listener of its own on loopback.

In Python:   with HostileServer() as hostile: port = hostile.listen("alert", 40)
From C:      hostile_server.py close reset alert:40 …; standard output gets one line "behaviour port"
             for each; it runs until its standard input ends, so that it cannot outlive its test.

Every behaviour is a function below whose name is the behaviour's, `_` for `-`, and whose first line
says what it does. `hostile_server.py --list` prints them.

A real server behind a fault: hostile.relay(port, cut_after_records=2) and its other options.
"""
import argparse
import inspect
import os
import selectors
import socket
import struct
import sys
import threading
import time

HANDSHAKE, ALERT, CHANGE_CIPHER_SPEC, APPLICATION_DATA = 22, 21, 20, 23
TLS12 = b"\x03\x03"
TICK_S = 0.05  # how soon a behaviour notices that the test is over


def record(kind, body, version=TLS12):
    """One TLS record (RFC 8446 section 5.1)."""
    return bytes([kind]) + version + struct.pack("!H", len(body)) + body


def handshake(kind, body):
    """A handshake message's header and body (RFC 8446 section 4)."""
    return bytes([kind]) + struct.pack("!I", len(body))[1:] + body


def server_hello(suite=0xC02F, version=TLS12, extensions=b"\xff\x01\x00\x01\x00"):
    """A TLS 1.2 ServerHello that a client with ECDHE suites accepts (RFC 5246 section 7.4.1.3)."""
    random = bytes(range(32))  # no downgrade mark of RFC 8446 section 4.1.3 at its end
    body = version + random + b"\x00" + struct.pack("!H", suite) + b"\x00"
    return handshake(2, body + struct.pack("!H", len(extensions)) + extensions)


def certificate(certs):
    """A TLS 1.2 Certificate message (RFC 5246 section 7.4.2)."""
    entries = b"".join(struct.pack("!I", len(cert))[1:] + cert for cert in certs)
    return handshake(11, struct.pack("!I", len(entries))[1:] + entries)


class Peer:
    """One accepted connection, as a behaviour sees it."""

    def __init__(self, connection, server):
        self.connection = connection
        self.server = server
        self.connection.settimeout(TICK_S)

    @property
    def over(self):
        return self.server.over

    def send(self, data):
        """Sends all of it, unless the test ends or the client leaves: then ConnectionError."""
        view = memoryview(data)
        while len(view) > 0 and not self.over:
            try:
                view = view[self.connection.send(view):]
            except socket.timeout:
                continue
        if self.over:
            raise ConnectionError("over")

    def read(self, size=65536):
        """What comes next; b"" at the end of stream or of the test."""
        while not self.over:
            try:
                return self.connection.recv(size)
            except socket.timeout:
                continue
        return b""

    def read_hello(self):
        """Waits for the client's first record and returns it."""
        data = b""
        while len(data) < 5 or len(data) < 5 + struct.unpack("!H", data[3:5])[0]:
            more = self.read()
            if not more:
                raise ConnectionError("no hello")
            data += more
        return data

    def drain(self):
        """Takes what comes until the client leaves."""
        while self.read():
            pass

    def pause(self, seconds):
        """Waits, but not longer than the test."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.over:
            time.sleep(min(TICK_S, max(0.0, end - time.monotonic())))

    def close_cleanly(self):
        """FIN, and then waits for the client's: unread bytes would turn the FIN into a RST."""
        self.connection.shutdown(socket.SHUT_WR)
        self.drain()

    def reset(self):
        """RST in place of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


# Behaviours. Each gets the peer and its own arguments as text.

def silence(peer):
    """Accepts, reads and never says anything."""
    peer.drain()


def close(peer):
    """Closes at once with FIN."""
    peer.close_cleanly()


def reset(peer):
    """Resets at once."""
    peer.reset()


def close_after_hello(peer):
    """Reads the ClientHello and closes with FIN."""
    peer.read_hello()
    peer.close_cleanly()


def reset_after_hello(peer):
    """Reads the ClientHello and resets."""
    peer.read_hello()
    peer.reset()


def garbage(peer, size="1000"):
    """Answers the ClientHello with bytes that are nothing."""
    peer.read_hello()
    peer.send(bytes((i * 37 + 11) % 251 | 0x80 for i in range(int(size))))
    peer.drain()


def http(peer):
    """Answers the ClientHello as a web server without TLS does."""
    peer.read_hello()
    peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    peer.close_cleanly()


def ssh(peer):
    """Speaks first: an SSH banner."""
    peer.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    peer.drain()


def smtp(peer):
    """Speaks first: an SMTP greeting."""
    peer.send(b"220 mail.example.test ESMTP\r\n")
    peer.drain()


def drip(peer, interval_s="1"):
    """Sends a good ServerHello and what follows, one byte at a time."""
    peer.read_hello()
    for byte in record(HANDSHAKE, server_hello() + certificate([b"\x30\x82\x10\x00" + b"\0" * 4096])):
        peer.send(bytes([byte]))
        peer.pause(float(interval_s))


def alert(peer, code="40"):
    """Answers the ClientHello with a fatal alert of that code."""
    peer.read_hello()
    peer.send(record(ALERT, bytes([2, int(code)])))
    peer.close_cleanly()


def alert_after_server_hello(peer, code="80"):
    """Sends a ServerHello and then a fatal alert."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello()) + record(ALERT, bytes([2, int(code)])))
    peer.close_cleanly()


def warning_alert(peer, code="112"):
    """Sends a warning alert and nothing more (112: unrecognized_name)."""
    peer.read_hello()
    peer.send(record(ALERT, bytes([1, int(code)])))
    peer.drain()


def close_notify(peer):
    """Answers the ClientHello with close_notify."""
    peer.read_hello()
    peer.send(record(ALERT, b"\x01\x00"))
    peer.close_cleanly()


def malformed_alert(peer):
    """An alert record of one byte."""
    peer.read_hello()
    peer.send(record(ALERT, b"\x02"))
    peer.close_cleanly()


def truncated_record(peer):
    """A record that says 500 bytes and has 100, then FIN."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello() + b"\0" * 500)[:105])
    peer.close_cleanly()


def truncated_header(peer):
    """Three bytes of a record's header, then FIN."""
    peer.read_hello()
    peer.send(b"\x16\x03\x03")
    peer.close_cleanly()


def huge_record(peer):
    """A record that says 65,535 bytes, which is more than TLS allows."""
    peer.read_hello()
    peer.send(b"\x16\x03\x03\xff\xff" + b"\0" * 65535)
    peer.drain()


def huge_hello(peer):
    """A ServerHello that says 16 MiB less one byte, in records that follow each other."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, b"\x02\xff\xff\xff" + b"\0" * 16000))
    while True:
        peer.send(record(HANDSHAKE, b"\0" * 16000))


def endless_handshake(peer):
    """A good ServerHello, then handshake records without end (a Certificate of 16 MiB)."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello()))
    peer.send(record(HANDSHAKE, b"\x0b\xff\xff\xff\xff\xff\xfc" + b"\0" * 16000))
    while True:
        peer.send(record(HANDSHAKE, b"\0" * 16000))


def endless_hello_requests(peer):
    """HelloRequest messages without end, which a client ignores."""
    peer.read_hello()
    while True:
        peer.send(record(HANDSHAKE, handshake(0, b"")) * 200)


def endless_empty_records(peer):
    """Empty handshake records without end."""
    peer.read_hello()
    while True:
        peer.send(record(HANDSHAKE, b"") * 500)


def endless_warnings(peer):
    """Warning alerts without end."""
    peer.read_hello()
    while True:
        peer.send(record(ALERT, b"\x01\x70") * 500)


def endless_change_cipher_spec(peer):
    """change_cipher_spec records without end, which TLS 1.3 ignores in small numbers."""
    peer.read_hello()
    while True:
        peer.send(record(CHANGE_CIPHER_SPEC, b"\x01") * 500)


def endless_http(peer):
    """A response without end, and no TLS in it."""
    peer.read_hello()
    peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        peer.send(b"x" * 65536)


def big_certificate(peer, size=str(10 << 20)):
    """A ServerHello and one Certificate message of 10 MiB, whole."""
    peer.read_hello()
    message = server_hello() + certificate([b"\x30\x84" + struct.pack("!I", int(size)) +
                                            b"\0" * int(size)])
    for start in range(0, len(message), 16384):
        peer.send(record(HANDSHAKE, message[start:start + 16384]))
    peer.drain()


def many_certificates(peer, count="1000"):
    """A Certificate message with a thousand tiny certificates."""
    peer.read_hello()
    message = server_hello() + certificate([b"\x30\x03\x02\x01\x05"] * int(count))
    for start in range(0, len(message), 16384):
        peer.send(record(HANDSHAKE, message[start:start + 16384]))
    peer.drain()


def broken_certificate(peer):
    """A Certificate message whose only certificate is no DER."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello() + certificate([b"not a certificate"])))
    peer.drain()


def empty_certificate(peer):
    """A Certificate message without certificates."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello() + certificate([])))
    peer.drain()


def close_after_server_hello(peer):
    """A ServerHello, then FIN."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello()))
    peer.close_cleanly()


def reset_after_server_hello(peer):
    """A ServerHello, then RST."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello()))
    time.sleep(TICK_S)  # the RST would overtake what is still in the client's buffer
    peer.reset()


def silence_after_server_hello(peer):
    """A ServerHello, then nothing."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello()))
    peer.drain()


def plaintext_after_hello(peer):
    """A ServerHello, then text without TLS."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello()) + b"and now for something completely different\r\n")
    peer.drain()


def application_data_first(peer):
    """Application data in place of a ServerHello."""
    peer.read_hello()
    peer.send(record(APPLICATION_DATA, b"hello"))
    peer.drain()


def wrong_version(peer):
    """A ServerHello of a version that was never offered (0x0399)."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello(version=b"\x03\x99")))
    peer.drain()


def wrong_suite(peer):
    """A ServerHello with a cipher suite that was never offered (0x5600, a signalling value)."""
    peer.read_hello()
    peer.send(record(HANDSHAKE, server_hello(suite=0x5600)))
    peer.drain()


def wrong_extension(peer):
    """A ServerHello with an extension that was never asked for."""
    peer.read_hello()
    extensions = b"\xff\x01\x00\x01\x00" + b"\xfa\xfa\x00\x00"
    peer.send(record(HANDSHAKE, server_hello(extensions=extensions)))
    peer.drain()


def client_hello_back(peer):
    """The client's own ClientHello comes back (an echo service)."""
    peer.send(peer.read_hello())
    while not peer.over:
        data = peer.read()
        if not data:
            break
        peer.send(data)


def sslv2(peer):
    """An SSL 2.0 error message, as servers of the last century answer."""
    peer.read_hello()
    peer.send(b"\x80\x03\x00\x00\x01")
    peer.close_cleanly()


BEHAVIOURS = {name.replace("_", "-"): function for name, function in list(globals().items())
              if inspect.isfunction(function) and list(inspect.signature(function).parameters)[:1] ==
              ["peer"]}


class Relay:
    """A real server behind a fault: what it sends passes through, and then something happens."""

    def __init__(self, backend, cut_after_records=None, cut_after_bytes=None, how="close",
                 corrupt_byte=None, one_byte_s=None, delay_s=None):
        self.backend = backend
        self.cut_after_records = cut_after_records
        self.cut_after_bytes = cut_after_bytes
        self.how = how                    # "close", "reset" or "silence"
        self.corrupt_byte = corrupt_byte  # offset in what the server sends
        self.one_byte_s = one_byte_s      # seconds between single bytes
        self.delay_s = delay_s            # before each piece

    def end(self, stream):
        """The offset after which nothing passes; None while that is further than the stream."""
        if self.cut_after_bytes is not None:
            return self.cut_after_bytes if len(stream) >= self.cut_after_bytes else None
        if self.cut_after_records is None:
            return None
        offset = 0
        for _ in range(self.cut_after_records):
            if len(stream) < offset + 5:
                return None
            offset += 5 + struct.unpack("!H", stream[offset + 3:offset + 5])[0]
        return offset if len(stream) >= offset else None

    def forward(self, peer, data, position):
        data = bytearray(data)
        if self.corrupt_byte is not None and 0 <= self.corrupt_byte - position < len(data):
            data[self.corrupt_byte - position] ^= 0xff
        if self.delay_s is not None:
            peer.pause(self.delay_s)
        if self.one_byte_s is None:
            peer.send(bytes(data))
            return
        for byte in data:
            peer.send(bytes([byte]))
            peer.pause(self.one_byte_s)

    def finish(self, peer):
        if self.how == "reset":
            time.sleep(TICK_S)
            peer.reset()
        elif self.how == "silence":
            peer.drain()
        else:
            peer.close_cleanly()

    def __call__(self, peer):
        stream, passed = b"", 0
        with socket.create_connection(self.backend) as backend, \
                selectors.DefaultSelector() as selector:
            backend.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(backend, selectors.EVENT_READ)
            selector.register(peer.connection, selectors.EVENT_READ)
            while not peer.over:
                for key, _ in selector.select(TICK_S):
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    if key.fileobj is peer.connection:
                        backend.sendall(data)
                        continue
                    stream += data
                    end = self.end(stream)
                    allowed = len(stream) if end is None else end
                    self.forward(peer, stream[passed:allowed], passed)
                    passed = allowed
                    if end is not None:
                        self.finish(peer)
                        return


class HostileServer:
    """Listeners and their threads; all are gone after __exit__."""

    def __init__(self, address="127.0.0.1"):
        self.address = address
        self.over = False
        self.sockets = []
        self.threads = []
        self.accepted = {}  # port → connections so far

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def listen(self, behaviour, *arguments, address=None, port=0):
        """Starts a listener for one behaviour (a name or a callable); returns its port."""
        function = BEHAVIOURS[behaviour] if isinstance(behaviour, str) else behaviour
        listener = self.bind(address or self.address, port)
        listener.listen(128)
        listener.settimeout(TICK_S)
        number = listener.getsockname()[1]
        self.accepted[number] = 0
        self.start(self.accept, listener, number, function, [str(value) for value in arguments])
        return number

    def relay(self, port, address=None, **faults):
        """A listener in front of a real server on `port`, with the faults of class Relay."""
        return self.listen(Relay((address or self.address, port), **faults))

    def refused(self, address=None):
        """A port on which nothing listens: bound, so that nobody else gets it."""
        return self.bind(address or self.address, 0).getsockname()[1]

    def unanswered(self, address=None):
        """A port whose SYNs get no answer: its queue is full and nobody accepts."""
        listener = self.bind(address or self.address, 0)
        listener.listen(0)
        target = listener.getsockname()
        for _ in range(4):  # one more than the queue holds; the rest stay half open
            filler = socket.socket(listener.family, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex(target)
            self.sockets.append(filler)
        time.sleep(TICK_S)
        return target[1]

    def bind(self, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        self.sockets.append(listener)
        return listener

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self, listener, number, function, arguments):
        while not self.over:
            try:
                connection, _ = listener.accept()
            except socket.timeout:
                continue
            except OSError:
                return
            self.accepted[number] += 1
            self.start(self.serve, connection, function, arguments)

    def serve(self, connection, function, arguments):
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                function(Peer(connection, self), *arguments)
            except OSError:
                pass  # the client left, or the test is over: both are ends

    def stop(self):
        self.over = True
        for thread in self.threads:
            thread.join()
        for listener in self.sockets:
            listener.close()


def main():
    parser = argparse.ArgumentParser(description="Servers that misbehave, on loopback.")
    parser.add_argument("behaviours", nargs="*", metavar="BEHAVIOUR[:ARGUMENT]")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--list", action="store_true", help="the behaviours, one to a line")
    options = parser.parse_args()
    if options.list:
        for name in sorted(BEHAVIOURS) + ["refused", "unanswered"]:
            function = BEHAVIOURS.get(name) or getattr(HostileServer, name)
            print("%-28s %s" % (name, inspect.getdoc(function).splitlines()[0]))
        return 0
    with HostileServer(options.address) as hostile:
        for behaviour in options.behaviours:
            name, *arguments = behaviour.split(":")
            if name in ("refused", "unanswered"):
                port = getattr(hostile, name)()
            else:
                port = hostile.listen(name, *arguments)
            print(behaviour, port, flush=True)
        sys.stdout.flush()
        while os.read(0, 65536):  # the parent's end of the pipe closes when it is gone
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
