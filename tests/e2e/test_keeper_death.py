"""SIGKILL of the keeper: reeved takes its place, and no process notices."""

import os
import shutil
import signal
import tempfile
import time
import unittest

from counted_log import CountedLog
from harness import ReeveTest, is_alive, is_tmpfs, kill, look_at, main, program, wait_until

WORKERS = 8


class KeeperDeathTest(ReeveTest):
    def load_workers(self):
        self.app = self.make_app("app", {"worker": program("counter.pl")})
        self.reeve.cli("load", self.app)
        self.reeve.cli("scale", "app", f"worker={WORKERS}")
        self.reeve.wait_running("app/worker", WORKERS)
        return self.reeve.pids()

    def kill_keeper(self, *others):
        """Kills the keeper, and `others` with it; waits for the three that follow."""
        keeper, reeved, scribe = (self.reeve.keeper(), self.reeve.reeved(), self.reeve.scribe())
        kill(keeper)
        for name in others:
            kill({"reeved": reeved, "reeve-scribe": scribe}[name])
        if "reeved" not in others:
            wait_until(lambda: self.reeve.keeper() == reeved, "reeved became the keeper")
        new_reeved = self.reeve.wait_for_new("reeved", reeved)
        self.reeve.wait_for_new("reeve-scribe", scribe)
        self.reeve.wait_until(lambda: self.reeve.try_get("/v1/version"), "the new reeved answers")
        return new_reeved

    def test_no_process_dies_with_the_keeper_and_reeved_takes_its_place(self):
        pids = self.load_workers()
        for _ in range(3):
            self.kill_keeper()
            self.assertEqual(self.reeve.pids(), pids)
            self.assertEqual(set(self.reeve.members()), set(pids.values()))
        self.assertEqual(len(self.reeve.running()), WORKERS)
        self.reeve.cli("scale", "app", f"worker={WORKERS + 2}")
        self.assertEqual(len(self.reeve.running()), WORKERS + 2)
        self.reeve.cli("stop", "app")
        self.assertEqual(self.reeve.members(), [])

    def test_later_exits_of_processes_that_went_to_init_are_noticed(self):
        pids = self.load_workers()
        self.kill_keeper()
        for number in (1, 2, 3):
            kill(pids[f"app/worker.{number}"])
        killed = [f"app/worker.{number}" for number in (1, 2, 3)]
        self.reeve.wait_until(lambda: self.reeve.run_again(killed, WORKERS),
                              "the killed ones run again")
        after = self.reeve.pids()
        for name, pid in pids.items():
            self.assertEqual(after[name] != pid, name[-1] in "123", name)
        self.assertEqual(set(self.reeve.members()), set(after.values()))

    def test_log_lines_go_on_after_the_death_of_the_keeper(self):
        self.load_workers()
        self.kill_keeper()
        path = self.reeve.log_of("app", "worker.1")
        size = os.path.getsize(path)
        self.reeve.wait_until(lambda: os.path.getsize(path) > size + 200, "the log grows")

    def test_keeper_and_scribe_at_once_lose_no_process(self):
        pids = self.load_workers()
        self.kill_keeper("reeve-scribe")
        self.assertEqual(self.reeve.pids(), pids)
        for number in (1, WORKERS):
            self.wait_for_later_line(number)
        self.reeve.cli("restart", "app/worker.1")
        self.assertEqual(len(self.reeve.running()), WORKERS)

    def assert_no_line_lost(self, number):
        log = CountedLog(self.reeve.log_of("app", f"worker.{number}"))
        self.assertEqual((log.gaps(), log.notes), ([], []), f"worker.{number}")
        self.assertTrue(log.numbers, f"worker.{number} has no lines")

    def wait_for_later_line(self, number):
        path = self.reeve.log_of("app", f"worker.{number}")

        def last():
            return max(map(max, CountedLog(path).numbers.values()), default=-1)

        before = last()
        self.reeve.wait_until(lambda: last() > before + 20,
                              f"worker.{number} has lines that it has written since")

    def test_what_is_in_the_pipes_outlives_the_keeper_and_the_scribe_that_it_leaves(self):
        pids = self.load_workers()
        for number in (1, WORKERS):
            self.wait_for_later_line(number)  # all are past their first
        scribe = self.reeve.scribe()
        kill(scribe, signal.SIGSTOP)
        wait_until(lambda: look_at(scribe).state == "T", "the scribe is stopped")
        # Its last words are in a pipe that no process has open any more. That this is remembered
        # cannot be written down by now.
        stopped = f"app/worker.{WORKERS}"
        self.reeve.run("stop", stopped)
        wait_until(lambda: not is_alive(pids[stopped]), "it has ended")
        reeved = self.reeve.reeved()
        kill(self.reeve.keeper())
        wait_until(lambda: self.reeve.keeper() == reeved, "reeved became the keeper")
        self.reeve.wait_for_new("reeved", reeved)
        kill(scribe)
        for number in (1, WORKERS - 1):
            self.wait_for_later_line(number)
        last = pids[stopped]
        self.assertEqual(self.reeve.pids(), {**pids, stopped: None})
        log = self.reeve.log_of("app", f"worker.{WORKERS}")
        self.reeve.wait_until(lambda: last in CountedLog(log).said_bye, "its last words are there")
        self.reeve.cli("stop", "app")
        self.reeve.cli("shutdown", "--wait")
        for number in range(1, WORKERS + 1):
            self.assert_no_line_lost(number)

    def test_a_command_in_flight_survives_the_keeper(self):
        self.load_workers()
        # The keeper dies at other points of the command: also right after a clone that the journal
        # does not know of yet.
        for milliseconds in range(0, 60, 5):
            pids = self.reeve.pids()
            restart = self.reeve.popen("restart", "app/worker")
            time.sleep(milliseconds / 1000)
            self.kill_keeper()
            self.assertEqual(restart.wait(60), 0)
            after = self.reeve.pids()
            self.assertEqual(len(after), WORKERS)
            self.assertEqual([name for name in pids if after[name] == pids[name]], [])
            self.assertEqual(set(self.reeve.members()), set(after.values()), milliseconds)

    def test_a_second_keeper_is_refused_before_and_after_the_death_of_the_first(self):
        self.load_workers()
        for _ in range(2):
            second = self.reeve.run("daemon", timeout=20)
            self.assertEqual(second.code, 1, second)
            self.assertIn("running already", second.err)
            self.kill_keeper()

    def kill_keeper_and_reeved(self):
        keeper, reeved = self.reeve.keeper(), self.reeve.reeved()
        kill(keeper, signal.SIGSTOP)
        wait_until(lambda: look_at(keeper).state == "T", "the keeper is stopped")
        kill(reeved)
        kill(keeper)
        wait_until(lambda: not is_alive(keeper) and not is_alive(reeved), "both have gone")
        wait_until(lambda: not self.reeve.scribe(), "the scribe has gone after them")

    @unittest.skipUnless(is_tmpfs("/dev/shm"), "needs a tmpfs for /run")
    def test_keeper_and_reeved_at_once_lose_no_process_where_run_is_a_tmpfs(self):
        shared = tempfile.mkdtemp(prefix="reeve-e2e-", dir="/dev/shm")
        self.addCleanup(shutil.rmtree, shared)
        run = os.path.join(self.reeve.root, "run")
        os.makedirs(self.reeve.root)
        os.symlink(shared, run)
        pids = self.load_workers()
        self.kill_keeper_and_reeved()
        self.assertEqual([pid for pid in pids.values() if not is_alive(pid)], [])
        self.reeve.cli("load", self.app)
        self.assertEqual(self.reeve.pids(), pids)
        self.assertEqual(set(self.reeve.members()), set(pids.values()))
        self.reeve.cli("restart", "app")
        self.assertEqual(set(self.reeve.members()), set(self.reeve.pids().values()))

    def test_keeper_and_reeved_at_once_leave_no_duplicate_where_the_journal_is_lost(self):
        pids = self.load_workers()
        self.kill_keeper_and_reeved()
        self.assertEqual([pid for pid in pids.values() if not is_alive(pid)], [])
        self.reeve.cli("load", self.app)
        self.reeve.wait_running("app/worker", WORKERS)
        self.assertEqual(set(self.reeve.members()), set(self.reeve.pids().values()))


if __name__ == "__main__":
    main()
