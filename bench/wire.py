"""What an endpoint costs: packets and bytes by the kernel's own counters, DNS queries, CPU, disk, and the merge of shards.
These are the inputs of docs/scale.md."""
import os
import re
import statistics
import uuid

# The device between scanner and servers carries IP packets, so the link's own headers are not in the bytes.
DEVICE = "lat0"
READ_COUNTERS = f"""
cat /proc/net/snmp
for name in tx_bytes rx_bytes tx_packets rx_packets; do
  echo "$name $(cat /sys/class/net/{DEVICE}/statistics/$name)"
done
"""
LOOPBACK = "127.0.0.0/8\n"
# Name, profile, port, hosts.
CASES = (
    ("quick, an ECDSA certificate each", "quick", 8447, 2000),
    ("quick, one RSA certificate", "quick", 8444, 2000),
    ("standard, an ECDSA certificate each", "standard", 8447, 500),
    ("standard, every suite and both keys", "standard", 8446, 500),
)
SHARED_HOSTS = 300
SHARDS = 4
HEAD = ("each endpoint", "CPU ms", "connections", "packets out", "in", "bytes out", "in", "sent again", "first scan", "later")
LINE = "  {:<36} {:>7} {:>12} {:>12} {:>6} {:>10} {:>7} {:>11} {:>11} {:>6}"


class WireBench:
    def __init__(self, bench, run):
        self.bench = bench
        self.run = run

    def counters(self):
        text = self.run(self.bench.prefix + "far", ["sh", "-c", READ_COUNTERS]).out
        counts = {name: int(value) for name, value in re.findall(r"^([rt]x_\w+) (\d+)$", text, re.M)}
        for protocol in ("Tcp", "Udp"):
            names, values = re.findall(rf"^{protocol}: (.*)$", text, re.M)
            counts.update((protocol + name, int(value)) for name, value in zip(names.split(), values.split()))
        return counts

    def targets(self, hosts, port):
        """The first hosts of the farm's list."""
        size = max(size for size in (100, 1000, 10000, 100000) if size <= self.bench.hosts)
        hosts = min(hosts, size)
        path = os.path.join(self.bench.work, "wire.txt")
        with open(self.bench.list(f"good-{size}-{port}.txt")) as lines, open(path, "w") as out:
            out.writelines(line for number, line in enumerate(lines) if number < hosts)
        return path, hosts

    def scan(self, targets, *more, fresh=True):
        """A scan by the far way, and what it added to the counters."""
        before = self.counters()
        run = self.bench.scan(targets, *more, namespace="far", fresh=fresh)
        return run, {name: value - before[name] for name, value in self.counters().items()}

    def start_cpu(self):
        """What any scan costs before and after its endpoints: one that ends at a refused port."""
        bench = self.bench
        runs = []
        for _ in range(bench.rounds):
            bench.fresh()
            runs.append(self.run(bench.prefix + "far", [bench.program, "scan", "--db", bench.database, "--ca-file", bench.roots,
                                                        "--quiet", "--profile", "quick", "https://127.16.0.1:9"]).cpu)
        return statistics.median(runs)

    def names(self):
        """Every address is excluded, so that names are looked up and nothing else is sent."""
        exclude = os.path.join(self.bench.work, "wire.exclude")
        with open(exclude, "w") as out:
            out.write(LOOPBACK)
        targets, hosts = self.targets(2000, 8443)
        _, seen = self.scan(targets, "--exclude", exclude)
        print(f"DNS, each name: {seen['UdpOutDatagrams'] / hosts:.2f} queries, {seen['UdpInDatagrams'] / hosts:.2f} answers, "
              f"{seen['tx_bytes'] / hosts:.0f} bytes out, {seen['rx_bytes'] / hosts:.0f} in; {self.bench.outcomes()}")
        return {name: value / hosts for name, value in seen.items()}

    def case(self, name, profile, port, hosts, start_cpu, dns):
        targets, hosts = self.targets(hosts, port)
        run, seen = self.scan(targets, "--profile", profile)
        outcomes = self.bench.outcomes()
        first = self.bench.size()
        self.scan(targets, "--profile", profile, fresh=False)
        each = {counter: value / hosts - dns.get(counter, 0) for counter, value in seen.items()}
        print(LINE.format(name, f"{(run.cpu - start_cpu) / hosts * 1e3:.2f}", f"{each['TcpActiveOpens']:.1f}",
                          f"{each['tx_packets']:.1f}", f"{each['rx_packets']:.1f}", f"{each['tx_bytes']:.0f}",
                          f"{each['rx_bytes']:.0f}", f"{each['TcpRetransSegs']:.2f}", f"{first / hosts:.0f}",
                          f"{(self.bench.size() - first) / hosts:.0f}"), flush=True)
        print(f"    {hosts} in {run.wall:.1f} s, {run.peak / 1e6:.0f} MB; {outcomes}", flush=True)

    def shared_address(self):
        """Names that share an address wait for each other, and for nobody else."""
        path = os.path.join(self.bench.work, "wire.txt")
        with open(path, "w") as out:
            out.writelines(f"host{n:05}.census.test{{127.16.0.1}}:8443\n" for n in range(1, SHARED_HOSTS + 1))
        run = self.bench.scan(path)
        print(f"one address with {SHARED_HOSTS} names, quick: {run.wall:.1f} s, {SHARED_HOSTS / run.wall:.1f} a second; "
              f"{self.bench.outcomes()}", flush=True)

    def merge(self):
        """Shards of one scan into a new database: chains and rules are judged again over the whole."""
        bench = self.bench
        targets, hosts = self.targets(10000, 8447)
        name = str(uuid.uuid4())
        shards = [os.path.join(bench.work, f"wire-{number}.db") for number in range(1, SHARDS + 1)]
        merged = os.path.join(bench.work, "wire-all.db")
        for path in (*shards, merged):
            if os.path.exists(path):
                os.unlink(path)
        for number, path in enumerate(shards, 1):
            self.run(bench.prefix + "near", [bench.program, "scan", "-i", targets, "--db", path, "--ca-file", bench.roots,
                                             "--quiet", "--profile", "quick", "--scan-uuid", name, "--shard",
                                             f"{number}/{SHARDS}"])
        run = self.run(None, [bench.program, "merge", "--quiet", "--ca-file", bench.roots, merged, *shards])
        print(f"merge of {SHARDS} shards, {hosts} endpoints: {run.wall:.2f} s, {hosts / run.wall:.0f} a second, "
              f"{run.cpu / hosts * 1e6:.0f} us of CPU each, {run.peak / 1e6:.0f} MB, "
              f"{os.path.getsize(merged) / hosts:.0f} bytes each")

    def all(self):
        start_cpu = self.start_cpu()
        print(f"start and end of any scan: {start_cpu * 1e3:.0f} ms of CPU, not in what follows; names are apart too")
        dns = self.names()
        print(LINE.format(*HEAD))
        for case in CASES:
            self.case(*case, start_cpu, dns)
        self.shared_address()
        self.merge()
