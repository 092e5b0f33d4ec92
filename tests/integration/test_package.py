#!/usr/bin/python3
"""The Debian package: lintian has nothing against it, and it installs into a bare Debian and scans from there."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import Farm, Site, main, require  # noqa: E402

BUILD = os.environ.get("TLSCENSUS_BUILD", "")
PROGRAM = os.environ.get("TLSCENSUS_BIN", "")
SUITE = "bookworm"


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)


def mirror():
    """Where this machine's apt takes Debian from."""
    places = glob.glob("/etc/apt/sources.list.d/*.sources") + glob.glob("/etc/apt/sources.list.d/*.list")
    for path in ["/etc/apt/sources.list", *places]:
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as lines:
            text = re.sub(r"(?m)^\s*#.*\n", "", lines.read())
        for pattern in (r"(?m)^URIs:\s*(\S+)(?=(?:\n\S.*)*\nSuites:.*\b%s\b)", r"(?m)^deb\s+(?:\[.*?\]\s+)?(\S+)\s+%s\s"):
            found = re.search(pattern % SUITE, text)
            if found:
                return found.group(1)
    raise unittest.SkipTest("apt knows no mirror of Debian %s" % SUITE)


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("cpack", "dpkg-shlibdeps", "dpkg-deb", "strip")
        if "/android/" not in run("ldd", PROGRAM).stdout:
            raise unittest.SkipTest("this build has another BoringSSL than Debian's")
        cls.folder = tempfile.mkdtemp(prefix="tlscensus-package-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        made = run("cpack", "-G", "DEB", "-B", cls.folder, cwd=BUILD)
        if made.returncode != 0:
            raise AssertionError(made.stdout + made.stderr)
        cls.package, = glob.glob(os.path.join(cls.folder, "*.deb"))

    def test_lintian_is_content(self):
        require("lintian")
        result = run("lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning", self.package)
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)

    def test_what_is_in_it(self):
        names = run("dpkg-deb", "-c", self.package).stdout
        for name in ("/usr/bin/tlscensus", "/usr/share/man/man1/tlscensus-scan.1.gz", "/etc/tlscensus/census.conf",
                     "/usr/share/man/man5/tlscensus-database.5.gz", "/usr/share/bash-completion/completions/tlscensus"):
            self.assertIn("." + name + "\n", names)
        depends = run("dpkg-deb", "-f", self.package, "Depends").stdout
        self.assertIn("android-libboringssl", depends)
        self.assertNotRegex(depends, r"\blibssl|openssl")

    # -- in a bare Debian

    @classmethod
    def make_debian(cls):
        root = os.path.join(cls.folder, "debian")
        result = run("debootstrap", "--variant=minbase", SUITE, root, mirror())
        if result.returncode != 0:
            raise AssertionError(result.stdout[-2000:] + result.stderr[-2000:])
        os.remove(os.path.join(root, "etc/apt/sources.list"))
        for name in ("sources.list", "sources.list.d", "apt.conf.d", "keyrings"):
            source, target = os.path.join("/etc/apt", name), os.path.join(root, "etc/apt", name)
            if os.path.isdir(source):
                shutil.copytree(source, target, dirs_exist_ok=True)
            elif os.path.exists(source):
                shutil.copy(source, target)
        shutil.copytree("/usr/share/keyrings", os.path.join(root, "usr/share/keyrings"), dirs_exist_ok=True)
        for name in ("hosts", "resolv.conf"):
            if os.path.exists("/etc/" + name):
                shutil.copy("/etc/" + name, os.path.join(root, "etc"))
        return root

    def inside(self, root, *command, user=None):
        return run("chroot", *(["--userspec=%s" % user] if user else []), root, "/usr/bin/env", "-i",
                   "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "DEBIAN_FRONTEND=noninteractive", *command)

    def test_installs_and_scans_as_nobody_special(self):
        if os.getuid() != 0:
            raise unittest.SkipTest("only root may make another Debian")
        require("debootstrap", "nginx")
        root = self.make_debian()
        shutil.copy(self.package, os.path.join(root, "tlscensus.deb"))
        self.assertEqual(self.inside(root, "apt-get", "update", "-qq").returncode, 0)
        result = self.inside(root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "/tlscensus.deb")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        state = os.path.join(root, "var/lib/tlscensus")
        os.makedirs(state, exist_ok=True)
        self.assertEqual(self.inside(root, "chown", "tlscensus:tlscensus", "/var/lib/tlscensus").returncode, 0)
        self.assertEqual(self.inside(root, "tlscensus", "config", "check", "/etc/tlscensus/census.conf").returncode, 0)
        with Farm() as farm:
            web = farm.nginx([Site("packaged.test", farm.ca.leaf("packaged.test"))])
            shutil.copy(farm.ca_file, os.path.join(state, "ca.pem"))
            os.chmod(os.path.join(state, "ca.pem"), 0o644)
            database = "/var/lib/tlscensus/census.db"
            result = self.inside(root, "tlscensus", "scan", "--db", database, "--ca-file", "/var/lib/tlscensus/ca.pem",
                                 "--address-rate", "0", "packaged.test{%s}:%d" % (web.address, web.port), user="tlscensus")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        result = self.inside(root, "tlscensus", "report", "--db", database, "--format", "csv", user="tlscensus")
        self.assertIn('"packaged.test"', result.stdout)
        self.assertIn('"ok"', result.stdout)
        page = self.inside(root, "tlscensus", "report", "--db", database, "-o", "/var/lib/tlscensus/report.html",
                           user="tlscensus")
        self.assertEqual(page.returncode, 0, page.stderr)
        for verb in ("remove", "purge"):
            result = self.inside(root, "apt-get", verb, "-y", "-qq", "tlscensus")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertFalse(os.path.exists(os.path.join(root, "usr/bin/tlscensus")))
        self.assertTrue(os.path.exists(os.path.join(root, database.lstrip("/"))))  # what was scanned stays
        self.assertFalse(os.path.exists(os.path.join(root, "etc/tlscensus/census.conf")))


if __name__ == "__main__":
    main()
