"""What the tests of the Bluepill personality share: pills of their own, and the command line."""

import os
import re
import signal
import subprocess
import time

from harness import BIN, Outcome, ReeveTest, is_alive, kill, read_or

COMPAT = os.path.join(BIN, "..", "compat")
STATUS_LINE = re.compile(r"^( *)(\S+)\(pid:(\d*)\): (\w+)$")


def sleeper(name, body=""):
    """The part of a pill that declares a daemonised process; it sleeps, unless its body says
    otherwise."""
    return f"""
              app.process("{name}") do |p|
                p.start_command = "/bin/sleep 1000"
                p.daemonize = true
                p.start_grace_time = 1
                {body}
              end
            """


class BluepillCase(ReeveTest):
    def setUp(self):
        super().setUp()
        self.base = os.path.join(self.directory, "bluepill")
        self.released = []  # pids that outlive reeve on purpose

    def tearDown(self):
        for pid in self.released:
            kill(pid)
        self.reeve.wait_until(lambda: not any(map(is_alive, self.released)), "released ones end")
        super().tearDown()

    # -- pills

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def pill(self, name, text):
        path = self.path(name + ".pill")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("@DIR@", self.directory))
        return path

    def pill_of(self, *processes, app="demo", options=""):
        """A pill of an application with these processes."""
        return self.pill(app, f"""
            Bluepill.application("{app}"{options}) do |app|
              {"".join(processes)}
            end
            """)

    def one_process(self, body, app="demo", name="web", options=""):
        """A pill with one process: a sleeper, unless its body says otherwise."""
        return self.pill_of(sleeper(name, body), app=app, options=options)

    def script(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("@DIR@", self.directory))
        os.chmod(path, 0o755)
        return path

    # -- the command line

    def bluepill(self, *args, expect=0, program="bluepill", timeout=60, **environment):
        environment = {**self.reeve.environment(), "BLUEPILL_BASE_DIR": self.base, **environment}
        path = program if "/" in program else os.path.join(COMPAT, program)
        begun = time.monotonic()
        child = subprocess.run([path, *args], env=environment, capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, timeout=timeout, check=False,
                               cwd=self.directory)
        outcome = Outcome(args, child.returncode, child.stdout, child.stderr,
                          time.monotonic() - begun)
        if expect is not None and outcome.code != expect:
            raise AssertionError(f"expected exit code {expect}: {outcome}"
                                 f"\n{self.reeve.diagnosis()}")
        return outcome

    def state(self, process="web", *words):
        """(state, pid) of a process as `bluepill status` shows it."""
        for line in self.bluepill(*words, "status").out.splitlines():
            found = STATUS_LINE.match(line)
            if found and found[2] == process:
                return found[4], int(found[3] or 0)
        return None, 0

    def wait_state(self, state, process="web", *words, timeout=30):
        """Waits for the state, and returns the pid."""
        self.reeve.wait_until(lambda: self.state(process, *words)[0] == state,
                              f"{process} is {state}", timeout)
        return self.state(process, *words)[1]

    def pid_file(self, process="web", app="demo"):
        return os.path.join(self.base, "pids", app, process + ".pid")

    def lines(self, name):
        return read_or(self.path(name)).splitlines()

    def wait_lines(self, name, count, timeout=30):
        self.reeve.wait_until(lambda: len(self.lines(name)) >= count,
                              f"{count} lines in {name}: {self.lines(name)}", timeout)
        return self.lines(name)


# A process that writes down every signal it gets, and goes along with some.
WITNESS = """#!/usr/bin/perl
use strict; use Time::HiRes;
my ($file, $exits, $after) = @ARGV;
my %exits = map { $_ => 1 } split /,/, $exits;
sub note { open my $out, '>>', $file or die; syswrite $out, "$_[0] $$\\n"; close $out; }
for my $name (qw(TERM QUIT INT USR1 USR2 HUP)) {
  $SIG{$name} = sub {
    note($name);
    if ($exits{$name}) { Time::HiRes::sleep($after || 0); exit 0; }
  };
}
note('STARTED');
while (1) { sleep 1000; }
"""


def send(pid, name):
    kill(pid, getattr(signal, "SIG" + name))
