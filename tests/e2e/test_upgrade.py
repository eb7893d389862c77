"""`reeve upgrade`: under load every pid and line is kept; what is broken goes back by itself."""

import os
import shutil

from counted_log import CountedLog
from harness import BIN, OWN_NAMES, ReeveTest, is_alive, kill, main, program, wait_until

WORKERS = 12
VERSION = b"0.1.0"


class UpgradeTest(ReeveTest):
    def programs(self, name, version=VERSION):
        """A directory with reeve's programs; another version is another text of the same length."""
        directory = os.path.join(self.directory, name)
        os.makedirs(directory)
        for one in OWN_NAMES:
            target = os.path.join(directory, one)
            with open(os.path.join(BIN, one), "rb") as source, open(target, "wb") as out:
                out.write(source.read().replace(VERSION + b"\0", version + b"\0"))
            os.chmod(target, 0o755)
        return directory

    def break_program(self, directory, name, script):
        path = os.path.join(directory, name)
        os.unlink(path)
        with open(path, "w", encoding="utf-8") as out:
            out.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)

    def load_workers(self, count=WORKERS):
        self.app = self.make_app("app", {"worker": program("counter.pl") + " 0.02"})
        self.reeve.cli("load", self.app)
        self.reeve.cli("scale", "app", f"worker={count}")
        self.reeve.wait_running("app/worker", count)
        return self.reeve.pids()

    def directories_of_own(self):
        """Where reeve's own programs that run were started from."""
        found = set()
        for name in OWN_NAMES:
            pid = self.reeve.own(name)
            if pid:
                found.add(os.path.dirname(os.readlink(f"/proc/{pid}/exe")))
        return found

    def wait_for_programs_of(self, directory):
        wait_until(lambda: self.directories_of_own() == {directory}
                   and all(self.reeve.own(name) for name in OWN_NAMES),
                   f"all programs are those of {directory}", diagnosis=self.reeve.diagnosis)

    def assert_nothing_was_noticed(self, pids):
        self.assertEqual(self.reeve.pids(), pids)
        self.reeve.cli("stop", "app")
        for number in range(1, len(pids) + 1):
            log = CountedLog(self.reeve.log_of("app", f"worker.{number}"))
            self.assertEqual(log.gaps(), [], f"worker.{number}")
            self.assertEqual(log.notes, [], f"worker.{number}")
            self.assertEqual(len(log.numbers), 1)

    def test_an_upgrade_there_and_back_keeps_every_pid_and_every_line(self):
        pids = self.load_workers()
        keeper = self.reeve.keeper()
        for name, version in (("next", b"0.1.9"), ("before", VERSION), ("last", b"0.2.0")):
            directory = self.programs(name, version)
            outcome = self.reeve.cli("upgrade", directory, timeout=120)
            self.assertIn(f"-> {version.decode()}", outcome.out)
            self.wait_for_programs_of(directory)
            self.assertEqual(self.reeve.keeper(), keeper, "the keeper changes in place")
            self.assertEqual(self.reeve.get("/v1/version")["version"], version.decode())
            self.assertEqual(self.reeve.pids(), pids)
        kill(pids["app/worker.3"])
        self.reeve.wait_until(lambda: self.reeve.instances()["app/worker.3"]["restarts"] == 1
                              and len(self.reeve.running()) == WORKERS, "it still restarts")
        del pids["app/worker.3"]
        self.assertEqual({name: pid for name, pid in self.reeve.pids().items()
                          if name in pids}, pids)

    def test_every_line_is_kept_over_an_upgrade(self):
        pids = self.load_workers()
        self.reeve.cli("upgrade", self.programs("next", b"0.1.9"), timeout=120)
        self.assert_nothing_was_noticed(pids)

    def test_files_that_are_replaced_on_disk_change_nothing_until_the_upgrade(self):
        directory = self.programs("here")
        own = self.new_reeve("other")
        pids = self.load_workers(2)
        self.reeve.cli("upgrade", directory, timeout=120)
        self.wait_for_programs_of(directory)
        for name in OWN_NAMES:  # as a package manager does it: another file under the name
            shutil.copy(os.path.join(BIN, name), os.path.join(directory, name + ".new"))
        self.break_program(directory, "reeved", "exit 1")
        kill(self.reeve.wait_for_new("reeved", 0))
        self.reeve.wait_until(lambda: self.reeve.try_get("/v1/version"), "the held one serves")
        for name in OWN_NAMES:
            os.rename(os.path.join(directory, name + ".new"), os.path.join(directory, name))
        self.reeve.cli("upgrade", directory, timeout=120)
        self.assertEqual(self.reeve.pids(), pids)
        del own

    def test_a_reeved_that_dies_is_taken_back(self):
        pids = self.load_workers()
        before = self.directories_of_own()
        directory = self.programs("broken")
        self.break_program(directory, "reeved", "exit 3")
        outcome = self.reeve.cli("upgrade", directory, expect=1, timeout=120)
        self.assertIn("taken back: reeved ended three times", outcome.err)
        self.assertEqual(self.directories_of_own(), before)
        self.assertIn("taken back", self.reeve.cli("doctor").out)
        self.assert_nothing_was_noticed(pids)

    def test_a_reeved_that_says_no_hello_is_taken_back(self):
        pids = self.load_workers(3)
        before = self.directories_of_own()
        directory = self.programs("silent")
        self.break_program(directory, "reeved", "exec sleep 1000")
        outcome = self.reeve.cli("upgrade", directory, expect=1, timeout=120)
        self.assertIn("taken back: reeved said no hello", outcome.err)
        self.assertEqual(self.directories_of_own(), before)
        self.assert_nothing_was_noticed(pids)

    def test_a_scribe_that_dies_is_taken_back(self):
        pids = self.load_workers(3)
        before = self.directories_of_own()
        directory = self.programs("mute")
        self.break_program(directory, "reeve-scribe", "exit 3")
        outcome = self.reeve.cli("upgrade", directory, expect=1, timeout=120)
        self.assertIn("taken back: reeve-scribe ended three times", outcome.err)
        self.wait_for_programs_of(*before)
        self.assert_nothing_was_noticed(pids)

    def test_a_keeper_that_cannot_run_is_refused(self):
        pids = self.load_workers(2)
        before = {name: self.reeve.own(name) for name in OWN_NAMES}
        directory = self.programs("bad")
        self.break_program(directory, "reeve-keeper", "exit 1")
        outcome = self.reeve.cli("upgrade", directory, expect=1, timeout=120)
        self.assertIn("does not end well", outcome.err)
        outcome = self.reeve.cli("upgrade", os.path.join(self.directory, "app"), expect=1)
        self.assertIn("No such file", outcome.err)
        self.assertEqual({name: self.reeve.own(name) for name in OWN_NAMES}, before)
        self.assertEqual(self.reeve.pids(), pids)

    def test_old_and_new_both_broken_is_safe_mode(self):
        pids = self.load_workers(3)
        # The old one is broken behind the keeper's back: it becomes the one to go back to.
        directory = self.programs("doubly")
        self.break_program(directory, "reeved", "exit 3")
        first = self.reeve.reeved()
        self.reeve.popen("upgrade", directory).wait(120)
        reeved = self.reeve.wait_for_new("reeved", first)
        for _ in range(3):
            kill(reeved)
            reeved = self.reeve.wait_for_new("reeved", reeved)
        self.reeve.wait_until(lambda: "safe mode" in self.reeve.cli("doctor").out, "safe mode")
        outcome = self.reeve.run("stop", "app")
        self.assertEqual(outcome.code, 69)
        self.assertIn("safe mode", outcome.err)
        for pid in pids.values():
            self.assertTrue(is_alive(pid))
        # A version that works brings everything back as it was.
        self.reeve.cli("upgrade", self.programs("good", b"0.1.9"), timeout=120)
        self.assert_nothing_was_noticed(pids)

    def test_sigkills_in_the_middle_are_survived(self):
        pids = self.load_workers(5)
        directory = self.programs("next", b"0.1.9")
        first = {name: self.reeve.own(name) for name in ("reeved", "reeve-scribe")}
        upgrade = self.reeve.popen("upgrade", directory)
        for name in ("reeved", "reeve-scribe"):
            kill(self.reeve.wait_for_new(name, first[name]))
        upgrade.wait(120)
        self.wait_for_programs_of(directory)
        self.reeve.wait_until(lambda: self.reeve.try_get("/v1/version"), "it serves")
        self.assertEqual(self.reeve.pids(), pids)
        self.reeve.cli("restart", "app/worker.1")

    def test_only_an_admin_may(self):
        self.load_workers(1)
        status, body = self.reeve.request("POST", "/v1/upgrade?directory=relative", "")
        self.assertEqual(status, 400)
        self.assertIn("absolute", body)


if __name__ == "__main__":
    main()
