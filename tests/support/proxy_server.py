"""An HTTP (CONNECT) or SOCKS5 proxy for tests, on loopback, honest or not.

    with ProxyServer("socks5", names={"a.test": "127.0.0.1"}) as proxy:
        proxy.url, proxy.requests        # every (host, port) that was asked for

`ports` says where the tunnels to some ports lead in truth, such as {80: 8080}.
`fault` is None or one of: silence, close, reset, garbage, refuse (HTTP 403, SOCKS reply 2), unreachable
(HTTP 502, SOCKS reply 4), endless (a header that never ends).
"""
import base64
import socket
import struct
import threading

from hostile_server import HostileServer

SOCKS_REPLIES = {"refuse": 2, "unreachable": 4}
HTTP_REPLIES = {"refuse": b"HTTP/1.1 403 Forbidden\r\n\r\n",
                "unreachable": b"HTTP/1.1 502 Bad Gateway\r\n\r\n"}


class ProxyServer:
    def __init__(self, kind, names=None, user=None, password=None, fault=None, ports=None):
        self.kind = kind
        self.names = names or {}
        self.ports = ports or {}
        self.user = user
        self.password = password
        self.fault = fault
        self.requests = []
        self.hostile = HostileServer()
        self.port = None

    def __enter__(self):
        serve = {"http": self.serve_http, "socks5": self.serve_socks}[self.kind]
        self.port = self.hostile.listen(serve)
        return self

    def __exit__(self, *_):
        self.hostile.stop()

    @property
    def url(self):
        credentials = "%s:%s@" % (self.user, self.password) if self.user else ""
        return "%s://%s127.0.0.1:%d" % (self.kind, credentials, self.port)

    def read_exactly(self, peer, size):
        data = b""
        while len(data) < size:
            more = peer.read(size - len(data))
            if not more:
                raise ConnectionError("the client left")
            data += more
        return data

    def misbehave(self, peer):
        """The faults that come in place of the first answer. True where one came."""
        if self.fault == "silence":
            peer.drain()
        elif self.fault == "close":
            peer.close_cleanly()
        elif self.fault == "reset":
            peer.reset()
        elif self.fault == "garbage":
            peer.send(bytes(range(128, 228)))
            peer.drain()
        elif self.fault == "endless":
            peer.send(b"HTTP/1.1 200 OK\r\n")
            while True:
                peer.send(b"X-Padding: " + b"x" * 1000 + b"\r\n")
        else:
            return False
        return True

    def serve_http(self, peer):
        request = b""
        while b"\r\n\r\n" not in request:
            request += self.read_exactly(peer, 1)
        lines = request.decode("latin-1").split("\r\n")
        authority = lines[0].split(" ")[1]
        host, port = authority.rsplit(":", 1)
        self.requests.append((host.strip("[]"), int(port)))
        if self.misbehave(peer):
            return
        if self.user is not None:
            token = base64.b64encode(("%s:%s" % (self.user, self.password)).encode()).decode()
            if "proxy-authorization: basic " + token.lower() not in [line.lower() for line in lines]:
                peer.send(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                peer.close_cleanly()
                return
        if self.fault in HTTP_REPLIES:
            peer.send(HTTP_REPLIES[self.fault])
            peer.close_cleanly()
            return
        self.tunnel(peer, b"HTTP/1.1 200 Connection established\r\n\r\n")

    def serve_socks(self, peer):
        """RFC 1928, and RFC 1929 for user and password."""
        version, count = self.read_exactly(peer, 2)
        methods = self.read_exactly(peer, count)
        if self.misbehave(peer):
            return
        method = 2 if self.user is not None else 0
        if version != 5 or method not in methods:
            peer.send(b"\x05\xff")
            peer.close_cleanly()
            return
        peer.send(bytes([5, method]))
        if method == 2 and not self.check_password(peer):
            return
        _, command, _, kind = self.read_exactly(peer, 4)
        if kind == 3:
            host = self.read_exactly(peer, self.read_exactly(peer, 1)[0]).decode()
        else:
            family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, self.read_exactly(peer, size))
        port = struct.unpack("!H", self.read_exactly(peer, 2))[0]
        self.requests.append((host, port))
        if self.fault in SOCKS_REPLIES or command != 1:
            peer.send(bytes([5, SOCKS_REPLIES.get(self.fault, 7), 0, 1]) + b"\0" * 6)
            peer.close_cleanly()
            return
        self.tunnel(peer, b"\x05\x00\x00\x01" + b"\0" * 6)

    def check_password(self, peer):
        self.read_exactly(peer, 1)
        user = self.read_exactly(peer, self.read_exactly(peer, 1)[0]).decode()
        password = self.read_exactly(peer, self.read_exactly(peer, 1)[0]).decode()
        is_right = (user, password) == (self.user, self.password)
        peer.send(b"\x01\x00" if is_right else b"\x01\x01")
        if not is_right:
            peer.close_cleanly()
        return is_right

    def tunnel(self, peer, established):
        host, port = self.requests[-1]
        with socket.create_connection((self.names.get(host, host), self.ports.get(port, port))) as backend:
            peer.send(established)
            back = threading.Thread(target=self.copy_back, args=(peer, backend), daemon=True)
            back.start()
            while True:
                data = peer.read()
                if not data:
                    break
                backend.sendall(data)
            backend.shutdown(socket.SHUT_WR)
            back.join()

    @staticmethod
    def copy_back(peer, backend):
        try:
            while True:
                data = backend.recv(65536)
                if not data:
                    peer.connection.shutdown(socket.SHUT_WR)
                    return
                peer.send(data)
        except OSError:
            pass
