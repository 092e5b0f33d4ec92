#!/usr/bin/env python3
"""Times tlscensus beside the floor on a farm of real servers, and prints ratios from one run.

usage: bench.py --program PATH --work DIR [--hosts N] [--rounds N] [--namespaces PREFIX] [PART…]

Parts: cpu memory far mixed scale database instructions reports survey wire. Without one: all.
Every figure comes from runs of this call; floor and scanner take turns, and a ratio is the median of
the turns' ratios, so that a machine whose speed drifts does not lie. Nothing here fails by time.
"""
import argparse
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from survey import SurveyBench
from wire import WireBench


class Run:
    """One finished command: wall seconds, CPU seconds, peak resident bytes, output."""

    def __init__(self, namespace, command):
        prefix = ["ip", "netns", "exec", namespace] if namespace else []
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.monotonic()
            child = subprocess.Popen(prefix + command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            _, status, usage = os.wait4(child.pid, 0)
            self.wall = time.monotonic() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read().decode(), err.read().decode()
        if child.returncode not in (0, 1):
            sys.exit(f"bench: {' '.join(command)} ended with {child.returncode}\n{self.err[-2000:]}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss * 1024


class Bench:
    def __init__(self, settings):
        self.program = settings.program
        self.work = settings.work
        self.hosts = settings.hosts
        self.rounds = settings.rounds
        self.prefix = settings.namespaces
        self.lists = os.path.join(self.work, "lists")
        self.roots = os.path.join(self.work, "pki", "ca.pem")
        self.database = os.path.join(self.work, "bench.db")

    def fresh(self):
        for suffix in ("", "-wal", "-shm", "-lock"):
            if os.path.exists(self.database + suffix):
                os.unlink(self.database + suffix)

    def list(self, name):
        return os.path.join(self.lists, name)

    def scan(self, targets, *more, namespace="near", fresh=True):
        if fresh:
            self.fresh()
        if "--profile" not in more:
            more = ("--profile", "quick", *more)
        return Run(self.prefix + namespace, [self.program, "scan", "-i", targets, "--db", self.database, "--ca-file", self.roots,
                               "--quiet", *more])

    def floor(self, hosts, port, concurrency, namespace="near"):
        return Run(self.prefix + namespace, [os.path.join(self.work, "floor"), self.list(f"pairs-{hosts}.txt"), str(port),
                               str(concurrency), "poolm", self.roots])

    def outcomes(self):
        with sqlite3.connect(self.database) as connection:
            rows = connection.execute("SELECT outcome.name, count(*) FROM observation JOIN outcome USING (outcome_id)"
                                      " GROUP BY 1 ORDER BY 2 DESC").fetchall()
        connection.close()
        return ", ".join(f"{count} {name}" for name, count in rows)

    # -- parts

    def cpu(self):
        print(f"CPU per endpoint, {self.hosts} hosts, near; aim 1.15, at most 1.25 times the floor")
        for port, what in ((8443, "ECDSA P-256"), (8444, "RSA 2048"), (8447, "a certificate for each name")):
            ratios, ours, floors, speed = [], [], [], []
            for _ in range(self.rounds):
                floor = self.floor(self.hosts, port, 100)
                scan = self.scan(self.list(f"good-{self.hosts}-{port}.txt"))
                floor_us = float(re.search(r"cpu_us=([0-9.]+)", floor.out)[1])
                floor_rate = float(re.search(r"rate=([0-9]+)/s", floor.out)[1])
                ours.append(scan.cpu / self.hosts * 1e6)
                floors.append(floor_us)
                ratios.append(ours[-1] / floor_us)
                speed.append(self.hosts / scan.wall / floor_rate)
            print(f"  port {port} {what:<28} ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to "
                  f"{max(ratios):.3f}); ours {statistics.median(ours):.0f} us, floor {statistics.median(floors):.0f} us; "
                  f"endpoints a second {statistics.median(speed):.2f} of the floor's; {self.outcomes()}")

    def memory(self):
        """Servers that accept and then say nothing, so that all are in flight at once, hello sent."""
        hosts = min(10000, self.hosts)
        with open(self.list(f"ip-{self.hosts}.txt")) as addresses:
            lines = [f"host{n:05}.census.test{{{line.strip()}}}:{SILENT_PORT}\n"
                     for n, line in enumerate(addresses, 1)][:hosts]
        targets = os.path.join(self.work, "silent.txt")
        with open(targets, "w") as out:
            out.writelines(lines)
        more = ("--handshake-timeout", "12s", "--retries", "0", "--address-rate", "0")
        small = self.scan(self.list("good-100-8443.txt"), "--concurrency", "10")
        silent = subprocess.Popen(["ip", "netns", "exec", self.prefix + "near", sys.executable, "-c", SILENT_SERVER,
                                   str(SILENT_PORT), str(hosts)], stdout=subprocess.PIPE, text=True)
        try:
            silent.stdout.readline()
            large = self.scan(targets, "--concurrency", str(hosts), *more)
            silent.terminate()
            most = int(silent.stdout.read().split()[-1])
        finally:
            silent.kill()
            silent.wait()
        print(f"memory: {most} of {hosts} at once after the hello, {large.peak / 1e6:.1f} MB in all (at most 130), "
              f"{(large.peak - small.peak) / most / 1e3:.1f} KB each (at most 12); {self.outcomes()}")

    def far(self):
        for concurrency in (100, 1000):
            walls, cpus = [], []
            for _ in range(self.rounds):
                run = self.scan(self.list("good-1000-8443.txt"), "--concurrency", str(concurrency), namespace="far")
                walls.append(run.wall)
                cpus.append(run.cpu)
            limit = 2.3 if concurrency == 100 else 0.22 + 1.1 * statistics.median(cpus)
            print(f"1,000 endpoints at 100 ms, concurrency {concurrency}: {statistics.median(walls):.2f} s "
                  f"(at most {limit:.2f}); {self.outcomes()}")

    def mixed(self):
        run = self.scan(self.list("mixed-1000-8443.txt"))
        print(f"mixed list of 1,000: {run.wall:.2f} s (at most 5.3); {self.outcomes()}")

    def scale(self):
        if not os.path.exists(self.list("good-100000-8443.txt")):
            print("scale: skipped, the farm has no 100,000 hosts (--hosts 100000)")
            return
        small = [self.scan(self.list("good-1000-8443.txt")) for _ in range(self.rounds)]
        middle = self.scan(self.list("good-10000-8443.txt"))
        large = self.scan(self.list("good-100000-8443.txt"))
        each = statistics.median(run.cpu for run in small) / 1000
        print(f"scale: CPU per endpoint of 100,000 against 1,000: {large.cpu / 100000 / each:.3f} "
              f"(10,000: {middle.cpu / 10000 / each:.3f}; at most 1.05), memory "
              f"{(large.peak - statistics.median(run.peak for run in small)) / 2**20:+.1f} MiB (at most 32)")

    def size(self):
        return os.path.getsize(self.database)

    def database_size(self):
        targets = self.list(f"good-{self.hosts}-8447.txt")
        self.scan(targets)
        first = self.size()
        self.scan(targets, fresh=False)
        second = self.size()
        print(f"database: {first / self.hosts:.0f} bytes per endpoint in the first scan (at most 2,300), "
              f"{(second - first) / self.hosts:.0f} in a later one (at most 250)")

    def instructions(self):
        def count(hosts):
            targets = os.path.join(self.work, f"first-{hosts}.txt")
            with open(self.list("good-100-8443.txt" if os.path.exists(self.list("good-100-8443.txt")) else
                                "good-1000-8443.txt")) as all_targets, open(targets, "w") as out:
                out.writelines(all_targets.readlines()[:hosts])
            self.fresh()
            run = Run(self.prefix + "near", ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", self.program,
                                 "scan", "-i", targets, "--db", self.database, "--ca-file", self.roots, "--quiet",
                                 "--profile", "quick", "--workers", "1", "--address-rate", "0"])
            return int(re.search(r"Collected : (\d+)", run.err)[1])

        print(f"instructions per endpoint (60 hosts less 10, callgrind): {(count(60) - count(10)) / 50 / 1e6:.3f} million")

    def reports(self):
        hosts = 100000 if os.path.exists(self.list("good-100000-8443.txt")) else self.hosts
        self.scan(self.list(f"good-{hosts}-8443.txt"))
        sqlite = Run(None, ["sqlite3", "-csv", self.database, "SELECT * FROM v_endpoint"])
        for name, more in (("endpoints.csv", ["--format", "csv"]), ("report.html", [])):
            path = os.path.join(self.work, name)
            run = Run(None, [self.program, "report", "--db", self.database, "-o", path, *more])
            print(f"{name} of {hosts} endpoints: {run.wall:.2f} s, {os.path.getsize(path) / 1e6:.1f} MB, "
                  f"{run.wall / sqlite.wall:.2f} of sqlite3 printing v_endpoint")


    def survey(self):
        SurveyBench(self, Run).all()

    def wire(self):
        WireBench(self, Run).all()


SILENT_PORT = 8450
# Reads a hello, answers nothing, and counts the connections that are open and have said hello.
SILENT_SERVER = """
import resource, selectors, signal, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[2]) + 100,) * 2)
listener = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=32768)
listener.setblocking(False)
wait = selectors.DefaultSelector()
wait.register(listener, selectors.EVENT_READ)
said_hello, most, running = set(), 0, True
def stop(*_):
    global running
    running = False
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
while running:
    for key, _ in wait.select(0.2):
        if key.fileobj is listener:
            try:
                while True:
                    peer = listener.accept()[0]
                    peer.setblocking(False)
                    wait.register(peer, selectors.EVENT_READ)
            except BlockingIOError:
                continue
        try:
            is_open = key.fileobj.recv(4096) != b""
        except OSError:
            is_open = False
        if is_open:
            said_hello.add(key.fileobj)
            most = max(most, len(said_hello))
        else:
            said_hello.discard(key.fileobj)
            wait.unregister(key.fileobj)
            key.fileobj.close()
print(most)
"""

PARTS = {"cpu": Bench.cpu, "memory": Bench.memory, "far": Bench.far, "mixed": Bench.mixed, "scale": Bench.scale,
         "database": Bench.database_size, "instructions": Bench.instructions, "reports": Bench.reports, "survey": Bench.survey,
         "wire": Bench.wire}


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--program", required=True)
    options.add_argument("--work", required=True)
    options.add_argument("--hosts", type=int, default=10000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--namespaces", default="tc", help="FARM_NS of the farm (default tc)")
    options.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS))
    settings = options.parse_args()
    unknown = set(settings.parts) - set(PARTS)
    if unknown:
        options.error(f"no such part: {' '.join(sorted(unknown))}")
    bench = Bench(settings)
    for name in settings.parts or PARTS:
        PARTS[name](bench)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
