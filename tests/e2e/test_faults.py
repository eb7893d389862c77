"""System calls that fail (strace injects it): a clear word, nothing lost, and recovery."""

import contextlib
import os
import shutil
import signal
import subprocess
import unittest

from harness import ReeveTest, is_alive, main, program, read_or, wait_until


@unittest.skipUnless(shutil.which("strace") and os.geteuid() == 0, "needs strace and root")
class FaultTest(ReeveTest):
    @contextlib.contextmanager
    def injected(self, pid, *faults):
        """While the block runs, system calls of `pid` fail as `faults` say (strace(1), inject)."""
        note = os.path.join(self.directory, "strace.txt")
        calls = ",".join(sorted({fault.split(":")[0] for fault in faults}))
        tracer = subprocess.Popen(
            ["strace", "-q", "-o", note, "-p", str(pid), "-e", f"trace={calls}",
             *[f"--inject={fault}" for fault in faults]], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: "TracerPid:\t0\n" not in read_or(f"/proc/{pid}/status"),
                       "strace is attached")
            yield note
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(30)

    def setUp(self):
        super().setUp()
        self.app = self.make_app("shop", {"worker": program("counter.pl")})
        self.reeve.cli("load", self.app)
        self.reeved = self.reeve.reeved()

    def assert_all_is_well(self, count=1):
        self.reeve.wait_running("shop/worker", count, timeout=60)
        self.assertEqual(self.reeve.reeved(), self.reeved, "reeved was not replaced")
        self.reeve.cli("restart", "shop")

    def test_a_clone_that_fails_is_tried_again(self):
        for error in ("EAGAIN", "ENOMEM"):
            with self.injected(self.reeved, f"clone3:error={error}:when=1..2",
                               f"clone:error={error}:when=1..2"):
                self.reeve.run("restart", "shop", "--timeout", "20s")
                told = self.reeve.cli("why", "shop/worker", "-n", "100").out
            self.assertRegex(told, "clone|Resource temporarily unavailable|Cannot allocate")
            self.assert_all_is_well()

    def test_an_accept_that_fails_costs_no_client_its_answer(self):
        for error in ("EMFILE", "ENFILE", "ENOMEM", "ECONNABORTED"):
            with self.injected(self.reeved, f"accept4:error={error}:when=1..3"):
                self.assertIn("shop", self.reeve.cli("status", timeout=30).out)
        self.assert_all_is_well()

    def test_writes_that_fail_lose_no_program_its_life(self):
        scribe = self.reeve.scribe()
        pid = self.reeve.pids()["shop/worker.1"]
        calls = ("write", "writev", "pwrite64")
        with self.injected(scribe, *[f"{one}:error=ENOSPC:when=1..20" for one in calls]) as note:
            wait_until(lambda: read_or(note).count("(INJECTED)") >= 5, "some writes fail")
            self.assertTrue(is_alive(pid))
        log = self.reeve.log_of("shop", "worker.1")
        size = len(read_or(log))
        self.reeve.wait_until(lambda: len(read_or(log)) > size, "lines are written again")
        self.assertEqual(self.reeve.pids()["shop/worker.1"], pid)

    def test_waits_that_are_interrupted_are_waited_on(self):
        with self.injected(self.reeved, "epoll_wait:error=EINTR:when=1+3",
                           "epoll_pwait:error=EINTR:when=1+3"):
            self.reeve.cli("restart", "shop")
        self.assert_all_is_well()


if __name__ == "__main__":
    main()
