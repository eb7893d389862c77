"""SIGKILL of reeve-scribe under load: nobody dies, and what may be lost is said."""

import contextlib
import os
import sqlite3
import time

from counted_log import NOTE_OF_LOSS, CountedLog
from harness import LONG, ReeveTest, kill, main, program, seeded

KILLS = 100 if LONG else 20
WRITERS = 12


def open_files(pid):
    """What a process has open, by number; closed ones and gone processes are left out."""
    found = {}
    try:
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found[number] = os.readlink(f"/proc/{pid}/fd/{number}")
    except OSError:
        pass
    return found


class ScribeDeathTest(ReeveTest):
    def load_writers(self):
        app = self.make_app("app", {"worker": program("counter.pl") + " 0.002"})
        self.reeve.cli("load", app)
        self.reeve.cli("scale", "app", f"worker={WRITERS}")
        self.reeve.wait_running("app/worker", WRITERS)

    def wait_for_log_growth(self):
        """Every log has grown: the present scribe writes."""
        sizes = {}

        def grown():
            for number in range(1, WRITERS + 1):
                path = self.reeve.log_of("app", f"worker.{number}")
                size = os.path.getsize(path) if os.path.exists(path) else 0
                if size <= sizes.setdefault(path, size):
                    return False
            return True
        self.reeve.wait_until(grown, "every log grows")

    def assert_whole(self, database):
        path = os.path.join(self.reeve.root, "var/lib/reeve", database)
        connection = sqlite3.connect(path)
        try:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        finally:
            connection.close()

    def test_its_deaths_under_load_lose_at_most_a_read_each_and_say_so(self):
        chance = seeded(self)
        self.load_writers()
        pids = self.reeve.pids()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0, 0.1))
            scribe = self.reeve.scribe()
            kill(scribe)
            self.reeve.wait_for_new("reeve-scribe", scribe)
        self.wait_for_log_growth()
        self.assertEqual(self.reeve.pids(), pids, "a process died with the scribe")
        self.reeve.cli("stop", "app")
        self.reeve.cli("shutdown")
        lost = 0
        for number in range(1, WRITERS + 1):
            log = CountedLog(self.reeve.log_of("app", f"worker.{number}"))
            self.assertLessEqual(len(log.strange), KILLS, log.strange[:5])
            (numbers,) = log.numbers.values()
            self.assertEqual(numbers, sorted(set(numbers)), "out of order, or twice")
            missing = numbers[-1] + 1 - len(numbers)
            said = sum(int(NOTE_OF_LOSS.search(note)[1]) for note in log.notes
                       if NOTE_OF_LOSS.search(note))
            self.assertTrue(missing == 0 or log.notes,
                            f"worker.{number}: {missing} lines are missing, and nothing says so")
            self.assertLessEqual(len(log.notes), KILLS)
            lost += missing
            if said:
                self.assertGreaterEqual(said + len(log.strange), missing, log.notes)
        print(f"{KILLS} kills, {lost} lines lost, all of them told")
        self.assert_whole("intent.db")
        self.assert_whole("ledger.db")

    def test_commands_and_what_must_be_remembered_go_on_while_it_dies(self):
        chance = seeded(self)
        self.load_writers()
        wanted = WRITERS
        for turn in range(KILLS // 2):
            wanted = 5 + turn % 3
            scale = self.reeve.popen("scale", "app", f"worker={wanted}")
            time.sleep(chance.uniform(0, 0.05))
            kill(self.reeve.wait_for_new("reeve-scribe", 0))
            self.assertEqual(scale.wait(60), 0)
        self.reeve.cli("stop", "app/worker.2")
        kill(self.reeve.wait_for_new("reeve-scribe", 0))
        told = self.reeve.cli("why", "app/worker.2").out
        self.assertIn("reeve stop app/worker.2", told)
        self.reeve.cli("shutdown")
        self.assert_whole("intent.db")
        self.assert_whole("ledger.db")
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("app/worker", wanted - 1)
        self.assertEqual(self.reeve.instances()["app/worker.2"]["state"], "stopped")

    def holders_of(self, pipe):
        """Which of the three programs have it open."""
        return {name for name in ("reeve-keeper", "reeved", "reeve-scribe")
                if pipe in open_files(self.reeve.own(name)).values()}

    def test_a_log_pipe_is_held_by_keeper_and_scribe_alone_whoever_has_died(self):
        app = self.make_app("app", {"worker": "exec sleep 1000"})
        self.reeve.cli("load", app)
        for count, victim in enumerate(("", "reeved", "reeve-scribe", "reeve-keeper", ""), 3):
            if victim:
                pid, reeved = self.reeve.own(victim), self.reeve.reeved()
                kill(pid)
                self.reeve.wait_for_new(victim if victim != "reeve-keeper" else "reeved",
                                        pid if victim != "reeve-keeper" else reeved)
            self.reeve.cli("scale", "app", f"worker={count}")
            self.reeve.wait_running("app/worker", count)
            for name, pid in self.reeve.pids().items():
                (pipe,) = {file for number, file in open_files(pid).items() if number in "12"}
                self.assertTrue(pipe.startswith("pipe:"), pipe)
                self.reeve.wait_until(
                    lambda held=pipe: self.holders_of(held) == {"reeve-keeper", "reeve-scribe"},
                    f"two hold the pipe of {name}, after the death of {victim or 'nobody'}")

    def test_reeved_and_scribe_at_once_lose_no_process(self):
        self.load_writers()
        pids = self.reeve.pids()
        for _ in range(KILLS // 4):
            scribe, reeved = self.reeve.scribe(), self.reeve.reeved()
            kill(scribe)
            kill(reeved)
            self.reeve.wait_for_new("reeve-scribe", scribe)
            self.reeve.wait_for_new("reeved", reeved)
            self.assertEqual(self.reeve.pids(), pids)
        self.wait_for_log_growth()
        self.assertEqual(set(self.reeve.members()), set(pids.values()))
        for number in range(1, WRITERS + 1):
            log = CountedLog(self.reeve.log_of("app", f"worker.{number}"))
            ((pid, numbers),) = log.numbers.items()
            missing = numbers[-1] + 1 - len(numbers)
            self.assertTrue(missing == 0 or log.notes, f"worker.{number}: {missing} are missing")
            self.assertEqual(pid, pids[f"app/worker.{number}"])
        self.reeve.cli("restart", "app")
        self.assertEqual(len(self.reeve.running()), WRITERS)


if __name__ == "__main__":
    main()
