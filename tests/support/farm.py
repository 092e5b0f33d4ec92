"""Real servers on loopback for tests: a CA of its own, nginx, OpenSSL, GnuTLS, DNS, hostile peers.

    with Farm() as farm:
        good = farm.ca.leaf("good.test")
        web = farm.nginx([Site("good.test", good)])
        dns = farm.dns({"good.test": {"A": [web.address]}})
        rows = farm.scan(["good.test:%d" % web.port], "--resolver", dns.resolver)

Every server is a child or a thread of the test and ends with it: at the end of the `with` block, and
by signal should the test itself be killed. Ports are chosen free. A test that needs what this
machine lacks skips aloud: exit code 77 (see main()).
"""
import ctypes
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# pylint: disable=wrong-import-position
from dns_server import DnsServer                      # noqa: E402
from hostile_server import HostileServer              # noqa: E402
from test_ca import Authority, pem, self_signed       # noqa: E402

SKIP_CODE = 77
# What takes a tenth of a second here may take many on a machine that does other things too.
START_TIMEOUT_S = 120
PATIENCE_S = 300
PR_SET_PDEATHSIG = 1
# Below the range from which the kernel takes the ports of outgoing connections.
FIRST_PORT, LAST_PORT = 10000, 31999
RESERVED = []  # what keeps free_port() of other tests from giving our ports too, as long as this process lives


def find_program(name):
    """Where a program is; servers lie in sbin, which is not in everybody's PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")


def require(*names):
    """Skips the test, aloud, where one of the programs is missing."""
    for name in names:
        if find_program(name) is None:
            raise unittest.SkipTest("%s is not installed" % name)


def reserve(port):
    """Whether no other test that runs now has been given this port: each keeps a name in the kernel for each of its."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        name.bind("\0tlscensus-test-port-%d" % port)
    except OSError:
        name.close()
        return False
    RESERVED.append(name)
    return True


def free_port(address="127.0.0.1"):
    """A port that nobody has on any address of the family, for servers that must be told one."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    wildcard = "::" if ":" in address else "0.0.0.0"
    for _ in range(200):
        port = random.SystemRandom().randint(FIRST_PORT, LAST_PORT)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((wildcard, port))
            except OSError:
                continue
        if reserve(port):
            return port
    raise RuntimeError("no free port")


def die_with_parent():
    """In the child: the kernel ends it when the test is gone, however that came."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Server:
    """A child process that listens. `port` is where; `log` is what it said."""

    def __init__(self, command, address, port, log_path, cwd):
        self.address = address
        self.port = port
        self.log_path = log_path
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, cwd=cwd,
                                            preexec_fn=die_with_parent)

    @property
    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_ready(self, addresses=None):
        deadline = time.monotonic() + START_TIMEOUT_S
        for address in addresses or [self.address]:
            while True:
                if self.process.poll() is not None:
                    raise RuntimeError("server ended at once: %s" % self.log)
                try:
                    socket.create_connection((address, self.port), timeout=1).close()
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        self.stop()
                        raise RuntimeError("server does not listen: %s" % self.log) from None
                    time.sleep(0.02)
        return self

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    __enter__ = wait_ready

    def __exit__(self, *_):
        self.stop()


class Site:
    """One name on an nginx. Sites of one address share its port and are told apart by SNI; what
    TLS settles before SNI is read (protocol versions) is the first site's, so a site with other
    versions wants an address of its own."""

    def __init__(self, name, identity, address="127.0.0.1", protocols="TLSv1.2 TLSv1.3",
                 ciphers=None, http2=True, staple=None, client_certificate=None, status=200,
                 headers=(), extra=""):
        self.name = name
        self.identity = identity
        self.address = address
        self.protocols = protocols
        self.ciphers = ciphers
        self.http2 = http2
        self.staple = staple                          # an OCSP response in DER
        self.client_certificate = client_certificate  # "on" or "optional"
        self.status = status
        self.headers = headers                        # pairs of name and value
        self.extra = extra                            # further lines of the server block


class Farm:
    """A folder, a CA and servers, all gone at the end."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tlscensus-farm-")
        self.running = []
        self.count = 0
        self.root = Authority("tlscensus Test Root")
        self.ca = self.root.intermediate("tlscensus Test Issuing CA")
        self.ca_file = self.write("root.pem", pem([self.root.cert]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends everything, the last first."""
        while self.running:
            self.running.pop().__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def new_name(self, stem):
        self.count += 1
        return "%s-%d" % (stem, self.count)

    def write(self, name, content):
        path = self.path(name)
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(path, mode) as file:
            file.write(content)
        return path

    def write_identity(self, identity):
        """The PEM files of an identity: chain and key."""
        stem = self.new_name("identity")
        return (self.write(stem + ".pem", identity.chain_pem),
                self.write(stem + ".key", identity.key_pem))

    def start(self, server):
        """Keeps a server (anything with __enter__ and __exit__) until the end of the farm."""
        started = server.__enter__()
        self.running.append(server)
        return started

    # Servers.

    def nginx(self, sites, port=None):
        """One nginx for all sites, each on its address and the common port."""
        require("nginx")
        port = port or free_port()
        folder = self.path(self.new_name("nginx"))
        os.mkdir(folder)
        blocks, seen = [], set()
        for site in sites:
            blocks.append(self.nginx_block(site, port, site.address not in seen))
            seen.add(site.address)
        config = self.write(os.path.join(folder, "nginx.conf"), NGINX_CONFIG % {
            "folder": folder, "user": "user root;" if os.geteuid() == 0 else "",
            "blocks": "\n".join(blocks)})
        command = [find_program("nginx"), "-p", folder, "-c", config, "-e",
                   os.path.join(folder, "error.log")]
        server = Server(command, sites[0].address, port, os.path.join(folder, "output.log"), folder)
        return self.start(Waiting(server, sorted(seen)))

    def nginx_block(self, site, port, is_default):
        chain, key = self.write_identity(site.identity)
        flags = (" http2" if site.http2 else "") + (" default_server" if is_default else "")
        host = "[%s]" % site.address if ":" in site.address else site.address
        lines = ["listen %s:%d ssl%s;" % (host, port, flags), "server_name %s;" % site.name,
                 "ssl_certificate %s;" % chain, "ssl_certificate_key %s;" % key,
                 "ssl_protocols %s;" % site.protocols]
        is_old = any(old in site.protocols.split() for old in ("TLSv1", "TLSv1.1"))
        lines.append("ssl_ciphers %s;" % (site.ciphers or
                                          ("ALL:@SECLEVEL=0" if is_old else "DEFAULT:@SECLEVEL=0")))
        if site.staple is not None:
            response = self.write(self.new_name("staple") + ".der", site.staple)
            lines += ["ssl_stapling on;", "ssl_stapling_file %s;" % response,
                      "ssl_trusted_certificate %s;" % self.write(
                          self.new_name("trusted") + ".pem",
                          site.identity.presenting("root").chain_pem)]
        if site.client_certificate is not None:
            lines += ["ssl_verify_client %s;" % site.client_certificate,
                      "ssl_client_certificate %s;" % self.ca_file]
        lines += ["add_header %s \"%s\" always;" % header for header in site.headers]
        lines += [site.extra, "return %d;" % site.status]
        return "    server {\n        %s\n    }" % "\n        ".join(lines)

    def openssl(self, identity, *arguments, address="127.0.0.1", staple=None):
        """`openssl s_server`, for what nginx does not do: any version, suite, group, extension."""
        require("openssl")
        chain, key = self.write_identity(identity)
        port = free_port(address)
        host = "[%s]" % address if ":" in address else address
        command = [find_program("openssl"), "s_server", "-accept", "%s:%d" % (host, port), "-cert",
                   chain, "-key", key, "-www", "-quiet"]
        if len(identity.presented) > 1:
            issuers = pem(identity.presented[1:])
            command += ["-cert_chain", self.write(self.new_name("issuers") + ".pem", issuers)]
        if staple is not None:
            command += ["-status_file", self.write(self.new_name("staple") + ".der", staple)]
        return self.child(command + list(arguments), address, port)

    def scan_gnutls(self, identity, *options, priority="NORMAL", host="a.test"):
        """The row of a `gnutls-serv`, which cannot be told an address."""
        require("gnutls-serv")
        chain, key = self.write_identity(identity)
        server = [find_program("gnutls-serv"), "--quiet", "--http", "--port", "4433",
                  "--x509certfile", chain, "--x509keyfile", key, "--priority", priority]
        return self.scan_enclosed(server, *options, host=host)

    def scan_enclosed(self, server, *options, host="a.test"):
        """The row of a server, by its command line, that listens on port 4433 of all addresses: it
        gets a network namespace that has a loopback device and nothing else."""
        database = self.path(self.new_name("scan") + ".db")
        scan = [os.environ["TLSCENSUS_BIN"], "scan", "--db", database, "--ca-file", self.ca_file,
                *(() if "--profile" in options else ("--profile", "quick")), *options,
                "https://%s{127.0.0.1}:4433" % host]
        enclose = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "-r", "--net"]
        if subprocess.run([*enclose, "true"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("no network namespace can be made here")
        result = subprocess.run(
            [*enclose, "bash", "-c", ENCLOSED_SCAN, "enclosed", str(len(server)), *server, *scan],
            capture_output=True, timeout=PATIENCE_S, check=False, text=True, cwd=self.folder)
        if result.returncode != 0:
            raise AssertionError("scan ended with %d: %s" % (result.returncode, result.stderr))
        rows = self.rows(database)
        if len(rows) != 1:
            raise AssertionError("%d rows" % len(rows))
        return dict(rows[0], database=database)

    def child(self, command, address, port):
        """Any other server, by its command line."""
        log = self.path(self.new_name(os.path.basename(command[0])) + ".log")
        return self.start(Server(command, address, port, log, self.folder))

    def dns(self, zone, **options):
        return self.start(DnsServer(zone, **options))

    def hostile(self, **options):
        return self.start(HostileServer(**options))

    # The program under test.

    def tlscensus(self, *arguments, stdin=None, timeout=PATIENCE_S, env=None):
        """Runs tlscensus in the farm's folder and gives what it said and its exit code."""
        program = os.environ.get("TLSCENSUS_BIN")
        if not program or not os.access(program, os.X_OK):
            raise unittest.SkipTest("no tlscensus at TLSCENSUS_BIN")
        environment = dict(os.environ, **(env or {}))
        return subprocess.run([program, *map(str, arguments)], input=stdin, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                              env=environment, check=False, text=True)

    def scan(self, targets, *options, database=None, timeout=PATIENCE_S, exit_code=0):
        """Scans `targets` with the farm's root for trust, in profile quick unless the options name
        another; the rows of the endpoints CSV as dicts."""
        database = database or self.path(self.new_name("scan") + ".db")
        profile = () if "--profile" in options else ("--profile", "quick")
        result = self.tlscensus("scan", "--db", database, "--ca-file", self.ca_file, *profile, *options,
                                *targets, timeout=timeout)
        if result.returncode != exit_code:
            raise AssertionError("scan ended with %d: %s" % (result.returncode, result.stderr))
        return self.rows(database)

    def rows(self, database, view="v_endpoint"):
        """The rows of a view, as dicts by column."""
        with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute('SELECT * FROM "%s"' % view)]


# The first argument says how many of the others are the server's command; the rest is the scan's.
ENCLOSED_SCAN = """
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up
count=$1; shift
"${@:1:$count}" >enclosed.log 2>&1 </dev/null &
server=$!
for attempt in $(seq 2400); do
    if (exec 3<>/dev/tcp/127.0.0.1/4433) 2>/dev/null; then break; fi
    sleep 0.05
done
"${@:$((count + 1))}"
status=$?
kill $server
wait $server 2>/dev/null
exit $status
"""


class Waiting:
    """A server that is ready when it listens on all its addresses."""

    def __init__(self, server, addresses):
        self.server = server
        self.addresses = addresses

    def __enter__(self):
        return self.server.wait_ready(self.addresses)

    def __exit__(self, *_):
        self.server.stop()


NGINX_CONFIG = """\
daemon off;
%(user)s
worker_processes 1;
pid %(folder)s/nginx.pid;
error_log %(folder)s/error.log notice;
events { worker_connections 4096; }
http {
    access_log off;
    server_names_hash_bucket_size 512;
    server_names_hash_max_size 65536;
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
%(blocks)s
}
"""


class PartLoader(unittest.TestLoader):
    """All tests of a file, or with TLSCENSUS_PART=2/4 the second of four parts: every fourth test, from the second on.
    Files that mostly wait are cut so, and their parts wait side by side."""

    def loadTestsFromModule(self, module, *arguments, **more):
        classes = super().loadTestsFromModule(module, *arguments, **more)
        part, parts = map(int, os.environ.get("TLSCENSUS_PART", "1/1").split("/"))
        tests = [test for suite in classes for test in suite]
        return self.suiteClass(tests[part - 1::parts])


def main():
    """Runs the calling file's unittest cases. Exit code 77 where nothing could run at all."""
    program = unittest.main(module="__main__", exit=False, verbosity=2, testLoader=PartLoader())
    result = program.result
    for test, reason in result.skipped:
        print("SKIPPED %s: %s" % (test, reason), flush=True)
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIP_CODE if result.skipped and len(result.skipped) >= result.testsRun else 0)


__all__ = ["Authority", "DnsServer", "Farm", "HostileServer", "Server", "Site", "find_program",
           "free_port", "main", "require", "self_signed"]
