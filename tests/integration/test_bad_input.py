#!/usr/bin/env python3
"""Everything a user can get wrong: one line that says what, where and what to do, and the documented code."""
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ["TLSCENSUS_BIN"]
CA = """-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUJ0lW1mS1Yp4wWb7tqk1cJ3zZ0b8wCgYIKoZIzj0EAwIw
-----END CERTIFICATE-----
"""


def run(*arguments, limits=None, user=None, program=PROGRAM):
    return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          preexec_fn=limits, user=user)


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tlscensus-bad-")
        os.chdir(cls.folder)  # a default tlscensus.db is made here, or not found here
        cls.roots = os.path.join(cls.folder, "roots.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", os.devnull, "-out", cls.roots, "-subj", "/CN=Test Root", "-days", "2"],
                       check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        shutil.rmtree(cls.folder)

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as out:
                out.write(content)
        return path

    def scan(self, *arguments, **more):
        """A scan that contacts nobody outside: 127.0.0.1 port 1 refuses."""
        return run("scan", "--profile", "quick", "--ca-file", self.roots, *arguments, **more)

    def expect(self, result, code, *words):
        text = result.stderr.decode()
        self.assertEqual(result.returncode, code, text)
        for word in words:
            self.assertIn(word, text)
        self.assertEqual(len([line for line in text.splitlines() if line.startswith("tlscensus: ")]), 1, text)
        self.assertEqual(result.stdout, b"")

    # -- words of the command line

    def test_unknown_option(self):
        self.expect(run("scan", "--concurency", "5"), 2, "--concurency", "--concurrency")

    def test_misspelt_subcommand(self):
        self.expect(run("raport"), 2, "raport", "report")

    def test_option_before_subcommand(self):
        self.expect(run("--db", "x"), 2, "subcommand comes first")

    def test_intrusive_names(self):
        self.expect(self.scan("--profile", "standard", "--intrusive", "heartbleed", "127.0.0.1:1"), 2, "heartbleed",
                    "did you mean heartbeat")
        self.expect(self.scan("--profile", "quick", "--intrusive", "ccs", "127.0.0.1:1"), 2, "survey", "standard")

    def test_a_set_has_no_one_format(self):
        for more in (["-o", "x.html"], ["--all-tables", "x"], ["--format", "ics"]):
            self.expect(run("report", "--output-dir", self.path("sets"), *more), 2, "--output-dir", "leave -o")

    def test_per_endpoint_is_wanted_or_not(self):
        self.expect(run("report", "--format", "prometheus", "--per-endpoint", "--no-per-endpoint"), 2, "exclude each other")

    def test_within_is_days(self):
        self.expect(run("report", "--format", "ics", "--within", "48h"), 2, "--within 48h", "30d")

    def test_diff_of_what_is_no_scan(self):
        database = self.path("diff.db")
        self.assertEqual(self.scan("127.0.0.1:1", "--db", database).returncode, 0)
        self.expect(run("diff", "--db", database, "x1"), 2, "x1", "tlscensus scans")
        self.expect(run("diff", "--db", database, "0"), 2, "0")
        self.expect(run("diff", "--db", database, "1", "2", "3"), 2, "two scans")
        self.expect(run("diff", "--db", database, "1", "1"), 2, "itself")
        self.expect(run("diff", "--db", database, "1"), 2, "newest")
        self.expect(run("diff", "--db", database, "7"), 3, "scan 7", "tlscensus scans")
        self.expect(run("diff", "--db", self.path("none.db")), 3, "none.db")
        self.expect(run("diff", "--db", database, "--format", "csv", "--page", "x.html"), 2, "--page")

    def test_families_exclude_each_other(self):
        self.expect(self.scan("-4", "-6", "127.0.0.1:1"), 2, "-4 and -6")

    # -- configuration files

    def test_missing_configuration(self):
        self.expect(run("scan", "--config", self.path("missing.conf")), 2, "missing.conf", "No such file")

    def test_faults_of_a_configuration_have_their_line(self):
        path = self.path("bad.conf", b"[scan]\nprofle = deep\n")
        self.expect(run("scan", "--config", path), 2, f"{path}:2:", "did you mean profile?")
        self.expect(run("scans", "--config", path), 2, f"{path}:2:")  # another's section too
        self.expect(run("config", "check", path), 2, f"{path}:2:")

    def test_all_faults_of_a_configuration_are_told(self):
        path = self.path("worse.conf", b"nothing = 1\n[scan]\nworkers = 0\n[reprot]\nformat = csv\n")
        result = run("config", "check", path)
        self.assertEqual(result.returncode, 2)
        for words in (f"{path}:1: nothing", f"{path}:3: --workers 0", f"{path}:4: [reprot]"):
            self.assertIn(words, result.stderr.decode())

    def test_config_without_a_verb(self):
        self.expect(run("config"), 2, "config check FILE")

    def test_a_configuration_is_used_and_the_command_line_wins(self):
        listed = self.path("configured.txt", b"127.0.0.1:1\n127.0.0.2:1\n")
        path = self.path("good.conf", f"""db = {self.path("configured.db")}
[scan]
input = {listed}
profile = quick
ca-file = {self.roots}
retries = 3
""".encode())
        self.assertEqual(run("config", "check", path).returncode, 0)
        result = run("scan", "--config", path, "--retries", "0")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        result = run("scan", "--config", path, "-i", self.path("one.txt", b"127.0.0.3:1\n"))
        self.assertEqual(result.returncode, 0, result.stderr)
        with sqlite3.connect(self.path("configured.db")) as connection:
            self.assertEqual(connection.execute(
                "SELECT scan_id, count(*), json_extract(options_json, '$.retries'), profile FROM observation "
                "JOIN scan USING (scan_id) GROUP BY scan_id").fetchall(), [(1, 2, "0", "quick"), (2, 1, "3", "quick")])
        connection.close()

    def test_the_sample_is_right(self):
        sample = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../samples/config/census.conf")
        result = run("config", "check", sample)
        self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_print_config(self):
        path = self.path("print.conf", b"[scan]\nworkers = 3\nproxy = http://user:secret@proxy.example:3128\n")
        result = run("scan", "--config", path, "--profile", "deep", "--print-config")
        lines = [line.split() for line in result.stdout.decode().splitlines()]
        self.assertIn(["workers", "=", "3", ";", f"{path}:2"], lines)
        self.assertIn(["profile", "=", "deep", ";", "command", "line"], lines)
        self.assertIn(["retries", "=", "1", ";", "default"], lines)
        self.assertNotIn(b"secret", result.stdout)

    # -- lists

    def test_no_targets(self):
        self.expect(self.scan(), 2, "no targets", "-i")

    def test_missing_list(self):
        self.expect(self.scan("-i", self.path("missing.csv")), 2, "missing.csv", "No such file")

    def test_directory_as_list(self):
        self.expect(self.scan("-i", self.folder), 2, self.folder, "directory")

    def test_empty_list(self):
        database = self.path("empty.db")
        self.expect(self.scan("-i", self.path("empty.txt", b""), "--db", database), 2, "empty")

    def test_list_of_comments(self):
        database = self.path("comments.db")
        self.expect(self.scan("-i", self.path("comments.txt", b"# nothing\n\n"), "--db", database), 2, "no line names a target")

    def test_an_empty_list_that_is_meant(self):
        database = self.path("meant.db")
        for name, content in (("empty2.txt", b""), ("comments2.txt", b"# none\n"), ("header2.csv", b"host,owner\n")):
            result = self.scan("-i", self.path(name, content), "--allow-empty", "--db", database)
            self.assertEqual(result.returncode, 0, result.stderr)
        with sqlite3.connect(database) as connection:
            self.assertEqual(connection.execute("SELECT state FROM scan").fetchall(), [("done",)] * 3)
        connection.close()

    def test_a_list_of_refused_lines_is_not_empty(self):
        database = self.path("refused.db")
        result = self.scan("-i", self.path("refused.txt", b"127.0.0.1:70000\n"), "--allow-empty", "--db", database)
        self.assertEqual(result.returncode, 2, result.stderr)
        with sqlite3.connect(database) as connection:
            self.assertEqual(connection.execute("SELECT state FROM scan").fetchall(), [("interrupted",)])
        connection.close()

    def test_csv_without_host_column(self):
        path = self.path("nohost.csv", b"Owner,Department\nDana,IT\n")
        result = self.scan("-i", path, "--db", self.path("nohost.db"))
        self.assertEqual(result.returncode, 2)
        self.assertIn("--host-column", result.stderr.decode())

    def test_bad_line_under_strict(self):
        path = self.path("strict.txt", b"127.0.0.1:1\n127.0.0.1:70000\n")
        database = self.path("strict.db")
        self.expect(self.scan("-i", path, "--strict", "--db", database), 2, f"{path}:2:", "70000", "65535")
        self.assertFalse(os.path.exists(database))

    def test_bad_line_goes_on(self):
        path = self.path("bad-line.txt", b"127.0.0.1:1\n127.0.0.1:70000\n")
        database = self.path("bad-line.db")
        result = self.scan("-i", path, "--db", database)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f"{path}:2: port 70000", result.stderr.decode())
        with sqlite3.connect(database) as connection:
            self.assertEqual(connection.execute("SELECT line, text FROM rejected_target").fetchall(),
                             [(2, "127.0.0.1:70000")])
            self.assertEqual(connection.execute("SELECT outcome.name FROM observation JOIN outcome USING (outcome_id)")
                             .fetchall(), [("refused",)])
        connection.close()

    def test_helo_is_a_name(self):
        for name in ("", "a b", "a\r\nMAIL FROM:<x@y>", "h\u00e4", "x" * 256):
            result = self.scan("smtp://127.0.0.1:1", "--helo", name, "--db", self.path("helo.db"))
            self.expect(result, 2, "--helo")

    # -- trust

    def test_ca_file_without_certificates(self):
        path = self.path("no-certificates.pem", b"nothing here\n")
        self.expect(run("scan", "--ca-file", path, "127.0.0.1:1", "--db", self.path("ca.db")), 2, path,
                    "no certificate")

    def test_ca_file_damaged(self):
        path = self.path("damaged.pem", CA.replace("MIIB", "####").encode())
        result = run("scan", "--ca-file", path, "127.0.0.1:1", "--db", self.path("ca.db"))
        self.expect(result, 2, path)

    def test_missing_ca_file(self):
        self.expect(run("scan", "--ca-file", self.path("no.pem"), "127.0.0.1:1"), 2, "no.pem", "No such file")

    # -- databases

    def test_database_that_is_none(self):
        path = self.path("text.db", b"this is a letter, not a database\n" * 100)
        self.expect(self.scan("127.0.0.1:1", "--db", path), 3, path)
        self.expect(run("report", "--format", "csv", "--db", path), 3, path)

    def test_database_of_another_program(self):
        path = self.path("foreign.db")
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE bookmark (url TEXT)")
        connection.close()
        self.expect(self.scan("127.0.0.1:1", "--db", path), 3, path)
        with sqlite3.connect(path) as connection:
            self.assertEqual(connection.execute("SELECT name FROM sqlite_master").fetchall(), [("bookmark",)])
        connection.close()

    def test_newer_database(self):
        path = self.path("newer.db")
        self.assertEqual(self.scan("127.0.0.1:1", "--db", path).returncode, 0)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        self.expect(self.scan("127.0.0.1:1", "--db", path), 3, path, "newer")

    def test_missing_database(self):
        self.expect(run("report", "--format", "csv", "--db", self.path("none.db")), 3, "none.db")
        self.expect(run("scans", "--db", self.path("none.db")), 3, "none.db")

    def test_database_with_a_writer(self):
        path = self.path("busy.db")
        self.assertEqual(self.scan("127.0.0.1:1", "--db", path).returncode, 0)
        first = subprocess.Popen([PROGRAM, "scan", "--profile", "quick", "--ca-file", self.roots, "-i", "-", "--db", path],
                                 stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            first.stdin.write(b"127.0.0.1:1\n")
            first.stdin.flush()
            while True:  # until the first one holds the database: its scan is in there
                with sqlite3.connect(path) as connection:
                    if connection.execute("SELECT count(*) FROM scan WHERE state = 'running'").fetchone()[0]:
                        break
                connection.close()
            self.expect(self.scan("127.0.0.1:1", "--db", path), 3, path)
            # Reading goes on meanwhile.
            self.assertEqual(run("report", "--format", "csv", "--db", path).returncode, 0)
        finally:
            first.communicate()
        self.assertEqual(first.returncode, 0)

    def test_read_only_database(self):
        """Root writes everywhere, so root's test is done as nobody, in a folder that is root's."""
        folder = self.path("read-only")
        path = os.path.join(folder, "read-only.db")
        os.mkdir(folder)
        self.assertEqual(self.scan("127.0.0.1:1", "--db", path).returncode, 0)
        os.chmod(path, 0o444)
        program = shutil.copy(PROGRAM, self.folder)  # nobody may not see root's build folder
        for directory in (folder, self.folder):
            os.chmod(directory, 0o555)
        user = 65534 if os.geteuid() == 0 else None
        try:
            self.expect(run("scan", "--ca-file", self.roots, "127.0.0.1:1", "--db", path, user=user,
                            program=program), 3, path)
            self.assertEqual(run("report", "--format", "csv", "--db", path, user=user, program=program).returncode, 0)
        finally:
            for directory in (folder, self.folder):
                os.chmod(directory, 0o755)

    def test_database_in_no_folder(self):
        path = self.path("no/such/folder.db")
        self.expect(self.scan("127.0.0.1:1", "--db", path), 3, path)

    def test_nothing_to_resume(self):
        path = self.path("resume.db")
        self.assertEqual(self.scan("127.0.0.1:1", "--db", path).returncode, 0)
        self.expect(self.scan("--resume", "--db", path), 3, "finished")

    def test_report_split_needs_a_page_and_a_file(self):
        split = ("report", "--split-by", "Department", "--db", self.path("none.db"))
        self.expect(run(*split), 2, "--split-by", "-o report.html")
        self.expect(run(*split, "-o", "-"), 2, "--split-by", "-o report.html")
        self.expect(run(*split, "-o", self.path("x.csv"), "--format", "csv"), 2, "--split-by", "html")
        self.expect(run(*split, "-o", self.path("x.html"), "--group-by", "Owner"), 2, "--group-by")

    def test_report_of_a_scan_that_is_not_there(self):
        path = self.path("report.db")
        self.assertEqual(self.scan("127.0.0.1:1", "--db", path).returncode, 0)
        self.expect(run("report", "--format", "csv", "--db", path, "--scan", "77"), 3, "77")

    def test_report_into_no_folder(self):
        path = self.path("report2.db")
        self.assertEqual(self.scan("127.0.0.1:1", "--db", path).returncode, 0)
        self.expect(run("report", "--db", path, "-o", self.path("no/such/report.html")), 3, "report.html")

    # -- the machine

    def test_few_descriptors(self):
        path = self.path("descriptors.db")
        targets = self.path("descriptors.txt", b"".join(b"127.0.%d.1:1\n" % i for i in range(200)))
        result = self.scan("-i", targets, "--db", path, limits=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (64, 64)))
        self.assertEqual(result.returncode, 0, result.stderr)
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT outcome.name, count(*) FROM observation JOIN outcome USING (outcome_id)"
                                      " GROUP BY 1").fetchall()
        connection.close()
        self.assertEqual(rows, [("refused", 200)])
        self.assertIn("descriptor", result.stderr.decode())

    def test_no_resolver(self):
        self.expect(self.scan("--resolver", "nonsense:::", "www.example", "--db", self.path("dns.db")), 2, "nonsense")

    def test_closed_output(self):
        path = self.path("pipe.db")
        self.assertEqual(self.scan("127.0.0.1:1", "--db", path).returncode, 0)
        with open("/dev/full", "wb") as full:
            result = subprocess.run([PROGRAM, "report", "--format", "csv", "--db", path], stdout=full,
                                    stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn(b"No space left", result.stderr)

    def test_full_disk(self):
        mount = self.path("small")
        os.mkdir(mount)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", mount],
                                               capture_output=True).returncode != 0:
            self.skipTest("a small file system cannot be mounted here")
        try:
            database = os.path.join(mount, "small.db")
            targets = self.path("many.txt", b"".join(b"127.%d.%d.1:1\n" % (1 + i // 250, i % 250)
                                                      for i in range(20000)))
            result = self.scan("-i", targets, "--db", database)
            self.expect(result, 3, database)
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            connection.close()
        finally:
            subprocess.run(["umount", mount], check=True)

    def test_inspect_files(self):
        self.expect(run("inspect", self.path("missing.pem")), 2, "missing.pem")
        self.expect(run("inspect", self.folder, "--ca-file", self.roots), 2, "directory")
        self.expect(run("inspect", self.path("garbage.pem", b"\x30\x82"), "--ca-file", self.roots), 2, "garbage.pem")
        self.expect(run("inspect"), 2, "needs a file")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
