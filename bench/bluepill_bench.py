#!/usr/bin/env python3
"""Measures what supervising Bluepill applications costs: memory (PSS) and CPU of all of reeve,
beside the 25 MB that Bluepill 0.1.3 takes for each application.

Usage: bench/bluepill_bench.py [DIRECTORY OF REEVE'S PROGRAMS [SECONDS]]

Each application has one process, and the checks of a usual pill: cpu_usage and mem_usage every ten
seconds, and flapping. Runs below a REEVE_ROOT of its own, as root or not.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = ("reeve-keeper", "reeved", "reeve-scribe")
BLUEPILLD_MB = 25
COUNTS = (1, 10, 50)
PILL = """
Bluepill.application("app%d") do |app|
  app.process("worker") do |process|
    process.start_command = "/bin/sleep 100000"
    process.daemonize = true
    process.start_grace_time = 1
    process.checks :cpu_usage, :every => 10.seconds, :below => 50, :times => 3
    process.checks :mem_usage, :every => 10.seconds, :below => 100.megabytes, :times => [3, 5]
    process.checks :flapping, :times => 3, :within => 30.seconds, :retry_in => 7.seconds
  end
end
"""


class Reeve:
    """A reeve of its own, with the command line of Bluepill."""

    def __init__(self, programs, root):
        self.programs = programs
        self.root = root
        self.environment = {"PATH": os.environ["PATH"], "HOME": root, "LANG": "C.UTF-8",
                            "REEVE_ROOT": os.path.join(root, "reeve"),
                            "BLUEPILL_BASE_DIR": os.path.join(root, "bluepill")}

    def run(self, *command):
        program = os.path.join(self.programs, command[0])
        done = subprocess.run([program, *command[1:]], env=self.environment, cwd=self.root,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def load(self, number):
        path = os.path.join(self.root, f"app{number}.pill")
        with open(path, "w", encoding="utf-8") as pill:
            pill.write(PILL % number)
        self.run("reeve", "bluepill", "--no-privileged", "load", path)

    def up(self):
        status = self.run("reeve", "bluepill", "--no-privileged", "status")
        return len(re.findall(r"\(pid:\d+\): up", status))

    def pids(self):
        mine = f"REEVE_ROOT={self.environment['REEVE_ROOT']}".encode()
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                    name = comm.read().strip()
                with open(f"/proc/{pid}/environ", "rb") as environ:
                    if name in PROGRAMS and mine in environ.read().split(b"\0"):
                        found[name] = pid
            except OSError:
                continue
        return found


def pss_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as rollup:
        return int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.MULTILINE)[1])


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat", encoding="utf-8") as stat:
        return int(stat.read().split()[0])


def main():
    programs = os.path.abspath(sys.argv[1] if len(sys.argv) > 1
                               else os.path.join(HERE, "..", "build", "release", "bin"))
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    root = tempfile.mkdtemp(prefix="bluepill-bench-")
    reeve = Reeve(programs, root)
    reeve.run("reeve", "daemon", "--detach")
    try:
        print("| applications | reeve, PSS | of which | Bluepill | CPU of reeve |")
        print("|---|---|---|---|---|")
        loaded = 0
        for count in COUNTS:
            while loaded < count:
                loaded += 1
                reeve.load(loaded)
            while reeve.up() < count:
                time.sleep(0.5)
            time.sleep(5)  # what the loads have left is tidied up
            pids = reeve.pids()
            before = {name: cpu_ns(pid) for name, pid in pids.items()}
            time.sleep(seconds)
            busy = sum(cpu_ns(pid) - before[name] for name, pid in pids.items())
            pss = {name: pss_kb(pid) for name, pid in pids.items()}
            parts = ", ".join(f"{name} {kb}" for name, kb in sorted(pss.items()))
            print(f"| {count} | {sum(pss.values()) / 1024:.1f} MB | {parts} KB "
                  f"| {count * BLUEPILLD_MB} MB | {busy / seconds / 1e7:.3f} % |", flush=True)
    finally:
        reeve.run("reeve", "shutdown")
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
