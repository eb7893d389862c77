"""reeve as users run it: keeper, cgroups, ledger, journal and captured logs."""

import http.client
import json
import os
import signal
import socket
import time

from measure import Peer, Process, all_processes, program, wait_until

BIN = os.path.abspath(os.environ.get("REEVE_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "bin")))
OWN = ("reeve-keeper", "reeved", "reeve-scribe")


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("reeve")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Reeve(Peer):
    name = "reeve"
    settings = ""  # of each service, in reeve's own format
    answered_ns = 0  # when the latest answer of `all_run` was there

    def configure(self):
        self.environment["REEVE_ROOT"] = self.folder
        self.reeve = os.path.join(BIN, "reeve")
        services = {f"s{index}": " ".join(self.child(index)) for index in range(self.count)}
        if self.settings:
            self.write("app/reeve.toml", "".join(
                f"[services.{name}]\ncommand = {json.dumps(command)}\n{self.settings}"
                for name, command in services.items()))
            return
        self.write("app/Procfile", "".join(f"{name}: {command}\n"
                                           for name, command in services.items()))
        self.write("app/app.json", json.dumps(
            {"name": "bench", "formation": {name: {"quantity": 1} for name in services}}))

    def launch(self):
        if self.count == 0:
            self.popen(os.path.join(BIN, "reeve-keeper"))  # as a service manager does
        else:
            self.run(self.reeve, "load", self.path("app"), "--as", "bench", "--no-wait")

    def write_much(self):
        """Loads a service that writes to its log as fast as it can, without end."""
        self.write("writer/Procfile", f"w: {program('log_writer')} {1 << 50} 65536\n")
        self.run(self.reeve, "load", self.path("writer"), "--as", "writer", "--no-wait")

    def stop(self):
        self.run(self.reeve, "stop", "bench")

    def status_command(self, everything):
        return [self.reeve, "status"] + ([] if everything else ["bench/s0"])

    def get(self, path):
        connection = Connection(self.path("run/reeve/reeve.sock"))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def answers(self):
        try:
            return self.get("/v1/version")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def all_run(self):
        """Whether the API shows every service as running."""
        try:
            code, body = self.get("/v1/status?format=json")
        except (OSError, http.client.HTTPException):
            return False
        self.answered_ns = time.monotonic_ns()  # to read the answer takes Python some 15 ms
        if code != 200:
            return False
        states = [one["state"] for one in json.loads(body)["instances"]]
        return len(states) == self.count and set(states) == {"running"}

    def own(self):
        return [process.pid for process in all_processes()
                if process.state not in "ZX" and process.program in OWN
                and process.has_environment("REEVE_ROOT=" + self.folder)]

    def pid_of(self, name):
        return next(process.pid for process in map(Process, self.own())
                    if process.program == name)

    def main_pid(self):
        """The process of the first service, 0 without."""
        code, body = self.get("/v1/status?format=json")
        found = json.loads(body)["instances"] if code == 200 else []
        return found[0]["pid"] if found else 0

    def kill_reeved(self):
        """Milliseconds from SIGKILL to an answer that shows every service as running."""
        old = self.pid_of("reeved")
        begun = time.monotonic_ns()
        os.kill(old, signal.SIGKILL)
        wait_until(self.all_run, "reeve answers again", pause=0.001)
        return (self.answered_ns - begun) / 1e6

    def descriptors(self):
        """How many descriptors each of its own programs has open."""
        return {process.program: len(os.listdir(f"/proc/{process.pid}/fd"))
                for process in map(Process, self.own())}

    def clean_up(self):
        self.run(self.reeve, "shutdown", "--wait", check=False)
        for pid in self.own():
            os.kill(pid, signal.SIGKILL)
        super().clean_up()


class CheckedReeve(Reeve):
    """Looks at the CPU time and the memory of each service every 10 s."""

    settings = """checks = [
  { name = "cpu", probe = { kind = "cpu", below = "90%" }, every = "10s" },
  { name = "memory", probe = { kind = "memory", below = "100M" }, every = "10s" },
]
"""


class LimitedReeve(Reeve):
    """Limits the memory of each service."""

    settings = 'resources = { memory_max = "64M" }\n'
