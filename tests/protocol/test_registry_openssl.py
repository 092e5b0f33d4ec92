#!/usr/bin/env python3
"""The registry against the OpenSSL command line: every suite that it knows, and the primes that it brings along."""
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import unittest

ROOM = os.path.join(os.environ["TLSCENSUS_SOURCE"], "protocol")
KX = {"any": "any", "RSA": "rsa", "DH": "dhe", "ECDH": "ecdhe", "PSK": "psk", "RSAPSK": "rsa_psk", "DHEPSK": "dhe_psk",
      "ECDHEPSK": "ecdhe_psk", "SRP": "srp", "GOST": "gost", "GOST18": "gost"}
AUTH = {"any": "any", "RSA": "rsa", "DSS": "dss", "ECDSA": "ecdsa", "None": "anon", "PSK": "psk", "SRP": "srp",
        "GOST01": "gost", "GOST12": "gost"}
# Its word for the cipher, and what begins ours; its word for the mode stands at the end of it.
CIPHERS = [("AESGCM", "AES", "gcm"), ("AESCCM8", "AES", "ccm8"), ("AESCCM", "AES", "ccm"), ("AES", "AES", "cbc"),
           ("CHACHA20/POLY1305", "ChaCha20", "poly1305"), ("ARIAGCM", "ARIA", "gcm"), ("Camellia", "Camellia", "cbc"),
           ("SEED", "SEED", "cbc"), ("IDEA", "IDEA", "cbc"), ("3DES", "3DES-EDE", "cbc"), ("DES", "DES", "cbc"),
           ("RC4", "RC4", "stream"), ("GOST89", "GOST28147", "cnt"), ("None", "NULL", "none")]
VERSIONS = {"SSLv3": 0x0300, "TLSv1": 0x0301, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
GROUPS = {"RFC 3526 group 5": "modp_1536", "RFC 3526 group 14": "modp_2048", "RFC 3526 group 15": "modp_3072",
          "RFC 3526 group 16": "modp_4096", "RFC 3526 group 17": "modp_6144", "RFC 3526 group 18": "modp_8192",
          "RFC 7919 ffdhe2048": "ffdhe2048", "RFC 7919 ffdhe3072": "ffdhe3072", "RFC 7919 ffdhe4096": "ffdhe4096",
          "RFC 7919 ffdhe6144": "ffdhe6144", "RFC 7919 ffdhe8192": "ffdhe8192", "RFC 5114 group 22": "dh_1024_160",
          "RFC 5114 group 23": "dh_2048_224", "RFC 5114 group 24": "dh_2048_256"}


def lines(name):
    with open(os.path.join(ROOM, name), encoding="utf-8") as table:
        return [line.rstrip("\n").split("\t") for line in table if not line.startswith("#")]


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


def integer(der, at):
    """The INTEGER of DER at an offset, as bytes without leading zeros."""
    length = der[at + 1]
    start = at + 2
    if length & 0x80:
        start += length & 0x7f
        length = int.from_bytes(der[at + 2:start], "big")
    return der[start:start + length].lstrip(b"\0")


def prime(group):
    algorithm = "DHX" if group.startswith("dh_") else "DH"
    pem = openssl("genpkey", "-genparam", "-algorithm", algorithm, "-pkeyopt", f"group:{group}")
    der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))
    return integer(der, 2 + (der[1] & 0x7f if der[1] & 0x80 else 0))


class Suites(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = {int(fields[1], 16): fields[2:] for fields in lines("registry.tsv") if fields[0] == "cipher"}
        pattern = re.compile(r"0x(..),0x(..) - (\S+)\s+(\S+)\s+Kx=(\S+)\s+Au=(\S+)\s+Enc=([^(\s]+)(?:\((\d+)\))?"
                             r"\s+Mac=(\S+)")
        listed = openssl("ciphers", "-V", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
        cls.theirs = pattern.findall(listed)
        cls.num_listed = len(listed.splitlines())

    def test_every_line_was_understood(self):
        self.assertEqual(len(self.theirs), self.num_listed)
        self.assertGreater(len(self.theirs), 60)

    def test_every_suite_has_the_same_properties(self):
        for high, low, name, version, kx, auth, encryption, bits, mac in self.theirs:
            code = int(high + low, 16)
            with self.subTest(name):
                _, _, _, our_kx, our_auth, cipher, mode, our_bits, _, digest, least, _, _, flags = self.ours[code]
                self.assertEqual(our_kx, KX[kx.split("/")[0]])
                self.assertEqual(our_auth, AUTH[auth])
                start, our_mode = next((ours, mode) for word, ours, mode in CIPHERS if word == encryption)
                self.assertTrue(cipher.startswith(start), cipher)
                self.assertEqual(mode, our_mode)
                # It counts all three keys of 3DES.
                self.assertEqual(int(our_bits), {"": 0, "168": 112}.get(bits) or int(bits or 0))
                self.assertEqual("aead" in flags.split(","), mac == "AEAD")
                if mac != "AEAD" and not mac.startswith("GOST"):
                    self.assertEqual(digest, mac)
                # Where it says SSLv3 or TLSv1 it is stricter than older servers are.
                first = VERSIONS[version]
                self.assertTrue(int(least, 16) == first if first >= 0x0303 else int(least, 16) <= first, least)

    def test_what_it_serves_with_certificates_is_common(self):
        """HIGH is what many servers are configured with: all it can agree on with an RSA or EC certificate."""
        high = openssl("ciphers", "-V", "HIGH:!aNULL:!aDSS:!kPSK:!kDHEPSK:!kECDHEPSK:!kRSAPSK:!kSRP@SECLEVEL=0")
        codes = re.findall(r"0x(..),0x(..) - ", high)
        self.assertGreater(len(codes), 30)
        for high_byte, low_byte in codes:
            fields = self.ours[int(high_byte + low_byte, 16)]
            self.assertIn("common", fields[-1].split(","), fields[0])


class Primes(unittest.TestCase):
    def test_named_groups(self):
        ours = {fields[0]: fields for fields in lines("known_primes.tsv")}
        for name, group in GROUPS.items():
            with self.subTest(name):
                value = prime(group)
                self.assertEqual(ours[name][3], hashlib.sha256(value).hexdigest())
                self.assertEqual(int(ours[name][1]), int.from_bytes(value, "big").bit_length())


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        print("skipped: there is no openssl")
        sys.exit(77)
    unittest.main()
