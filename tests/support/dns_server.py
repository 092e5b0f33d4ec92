#!/usr/bin/python3
"""A DNS server for tests: UDP and TCP on one free port of loopback, its zone a dict.

A zone maps a name (lower case, without trailing dot; "*.example.test" answers for what is below) to
a spec, or to a list of specs that are used one after the other for each question type, the last one
staying. A spec is a dict with any of:

    "A": ["127.0.0.2"], "AAAA": ["::1"]      addresses
    "MX": ["10 mx.test"], "MX": "0 ."        mail hosts
    "CNAME": "other.test"                    followed inside the zone, as a resolver does it
    "TYPE257": ["hex of the record data"]    any other type by number; "CAA", "TLSA", "HTTPS", "TXT" too
    "ttl": 60
    "rcode": "SERVFAIL"                      or NXDOMAIN, REFUSED, FORMERR, NOTIMP, or a number
    "silent": true                           no answer at all
    "delay_s": 0.2                           the answer comes late
    "truncate": true                         UDP says TC=1 without records: the asker must come by TCP
    "tcp_silent": true, "tcp_close": true    what TCP does instead of answering
    "ad": true                               the AD flag
    "garbage": "hex"                         these bytes are the answer
    "wrong_id": true, "wrong_question": true an answer that is not for the asker
    "follow": false                          a CNAME comes alone
    "extra": [["other.test", "A", "127.0.0.9"]]   records of other names in the answer section
    "authority": …, "additional": …          the same for the other two sections

A name that is not there gets NXDOMAIN (or `default`); a name that is, without the type, no data.

In Python:   with DnsServer(zone) as server: server.port, server.queries
From C:      dns_server.py --zone FILE.json [--port N] [--log FILE]; the first line of standard output
             is the port; it runs until its standard input ends, so that it cannot outlive its test.
"""
import argparse
import asyncio
import ipaddress
import json
import socket
import struct
import sys
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "OPT": 41, "TLSA": 52,
         "HTTPS": 65, "CAA": 257}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
RCODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}
CNAME_HOPS = 16  # a loop in the zone ends here, with what was collected


def type_number(name):
    """The number of a type that is written as a name or as TYPE<n> (RFC 3597 section 5)."""
    return TYPES[name] if name in TYPES else int(name[4:])


def encode_name(name):
    """A name in wire form, without compression (RFC 1035 section 3.1)."""
    wire = b""
    for label in name.rstrip(".").split("."):
        if label:
            raw = label.encode("utf-8")
            wire += bytes([len(raw)]) + raw
    return wire + b"\0"


def decode_name(wire, offset):
    """The name at `offset` in lower case, and where it ends. Questions hold no compression."""
    labels = []
    while wire[offset] != 0:
        length = wire[offset]
        labels.append(wire[offset + 1:offset + 1 + length].decode("latin-1").lower())
        offset += 1 + length
    return ".".join(labels), offset + 1


def encode_data(type_name, value):
    if type_name in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if type_name in ("CNAME", "NS"):
        return encode_name(value)
    if type_name == "MX":
        preference, name = value.split()
        return struct.pack("!H", int(preference)) + encode_name(name)
    return bytes.fromhex(value)


def encode_record(owner, type_name, value, ttl):
    data = encode_data(type_name, value)
    return encode_name(owner) + struct.pack("!HHIH", type_number(type_name), 1, ttl,
                                            len(data)) + data


class Query:
    """One question as it came."""

    def __init__(self, wire, transport):
        self.id, self.flags, questions = struct.unpack("!HHH", wire[:6])
        if questions != 1:
            raise ValueError("not one question")
        self.name, end = decode_name(wire, 12)
        self.type, self.dns_class = struct.unpack("!HH", wire[end:end + 4])
        self.question = wire[12:end + 4]
        self.transport = transport
        self.udp_size = 512
        if struct.unpack("!H", wire[10:12])[0] > 0 and wire[end + 4:end + 7] == b"\0\0\x29":
            self.udp_size = max(512, struct.unpack("!H", wire[end + 7:end + 9])[0])
            self.edns = True
        else:
            self.edns = False

    @property
    def type_name(self):
        return TYPE_NAMES.get(self.type, "TYPE%d" % self.type)


class Zone:
    def __init__(self, names, default):
        self.names = {name.lower().rstrip("."): spec for name, spec in names.items()}
        self.default = default
        self.asked = {}

    def find(self, name, type_name):
        """The spec for a name: its own, or of the nearest wildcard; None where there is none."""
        spec = self.names.get(name)
        parent = name
        while spec is None and "." in parent:
            parent = parent.split(".", 1)[1]
            spec = self.names.get("*." + parent)
        if spec is None and any(known.endswith("." + name) for known in self.names):
            return {}  # an empty non-terminal exists (RFC 8020)
        if isinstance(spec, list):
            turn = self.asked.get((name, type_name), 0)
            self.asked[(name, type_name)] = turn + 1
            spec = spec[min(turn, len(spec) - 1)]
        return spec

    def answer(self, query, spec):
        """The answer section's records and the rcode."""
        records = []
        owner = query.name
        for _ in range(CNAME_HOPS):
            if spec is None:
                return records, self.default
            ttl = spec.get("ttl", 60)
            if "CNAME" in spec and query.type_name != "CNAME":
                records.append(encode_record(owner, "CNAME", spec["CNAME"], ttl))
                owner = spec["CNAME"].lower().rstrip(".")
                if spec.get("follow", True) is False:
                    break
                spec = self.find(owner, query.type_name)
                continue
            values = spec.get(query.type_name, spec.get("TYPE%d" % query.type, []))
            for value in [values] if isinstance(values, str) else values:
                records.append(encode_record(owner, query.type_name, value, ttl))
            if "rcode" in spec:
                return records, spec["rcode"]
            break
        return records, "NOERROR"


def section(spec, key):
    return [encode_record(owner, type_name, value, spec.get("ttl", 60))
            for owner, type_name, value in spec.get(key, [])]


def encode_answer(zone, query, spec):
    """The whole message, or None where nothing is said."""
    if spec is not None and spec.get("silent"):
        return None
    if spec is not None and "garbage" in spec:
        return bytes.fromhex(spec["garbage"])
    records, rcode = zone.answer(query, spec)
    spec = spec or {}
    answers = records + section(spec, "extra")
    authority = section(spec, "authority")
    additional = section(spec, "additional")
    if not answers and not authority and rcode in ("NOERROR", "NXDOMAIN"):
        authority = [encode_name("test") + struct.pack("!HHIH", TYPES["SOA"], 1, 60, 22) +
                     b"\0\0" + struct.pack("!IIIII", 1, 60, 60, 60, 60)]
    if query.edns:
        additional = additional + [b"\0" + struct.pack("!HHIH", TYPES["OPT"], 1232, 0, 0)]
    flags = 0x8580 & ~0x0100 | query.flags & 0x0100 | (0x0020 if spec.get("ad") else 0)
    flags |= RCODES[rcode] if isinstance(rcode, str) else int(rcode)
    body = b"".join(answers + authority + additional)
    counts = (1, len(answers), len(authority), len(additional))
    too_long = 12 + len(query.question) + len(body) > query.udp_size
    if query.transport == "udp" and (spec.get("truncate") or too_long):
        flags, body, counts = flags | 0x0200, b"", (1, 0, 0, 0)
    identity = query.id ^ 0x5555 if spec.get("wrong_id") else query.id
    question = query.question
    if spec.get("wrong_question"):
        question = encode_name("wrong.test") + struct.pack("!HH", query.type, 1)
    return struct.pack("!HHHHHH", identity, flags, *counts) + question + body


class UdpSide(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server = server
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.server.handle(data, "udp", lambda answer: self.transport.sendto(answer, addr))


class DnsServer:
    """Runs on a thread of its own between __enter__ and __exit__ (or start and stop)."""

    def __init__(self, zone, address="127.0.0.1", port=0, default="NXDOMAIN", log=None):
        self.zone = Zone(zone, default)
        self.address = address
        self.port = port
        self.queries = []  # (transport, name, type), in the order they came
        self.log = log
        self.loop = None
        self.thread = None
        self.sockets = []

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def resolver(self):
        """The value for --resolver."""
        host = "[%s]" % self.address if ":" in self.address else self.address
        return "%s:%d" % (host, self.port)

    def start(self):
        self.bind()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait()
        return self

    def stop(self):
        if self.thread is not None:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
            self.thread = None

    def bind(self):
        """One free port for both transports: TCP's may be taken, then another one is tried."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        for attempt in range(50):
            udp = socket.socket(family, socket.SOCK_DGRAM)
            tcp = socket.socket(family, socket.SOCK_STREAM)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                udp.bind((self.address, self.port))
                tcp.bind((self.address, udp.getsockname()[1]))
                tcp.listen(64)
            except OSError:
                udp.close()
                tcp.close()
                if self.port != 0 or attempt == 49:
                    raise
                continue
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.port = udp.getsockname()[1]
            self.sockets = [udp, tcp]
            return

    def run(self, ready):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        udp, tcp = self.sockets
        udp.setblocking(False)
        tcp.setblocking(False)
        transport, _ = self.loop.run_until_complete(
            self.loop.create_datagram_endpoint(lambda: UdpSide(self), sock=udp))
        listener = self.loop.run_until_complete(asyncio.start_server(self.serve_tcp, sock=tcp))
        self.loop.call_soon(ready.set)
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        transport.close()
        listener.close()
        self.loop.run_until_complete(asyncio.sleep(0.01))  # the transports close in their own turn
        self.loop.close()

    def handle(self, data, transport, send):
        try:
            query = Query(data, transport)
        except (ValueError, IndexError, struct.error):
            return None
        self.queries.append((transport, query.name, query.type_name))
        if self.log is not None:
            print(transport, query.name, query.type_name, file=self.log, flush=True)
        spec = self.zone.find(query.name, query.type_name)
        answer = encode_answer(self.zone, query, spec)
        if answer is not None:
            delay_s = spec.get("delay_s", 0) if spec else 0
            if delay_s > 0:
                self.loop.call_later(delay_s, send, answer)
            else:
                send(answer)
        return spec

    async def serve_tcp(self, reader, writer):
        def send(answer):
            if not writer.is_closing():
                writer.write(struct.pack("!H", len(answer)) + answer)

        try:
            while True:
                length = struct.unpack("!H", await reader.readexactly(2))[0]
                data = await reader.readexactly(length)
                query = Query(data, "tcp")
                # Looked at without taking a turn of a list of specs: handle() takes it.
                spec = self.zone.names.get(query.name)
                if isinstance(spec, dict) and spec.get("tcp_silent"):
                    self.queries.append(("tcp", query.name, query.type_name))
                    continue
                if isinstance(spec, dict) and spec.get("tcp_close"):
                    self.queries.append(("tcp", query.name, query.type_name))
                    break
                self.handle(data, "tcp", send)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, IndexError,
                struct.error, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def main():
    parser = argparse.ArgumentParser(description="A DNS server for tests, on loopback.")
    parser.add_argument("--zone", required=True, help="JSON file: name → spec")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--default", default="NXDOMAIN", help="rcode for names not in the zone")
    parser.add_argument("--log", help="a file that gets one line for each question")
    options = parser.parse_args()
    with open(options.zone, encoding="utf-8") as file:
        zone = json.load(file)
    log = open(options.log, "w", encoding="utf-8") if options.log else None
    with DnsServer(zone, options.address, options.port, options.default, log) as server:
        print(server.port, flush=True)
        sys.stdin.buffer.read()  # the parent's end of the pipe closes when it is gone
    return 0


if __name__ == "__main__":
    sys.exit(main())
