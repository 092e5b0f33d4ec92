#!/usr/bin/python3
"""What the shells complete, asked of the shells themselves."""
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from farm import find_program, main, require  # noqa: E402

PROGRAM = os.environ.get("TLSCENSUS_BIN", "")
DEADLINE_S = 120
# What was typed, and what is offered.
ROWS = [
    ("tlscensus sc", ["scan", "scans"]),
    ("tlscensus scan --prof", ["--profile"]),
    ("tlscensus scan --profile ", ["deep", "quick", "standard"]),
    ("tlscensus scan --profile d", ["deep"]),
    ("tlscensus report --format cs", ["csv"]),
    ("tlscensus show --print-c", ["--print-config"]),
    ("tlscensus help rep", ["report"]),
]


def script(shell):
    return subprocess.run([PROGRAM, "help", "--completion", shell], check=True, capture_output=True, text=True).stdout


class Completion(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tlscensus-completion-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def put(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def test_bash(self):
        path = self.put("bash", script("bash"))
        for typed, offered in ROWS:
            words = typed.split(" ")
            ask = '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tlscensus; printf "%s\\n" "${COMPREPLY[@]}"'
            seen = subprocess.run(["bash", "-c", ask, "bash", path, *words], check=True, capture_output=True, text=True)
            self.assertEqual((typed, sorted(seen.stdout.split())), (typed, offered), seen.stderr)
            self.assertEqual(seen.stderr, "")

    def test_bash_splits_at_equals_signs(self):
        path = self.put("bash", script("bash"))
        ask = '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tlscensus; printf "%s\\n" "${COMPREPLY[@]}"'
        for words, offered in ((["scan", "--profile", "=", "d"], ["deep"]), (["scan", "--order", "="], ["as-given", "shuffled"]),
                               (["config", ""], ["check"])):
            seen = subprocess.run(["bash", "-c", ask, "bash", path, "tlscensus", *words], check=True, capture_output=True,
                                  text=True)
            self.assertEqual((words, sorted(seen.stdout.split())), (words, offered), seen.stderr)

    def test_bash_completes_files(self):
        path = self.put("bash", script("bash"))
        self.put("a list.csv", "")
        ask = '. "$1"; COMP_WORDS=(tlscensus scan -i "$2"); COMP_CWORD=3; _tlscensus; printf "%s\\n" "${COMPREPLY[@]}"'
        seen = subprocess.run(["bash", "-c", ask, "bash", path, os.path.join(self.folder, "a ")], check=True,
                              capture_output=True, text=True)
        self.assertEqual(seen.stdout.splitlines(), [os.path.join(self.folder, "a list.csv")])

    def test_groups_of_the_configuration(self):
        """In every shell that is here."""
        config = self.put("census.conf", "[scan]\nprofile = deep\n[targets web]\ninput = a\n  [targets  mail] ; b\n[report]\n")
        typed = "tlscensus scan --config %s --group " % config
        ask = '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tlscensus; printf "%s\\n" "${COMPREPLY[@]}"'
        words = typed.split(" ")
        for words, offered in ((words, ["mail", "web"]), (words[:-1] + ["m"], ["mail"]),
                               (["tlscensus", "scan", "--config", "=", config, "--group", "="], ["mail", "web"]),
                               (["tlscensus", "scan", "--group", ""], [])):
            seen = subprocess.run(["bash", "-c", ask, "bash", self.put("bash", script("bash")), *words], check=True,
                                  capture_output=True, text=True)
            self.assertEqual((sorted(seen.stdout.split()), seen.stderr), (offered, ""), words)
        if find_program("fish"):
            seen = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]",
                                   self.put("fish", script("fish")), typed], check=True, capture_output=True, text=True)
            self.assertEqual(sorted(line.split("\t")[0] for line in seen.stdout.splitlines()), ["mail", "web"])
        if find_program("zsh"):
            self.put("_tlscensus", script("zsh"))
            self.type_into_zsh(typed + "m", "--group mail ")  # the line may have been moved

    def test_fish(self):
        require("fish")
        path = self.put("fish", script("fish"))
        for typed, offered in ROWS[:-1]:
            seen = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", path, typed],
                                  check=True, capture_output=True, text=True)
            self.assertEqual((typed, sorted(line.split("\t")[0] for line in seen.stdout.splitlines())), (typed, offered))

    def type_into_zsh(self, typed, wanted):
        """In a terminal, until the line is what is wanted."""
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="dumb", ZDOTDIR=self.folder)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        try:
            os.write(terminal, b"fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D; PS1='rea''dy> '\n"
                     % self.folder.encode())
            self.read_until(terminal, b"ready> ")  # from here on zsh itself reads what is typed
            os.write(terminal, typed.encode() + b"\t")
            self.read_until(terminal, wanted.encode())
        finally:
            os.close(terminal)
            os.kill(child, 9)
            os.waitpid(child, 0)

    def read_until(self, terminal, word):
        seen, deadline = b"", time.monotonic() + DEADLINE_S
        while word not in seen:
            self.assertLess(time.monotonic(), deadline, seen)
            if select.select([terminal], [], [], 0.2)[0]:
                seen += os.read(terminal, 65536)
        return seen

    def test_zsh(self):
        require("zsh")
        self.put("_tlscensus", script("zsh"))
        for typed, offered in [row for row in ROWS if len(row[1]) == 1]:
            self.type_into_zsh(typed, "%s %s " % (typed.rsplit(" ", 1)[0], offered[0]))

    def test_a_shell_that_has_none(self):
        result = subprocess.run([PROGRAM, "help", "--completion", "tcsh"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("bash, zsh and fish", result.stderr)


if __name__ == "__main__":
    main()
