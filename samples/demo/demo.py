#!/usr/bin/env python3
"""Serves Campus Example on loopback, scans it, and writes page, spreadsheet and database.

usage: demo.py --program PATH/tlscensus --output-dir DIR [--keep-serving]
"""
import argparse
import csv
import datetime
import os
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")  # a small key and a SHA-1 signature are what this farm is for

from cryptography.hazmat.primitives import hashes  # noqa: E402

import authority  # noqa: E402
import servers  # noqa: E402
from hosts import HOSTS, ZONES  # noqa: E402

NETWORK = "127.77."  # addresses of the farm; one for each host
DNS_ADDRESS = NETWORK + "0.53"


def addresses_of(index, host):
    return [f"{NETWORK}{1 + copy}.{1 + index}" for copy in range(host.addresses)]


def make_authorities(now):
    """Two public CAs, one of them with an issuing CA that ends soon, and a private one."""
    green = authority.Authority("Green Trust Root X1", "Green Trust", "ec384", now, days=7305)
    amber = authority.Authority("Amber Global Root G2", "Amber CA", "rsa2048", now, days=9131)
    private = authority.Authority("Campus Root CA", "Campus Example", "rsa2048", now, days=3652)
    return {
        "green": authority.Authority("Green Trust E7", "Green Trust", "ec256", now, green, days=1826),
        "amber": authority.Authority("Amber TLS RSA CA 2024", "Amber CA", "rsa2048", now, amber, days=2557),
        "sunset": authority.Authority("Amber TLS RSA CA 2017", "Amber CA", "rsa2048", now, amber, days=3652, left=21),
        "private": authority.Authority("Campus Issuing CA 3", "Campus Example", "rsa2048", now, private, days=3652),
    }


def leaf_options(host):
    options = dict(host.leaf)
    if options.get("digest") == "SHA1":
        options["digest"] = hashes.SHA1()
    if options.get("policy") == "OV":
        options["policy"] = authority.OV
    return options


def chain_of(host, leaf, authorities):
    """What the server sends, in its order."""
    pieces = []
    for piece in host.send.split():
        if piece == "leaf":
            pieces.append(leaf)
        elif piece == "other":
            pieces.append(authorities["green"].certificate)
        elif host.ca != "self":
            issuer = authorities[host.ca]
            pieces.append(issuer.certificate if piece == "ca" else issuer.issuer.certificate)
    return b"".join(authority.pem(piece) for piece in pieces)


class Farm:
    """Certificates and server settings of every host, in a folder of their own."""

    def __init__(self, folder, now):
        self.folder = folder
        self.now = now
        self.authorities = make_authorities(now)
        self.keys = {}
        roots = [self.authorities["green"].issuer, self.authorities["amber"].issuer]
        self.roots = self.write("roots.pem", b"".join(authority.pem(root.certificate) for root in roots))

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def key_of(self, host):
        if host.key.startswith("="):
            return self.keys[host.key[1:]]
        return self.keys.setdefault(host.name, authority.new_key(host.key))

    def site(self, host, address, left=None):
        key = self.key_of(host)
        left = host.left if left is None else left
        if host.ca == "self":
            leaf = authority.self_signed(key, host.name, self.now)
        else:
            leaf = self.authorities[host.ca].issue(key, list(host.names) or [host.name], self.now, host.life, left,
                                                   **leaf_options(host))
        stem = f"{host.name}-{address}"
        return {
            "address": address,
            "certificate": self.write(stem + ".pem", chain_of(host, leaf, self.authorities)),
            "key": self.write(stem + ".key", authority.key_pem(key)),
            "protocols": host.protocols,
        }

    def sites(self):
        """Settings for nginx, one for each address that it serves."""
        for index, host in enumerate(HOSTS):
            for copy, address in enumerate(addresses_of(index, host)):
                if host.server == "reject":
                    yield {"address": address, "reject": True}
                elif host.server == "nginx" and host.stale and copy == 1:
                    yield self.site(host, address, left=host.left - 50)
                elif host.server == "nginx" and copy > 0:
                    first = f"{host.name}-{addresses_of(index, host)[0]}"
                    yield {"address": address, "certificate": os.path.join(self.folder, first + ".pem"),
                           "key": os.path.join(self.folder, first + ".key"), "protocols": host.protocols}
                elif host.server == "nginx":
                    yield self.site(host, address)


def zone_records():
    zones = {zone: "" for zone in ZONES}
    for index, host in enumerate(HOSTS):
        zone = next(z for z in ZONES if host.name == z or host.name.endswith("." + z))
        if host.server == "none":
            continue
        if host.server == "no-address":
            zones[zone] += f"{host.name}. TXT \"moved\"\n"
            continue
        owner = host.name
        if host.alias:
            zones[zone] += f"{host.name}. CNAME {host.alias}.\n"
            owner = host.alias
        for address in addresses_of(index, host):
            zones[zone] += f"{owner}. A {address}\n"
    return zones


def start_servers(farm, processes, misbehaving, port, dns_port):
    servers.start_nsd(processes, farm.folder, DNS_ADDRESS, dns_port, zone_records())
    servers.start_nginx(processes, farm.folder, list(farm.sites()), port)
    for index, host in enumerate(HOSTS):
        address = addresses_of(index, host)[0]
        if host.server in ("http", "silent", "closed"):
            misbehaving.start(host.server, address, port)
        elif host.server == "client-cert":
            site = farm.site(host, address)
            issuer = farm.write("client-cert-ca.pem", authority.pem(farm.authorities[host.ca].certificate))
            servers.start_client_cert(processes, farm.folder, address, port, site["certificate"], site["key"], issuer)


def write_list(path, port):
    """A list as an institution keeps it, with a duplicate and a line that cannot be used."""
    with open(path, "w", newline="", encoding="utf-8-sig") as out:
        rows = csv.writer(out)
        rows.writerow(["Domain name", "Port", "Department", "Owner"])
        for host in HOSTS:
            rows.writerow([host.name, port, host.department, host.owner])
        rows.writerow(["git.campus.example", port, "Central IT", "Dana Whitfield"])
        rows.writerow(["old server in the basement", port, "Facilities", "Lena Fischer"])
    return path


def run(program, *arguments, codes=(0,)):
    status = subprocess.call([program, *arguments])
    if status not in codes:
        raise SystemExit(f"demo: {program} {arguments[0]} ended with {status}")


def scan_and_report(program, output_dir, farm, port, dns_port):
    database = os.path.join(output_dir, "demo.db")
    for name in (database, database + "-wal", database + "-shm"):
        if os.path.exists(name):
            os.unlink(name)
    domains = write_list(os.path.join(output_dir, "domains.csv"), port)
    run(program, "scan", "-i", domains, "--db", database, "--resolver", f"{DNS_ADDRESS}:{dns_port}",
        "--ca-file", farm.roots, "--keep-messages", "--verbose", "--handshake-timeout", "4s", "--retries", "0",
        "--per-address", "4", "--address-rate", "0")  # our own servers need no courtesy
    files = {"page": "report.html", "spreadsheet": "endpoints.csv"}
    paths = {what: os.path.join(output_dir, name) for what, name in files.items()}
    run(program, "report", "--db", database, "--title", "Campus Example", "-o", paths["page"])
    run(program, "report", "--db", database, "--format", "csv", "-o", paths["spreadsheet"])
    print(f"\nlist         {domains}")
    for what, path in paths.items():
        print(f"{what:<12} {path}")
    print(f"database     {database}\n\nNext: {program} show catalog.library.campus.example:{port} --db {database}")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--program", required=True)
    options.add_argument("--output-dir", required=True)
    options.add_argument("--keep-serving", action="store_true", help="wait for Enter before the servers end")
    settings = options.parse_args()
    os.makedirs(settings.output_dir, exist_ok=True)
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)
    addresses = [address for index, host in enumerate(HOSTS) for address in addresses_of(index, host)]
    port = servers.free_port((443, 8443), addresses)
    dns_port = servers.free_port((53, 5353), [DNS_ADDRESS])
    with tempfile.TemporaryDirectory(prefix="tlscensus-demo-") as folder, servers.Processes() as processes, \
            servers.Misbehaving() as misbehaving:
        print("starting Campus Example on loopback …", file=sys.stderr)
        farm = Farm(folder, now)
        start_servers(farm, processes, misbehaving, port, dns_port)
        scan_and_report(settings.program, settings.output_dir, farm, port, dns_port)
        if settings.keep_serving:
            print(f"to scan it: --resolver {DNS_ADDRESS}:{dns_port} --ca-file {farm.roots}")
            print("serving; Enter ends it", flush=True)
            sys.stdin.readline()


if __name__ == "__main__":
    main()
