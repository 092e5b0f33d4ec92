#!/usr/bin/python3
"""samples/cluster: GNU parallel, here and over ssh, and Slurm scan a list in shards, run one again that is killed
meanwhile, and merge them; the result is what one scan of the whole list would have been. Names that come in a stream
have their results in another."""
import csv
import glob
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]

from farm import Farm, Server, Site, die_with_parent, find_program, free_port, main, require  # noqa: E402
from nights import expect_whole, query  # noqa: E402
from test_filter import LATER, place  # noqa: E402
from test_shards import APART, shard_of  # noqa: E402

SAMPLES = os.path.join(os.environ["TLSCENSUS_SOURCE"], "samples", "cluster")
SHARDS = 3
HOSTS = 9
HELD = "held.test"  # answers only when its gate is open
PATIENCE_S = 240


def wait_for(what, condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("in vain waited for: " + what)
        time.sleep(0.05)


class Gate:
    """A way to a server on which everybody stands until it is opened, so that a scan can be met in its midst."""

    def __init__(self, address, server):
        self.address = address
        self.server = server
        self.is_open = threading.Event()
        self.arrived = 0

    def __enter__(self):
        self.listener = socket.create_server((self.address, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.is_open.set()
        self.listener.close()

    def accept(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            self.arrived += 1
            threading.Thread(target=self.lead, args=(peer,), daemon=True).start()

    def lead(self, peer):
        self.is_open.wait()
        with peer, socket.create_connection(self.server) as server:
            back = threading.Thread(target=self.copy, args=(server, peer), daemon=True)
            back.start()
            self.copy(peer, server)
            back.join()

    @staticmethod
    def copy(source, sink):
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Cluster(unittest.TestCase):
    """A few hosts, one of them behind a gate, and one scan of them all to compare with."""

    @classmethod
    def setUpClass(cls):
        require("nginx")
        cls.farm = Farm()
        cls.addClassCleanup(cls.farm.close)
        os.chmod(cls.farm.folder, 0o711)
        time.sleep(1.1)  # days count from when the test began: a scan in that very second has one more
        cls.key = cls.farm.ca.leaf("key.test").key
        web = cls.farm.nginx([cls.site("h%d.test" % i, i) for i in range(HOSTS)] + [cls.site(HELD, HOSTS)])
        cls.gate = cls.farm.start(Gate("127.0.0.9", ("127.0.0.%d" % (HOSTS + 10), web.port)))
        lines = ["host,port,address,owner"]
        lines += ["h%d.test,%d,127.0.0.%d,owner %d" % (i, web.port, i + 10, i % 4) for i in range(HOSTS)]
        lines += ["%s,%d,127.0.0.9,owner 1" % (HELD, cls.gate.port), "no such host!,443,,nobody"]
        cls.list = cls.farm.write("the list.csv", "\n".join(lines) + "\n")
        cls.held_shard = shard_of("tls", HELD, cls.gate.port, SHARDS)
        cls.options = "--profile quick --ca-file %s --address-rate 0 --retries 0 --handshake-timeout 600s " \
                      "--endpoint-timeout 600s" % cls.farm.ca_file
        cls.bin = cls.farm.path("bin")
        os.mkdir(cls.bin)
        os.symlink(os.environ["TLSCENSUS_BIN"], os.path.join(cls.bin, "tlscensus"))
        cls.gate.is_open.set()
        cls.whole = cls.farm.path("whole.db")
        result = cls.farm.tlscensus("scan", "-i", cls.list, "--db", cls.whole, *cls.options.split())
        if result.returncode != 0:
            raise AssertionError(result.stderr)

    @classmethod
    def site(cls, host, i):
        """The first two have one key, whichever shards they are in: a rule that sees the whole finds it."""
        leaf = cls.farm.ca.leaf(host, not_after_days=60.5, key=cls.key if i < 2 else "p256")
        return Site(host, leaf.presenting("leaf") if i == 2 else leaf, address="127.0.0.%d" % (i + 10))

    def setUp(self):
        self.gate.is_open.clear()
        self.gate.arrived = 0
        self.addCleanup(self.gate.is_open.set)
        self.folder = self.farm.path(self.farm.new_name("a scan"))

    def environment(self, **more):
        own = dict(PATH=self.bin + ":" + os.environ["PATH"], SHARDS=str(SHARDS), TMPDIR=self.farm.folder,
                   TLSCENSUS_OPTIONS=self.options, MERGE_OPTIONS="--ca-file " + self.farm.ca_file)
        return {**os.environ, **own, **more}

    def scans(self):
        """The shards of this test's scan that run: process id by shard."""
        try:
            with open(os.path.join(self.folder, "uuid"), "rb") as file:
                name = file.read().strip()
        except FileNotFoundError:
            return {}
        found = {}
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue  # it has ended
            if words[0] == b"tlscensus" and name in words:
                found[int(words[words.index(b"--shard") + 1].split(b"/")[0])] = int(path.split("/")[2])
        return found

    def kill_the_held_shard(self):
        wait_for("the shard at the gate", lambda: self.gate.arrived > 0)
        os.kill(self.scans()[self.held_shard], signal.SIGKILL)
        wait_for("its end", lambda: self.gate.arrived > 1 or self.held_shard not in self.scans())
        self.gate.is_open.set()

    def table(self, database, name):
        result = self.farm.tlscensus("report", "--db", database, "--format", "csv", "--table", name)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [{column: cell for column, cell in row.items() if column not in APART}
                for row in csv.DictReader(io.StringIO(result.stdout, newline=""), strict=True)]

    def expect_the_whole(self):
        merged = os.path.join(self.folder, "all.db")
        expect_whole(self, merged)
        self.assertEqual(query(merged, "SELECT state, shard FROM scan"), [("done", "1/1")])
        self.assertEqual(len(self.table(merged, "endpoints")), HOSTS + 1)
        self.assertIn("key-shared", {row["rule"] for row in self.table(merged, "findings")})
        for name in ("endpoints", "certificates", "findings"):
            self.assertEqual(self.table(merged, name), self.table(self.whole, name), name)


class ByParallel(Cluster):
    """What the tests of both scripts share."""

    @classmethod
    def setUpClass(cls):
        require("parallel")
        super().setUpClass()

    def start_sshd(self):
        """An ssh server that knows this user alone; the configuration by which a client finds it under two names."""
        if os.geteuid() == 0 and not os.path.isdir("/run/sshd"):
            os.mkdir("/run/sshd", 0o755)
            self.addCleanup(os.rmdir, "/run/sshd")
        keys = {}
        for name in ("host", "user"):
            keys[name] = self.farm.path(self.farm.new_name(name) + ".key")
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys[name]], check=True)
        port = free_port()
        config = self.farm.write("sshd.conf", SSHD % {
            "port": port, "host": keys["host"], "user": keys["user"], "path": self.bin + ":" + os.environ["PATH"]})
        self.farm.child([find_program("sshd"), "-D", "-e", "-f", config], "127.0.0.1", port)
        return self.farm.write("ssh.conf", SSH % {"port": port, "key": keys["user"]})


class Parallel(ByParallel):
    def start(self, **more):
        script = subprocess.Popen([os.path.join(SAMPLES, "tlscensus-parallel"), self.list, self.folder],
                                  env=self.environment(HOME=self.farm.folder, **more), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent)
        self.addCleanup(self.let_go, script)
        return script

    def let_go(self, script):
        """What a failed test leaves ends by itself, since the gate is open."""
        self.gate.is_open.set()
        if script.poll() is None:
            script.communicate(timeout=PATIENCE_S)

    def end(self, script, code=0):
        said = script.communicate(timeout=PATIENCE_S)[0]
        self.assertEqual(script.returncode, code, said)
        return said

    def test_a_killed_shard_is_tried_again(self):
        script = self.start(JOBS="2")
        self.kill_the_held_shard()
        self.end(script)
        self.assertEqual(self.gate.arrived, 2)
        self.expect_the_whole()

        self.end(self.start(SHARDS="9"))  # there is nothing left to do, and the number is remembered
        self.assertEqual(self.gate.arrived, 2)
        self.expect_the_whole()

    def test_what_failed_for_good_is_named_and_done_by_the_next_call(self):
        script = self.start(TRIES="1")
        self.kill_the_held_shard()
        said = self.end(script, code=3)
        self.assertIn("shards that failed: 1 of %d;" % SHARDS, said)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "all.db")))
        self.end(self.start())
        self.expect_the_whole()

    def test_over_ssh(self):
        require("ssh", "sshd", "ssh-keygen", "rsync")
        remote = self.farm.path(self.farm.new_name("remote"))
        script = self.start(LOGINS="1/one,1/two", REMOTE_FOLDER=remote, PARALLEL_SSH="ssh -F " + self.start_sshd())
        self.kill_the_held_shard()
        self.end(script)
        self.assertEqual(self.gate.arrived, 2)
        self.expect_the_whole()
        self.assertEqual(glob.glob(remote + "/*"), [])


class Stream(ByParallel):
    """Blocks of a stream, each a scan of its own."""

    def run_stream(self, **more):
        self.gate.is_open.set()
        with open(self.list, "rb") as names:
            done = subprocess.run([os.path.join(SAMPLES, "tlscensus-stream")], stdin=names, capture_output=True, check=False,
                                  timeout=PATIENCE_S, env=self.environment(HOME=self.farm.folder, HEADER="1", NAMES="4", **more))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"a host name has no blanks", done.stderr)  # the line that is none
        return [json.loads(line) for line in done.stdout.splitlines()]

    def kept(self, line):
        return {member: value for member, value in line.items() if member not in APART | LATER["endpoint"]}

    def expect_the_stream(self, lines):
        scans = [line["state"] for line in lines if line["type"] == "scan"]
        blocks = -(-(HOSTS + 2) // 4)
        self.assertEqual(sorted(scans), ["done"] * blocks + ["running"] * blocks)
        whole = self.farm.tlscensus("report", "--db", self.whole, "--format", "jsonl").stdout.splitlines()
        told, seen = ({place(line): self.kept(line) for line in all_lines if line["type"] == "endpoint"}
                      for all_lines in (map(json.loads, whole), lines))
        self.assertEqual(len(told), HOSTS + 1)
        self.assertEqual(seen, told)

    def test_names_in_results_out(self):
        self.expect_the_stream(self.run_stream(JOBS="2"))

    def test_over_ssh(self):
        require("ssh", "sshd", "ssh-keygen")
        self.expect_the_stream(self.run_stream(LOGINS="1/one,1/two", PARALLEL_SSH="ssh -F " + self.start_sshd()))


SSHD = """\
ListenAddress 127.0.0.1:%(port)d
HostKey %(host)s
AuthorizedKeysFile %(user)s.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
SetEnv PATH=%(path)s
"""
SSH = """\
Host one two
  HostName 127.0.0.1
  Port %(port)d
  IdentityFile %(key)s
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
"""


class Slurm(Cluster):
    """munged, slurmctld and slurmd of this test alone: their own key, ports and folders, on loopback."""

    @classmethod
    def setUpClass(cls):
        require("slurmctld", "slurmd", "munged", "sbatch", "scontrol")
        if os.geteuid() != 0:
            raise unittest.SkipTest("slurmd starts jobs as root alone")
        super().setUpClass()
        cls.config = cls.start_slurm()
        # What a failed test leaves behind; of this Slurm alone, as its configuration says.
        cls.addClassCleanup(subprocess.run, ["scancel", "--user=root"], env=dict(os.environ, SLURM_CONF=cls.config),
                            check=False, timeout=PATIENCE_S)

    @classmethod
    def start_slurm(cls):
        key = cls.farm.write("munge.key", os.urandom(1024))
        os.chmod(key, 0o400)
        munge = cls.farm.path("munge.socket")
        cls.start_munged(key, munge)
        for folder in ("state", "spool"):
            os.mkdir(cls.farm.path(folder))
        ports = [free_port(), free_port()]
        config = cls.farm.write("slurm.conf", SLURM % {
            "host": socket.gethostname().split(".")[0], "folder": cls.farm.folder, "munge": munge, "controller": ports[0],
            "node": ports[1], "cores": os.cpu_count()})
        cls.farm.child([find_program("slurmctld"), "-D", "-f", config], "127.0.0.1", ports[0])
        cls.farm.child([find_program("slurmd"), "-D", "-N", "node1", "-f", config], "127.0.0.1", ports[1])
        return config

    @classmethod
    def start_munged(cls, key, path):
        command = [find_program("munged"), "--foreground", "--force", "--key-file=" + key, "--socket=" + path]
        command += ["--%s-file=%s" % (name, cls.farm.path("munge." + name)) for name in ("pid", "seed", "log")]
        server = Server(command, "", 0, cls.farm.path("munged.log"), cls.farm.folder)
        cls.farm.running.append(server)
        wait_for("munged", lambda: os.path.exists(path) or server.process.poll() is not None)
        if server.process.poll() is not None:
            raise RuntimeError(server.log)

    def run_well(self, *command, **more):
        done = subprocess.run(command, env=self.environment(SLURM_CONF=self.config, **more), capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def submit(self):
        return self.run_well(os.path.join(SAMPLES, "tlscensus-slurm"), self.list, self.folder, CPUS="1").split()

    def job(self, number):
        """What Slurm says of a job or a task of one."""
        return dict(re.findall(r"(\w+)=(\S*)", self.run_well("scontrol", "show", "job", "--oneliner", number)))

    def wait_for_job(self, number):
        wait_for("job " + number, lambda: self.job(number)["JobState"] in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT"))
        return self.job(number)

    def test_a_killed_shard_is_queued_again(self):
        scan, merge = self.submit()
        self.kill_the_held_shard()
        state = self.wait_for_job(merge)
        self.assertEqual(state["JobState"], "COMPLETED", self.log("merge.log"))
        for number in range(1, SHARDS + 1):
            task = self.job("%s_%d" % (scan, number))
            self.assertEqual(task["JobState"], "COMPLETED")
            self.assertGreaterEqual(int(task["Restarts"]), number == self.held_shard)  # others at the engine's own will
        self.assertIn("ended with 137 and is queued again", self.log("shard-%d.log" % self.held_shard))
        self.assertEqual(self.gate.arrived, 2)
        self.expect_the_whole()

    def test_a_shard_that_is_taken_away_fails_the_merge(self):
        scan, merge = self.submit()
        wait_for("the shard at the gate", lambda: self.gate.arrived > 0)
        self.run_well("scancel", "%s_%d" % (scan, self.held_shard))
        self.assertEqual(self.wait_for_job(merge)["JobState"], "FAILED")
        # the merge may come while the scan still stops in order
        self.assertRegex(self.log("merge.log"), "shard %d/%d in it did not finish|shard-%d.db: another process is writing"
                         % (self.held_shard, SHARDS, self.held_shard))

        self.gate.is_open.set()
        merge = self.submit()[1]
        self.assertEqual(self.wait_for_job(merge)["JobState"], "COMPLETED", self.log("merge.log"))
        self.expect_the_whole()

    def log(self, name):
        try:
            with open(os.path.join(self.folder, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""


# A job that is queued again waits for cred_expire (seconds, 5 at least) before it starts.
SLURM = """\
ClusterName=census
SlurmctldHost=%(host)s(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=%(munge)s,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort=%(controller)d
SlurmctldPidFile=%(folder)s/slurmctld.pid
SlurmdPidFile=%(folder)s/slurmd.pid
StateSaveLocation=%(folder)s/state
SlurmdSpoolDir=%(folder)s/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1,sched_interval=1
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=1
NodeName=node1 NodeHostname=%(host)s NodeAddr=127.0.0.1 Port=%(node)d CPUs=%(cores)d State=UNKNOWN
PartitionName=all Nodes=node1 Default=YES MaxTime=INFINITE State=UP
"""


class Shape(unittest.TestCase):
    """What no engine here can run: its parts fit together."""

    @classmethod
    def setUpClass(cls):
        try:
            import yaml  # pylint: disable=import-outside-toplevel
        except ImportError:
            raise unittest.SkipTest("python3-yaml is not installed") from None
        with open(os.path.join(SAMPLES, "kubernetes.yaml"), encoding="utf-8") as file:
            cls.text = file.read()
        cls.parts = {part["metadata"]["name"]: part for part in yaml.safe_load_all(cls.text)}

    def pods(self):
        return [part["spec"]["template"]["spec"] for part in self.parts.values() if part["kind"] == "Job"]

    def test_each_index_is_a_shard(self):
        job = self.parts["tlscensus-scan"]["spec"]
        settings = self.parts["tlscensus-settings"]["data"]
        self.assertEqual((job["completionMode"], job["completions"]), ("Indexed", int(settings["SHARDS"])))
        script = "\n".join(job["template"]["spec"]["containers"][0]["args"])
        for index in range(job["completions"]):
            words = subprocess.run(
                ["sh", "-c", script.replace("exec tlscensus", "printf '%s\\n'")], check=True, capture_output=True, text=True,
                env=dict(settings, JOB_COMPLETION_INDEX=str(index), PATH=os.environ["PATH"])).stdout.split()
            self.assertEqual(words, ["scan", "-i", "list", "--shard", "%d/8" % (index + 1), "--scan-uuid",
                                     settings["SCAN_UUID"], "--db", "shard-%d.db" % (index + 1)])

    def test_pods_have_what_they_mount(self):
        self.assertEqual(len(self.pods()), 2)
        for pod in self.pods():
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            container = pod["containers"][0]
            self.assertEqual({mount["name"] for mount in container["volumeMounts"]}, set(volumes))
            self.assertIn(volumes["data"]["persistentVolumeClaim"]["claimName"], self.parts)
            self.assertEqual(container["workingDir"], "/data")
            self.assertEqual(pod["restartPolicy"], "Never")
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])

    def test_the_merge_waits(self):
        self.assertIs(self.parts["tlscensus-merge"]["spec"]["suspend"], True)

    def test_it_says_that_it_was_not_run(self):
        self.assertIn("no cluster has run it yet", self.text)


class Scripts(unittest.TestCase):
    def test_plain_shell(self):
        for path in glob.glob(os.path.join(SAMPLES, "*")):
            with open(path, encoding="utf-8") as file:
                if not file.readline().startswith("#!/bin/sh"):
                    continue
            for shell in ("sh", "dash", "bash"):
                if shutil.which(shell):
                    subprocess.run([shell, "-n", path], check=True)

    def test_usage(self):
        for name in ("tlscensus-parallel", "tlscensus-slurm"):
            done = subprocess.run([os.path.join(SAMPLES, name)], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (2, "usage: %s LIST FOLDER\n" % name))


if __name__ == "__main__":
    main()
