"""Who the main process is: daemons of every style, pid files, masters that replace themselves."""

import json
import os
import secrets
import signal
import subprocess

from harness import PROGRAMS, ReeveTest, is_alive, kill, main, read_or, seeded

# Those that end up with a main process, however they come to it.
STYLES = ("foreground", "fork-once", "fork-twice", "fork-twice-slowly", "fork-thrice", "workers",
          "helper-first", "side-car", "ready-pipe", "fork-late", "parent-works")
EACH = 3  # instances of each style
ROUNDS = 3
AT_ONCE = {"kind": "auto", "first_pause_ns": 0, "crash_loop_ends": 1000}


def argv(*words):
    return {"kind": "direct", "argv": list(words)}


def style(name, *more):
    return argv("perl", os.path.join(PROGRAMS, "daemon.pl"), name, *more)


class TrackingTest(ReeveTest):
    def setUp(self):
        super().setUp()
        self.truth = os.path.join(self.directory, "truth")
        os.mkdir(self.truth)
        self.reeve.start_foreground()

    def operate(self, verb, spec=None, **more):
        """An operation of the API, to its end; an app comes as its spec."""
        request = {"id": secrets.token_hex(7) + "1", "verb": verb, "command_line": verb, **more}
        body = json.dumps(request) + "\n" + (json.dumps(spec) if spec else "")
        path = "/v1/operations/load" if verb == "load" else "/v1/operations"
        return json.loads(self.reeve.request("POST", path, body, timeout=60)[1])

    def load(self, services):
        app = {"name": "shop", "format": "native", "source": self.directory,
               "directory": self.directory, "environment": [["TRUTH", self.truth]],
               "services": [{"name": name, "working_dir": self.directory, **service}
                            for name, service in sorted(services.items())]}
        return self.operate("load", app)

    def true_pid(self, name):
        return int(read_or(os.path.join(self.truth, name.split("/")[1]), "0"))

    def unsettled(self, names):
        """Those that do not run, or whose pid is not the one that the main process has written."""
        instances = self.reeve.instances()
        return {name: (instances[name]["state"], instances[name]["pid"], self.true_pid(name))
                for name in names if instances[name]["state"] != "running" or
                instances[name]["pid"] != self.true_pid(name)}

    def settled(self, names):
        return not self.unsettled(names)

    def wait_settled(self, names, what):
        try:
            self.reeve.wait_until(lambda: self.settled(names), what)
        except AssertionError as error:
            raise AssertionError(f"unsettled: {self.unsettled(names)}\n{error}") from None

    def state_of(self, name):
        return self.reeve.instances()[name]

    # ---- Programs that fork

    def test_every_style_of_daemon_is_tracked_however_often_it_is_killed(self):
        forks = {"kind": "forks", "foreground_after_ns": 1_000_000_000}
        done = self.load({name: {"command": style(name), "tracking": forks, "instances": EACH,
                                 "restart": AT_ONCE} for name in STYLES})
        self.assertTrue(done["ok"], done)
        names = [f"shop/{name}.{number + 1}" for name in STYLES for number in range(EACH)]
        self.wait_settled(names, "every main process is known")
        for turn in range(ROUNDS):
            before = {name: self.true_pid(name) for name in names}
            for pid in before.values():
                kill(pid, signal.SIGKILL if turn % 2 else signal.SIGUSR1)
            self.reeve.wait_until(
                lambda before=before: all(self.true_pid(name) != pid
                                          for name, pid in before.items()),
                "each is started again")
            self.wait_settled(names, "every main process is known again")
        for name in names:
            self.assertEqual(self.state_of(name)["restarts"], ROUNDS, name)
        self.assertTrue(self.operate("stop", targets=["shop"])["ok"])
        self.assertEqual(self.reeve.members(), [])

    def test_a_reeved_that_dies_while_daemons_fork_loses_none(self):
        chance = seeded(self)
        forks = {"kind": "forks", "foreground_after_ns": 1_000_000_000}
        styles = ("fork-twice", "fork-twice-slowly", "workers", "ready-pipe", "fork-late")
        names = [f"shop/{name}.{number + 1}" for name in styles for number in range(EACH)]
        self.load({name: {"command": style(name), "tracking": forks, "instances": EACH,
                          "restart": AT_ONCE} for name in styles})
        self.wait_settled(names, "every main process is known")
        for _ in range(ROUNDS):
            before = {name: self.true_pid(name) for name in names}
            for pid in before.values():
                kill(pid)
            begun = [name for name in names if chance.random() < 0.5]
            self.reeve.wait_until(
                lambda begun=begun, before=before: sum(self.true_pid(name) != before[name]
                                                       for name in begun) * 2 >= len(begun),
                "half of them are starting")
            old = self.reeve.reeved()
            kill(old)
            self.reeve.wait_for_new("reeved", old)
            self.wait_settled(names, "every main process is known again")
        for name in names:
            self.assertEqual(self.state_of(name)["restarts"], ROUNDS, name)

    def test_a_program_that_fails_before_it_forks_has_failed_to_start(self):
        self.load({"web": {"command": style("fails-first"), "tracking": {"kind": "forks"},
                           "restart": {"kind": "none"}}})
        one = self.state_of("shop/web.1")
        self.assertEqual(one["state"], "failed", one)
        self.assertIn("exited with code 3", one["reason"])

    def test_a_program_that_does_not_fork_counts_as_foreground_and_says_so(self):
        self.load({"web": {"command": style("foreground"), "restart": AT_ONCE,
                           "tracking": {"kind": "forks", "foreground_after_ns": 200_000_000}}})
        self.reeve.wait_until(lambda: self.settled(["shop/web.1"]), "it runs")
        self.assertIn("did not fork within 200ms", self.state_of("shop/web.1")["reason"])

    def test_a_program_that_stops_itself_is_ready_then_and_goes_on(self):
        done = self.load({"web": {"command": style("stops-itself"), "tracking": {"kind": "stops"}}})
        self.assertTrue(done["ok"], done)
        self.reeve.wait_until(lambda: self.settled(["shop/web.1"]), "it goes on")
        self.assertIn("stopped itself", self.state_of("shop/web.1")["reason"])

    # ---- Pid files

    def pid_file(self, **more):
        self.file = os.path.join(self.directory, "web.pid")
        return {"kind": "pid-file", "path": self.file, **more}

    def test_a_double_forking_daemon_is_found_by_its_pid_file(self):
        tracking = self.pid_file()
        done = self.load({"web": {"command": style("fork-twice-slowly", self.file),
                                  "tracking": tracking, "restart": AT_ONCE}})
        self.assertTrue(done["ok"], done)
        self.assertTrue(self.settled(["shop/web.1"]))
        for _ in range(3):
            before = self.true_pid("shop/web.1")
            kill(before)
            self.reeve.wait_until(lambda before=before: self.true_pid("shop/web.1") != before
                                  and self.settled(["shop/web.1"]), "it is started again")
        self.operate("stop", targets=["shop"])
        self.assertFalse(os.path.exists(self.file), "the pid file goes with the process")

    def test_a_command_tells_who_the_main_process_is(self):
        told = argv("cat", os.path.join(self.truth, "web.1"))
        done = self.load({"web": {"command": style("fork-twice-slowly"), "restart": AT_ONCE,
                                  "tracking": self.pid_file(pid_command=told)}})
        self.assertTrue(done["ok"], done)
        self.assertTrue(self.settled(["shop/web.1"]))
        self.assertFalse(os.path.exists(self.file), "nobody has asked the file")
        before = self.true_pid("shop/web.1")
        kill(before)
        self.reeve.wait_until(lambda: self.true_pid("shop/web.1") != before
                              and self.settled(["shop/web.1"]), "it is started again")
        self.operate("stop", targets=["shop"])
        self.assertEqual(self.reeve.members(), [])

    def test_reeve_writes_the_pid_file_of_a_program_that_stays(self):
        tracking = self.pid_file(writer="reeve")
        self.load({"web": {"command": style("foreground"), "tracking": tracking}})
        self.reeve.wait_until(lambda: self.settled(["shop/web.1"]), "it runs")
        self.assertEqual(read_or(self.file), str(self.true_pid("shop/web.1")))
        self.operate("stop", targets=["shop"])
        self.assertFalse(os.path.exists(self.file))

    def test_a_pid_file_that_cannot_be_written_is_a_failed_start_that_says_why(self):
        tracking = {"kind": "pid-file", "writer": "reeve", "path": "/proc/none/web.pid"}
        self.load({"web": {"command": style("foreground"), "tracking": tracking,
                           "restart": {"kind": "none"}}})
        self.assertIn("/proc/none", self.state_of("shop/web.1")["reason"])

    def test_a_command_that_does_not_end_is_ended_and_never_doubled(self):
        tracking = self.pid_file(start_grace_ns=300_000_000)
        self.load({"web": {"command": style("foreground"), "tracking": tracking,
                           "restart": {"kind": "none"}}})
        one = self.state_of("shop/web.1")
        self.assertIn("does the program turn itself into a daemon?", one["reason"])
        self.assertEqual(self.reeve.members(), [])

    def test_garbage_and_foreign_pids_are_never_believed_nor_signalled(self):
        foreign = subprocess.Popen(["sleep", "1000"])
        self.children.append(foreign)
        tracking = self.pid_file()
        for text in ("garbage", "0", "1", "-1", "999999999"):
            with open(self.file, "w", encoding="utf-8") as out:
                out.write(text)
            self.load({"web": {"command": style("fork-once", self.file), "tracking": tracking}})
            self.assertTrue(self.settled(["shop/web.1"]), text)
            self.operate("unload", app="shop")
        # A number that was given anew: the process is younger than the file that names it.
        with open(self.file, "w", encoding="utf-8") as out:
            out.write(str(foreign.pid))
        os.utime(self.file, (1, 1))
        self.load({"web": {"command": style("fork-once", self.file), "tracking": tracking}})
        self.reeve.wait_until(lambda: self.settled(["shop/web.1"]), "it is started beside it")
        self.operate("stop", targets=["shop"])
        self.assertTrue(is_alive(foreign.pid))
        self.assertEqual(self.reeve.members(), [])

    def test_what_runs_already_is_adopted_and_stopped_with_its_workers(self):
        tracking = self.pid_file()
        master = os.path.join(PROGRAMS, "master.pl")
        subprocess.run(["perl", master, self.file, "daemonize"], cwd=self.directory, check=True)
        running = int(self.reeve.wait_until(lambda: read_or(self.file).strip(), "it runs"))
        self.load({"web": {"command": argv("perl", master, self.file, "daemonize"),
                           "tracking": tracking}})
        one = self.state_of("shop/web.1")
        self.assertEqual((one["state"], one["pid"]), ("running", running), one)
        self.assertIn("which runs already", one["reason"])
        self.assertEqual(len(self.reeve.members()), 3, "its workers have come along")
        self.operate("stop", targets=["shop"])
        self.assertFalse(is_alive(running))
        self.assertEqual(self.reeve.members(), [])

    # ---- Masters that replace themselves

    def load_master(self, **more):
        tracking = self.pid_file(**more)
        command = argv("perl", os.path.join(PROGRAMS, "master.pl"), self.file, "daemonize")
        again = {"kind": "shell", "text": "kill -USR2 {{PID}}", "shell": "sh"}
        self.load({"web": {"command": command, "tracking": tracking, "restart": AT_ONCE,
                           "restart_command": {"command": again, "timeout_ns": 10_000_000_000}}})
        return self.reeve.pids()["shop/web.1"]

    def named(self):
        return int(read_or(self.file, "0").strip() or 0)

    def test_a_restart_command_brings_a_new_master_and_nothing_goes_down(self):
        first = self.load_master()
        for _ in range(3):
            before = self.reeve.pids()["shop/web.1"]
            self.assertTrue(self.operate("restart", targets=["shop/web"])["ok"])
            self.reeve.wait_until(
                lambda before=before: self.reeve.pids()["shop/web.1"] == self.named() != before,
                "the status shows the new master")
            self.reeve.wait_until(lambda before=before: not is_alive(before), "the old one goes")
        one = self.state_of("shop/web.1")
        self.assertEqual((one["state"], one["restarts"]), ("running", 0), one)
        went = [(row["from"], row["to"]) for row in self.reeve.history("shop/web.1")]
        self.assertEqual([step for step in went if step[1] not in ("starting", "running")], [])
        # Each master heard of its end from its successor alone, once.
        heard = read_or(os.path.join(self.directory, "signals")).split("\n")
        self.assertEqual([line for line in heard if line.startswith(f"{first} ")],
                         [f"{first} USR2", f"{first} QUIT"])
        self.operate("stop", targets=["shop"])
        self.assertEqual(self.reeve.members(), [])

    def test_a_restart_command_that_fails_leaves_the_master_and_tells_its_words(self):
        tracking = self.pid_file(writer="reeve")
        again = {"kind": "shell", "text": "echo no such door >&2; exit 7", "shell": "sh"}
        self.load({"web": {"command": style("foreground"), "tracking": tracking,
                           "restart_command": {"command": again}}})
        self.reeve.wait_until(lambda: self.settled(["shop/web.1"]), "it runs")
        before = self.true_pid("shop/web.1")
        done = self.operate("restart", targets=["shop/web"])
        self.assertFalse(done["ok"], done)
        self.assertIn("its restart command exited with code 7: no such door", str(done))
        self.assertEqual(self.reeve.pids()["shop/web.1"], before)

    def test_a_hand_over_by_hand_is_seen_while_the_old_one_lives(self):
        before = self.load_master(look_again=True)
        kill(before, signal.SIGUSR2)
        self.reeve.wait_until(lambda: self.reeve.pids()["shop/web.1"] == self.named() != before,
                              "the status shows the new master")

    def test_a_hand_over_is_seen_by_a_reeved_that_was_not_there(self):
        before = self.load_master()
        old = self.reeve.reeved()
        kill(old, signal.SIGSTOP)
        kill(before, signal.SIGUSR2)
        self.reeve.wait_until(lambda: self.named() not in (0, before), "the new master is there")
        kill(old)
        self.reeve.wait_for_new("reeved", old)
        self.reeve.wait_until(lambda: self.reeve.pids()["shop/web.1"] == self.named(),
                              "the status shows the new master")
        self.assertEqual(self.state_of("shop/web.1")["restarts"], 0)

    def test_a_reload_reaches_the_master_alone(self):
        master = self.load_master()
        self.assertTrue(self.operate("reload", targets=["shop/web"])["ok"])
        self.reeve.wait_until(
            lambda: read_or(os.path.join(self.directory, "signals")) == f"{master} HUP\n",
            "the master is told")


if __name__ == "__main__":
    main()
