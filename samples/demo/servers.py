"""Real servers on loopback, ended by their process ids."""
import os
import shutil
import socket
import subprocess
import threading
import time

SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def find(program):
    path = shutil.which(program, path=SEARCH)
    if not path:
        raise SystemExit(f"demo: no {program}; dev/run installs it")
    return path


def is_free(address, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            return True
        except OSError:
            return False


def free_port(wanted, addresses):
    """The first of `wanted` that is free on every address; else one that the kernel gives."""
    for port in wanted:
        if all(is_free(a, port) for a in addresses):
            return port
    while True:
        with socket.socket() as probe:
            probe.bind((addresses[0], 0))
            port = probe.getsockname()[1]
        if all(is_free(a, port) for a in addresses):
            return port


class Processes:
    """Children of the demonstration. Leaving the `with` block ends each of them by its process id."""

    def __init__(self):
        self.children = []

    def start(self, command, **more):
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, **more)
        self.children.append(child)
        return child

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.terminate()
        for child in reversed(self.children):
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_for(address, port, child, log):
    for _ in range(200):
        if child.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"demo: {child.args[0]} does not answer; its log:\n{open(log, errors='replace').read()[-2000:]}")


def ciphers_for(protocols):
    """Good suites where the protocols are good; all that is left of the old ones where they are old."""
    is_old = {"TLSv1", "TLSv1.1"} & set(protocols.split())
    return "ALL:!aNULL:!eNULL:@SECLEVEL=0" if is_old else "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=0"


def start_nginx(processes, folder, sites, port):
    """`sites`: dictionaries with address, certificate, key, protocols, reject."""
    config = os.path.join(folder, "nginx.conf")
    log = os.path.join(folder, "nginx.log")
    with open(config, "w") as out:
        out.write(f"daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {log} warn;\n")
        if os.geteuid() == 0:
            out.write("user root;\n")
        out.write("events { worker_connections 512; }\nhttp {\n  access_log off;\n")
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
            out.write(f"  {kind}_temp_path {folder}/{kind};\n")
        for site in sites:
            out.write(f"  server {{\n    listen {site['address']}:{port} ssl http2;\n")
            if site.get("reject"):
                out.write("    ssl_reject_handshake on;\n  }\n")
                continue
            out.write(f"    ssl_certificate {site['certificate']};\n    ssl_certificate_key {site['key']};\n"
                      f"    ssl_protocols {site['protocols']};\n    ssl_ciphers {ciphers_for(site['protocols'])};\n"
                      "    location / { return 200 \"ok\\n\"; }\n  }\n")
        out.write("}\n")
    # Debian's OpenSSL refuses TLS 1.0 and small keys; this farm is here to have them.
    openssl_config = os.path.join(folder, "openssl.cnf")
    with open(openssl_config, "w") as out:
        out.write("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                  "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
    with open(log, "ab") as sink:
        child = processes.start([find("nginx"), "-c", config, "-p", folder, "-e", log], stdout=sink, stderr=sink,
                                env={**os.environ, "OPENSSL_CONF": openssl_config})
    wait_for(sites[0]["address"], port, child, log)


def start_client_cert(processes, folder, address, port, certificate, key, chain):
    log = os.path.join(folder, "s_server.log")
    with open(log, "wb") as sink:
        child = processes.start(
            [find("openssl"), "s_server", "-accept", f"{address}:{port}", "-cert", certificate, "-key", key,
             "-cert_chain", chain, "-Verify", "1", "-verify_return_error", "-quiet"], stdout=sink, stderr=sink)
    wait_for(address, port, child, log)


def start_nsd(processes, folder, address, port, zones):
    """`zones`: a name and its records as zone file text."""
    config = os.path.join(folder, "nsd.conf")
    log = os.path.join(folder, "nsd.log")
    with open(config, "w") as out:
        out.write(f"server:\n  ip-address: {address}@{port}\n  server-count: 1\n  username: \"\"\n"
                  f"  zonesdir: \"{folder}\"\n  database: \"\"\n  pidfile: \"{folder}/nsd.pid\"\n"
                  f"  zonelistfile: \"{folder}/zone.list\"\n  xfrdfile: \"{folder}/xfrd.state\"\n"
                  f"  xfrdir: \"{folder}\"\n  logfile: \"{log}\"\nremote-control:\n  control-enable: no\n")
        for zone, records in zones.items():
            with open(os.path.join(folder, zone + ".zone"), "w") as text:
                text.write(f"$ORIGIN {zone}.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n"
                           f"ns A {address}\n{records}")
            out.write(f"zone:\n  name: {zone}\n  zonefile: {zone}.zone\n")
    open(log, "a").close()
    child = processes.start([find("nsd"), "-d", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(address, port, child, log)


class Misbehaving:
    """Three servers that speak no TLS: "http" answers in plain text, "silent" never, "closed" hangs up."""

    def __init__(self):
        self.listeners = []
        self.held = []

    def start(self, kind, address, port):
        listener = socket.create_server((address, port))
        self.listeners.append(listener)
        threading.Thread(target=self.serve, args=(listener, kind), daemon=True).start()

    def serve(self, listener, kind):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if kind == "silent":
                self.held.append(connection)
                continue
            connection.recv(65536)  # bytes that nobody read would turn the close into a reset
            if kind == "http":
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in self.listeners + self.held:
            sock.close()
