"""A disk that is full: supervision, stop and status go on, and nothing is torn afterwards."""

import contextlib
import os
import sqlite3
import subprocess

from counted_log import COUNTED, NOTE_OF_LOSS
from harness import ReeveTest, kill, main, needs_root, program, read

TORN = "[reeve: the rest of this line is lost]"
SIZE = 8 * 1024 * 1024


@needs_root
class FullDiskTest(ReeveTest):
    def setUp(self):
        super().setUp()
        self.var = os.path.join(self.reeve.root, "var")
        os.makedirs(self.var)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "reeve-e2e",
                                  self.var], stderr=subprocess.PIPE, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"cannot mount a small disk: {mounted.stderr}")
        self.addCleanup(self.unmount)

    def unmount(self):
        subprocess.run(["umount", "-l", self.var], stderr=subprocess.DEVNULL, check=False)

    def remove_directory(self):
        self.unmount()
        super().remove_directory()

    def fill(self):
        """Takes every byte that is left."""
        with open(os.path.join(self.var, "filler"), "ab", buffering=0) as filler:
            for piece in (65536, 4096, 512, 1):
                with contextlib.suppress(OSError):
                    while filler.write(b"x" * piece) == piece:
                        pass

    def free(self):
        os.unlink(os.path.join(self.var, "filler"))

    def warnings(self):
        return " ".join(self.reeve.status()["daemon"]["warnings"])

    def test_everything_goes_on_with_a_full_disk_and_nothing_is_torn_afterwards(self):
        app = self.make_app("app", {"worker": program("counter.pl") + " 0.01",
                                    "other": program("counter.pl")})
        self.reeve.cli("load", app)
        self.reeve.cli("scale", "app", "worker=4")
        pids = self.reeve.pids()
        self.fill()
        self.reeve.wait_until(lambda: self.refill() or "No space left" in self.warnings(),
                              "the full disk shows in status", 60)
        self.assertIn("No space left", self.reeve.cli("status").out)
        self.assertEqual(self.reeve.pids(), pids, "nobody was disturbed")

        kill(pids["app/worker.1"])
        self.reeve.wait_until(lambda: self.reeve.instances()["app/worker.1"]["restarts"] == 1
                              and "app/worker.1" in self.reeve.running(), "it is restarted")
        stopped = self.reeve.cli("stop", "app/worker.2")
        self.assertEqual(self.reeve.instances()["app/worker.2"]["state"], "stopped")
        self.assertLess(stopped.seconds, 15)
        self.reeve.cli("restart", "app/worker.3")
        reeved = self.reeve.reeved()
        kill(reeved)
        self.reeve.wait_for_new("reeved", reeved)
        self.assertEqual(len(self.reeve.running()), 4)

        self.free()
        self.reeve.wait_until(lambda: "No space left" not in self.warnings(),
                              "the warning goes when the disk has room", 60)
        self.reeve.cli("stop", "app/worker.4")
        self.reeve.cli("shutdown")
        self.assert_logs_whole()
        for database in ("intent.db", "ledger.db"):
            connection = sqlite3.connect(os.path.join(self.var, "lib/reeve", database))
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            connection.close()
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("app/", 3)
        self.assertEqual(self.reeve.running(),
                         {"app/worker.1", "app/worker.3", "app/other.1"})

    def refill(self):
        """The reserve and what rotation gives back is taken as well."""
        self.fill()
        return False

    def assert_logs_whole(self):
        """Whole lines only; where some are missing, a note says how many."""
        told = 0
        for number in range(1, 5):
            lines = read(self.reeve.log_of("app", f"worker.{number}"))
            self.assertTrue(lines.endswith("\n"))
            numbers, notes = {}, 0
            for line in lines.splitlines():
                match = COUNTED.match(line)
                if match:
                    numbers.setdefault(match[1], []).append(int(match[3]))
                    continue
                if line.endswith(TORN):
                    continue
                note = NOTE_OF_LOSS.search(line)
                self.assertTrue(note, f"worker.{number}: {line!r} is torn, and nothing says so")
                notes += int(note[1])
            for pid, seen in numbers.items():
                self.assertEqual(seen, sorted(set(seen)), f"pid {pid}")
            missing = sum(seen[-1] + 1 - len(seen) for seen in numbers.values())
            self.assertGreaterEqual(notes, missing, f"worker.{number}")
            told += notes
        self.assertGreater(told, 0)


if __name__ == "__main__":
    main()
