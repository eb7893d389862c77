"""What the tests of Upstart's jobs stand on: a directory of job files, and its commands by name."""

import os
import re
import subprocess

from harness import BIN, ReeveTest, wait_until

COMPAT = os.path.join(BIN, "..", "compat")


class UpstartTest(ReeveTest):
    def write(self, name, text):
        path = os.path.join(self.directory, "init", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def load(self, **jobs):
        for name, text in jobs.items():
            self.write(name.replace("_", "-") + ".conf", text)
        self.reeve.cli("load", os.path.join(self.directory, "init"))

    def call(self, name, *args, expect=0):
        """One of the names of initctl; what it said on stdout and stderr."""
        done = subprocess.run([os.path.join(COMPAT, name), *args], env=self.reeve.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, expect, f"{name} {args}: {done}")
        return done.stdout + done.stderr

    def initctl(self, *args, expect=0):
        return self.call("initctl", *args, expect=expect)

    def status(self, *args):
        return self.call("status", *args)

    def pid_of(self, *args):
        found = re.search(r"start/running, process (\d+)", self.status(*args))
        self.assertTrue(found, self.status(*args))
        return int(found.group(1))

    def wait_for(self, state, *args):
        """Waits until a job's status has these words."""
        wait_until(lambda: state in self.status(*args), f"{args} {state}",
                   diagnosis=lambda: self.status(*args))

    def log_of(self, name):
        return os.path.join(self.reeve.root, "var/log/upstart", name + ".log")

    def path(self, name):
        return os.path.join(self.directory, name)
