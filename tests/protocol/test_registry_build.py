#!/usr/bin/env python3
"""The scripts that make C of the data files: a bad line stops them and is named by file and line."""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOM = os.path.join(os.environ["TLSCENSUS_SOURCE"], "protocol")
SUITE = ("cipher 0x1301 TLS_AES_128_GCM_SHA256 yes iana any any AES-128 gcm 128 128 SHA256 0x0304 0x0304 recommended "
         "aead")
GROUP = "group 0x0017 secp256r1 - iana ec 256 65 65 tls12,tls13,common"
SCHEME = "signature 0x0403 ecdsa_secp256r1_sha256 - iana ecdsa SHA256 tls12,tls13,common"
HASH = "00" * 32

# What is wrong, the script, the lines below the head, the line that is named, a part of what is said.
BAD = [
    ("no columns", "registry", ["nonsense"], 2, "not kind, code, name"),
    ("spaces for tabs", "registry", ["version 0x0304 TLSv1.3 - iana".replace(" ", "  ")], 2, "not kind, code, name"),
    ("an empty line", "registry", ["", SUITE], 2, "not kind, code, name"),
    ("an unknown kind", "registry", ["suite 0x1301 A - iana"], 2, "unknown kind suite"),
    ("an unknown origin", "registry", ["version 0x0304 TLSv1.3 - ietf"], 2, "unknown origin ietf"),
    ("a code in lower case", "registry", ["group 0x00ff A - iana ec 1 1 1 -"], 2, "not kind, code, name"),
    ("a code too large", "registry", ["alert 256 a - iana"], 2, "above 0xff"),
    ("a name with a quote", "registry", ['alert 1 a" - iana'], 2, "not kind, code, name"),
    ("a name with a semicolon", "registry", ["alert 1 a;b - iana"], 2, "not kind, code, name"),
    ("a cipher without forward secrecy", "registry", [SUITE.replace("yes", "-")], 2, "forward secrecy is yes or no"),
    ("an alert with it", "registry", ["alert 1 a yes iana"], 2, "forward secrecy is yes or no"),
    ("the same line twice", "registry", [SUITE, SUITE], 3, "not sorted"),
    ("codes out of order", "registry", ["alert 2 a - iana", "alert 1 b - iana"], 3, "not sorted"),
    ("kinds out of order", "registry", ["alert 1 a - iana", SUITE], 3, "not sorted"),
    ("a column too few", "registry", [SUITE.rsplit(" ", 1)[0]], 2, "10 columns after the origin, and not 11"),
    ("a column too many", "registry", [GROUP + " -"], 2, "6 columns after the origin, and not 5"),
    ("columns where there are none", "registry", ["alert 1 a - iana -"], 2, "1 columns after the origin, and not 0"),
    ("an unknown key exchange", "registry", [SUITE.replace("any any", "dhe_rsa any")], 2, "kx is dhe_rsa"),
    ("an unknown proof", "registry", [SUITE.replace("any any", "any dsa")], 2, "auth is dsa"),
    ("an unknown mode", "registry", [SUITE.replace(" gcm ", " ctr ")], 2, "mode is ctr"),
    ("an unknown quality", "registry", [SUITE.replace("recommended", "good")], 2, "quality is good"),
    ("bits in hex", "registry", [SUITE.replace(" 128 128", " 0x80 128")], 2, "bits is 0x80"),
    ("bits beyond 16", "registry", [SUITE.replace(" 128 128", " 128 65536")], 2, "block is 65536"),
    ("no such version", "registry", [SUITE.replace("0x0304", "0x0305")], 2, "min is 0x0305"),
    ("versions the wrong way round", "registry", [SUITE.replace("0x0304 0x0304", "0x0304 0x0303")], 2, "above max"),
    ("an unknown flag", "registry", [SUITE + ",fast"], 2, "flags are aead,fast"),
    ("flags out of order", "registry", [GROUP.replace("tls12,tls13", "tls13,tls12")], 2, "flags are tls13,tls12"),
    ("a flag twice", "registry", [SCHEME.replace("tls12", "tls12,tls12")], 2, "flags are tls12,tls12"),
    ("an unknown kind of group", "registry", [GROUP.replace(" ec ", " curve ")], 2, "kind is curve"),
    ("a share without bytes", "registry", [GROUP.replace("65 65", "65 -")], 2, "server is -"),
    ("an unknown key of a scheme", "registry", [SCHEME.replace("ecdsa SHA", "eddsa SHA")], 2, "auth is eddsa"),
    ("a prime without a source", "primes", [f"A|512|yes|{HASH}"], 2, "not name, bits"),
    ("a prime's bits in words", "primes", [f"A|many|yes|{HASH}|here"], 2, "not name, bits"),
    ("a hash in upper case", "primes", [f"A|512|yes|{HASH[:-1]}A|here"], 2, "not name, bits"),
    ("a hash too short", "primes", [f"A|512|yes|{HASH[:-1]}|here"], 2, "64 digits"),
    ("a prime twice", "primes", [f"A|512|yes|{HASH}|here", f"B|512|yes|{HASH}|here"], 3, "twice"),
]


def run(script, text):
    """What the script makes of a data file: its return code, its standard error, the C."""
    with tempfile.TemporaryDirectory() as folder:
        data, code = os.path.join(folder, "data.tsv"), os.path.join(folder, "data.c")
        with open(data, "w", encoding="utf-8") as table:
            table.write(text)
        name = {"registry": "registry_script.cmake", "primes": "registry_primes.cmake"}[script]
        result = subprocess.run(["cmake", f"-DINPUT={data}", f"-DOUTPUT={code}", "-P", os.path.join(ROOM, name)],
                                capture_output=True, text=True, timeout=60)
        made = None
        if os.path.exists(code):
            with open(code, encoding="utf-8") as table:
                made = table.read()
        return result.returncode, " ".join(result.stderr.split()), made


class Scripts(unittest.TestCase):
    def test_bad_lines(self):
        for name, script, rows, line, said in BAD:
            with self.subTest(name):
                separator = " " if script == "registry" else "|"
                text = "".join(row.replace(separator, "\t") + "\n" for row in ["# Head"] + rows)
                code, errors, made = run(script, text.replace("#\tHead", "# Head"))
                self.assertNotEqual(code, 0)
                self.assertIsNone(made)
                self.assertIn(f"data.tsv:{line}: ", errors)
                self.assertIn(" ".join(said.split()), errors)

    def test_good_lines(self):
        text = "".join(row.replace(" ", "\t") + "\n" for row in [SUITE, GROUP, SCHEME])
        code, errors, made = run("registry", '# Source "2026"\n' + text)
        self.assertEqual((code, errors), (0, ""))
        self.assertIn('= "Source \\"2026\\"";', made)
        self.assertIn('{4865, TC_KX_ANY, TC_AUTH_ANY, "AES-128", TC_MODE_GCM, 128, 128, "SHA256", true, true, false, '
                      "false, 0x0304, 0x0304, TC_QUALITY_RECOMMENDED}", made)
        self.assertIn("{23, TC_GROUP_EC, 256, 65, 65, true, true, false, true, false}", made)
        self.assertIn('{1027, TC_AUTH_ECDSA, "SHA256", false, true, true, true}', made)


def constant(series, bits):
    """The first `bits` bits after the point, of a constant given as a function of precision."""
    guard = 64
    return series(bits + guard) >> guard


def pi(bits):
    def arctan(x):
        total = term = (1 << bits) // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total
    return 4 * (4 * arctan(5) - arctan(239))


def e(bits):
    total = term = 1 << bits
    n = 1
    while term:
        term //= n
        total += term
        n += 1
    return total


class Formulas(unittest.TestCase):
    """RFC 2409 section 6, RFC 3526, RFC 7919 appendix A: p = 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) * c] + x)."""
    ROWS = [("RFC 2409 group 1", 768, pi, 149686), ("RFC 2409 group 2", 1024, pi, 129093),
            ("RFC 3526 group 5", 1536, pi, 741804), ("RFC 3526 group 14", 2048, pi, 124476),
            ("RFC 3526 group 15", 3072, pi, 1690314), ("RFC 3526 group 16", 4096, pi, 240904),
            ("RFC 3526 group 17", 6144, pi, 929484), ("RFC 3526 group 18", 8192, pi, 4743158),
            ("RFC 7919 ffdhe2048", 2048, e, 560316), ("RFC 7919 ffdhe3072", 3072, e, 2625351),
            ("RFC 7919 ffdhe4096", 4096, e, 5736041), ("RFC 7919 ffdhe6144", 6144, e, 15705020),
            ("RFC 7919 ffdhe8192", 8192, e, 10965728)]

    def test_known_primes(self):
        with open(os.path.join(ROOM, "known_primes.tsv"), encoding="utf-8") as table:
            ours = {line.split("\t")[0]: line.split("\t") for line in table if not line.startswith("#")}
        for name, bits, series, x in self.ROWS:
            with self.subTest(name):
                p = 2**bits - 2**(bits - 64) - 1 + 2**64 * (constant(series, bits - 130) + x)
                self.assertEqual(ours[name][1], str(bits))
                self.assertEqual(ours[name][3], hashlib.sha256(p.to_bytes(bits // 8, "big")).hexdigest())


if __name__ == "__main__":
    if shutil.which("cmake") is None:
        print("skipped: there is no cmake")
        sys.exit(77)
    unittest.main()
