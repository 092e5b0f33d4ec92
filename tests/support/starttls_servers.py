"""Servers whose TLS begins inside another protocol, for tests: Debian's, and scripted ones.

    with Farm() as farm:
        smtp = postfix(farm, farm.ca.leaf("mx.test"))
        farm.scan(["smtp://mx.test{127.0.0.1}:%d" % smtp.port])

Each real server is a child of the test in the foreground, with a configuration, data and a port of its
own; what the system has configured for it is neither read nor touched. Those that refuse to be root
become the user that their package made. A test that needs one which is not installed skips aloud.
"""
import glob
import os
import pwd
import socket
import ssl
import subprocess
import threading
import time
import unittest

from farm import START_TIMEOUT_S, Server, find_program, free_port, require


def need_root():
    if os.geteuid() != 0:
        raise unittest.SkipTest("this server wants to be started by root")


def need_user(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise unittest.SkipTest("there is no user %s" % name) from None


def make_folder(farm, stem, owner=None, mode=0o755):
    """A folder that the servers' own users can reach."""
    os.chmod(farm.folder, 0o755)
    folder = farm.path(farm.new_name(stem))
    os.mkdir(folder, mode)
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def write(folder, name, content, owner=None, mode=0o644):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    os.chmod(path, mode)
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return path


def write_identity(folder, identity, owner=None):
    """Chain and key, for a user who is not root."""
    return (write(folder, "cert.pem", identity.chain_pem, owner),
            write(folder, "key.pem", identity.key_pem, owner, 0o600))


def start(farm, command, port, folder):
    return farm.start(Server(command, "127.0.0.1", port, os.path.join(folder, "output.log"), folder))


def wait_for(port):
    """A further port of a server that has begun."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


# SMTP


class Postfix:
    """Postfix in a queue folder of its own: on `port` with TLS, on `bare_port` without. `log` has what
    smtpd says."""

    def __init__(self, farm, identity):
        require("postfix")
        need_root()
        owner = need_user("postfix")
        folder = make_folder(farm, "postfix")
        self.port, self.bare_port = free_port(), free_port()
        chain, key = write_identity(folder, identity)
        os.mkdir(os.path.join(folder, "queue"))
        for name in ("data", *("queue/" + queue for queue in POSTFIX_QUEUES)):
            path = os.path.join(folder, name)
            os.mkdir(path, 0o700 if name != "queue/public" else 0o710)
            os.chown(path, owner.pw_uid, owner.pw_gid)
        write(folder, "main.cf", POSTFIX_MAIN % {"folder": folder, "chain": chain, "key": key})
        write(folder, "master.cf", POSTFIX_MASTER % {"port": self.port, "bare": self.bare_port})
        os.mkdir(os.path.join(folder, "queue", "pid"))
        # Without the `postfix` command, whose check of the installation takes ten seconds.
        self.server = start(farm, [POSTFIX_MASTER_PROGRAM, "-c", folder, "-d"], self.port, folder)
        wait_for(self.bare_port)

    @property
    def log(self):
        return self.server.log


POSTFIX_MASTER_PROGRAM = "/usr/lib/postfix/sbin/master"
POSTFIX_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                  "maildrop", "private", "public", "saved", "trace")
POSTFIX_MAIN = """\
compatibility_level = 3.6
maillog_file = /dev/stdout
queue_directory = %(folder)s/queue
data_directory = %(folder)s/data
myhostname = mx.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
alias_database =
smtpd_tls_security_level = may
smtpd_tls_chain_files = %(key)s, %(chain)s
smtpd_relay_restrictions = reject
smtpd_peername_lookup = no
"""
POSTFIX_MASTER = """\
127.0.0.1:%(port)d inet n - n - - smtpd
127.0.0.1:%(bare)d inet n - n - - smtpd -o smtpd_tls_security_level=none
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n - 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
"""


# IMAP, POP3, ManageSieve, LMTP


class Dovecot:
    """One Dovecot; `ports` by protocol."""

    def __init__(self, farm, identity, protocols=("imap", "pop3", "sieve", "lmtp"), ssl_mode="yes"):
        require("dovecot")
        need_root()
        need_user("dovecot")
        need_user("dovenull")
        folder = make_folder(farm, "dovecot")
        chain, key = write_identity(folder, identity)
        self.ports = {protocol: free_port() for protocol in protocols}
        services = "".join(DOVECOT_SERVICES[protocol] % port for protocol, port in self.ports.items())
        config = write(folder, "dovecot.conf", DOVECOT_CONFIG % {
            "folder": folder, "chain": chain, "key": key, "ssl": ssl_mode,
            "protocols": " ".join(protocols), "services": services})
        self.server = start(farm, [find_program("dovecot"), "-F", "-c", config],
                            list(self.ports.values())[0], folder)
        for port in self.ports.values():
            wait_for(port)


DOVECOT_SERVICES = {
    "imap": "service imap-login {\n  inet_listener imap {\n    port = %d\n  }\n"
            "  inet_listener imaps {\n    port = 0\n  }\n}\n",
    "pop3": "service pop3-login {\n  inet_listener pop3 {\n    port = %d\n  }\n"
            "  inet_listener pop3s {\n    port = 0\n  }\n}\n",
    "sieve": "service managesieve-login {\n  inet_listener sieve {\n    port = %d\n  }\n}\n",
    "lmtp": "service lmtp {\n  inet_listener lmtp {\n    port = %d\n  }\n}\n",
}
DOVECOT_CONFIG = """\
protocols = %(protocols)s
listen = 127.0.0.1
base_dir = %(folder)s/run
state_dir = %(folder)s/state
log_path = /dev/stderr
ssl = %(ssl)s
ssl_cert = <%(chain)s
ssl_key = <%(key)s
mail_location = maildir:%(folder)s/mail
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=%(folder)s/home
}
%(services)s"""


# LDAP


def slapd(farm, identity=None):
    """OpenLDAP without any database; without `identity` it has no TLS."""
    require("slapd")
    folder, port = make_folder(farm, "slapd"), free_port()
    tls = ""
    if identity is not None:
        tls = "TLSCertificateFile %s\nTLSCertificateKeyFile %s\n" % write_identity(folder, identity)
    config = write(folder, "slapd.conf", "pidfile %s/slapd.pid\n%s" % (folder, tls))
    return start(farm, [find_program("slapd"), "-d", "0", "-f", config, "-h",
                        "ldap://127.0.0.1:%d" % port], port, folder)


# PostgreSQL, MariaDB


def postgres(farm, identity=None):
    """PostgreSQL; without `identity` it has no TLS."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not folders:
        raise unittest.SkipTest("postgresql is not installed")
    owner = need_user("postgres") if os.geteuid() == 0 else None
    folder, port = make_folder(farm, "postgres", owner), free_port()
    data = os.path.join(folder, "data")
    become = {"user": "postgres", "group": "postgres", "extra_groups": []} if owner else {}
    subprocess.run([os.path.join(folders[-1], "initdb"), "--no-sync", "-A", "trust", "-D", data],
                   check=True, capture_output=True, cwd=folder, **become)
    lines = ["listen_addresses = '127.0.0.1'", "port = %d" % port, "fsync = off",
             "unix_socket_directories = '%s'" % folder]
    if identity is not None:
        chain, key = write_identity(folder, identity, owner)
        lines += ["ssl = on", "ssl_cert_file = '%s'" % chain, "ssl_key_file = '%s'" % key]
    write(data, "postgresql.auto.conf", "\n".join(lines) + "\n", owner)
    command = [os.path.join(folders[-1], "postgres"), "-D", data]
    if owner is not None:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
                   "--pdeathsig=TERM", *command]
    return start(farm, command, port, folder)


def mariadb(farm, identity=None):
    """MariaDB without any table; without `identity` it has no TLS."""
    require("mariadbd")
    folder, port = make_folder(farm, "mariadb"), free_port()
    data = os.path.join(folder, "data")
    os.mkdir(data)
    command = [find_program("mariadbd"), "--no-defaults", "--datadir=" + data,
               "--bind-address=127.0.0.1", "--port=%d" % port, "--skip-grant-tables",
               "--socket=" + os.path.join(folder, "socket"), "--skip-innodb", "--skip-name-resolve",
               "--default-storage-engine=Aria", "--pid-file=" + os.path.join(folder, "pid")]
    if os.geteuid() == 0:
        command.append("--user=root")
    if identity is not None:
        command += ["--ssl-cert=%s" % (pair := write_identity(folder, identity))[0],
                    "--ssl-key=%s" % pair[1]]
    else:
        command.append("--skip-ssl")
    return start(farm, command, port, folder)


# XMPP


class Prosody:
    """Prosody with one domain; `ports` are for clients and for servers."""

    def __init__(self, farm, identity, domain):
        require("prosody")
        folder = make_folder(farm, "prosody")
        chain, key = write_identity(folder, identity)
        os.mkdir(os.path.join(folder, "data"))
        self.client_port, self.server_port = free_port(), free_port()
        config = write(folder, "prosody.cfg.lua", PROSODY_CONFIG % {
            "folder": folder, "chain": chain, "key": key, "domain": domain,
            "client": self.client_port, "server": self.server_port})
        self.server = start(farm, [find_program("prosody"), "-F", "--config", config],
                            self.client_port, folder)
        wait_for(self.server_port)


PROSODY_CONFIG = """\
run_as_root = true
daemonize = false
pidfile = "%(folder)s/prosody.pid"
data_path = "%(folder)s/data"
log = { { levels = { min = "info" }, to = "console" } }
interfaces = { "127.0.0.1" }
c2s_ports = { %(client)d }
s2s_ports = { %(server)d }
modules_enabled = { "tls", "saslauth", "s2s", "c2s" }
modules_disabled = { "http", "posix" }
c2s_require_encryption = true
s2s_require_encryption = true
authentication = "internal_hashed"
ssl = { certificate = "%(chain)s", key = "%(key)s" }
VirtualHost "%(domain)s"
"""


# FTP


def vsftpd(farm, identity=None):
    """vsftpd for nobody; without `identity` it has no TLS."""
    require("vsftpd")
    need_root()
    folder, port = make_folder(farm, "vsftpd"), free_port()
    os.mkdir(os.path.join(folder, "empty"))
    lines = ["listen=YES", "listen_address=127.0.0.1", "listen_port=%d" % port, "background=NO",
             "anonymous_enable=YES", "local_enable=NO", "anon_root=%s/empty" % folder,
             "secure_chroot_dir=%s/empty" % folder, "isolate=NO", "seccomp_sandbox=NO"]
    if identity is not None:
        chain, key = write_identity(folder, identity)
        lines += ["ssl_enable=YES", "allow_anon_ssl=YES", "rsa_cert_file=%s" % chain,
                  "rsa_private_key_file=%s" % key, "ssl_tlsv1=YES"]
    config = write(folder, "vsftpd.conf", "\n".join(lines) + "\n")
    return start(farm, [find_program("vsftpd"), config], port, folder)


# Scripted ones

TLS = object()  # in a script: the handshake, after which what the client says inside is kept


class ScriptedServer:
    """Plays a script to each client. Its items: bytes are sent; a text is what the client's next line must
    begin with; a number is how many bytes are read; TLS. `lines` has what was said in the clear, `inside`
    what was said in TLS, one for each connection that came so far; `most_at_once` how many there were."""

    def __init__(self, farm, script, identity=None, address="127.0.0.1", port=0):
        self.script = script
        self.context = None
        if identity is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*farm.write_identity(identity))
        self.lines, self.inside = [], []
        self.num_open = self.most_at_once = self.accepted = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server((address, port), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.over = False
        self.threads = [threading.Thread(target=self.accept, daemon=True)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def accept(self):
        while not self.over:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.accepted += 1
                self.num_open += 1
                self.most_at_once = max(self.most_at_once, self.num_open)
            thread = threading.Thread(target=self.serve, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def serve(self, connection):
        connection.settimeout(20)
        said, inside = [], None
        try:
            for item in self.script:
                if item is TLS:
                    connection = self.context.wrap_socket(connection, server_side=True)
                    inside = self.read_rest(connection)
                elif isinstance(item, bytes):
                    connection.sendall(item)
                elif isinstance(item, int):
                    said.append(self.read(connection, lambda data, size=item: len(data) == size))
                else:
                    said.append(self.read(connection, lambda data: data.endswith(b"\n")))
                    if not said[-1].startswith(item.encode()):
                        break
            else:
                if inside is None:
                    said.append(self.read_rest(connection))
        except OSError:
            pass
        finally:
            with self.lock:
                self.lines.append([line for line in said if line])
                self.inside.append(inside)
                self.num_open -= 1
            connection.close()

    @staticmethod
    def read(connection, is_enough):
        """Byte by byte, so that nothing of the hello is taken."""
        data = b""
        while not is_enough(data):
            byte = connection.recv(1)
            if not byte:
                break
            data += byte
        return data

    def read_rest(self, connection):
        try:
            return self.read(connection, lambda data: False)
        except OSError:
            return b""

    def settle(self, count=1):
        """Waits until so many connections are over."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while len(self.lines) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self


SMTP_SCRIPT = [b"220 mx.test ESMTP\r\n", "EHLO ", b"250-mx.test\r\n250 STARTTLS\r\n", "STARTTLS",
               b"220 go\r\n", TLS]
NNTP_SCRIPT = [b"201 news.test\r\n", "CAPABILITIES", b"101 list\r\nVERSION 2\r\nMODE-READER\r\n.\r\n",
               "MODE READER", b"201 reader\r\n", "CAPABILITIES",
               b"101 list\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n", "STARTTLS", b"382 go\r\n", TLS]
RDP_SCRIPT = [19, bytes.fromhex("030000130ed000001234000200080002000000"), TLS]
