"""System calls that fail (strace injects it): a clear word, nothing lost, and recovery."""

import contextlib
import os
import shutil
import signal
import subprocess
import unittest

from harness import LONG, ReeveTest, children_of, is_alive, kill, main, program, read_or, wait_until


@unittest.skipUnless(shutil.which("strace") and os.geteuid() == 0, "needs strace and root")
class FaultTest(ReeveTest):
    @contextlib.contextmanager
    def injected(self, pid, *faults, follow=False):
        """While the block runs, system calls of `pid` fail as `faults` say (strace(1), inject);
        `follow`: those of its new children, too."""
        note = os.path.join(self.directory, "strace.txt")
        calls = ",".join(sorted({fault.split(":")[0] for fault in faults}))
        tracer = subprocess.Popen(
            ["strace", "-q", *(["-f"] if follow else []), "-o", note, "-p", str(pid),
             "-e", f"trace={calls}", *[f"--inject={fault}" for fault in faults]],
            stderr=subprocess.DEVNULL)
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
        for error in ("EAGAIN", "ENOMEM", "EMFILE", "ENOSPC"):
            with self.injected(self.reeved, f"clone3:error={error}:when=1..2",
                               f"clone:error={error}:when=1..2"):
                self.reeve.run("restart", "shop", "--timeout", "20s")
                told = self.reeve.cli("why", "shop/worker", "-n", "100").out
            self.assertRegex(told, "clone|Resource temporarily unavailable|Cannot allocate|"
                                   "Too many open files|No space left")
            self.assert_all_is_well()

    def die_between_clone_and_journal(self, mode):
        """Its child, which is on its way to exec for two more seconds, is found and not doubled."""
        reeve = self.new_reeve(mode or "default", containment=mode)
        os.makedirs(reeve.root)
        reeve.start_foreground()
        app = self.make_app(f"app-{mode or 'default'}", {"worker": program("counter.pl")})
        reeve.cli("load", app, "--no-start")
        reeved = reeve.reeved()
        own = {one.pid for one in children_of(reeve.keeper())}
        # The fourth epoll_ctl is for the status pipe of the child, which comes to its name late
        # and to its group later.
        with self.injected(reeved, "epoll_ctl:signal=KILL:when=4",
                           "prctl:delay_enter=100ms:when=1",
                           "close_range:delay_enter=2s:when=1", follow=True):
            start = reeve.popen("start", os.path.basename(app))
            # Two are called reeved for a while: the new one, and the child.
            reeve.wait_for_new("reeved", reeved)
            reeve.wait_until(lambda: reeve.try_get("/v1/version"), "reeved answers")
            new = {one.pid for one in children_of(reeve.keeper())} - own
            self.assertEqual({os.path.basename(os.readlink(f"/proc/{pid}/exe")) for pid in new},
                             {"reeved"}, "it executed")
            self.assertEqual(start.wait(60), 0, reeve.cli("why", os.path.basename(app)).out)
        child, = new - {reeve.reeved()}
        self.assertEqual(list(reeve.pids().values()), [child])
        self.assertEqual([one.pid for one in children_of(reeve.keeper()) if one.name == "perl"],
                         [child])
        instance, = reeve.instances().values()
        self.assertEqual(instance["restarts"], 0)
        reeve.cli("stop", os.path.basename(app))
        self.assertFalse(is_alive(child))

    def test_what_reeved_cloned_right_before_its_death_is_found(self):
        self.die_between_clone_and_journal("")

    def test_what_has_to_join_its_group_by_itself_is_found_before_it_has(self):
        if not any(os.path.isdir(f"/sys/fs/cgroup/{name}") for name in ("systemd", "pids")):
            self.skipTest("no hierarchy of cgroup v1")
        self.die_between_clone_and_journal("v1")

    def test_what_has_no_group_is_found_before_it_has_its_mark(self):
        self.die_between_clone_and_journal("none")

    def test_files_that_cannot_be_opened_fail_a_start_and_no_more(self):
        for error in ("EMFILE", "ENFILE", "ENOMEM", "EIO"):
            with self.injected(self.reeved, f"openat:error={error}:when=1..6"):
                self.reeve.run("restart", "shop", "--timeout", "20s")
            self.assert_all_is_well()

    def test_a_group_that_cannot_be_made_fails_a_start_with_its_reason(self):
        for error in ("ENOSPC", "ENOMEM", "EAGAIN"):
            with self.injected(self.reeved, f"mkdir:error={error}:when=1..3",
                               f"mkdirat:error={error}:when=1..3"):
                self.reeve.run("restart", "shop", "--timeout", "20s")
            self.assert_all_is_well()

    def test_an_exec_that_fails_is_told_and_tried_again(self):
        for error, text in (("EAGAIN", "Resource temporarily"), ("ENOMEM", "Cannot allocate"),
                            ("EIO", "Input/output error"), ("EMFILE", "Too many open files")):
            with self.injected(self.reeved, f"execve:error={error}:when=1", follow=True):
                self.reeve.run("restart", "shop", "--timeout", "20s")
            told = self.reeve.cli("why", "shop/worker", "-n", "100").out
            self.assertRegex(told, f"exec .*{text}")
            self.assert_all_is_well()

    def test_a_journal_that_cannot_be_written_is_written_anew(self):
        for error in ("ENOSPC", "EIO", "ENOMEM"):
            with self.injected(self.reeved, f"pwrite64:error={error}:when=1..4"):
                self.reeve.cli("restart", "shop")
                self.reeve.cli("scale", "shop", "worker=2")
            self.assertIn("a crash of reeved would lose state", read_or(self.reeve.own_log))
            self.reeve.wait_until(
                lambda: "would lose state" not in str(self.reeve.status()["daemon"]["warnings"]),
                "it is written")
            pids = self.reeve.pids()
            self.assertEqual(len(pids), 2)
            kill(self.reeved)
            self.reeved = self.reeve.wait_for_new("reeved", self.reeved)
            self.assertEqual(self.reeve.pids(), pids, "nothing was forgotten")
            self.reeve.cli("scale", "shop", "worker=1")
        self.assert_all_is_well()

    def test_a_scribe_that_is_killed_at_any_sync_loses_nothing(self):
        number = 0
        while number < (40 if LONG else 8):
            number += 1
            scribe = self.reeve.scribe()
            wanted = 1 + number % 3
            with self.injected(scribe, f"fsync:signal=KILL:when={number}",
                               f"fdatasync:signal=KILL:when={number}"):
                for count in range(1, number + 2):  # a commit each, at least
                    if not is_alive(scribe):
                        break
                    self.reeve.run("scale", "shop", f"worker={1 + count % 3}")
                self.reeve.cli("scale", "shop", f"worker={wanted}")
            if is_alive(scribe):
                break  # there were not that many
            self.reeve.wait_for_new("reeve-scribe", scribe)
            self.reeve.wait_until(lambda: len(self.reeve.running()) == wanted, "as it was said")
            self.reeve.wait_until(lambda: not [
                one for one in self.reeve.status()["daemon"]["warnings"] if "on disk" in one],
                "it is on disk")
        print(f"killed at {number} syncs")
        self.assertGreater(number, 3)
        self.reeve.cli("scale", "shop", "worker=3")
        self.reeve.cli("shutdown")
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("shop/worker", 3)

    def test_an_accept_that_fails_costs_no_client_its_answer(self):
        for error in ("EMFILE", "ENFILE", "ENOMEM", "ECONNABORTED"):
            with self.injected(self.reeved, f"accept4:error={error}:when=1..3"):
                self.assertIn("shop", self.reeve.cli("status", timeout=30).out)
        self.assert_all_is_well()

    def test_a_disk_that_fails_is_said_and_forgotten_when_it_works_again(self):
        scribe = self.reeve.scribe()
        before = self.reeve.status()["daemon"]["warnings"]
        for error in ("EIO", "ENOSPC"):
            with self.injected(scribe, f"fdatasync:error={error}", f"fsync:error={error}"):
                outcome = self.reeve.run("scale", "shop", "worker=2", timeout=60)
                self.assertIn(outcome.code, (0, 1), outcome)
                self.assertEqual(len(self.reeve.running()), 2, "acting comes first")
                self.reeve.wait_until(
                    lambda: len(self.reeve.status()["daemon"]["warnings"]) > len(before),
                    "it is said")
            self.reeve.wait_until(
                lambda: self.reeve.status()["daemon"]["warnings"] == before,
                f"the warning is over, {before} is left", 60)
            self.reeve.cli("scale", "shop", "worker=1")
        self.assertEqual(self.reeve.scribe(), scribe)
        self.assert_all_is_well()

    def test_writes_that_fail_lose_no_program_its_life(self):
        scribe = self.reeve.scribe()
        pid = self.reeve.pids()["shop/worker.1"]
        calls = ("write", "writev", "pwrite64")
        log = self.reeve.log_of("shop", "worker.1")
        for error in ("ENOSPC", "EIO"):
            faults = [f"{one}:error={error}:when=1..20" for one in calls]
            with self.injected(scribe, *faults) as note:
                wait_until(lambda: read_or(note).count("(INJECTED)") >= 5, "some writes fail")
                self.assertTrue(is_alive(pid))
            size = len(read_or(log))
            self.reeve.wait_until(lambda: len(read_or(log)) > size, "lines are written again")
        self.assertEqual(self.reeve.scribe(), scribe)
        self.assertEqual(self.reeve.pids()["shop/worker.1"], pid)

    def test_a_log_that_cannot_be_opened_is_opened_later(self):
        scribe = self.reeve.scribe()
        for error in ("EMFILE", "ENOSPC", "EIO"):
            with self.injected(scribe, f"openat:error={error}:when=1..3") as note:
                self.reeve.cli("scale", "shop", "worker=2")
                wait_until(lambda: "(INJECTED)" in read_or(note), "an open fails")
            log = self.reeve.log_of("shop", "worker.2")
            size = len(read_or(log))
            self.reeve.wait_until(lambda: len(read_or(log)) > size, "lines are written")
            self.reeve.cli("scale", "shop", "worker=1")
            with contextlib.suppress(FileNotFoundError):
                os.remove(log)
        self.assertEqual(self.reeve.scribe(), scribe)
        self.assert_all_is_well()

    def test_a_descriptor_that_cannot_be_watched_is_asked_for_again(self):
        for error in ("ENOMEM", "ENOSPC"):
            pid = self.reeve.pids()["shop/worker.1"]
            with self.injected(self.reeved, f"epoll_ctl:error={error}:when=1..6"):
                kill(pid)
                self.reeve.wait_until(
                    lambda: "watch a descriptor: Cannot allocate memory; tried again"
                    in read_or(self.reeve.own_log),
                    "it is said, but not again and again")
                self.reeve.wait_until(lambda: self.reeve.pids()["shop/worker.1"] not in (0, pid),
                                      "it runs again")
        self.assert_all_is_well()

    def test_a_client_that_cannot_be_watched_at_once_has_its_answer(self):
        with self.injected(self.reeved, "epoll_ctl:error=ENOMEM:when=1"):
            self.assertIn("shop", self.reeve.cli("status", timeout=30).out)
        self.assert_all_is_well()

    def test_writes_that_would_wait_are_written_later(self):
        calls = ("write", "writev", "sendmsg", "sendto")
        with self.injected(self.reeved, *[f"{one}:error=EAGAIN:when=1+3" for one in calls]):
            for _ in range(3):
                self.reeve.cli("restart", "shop")
                self.assertIn("running", self.reeve.cli("status").out)
        self.assert_all_is_well()
        told = len(self.reeve.history("shop/worker.1"))
        scribe = self.reeve.scribe()
        with self.injected(scribe, *[f"{one}:error=EAGAIN:when=1+3" for one in calls]) as note:
            self.reeve.cli("restart", "shop")
            wait_until(lambda: read_or(note).count("(INJECTED)") >= 5, "some writes fail")
        self.reeve.wait_until(lambda: len(self.reeve.history("shop/worker.1")) > told,
                              "the ledger goes on")
        self.assertEqual(self.reeve.scribe(), scribe)

    def assert_keeper_recovers(self, pids, *faults, said=""):
        """The keeper's children die while it fails; then all is as before, and it was said."""
        keeper = self.reeve.keeper()
        scribe = self.reeve.scribe()
        with self.injected(keeper, *faults) as note:
            kill(self.reeved)
            kill(scribe)
            wait_until(lambda: "(INJECTED)" in read_or(note), f"{faults} fail")
            self.reeved = self.reeve.wait_for_new("reeved", self.reeved)
            self.reeve.wait_for_new("reeve-scribe", scribe)
        self.reeve.wait_until(lambda: self.reeve.try_get("/v1/version"), "it serves", 60)
        self.reeved = self.reeve.reeved()
        self.assertIn(said, read_or(self.reeve.own_log))
        self.assertEqual(self.reeve.keeper(), keeper)
        self.assertEqual(self.reeve.pids(), pids, "nothing was forgotten")
        log = self.reeve.log_of("shop", "worker.1")
        size = len(read_or(log))
        self.reeve.wait_until(lambda: len(read_or(log)) > size, "lines are written")

    def test_a_keeper_that_cannot_clone_starts_its_programs_later(self):
        pids = self.reeve.pids()
        for error, text in (("EAGAIN", "Resource temporarily unavailable"),
                            ("ENOMEM", "Cannot allocate memory"),
                            ("ENOSPC", "No space left on device"))[:None if LONG else 1]:
            self.assert_keeper_recovers(pids, *[f"{call}:error={error}:when=1..2"
                                                for call in ("clone", "clone3", "vfork")],
                                        said=f"fork for reeve-scribe: {text}")

    def test_a_keeper_short_of_descriptors_hands_all_of_them_over_later(self):
        pids = self.reeve.pids()
        self.assert_keeper_recovers(pids, "socketpair:error=EMFILE:when=1..3",
                                    said="create a link: Too many open files")
        # A copy of what it holds: those before are the flags of the links.
        self.assert_keeper_recovers(pids, "fcntl:error=EMFILE:when=5",
                                    said="greet reeved: duplicate a descriptor: Too many open")

    def test_a_keeper_that_can_neither_open_nor_write_nor_send_loses_nothing(self):
        pids = self.reeve.pids()
        errors = ("EIO", "ENOSPC", "EMFILE") if LONG else ("EIO",)
        for error in errors:
            self.assert_keeper_recovers(pids, f"openat:error={error}", f"write:error={error}",
                                        "sendmsg:error=EAGAIN:when=1+2")
        self.assert_all_is_well()

    def test_an_upgrade_that_the_keeper_cannot_begin_is_told_and_changes_nothing(self):
        pids = self.reeve.pids()
        keeper = self.reeve.keeper()
        cases = (("openat:error=EMFILE:when=1", "Too many open files"),
                 ("write:error=ENOSPC:when=1",
                  "write the list of descriptors: No space left on device"),
                 ("execve:error=EIO", "Input/output error"),
                 ("clone:error=EAGAIN:when=1", "fork for reeve-keeper"),
                 ("memfd_create:error=ENOMEM:when=1", "Cannot allocate memory"))
        for fault, said in cases[:None if LONG else 3]:
            faults = [fault, *(["execveat:error=EIO"] if fault.startswith("execve:") else [])]
            with self.injected(keeper, *faults):
                outcome = self.reeve.cli("upgrade", expect=1, timeout=60)
            self.assertIn("the upgrade was not begun: ", outcome.err)
            self.assertIn(said, outcome.err)
            self.assertEqual(self.reeve.pids(), pids, fault)
        self.reeve.cli("upgrade", timeout=60)
        self.reeved = self.reeve.reeved()
        self.assertEqual(self.reeve.pids(), pids)
        self.assert_all_is_well()

    def test_waits_that_are_interrupted_are_waited_on(self):
        with self.injected(self.reeved, "epoll_wait:error=EINTR:when=1+3",
                           "epoll_pwait:error=EINTR:when=1+3"):
            self.reeve.cli("restart", "shop")
        self.assert_all_is_well()


if __name__ == "__main__":
    main()
