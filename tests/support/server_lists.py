"""What a server is configured with, told by the server's own tools: the expected side of survey tests."""
import re
import subprocess

VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
OPTIONS = {0x0301: "-tls1", 0x0302: "-tls1_1", 0x0303: "-tls1_2", 0x0304: "-tls1_3"}
LINE = re.compile(r"0x([0-9A-F]{2}),0x([0-9A-F]{2}) - .* Kx=(\S+)\s+Au=(\S+)\s")


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def openssl_suites(version, ciphers, keys, dh=False):
    """Codes, in OpenSSL's order, that a server with leaves of these keys ("RSA", "ECDSA") accepts."""
    codes = []
    for line in run("openssl", "ciphers", "-s", "-V", "-stdname", OPTIONS[version],
                    ciphers).splitlines():
        found = LINE.search(line)
        code = int(found.group(1) + found.group(2), 16)
        exchange, key = found.group(3), found.group(4)
        if version == 0x0304:
            if exchange == "any":
                codes.append(code)
        elif exchange != "any" and (key in keys or key == "None") and (dh or exchange != "DH"):
            codes.append(code)
    return codes


def openssl_curve(name):
    """A group's code, by the name that nginx and OpenSSL have for it."""
    return {"X25519": 0x1D, "X448": 0x1E, "P-256": 0x17, "P-384": 0x18, "P-521": 0x19,
            "secp224r1": 0x15, "brainpoolP256r1": 0x1A}[name]


def gnutls_suites(priority, key):
    """(version, code) pairs that `gnutls-cli -l` says a priority string has, for a leaf of this key."""
    pairs = set()
    text = run("gnutls-cli", "-l", "--priority", priority)
    protocols = re.search(r"^Protocols: (.*)$", text, re.M).group(1)
    enabled = [VERSIONS["TLSv1" if name == "VERS-TLS1.0" else name.replace("VERS-TLS", "TLSv")]
               for name in protocols.split(", ") if name.startswith("VERS-TLS")]
    for line in text.splitlines():
        found = re.match(r"(TLS_\S+)\s+0x([0-9a-f]{2}), 0x([0-9a-f]{2})\s+(\S+)$", line)
        if not found:
            continue
        name, first = found.group(1), VERSIONS["TLSv1" if found.group(4) == "TLS1.0" else
                                               found.group(4).replace("TLS", "TLSv")]
        code = int(found.group(2) + found.group(3), 16)
        if first == 0x0304:
            if 0x0304 in enabled:
                pairs.add((0x0304, code))
        elif "_PSK" not in name and "_SRP" not in name and ("ECDSA" in name) == (key == "ECDSA"):
            pairs |= {(version, code) for version in enabled if first <= version <= 0x0303}
    return pairs


def gnutls_groups(priority):
    """Names of the groups that a priority string has."""
    text = run("gnutls-cli", "-l", "--priority", priority)
    return re.search(r"^Groups: (.*)$", text, re.M).group(1).split(", ")
