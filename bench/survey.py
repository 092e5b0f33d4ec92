"""The survey of one host, near and at 100 ms, beside the scanners that people use for it; and of 500 hosts at once."""
import os
import re
import shutil
import sqlite3
import statistics

HOST, ADDRESS = "host00001.census.test", "127.16.0.1"
PACE = ("--per-address", "4", "--address-rate", "0")
# Port, what listens there, and what a survey of it may cost in CPU (ms) and at 100 ms (s): in the profile named.
SERVERS = (
    (8443, "nginx as it comes, ECDSA, TLS 1.2 and 1.3", "standard", 5, 2.5),
    (8446, "nginx with TLS 1.0 to 1.3, both leaves and every suite: 61 pairs", "deep", 15, 5),
)
FLEET_HOSTS = 500
LIST_SIZES = (100, 1000, 10000, 100000)
SLOW_S = 900  # whoever takes longer is not waited for
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
IN_TIME = 'limit=$1; shift; timeout "$limit" "$@"; [ $? != 124 ] || echo "out of time"'

# Name, what it is asked for, command, whether the way of 100 ms is waited for, and what one line of its output looks
# like that names a version's suite as accepted.
PEERS = (
    ("sslscan", "suites alone", lambda port: [
        "sslscan", "--no-colour", "--no-heartbleed", "--no-fallback", "--no-renegotiation", "--no-compression",
        "--no-groups", "--no-check-certificate", f"--sni-name={HOST}", f"{ADDRESS}:{port}"],
     True, r"^(?:Accepted|Preferred) "),
    ("nmap", "ssl-enum-ciphers", lambda port: [
        "nmap", "-n", "-Pn", "--unprivileged", "--script", "ssl-enum-ciphers", "--script-args",
        f"tls.servername={HOST}", "-p", str(port), ADDRESS], True, r"^\|\s+TLS_\S+ .*- [A-F]$"),
    ("testssl", "-E: suites alone", lambda port: [
        "testssl", "--quiet", "--color", "0", "--ip", ADDRESS, "-E", f"{HOST}:{port}"], False, r"^ ?x[0-9a-f]{2,6} "),
)
HEAD = ("program", "near s", "100 ms s", "CPU ms", "survey ms", "connections", "found")
LINE = "  {:<30} {:>8} {:>9} {:>9} {:>12} {:>11}  {}"


class SurveyBench:
    def __init__(self, bench, run):
        self.bench = bench
        self.run = run

    def accepted(self):
        """Connections that the servers have taken so far, but for the one that asks."""
        return int(self.run(self.bench.prefix + "near", ["/usr/bin/python3", "-c", COUNT_CONNECTIONS]).out) - 1

    def survey(self, port, profile, namespace="near"):
        bench = self.bench
        bench.fresh()
        return self.run(bench.prefix + namespace, [
            bench.program, "scan", "--db", bench.database, "--ca-file", bench.roots, "--quiet", "--profile", profile, *PACE,
            f"https://{HOST}{{{ADDRESS}}}:{port}"])

    def stored(self, query):
        with sqlite3.connect(self.bench.database) as connection:
            row = connection.execute(query).fetchone()
        connection.close()
        return row

    def own(self, port, profile):
        """Medians of the rounds, in which all kinds of runs take turns. `survey_ms` is what a survey costs beyond what
        any scan does before and after it: one that ends at a refused port."""
        near, far, survey_ms = [], [], []
        for _ in range(self.bench.rounds):
            far.append(self.survey(port, profile, "far"))
            nothing = self.survey(9, "quick")
            before = self.accepted()
            near.append(self.survey(port, profile))
            survey_ms.append((near[-1].cpu - nothing.cpu) * 1e3)
        made = self.accepted() - before - 1
        far_s, survey_ms = statistics.median(run.wall for run in far), statistics.median(survey_ms)
        connections, *found = self.stored(FOUND)
        if connections != made:
            print(f"  stored {connections} connections, and the server saw {made}")
        print(LINE.format(f"tlscensus {profile}", f"{statistics.median(run.wall for run in near):.2f}", f"{far_s:.2f}",
                          f"{statistics.median(run.cpu for run in near) * 1e3:.1f}", f"{survey_ms:.1f}", connections,
                          "{} suites, {} groups; {} facts".format(*found)), flush=True)
        return survey_ms, far_s

    def peer(self, port, name, asked, command, waits_for_far, pattern):
        if shutil.which(command(port)[0]) is None:
            print(f"  {name}: skipped, not installed")
            return
        patient = ["sh", "-c", IN_TIME, "sh", str(SLOW_S), *command(port)]
        before = self.accepted()
        near = self.run(self.bench.prefix + "near", patient)
        made = self.accepted() - before - 1
        far = self.run(self.bench.prefix + "far", patient) if waits_for_far else None
        found = f"{len(re.findall(pattern, near.out, re.M))} suites"
        if "out of time" in near.out:
            found += f", and not done after {SLOW_S} s"
        print(LINE.format(f"{name}, {asked}", f"{near.wall:.2f}", f"{far.wall:.2f}" if far else "-",
                          f"{near.cpu * 1e3:.1f}", "", made, found), flush=True)

    def server(self, port, what, profile, most_ms, most_s):
        print(f"survey of port {port}: {what}")
        print(LINE.format(*HEAD))
        seen = {each: self.own(port, each) for each in ("standard", "deep")}
        for peer in PEERS:
            self.peer(port, *peer)
        print(f"  {profile}: the survey {seen[profile][0]:.1f} ms of CPU (at most {most_ms}), at 100 ms "
              f"{seen[profile][1]:.2f} s (at most {most_s})")

    def fleet(self):
        bench = self.bench
        size = max(size for size in LIST_SIZES if size <= bench.hosts)
        hosts = min(FLEET_HOSTS, size)
        targets = os.path.join(bench.work, "survey.txt")
        with open(bench.list(f"good-{size}-8443.txt")) as lines, open(targets, "w") as out:
            out.writelines(line for number, line in enumerate(lines) if number < hosts)
        run = bench.scan(targets, "--profile", "standard", *PACE)
        connections, complete = self.stored(FLEET)
        print(f"survey of {hosts} hosts, standard: {hosts / run.wall:.1f} hosts a second, {run.cpu / hosts * 1e3:.2f} ms of "
              f"CPU and {connections / hosts:.1f} connections each, {complete} complete; {bench.outcomes()}")

    def all(self):
        for server in SERVERS:
            self.server(*server)
        self.fleet()


FOUND = """
SELECT o.connections, (SELECT count(*) FROM feature AS f WHERE f.feature_set_id = o.feature_set_id AND f.kind = 'cipher'
    AND f.supported = 1),
  (SELECT count(DISTINCT f.code) FROM feature AS f WHERE f.feature_set_id = o.feature_set_id AND f.kind = 'group'
    AND f.supported = 1),
  (SELECT count(*) FROM feature AS f WHERE f.feature_set_id = o.feature_set_id AND f.supported IS NOT NULL)
FROM observation AS o
"""
FLEET = """
SELECT sum(o.connections), count(f.code)
FROM observation AS o LEFT JOIN feature AS f ON f.feature_set_id = o.feature_set_id AND f.kind = 'trait' AND f.version = 0
  AND f.supported = 1 AND f.code = (SELECT code FROM registry_name WHERE kind = 'trait' AND name = 'survey_complete')
"""
