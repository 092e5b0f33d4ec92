"""The survey on one host, and beside the scanners that people use for it: seconds, CPU, connections, what was found."""
import os
import re
import shutil
import sqlite3
import statistics

HOST, ADDRESS = "host00001.census.test", "127.16.0.1"
PACE = ("--per-address", "4", "--address-rate", "0")
COUNT_CONNECTIONS = """
import re, ssl, socket
context = ssl._create_unverified_context()
with context.wrap_socket(socket.create_connection(("127.16.0.1", 8443)), server_hostname="host00001.census.test") as peer:
    peer.sendall(b"GET /stub HTTP/1.0\\r\\nHost: host00001.census.test\\r\\n\\r\\n")
    text = b""
    while True:
        piece = peer.recv(4096)
        if not piece:
            break
        text += piece
print(re.search(rb"\\n\\s*(\\d+) \\d+ \\d+", text)[1].decode())
"""

# Name, command, and what one line of its output looks like that names a version's suite as accepted.
PEERS = (
    ("sslscan", lambda port: ["sslscan", "--no-colour", "--no-heartbleed", "--no-fallback", "--no-renegotiation",
                              "--no-compression", "--no-groups", "--no-check-certificate", f"--sni-name={HOST}",
                              f"{ADDRESS}:{port}"], r"^(?:Accepted|Preferred) "),
    ("nmap", lambda port: ["nmap", "-n", "-Pn", "--unprivileged", "--script", "ssl-enum-ciphers", "--script-args",
                           f"tls.servername={HOST}", "-p", str(port), ADDRESS], r"^\|\s+TLS_\S+ .*- [A-F]$"),
    ("testssl.sh", lambda port: ["testssl", "--quiet", "--color", "0", "--ip", ADDRESS, "-E", f"{HOST}:{port}"],
     r"^ ?x[0-9a-f]{2,6} "),
)


class SurveyBench:
    def __init__(self, bench, run):
        self.bench = bench
        self.run = run

    def accepted(self):
        """Connections that the servers have taken so far."""
        return int(self.run(self.bench.prefix + "near", ["/usr/bin/python3", "-c", COUNT_CONNECTIONS]).out)

    def survey(self, port, profile, namespace="near"):
        bench = self.bench
        bench.fresh()
        return self.run(bench.prefix + namespace, [
            bench.program, "scan", "--db", bench.database, "--ca-file", bench.roots, "--quiet", "--profile", profile, *PACE,
            f"https://{HOST}{{{ADDRESS}}}:{port}"])

    def stored(self):
        """Connections and accepted pairs of version and suite, as stored."""
        with sqlite3.connect(self.bench.database) as connection:
            row = connection.execute("SELECT connections, (SELECT count(*) FROM feature AS f WHERE f.feature_set_id = "
                                     "o.feature_set_id AND kind = 'cipher' AND supported = 1) FROM observation AS o").fetchone()
        connection.close()
        return row

    def nothing(self):
        """What the program costs before and after a scan: one that ends at a refused port."""
        return statistics.median(self.survey(9, "quick").cpu for _ in range(self.bench.rounds))

    def own(self):
        fixed = self.nothing()
        for port, what, most_ms, most_s in ((8443, "nginx as it comes, ECDSA", 5, 2.5), (8446, "61 pairs, old and new", 15, 5)):
            for profile in ("standard", "deep"):
                near = [self.survey(port, profile) for _ in range(self.bench.rounds)]
                connections, pairs = self.stored()
                far = self.survey(port, profile, "far")
                cpu = statistics.median(run.cpu for run in near) - fixed
                print(f"  {what:<26} {profile:<8} {pairs:>3} pairs, {connections:>3} connections, {cpu * 1e3:6.1f} ms of CPU "
                      f"(at most {most_ms}), near {statistics.median(run.wall for run in near):.2f} s, at 100 ms "
                      f"{far.wall:.2f} s (at most {most_s})")
        print(f"  (CPU less the {fixed * 1e3:.1f} ms that any scan costs: start, database, rules)")

    def beside(self):
        print("  beside others, port 8446, near: suites of every version")
        rows = [("tlscensus deep", None)]
        for name, command, pattern in PEERS:
            if shutil.which(command(1)[0]) is None:
                print(f"  {name}: skipped, not installed")
            else:
                rows.append((name, (command(8446), pattern)))
        for name, peer in rows:
            before = self.accepted()
            if peer is None:
                result = self.survey(8446, "deep")
                found = self.stored()[1]
            else:
                result = self.run(self.bench.prefix + "near", peer[0])
                found = len(re.findall(peer[1], result.out, re.M))
            made = self.accepted() - before - 1
            print(f"  {name:<16} {result.wall:8.2f} s {result.cpu * 1e3:9.0f} ms of CPU {made:>5} connections {found:>4} pairs")

    def fleet(self):
        hosts = min(500, self.bench.hosts)
        targets = os.path.join(self.bench.work, "survey.txt")
        with open(self.bench.list(f"good-{self.bench.hosts}-8443.txt")) as lines, open(targets, "w") as out:
            out.writelines(line for number, line in enumerate(lines) if number < hosts)
        run = self.bench.scan(targets, "--profile", "standard", *PACE)
        print(f"  {hosts} hosts standard: {hosts / run.wall:.1f} hosts a second, {run.cpu / hosts * 1e3:.2f} ms of CPU each; "
              f"{self.bench.outcomes()}")

    def all(self):
        print("survey")
        self.own()
        self.beside()
        self.fleet()
