"""Whatever a program does to stay alive: after a stop nothing of it is left."""

import os
import shutil
import subprocess
import time

from harness import (SLOWNESS, ReeveTest, is_alive, kill, look_at, main, needs_root, program,
                     read, read_or, wait_until)

WAYS = {
    "plain": "",
    "forks": "fork",
    "leaves": "setsid",
    "daemon": "daemon",
    "cleared": "daemon clear away",
    "deaf": "fork ignore",
    "worst": "daemon clear away ignore",
}


def group_of(pid):
    """Its cgroup of version 2; empty without one."""
    return next((line[3:] for line in read_or(f"/proc/{pid}/cgroup").splitlines()
                 if line.startswith("0::/")), "")


def mount_of_version_2():
    """Where the cgroups of version 2 are; empty: nowhere."""
    return next((line.split()[1] for line in read("/proc/mounts").splitlines()
                 if line.split()[2] == "cgroup2"), "")


class SurvivorsTest(ReeveTest):
    @needs_root
    def test_a_group_that_was_frozen_is_not_the_next_runs(self):
        self.reeve.cli("load", self.make_app("cold", {"one": "sleep 1000"}))
        pid = self.reeve.pids()["cold/one.1"]
        group = group_of(pid)
        freezer = f"{mount_of_version_2()}{group}/cgroup.freeze"
        if not group or not os.path.exists(freezer):
            self.skipTest("needs groups of version 2")
        born = look_at(pid).start
        ticks = os.sysconf("SC_CLK_TCK")
        wait_until(lambda: float(read("/proc/uptime").split()[0]) - born / ticks > 1.2,
                   "it has lived long enough to hand its group on")
        with open(freezer, "w", encoding="ascii") as file:
            file.write("1")
        kill(pid)
        self.reeve.wait_until(lambda: self.reeve.pids()["cold/one.1"] not in (pid, None)
                              and self.reeve.running() == {"cold/one.1"}, "the next one runs")
        self.assertNotEqual(group_of(self.reeve.pids()["cold/one.1"]), group)
        wait_until(lambda: not os.path.exists(freezer), "the frozen one is removed")

    def noted(self, app):
        """The pids that the programs noted, by name."""
        found = {}
        for line in read_or(os.path.join(app, "pids")).splitlines():
            name, pid = line.split()
            found.setdefault(name, []).append(int(pid))
        return found

    def load_ways(self, ways, settings=""):
        commands = {name: f"{program('stubborn.pl')} {name} {words}"
                    for name, words in ways.items()}
        own = "".join(f"[services.{name}]\ncommand = '{command}'\n{settings}\n"
                      for name, command in commands.items())
        app = self.make_app("app", commands, {"reeve.toml": own} if settings else {})
        self.reeve.cli("load", app)
        counts = {name: 2 if words.split() else 1 for name, words in ways.items()}
        wait_until(lambda: {name: len(pids) for name, pids in self.noted(app).items()} == counts,
                   f"every process noted its pid: {counts}")
        return app

    def assert_all_ended(self, app):
        left = {name: [pid for pid in pids if is_alive(pid)]
                for name, pids in self.noted(app).items()}
        self.assertEqual({name: pids for name, pids in left.items() if pids}, {})
        self.assertEqual(self.reeve.members(), [])

    @needs_root
    def test_no_process_outlives_a_stop_however_it_hides(self):
        # One stop for all, as those that ignore SIGTERM are given 30 s.
        app = self.load_ways(WAYS)
        bomb = self.make_app("bomb", {"bomb": program("bomb.pl") + " 150"})
        self.reeve.cli("load", bomb)
        self.reeve.wait_until(lambda: len(self.reeve.members()) > 60, "the bomb has gone off")
        stopped = self.reeve.cli("stop", "app", "bomb", timeout=120)
        self.assertGreater(stopped.seconds, 29)
        self.assertLess(stopped.seconds, 45)
        self.assert_all_ended(app)

    @needs_root
    def test_what_a_crashed_program_left_behind_is_gone_before_the_next_start(self):
        app = self.load_ways({"daemon": "daemon", "leaves": "setsid"})
        for name in ("daemon", "leaves"):
            main_pid = self.reeve.pids()[f"app/{name}.1"]
            kill(main_pid)
        wait_until(lambda: all(len(pids) == 4 for pids in self.noted(app).values()),
                   "both were started again")
        for name, pids in self.noted(app).items():
            self.assertEqual([is_alive(pid) for pid in pids], [False, False, True, True], name)

    @needs_root
    def test_a_shell_and_its_pipeline_end_together(self):
        app = self.make_app("app", {"pipe": "sleep 1000 | sleep 1001; sleep 1002",
                                    "back": "sleep 1003 & sleep 1004 & wait"})
        self.reeve.cli("load", app)
        wait_until(lambda: len(self.reeve.members()) >= 6, "all of both pipelines run")
        self.reeve.cli("stop", "app")
        self.assertEqual(self.reeve.members(), [])

    @needs_root
    def test_the_group_of_a_crashed_program_is_the_next_ones(self):
        """What it forks off is found there, by a daemon that did not make the group too."""
        at_once = 'restart = { kind = "supervisord", mode = "always" }'
        app = self.load_ways({"plain": "", "daemon": WAYS["daemon"]}, at_once)
        time.sleep(1.1)  # no run that has lived shorter hands its group on
        before = self.reeve.pids()
        groups = {name: group_of(pid) for name, pid in before.items()}
        in_groups = all(groups.values())
        for name in before:
            kill(before[name])
        self.reeve.wait_until(lambda: all(self.reeve.pids().get(name) not in (None, pid)
                                          for name, pid in before.items()), "all run again")
        wait_until(lambda: {name: len(pids) for name, pids in self.noted(app).items()} ==
                   {"plain": 2, "daemon": 4},
                   "every process noted its pid")
        after = self.reeve.pids()
        if in_groups:
            self.assertEqual(group_of(after["app/plain.1"]), groups["app/plain.1"])
            # The first one's was not empty when it had crashed.
            self.assertNotEqual(group_of(after["app/daemon.1"]), groups["app/daemon.1"])
        reeved = self.reeve.reeved()
        kill(reeved)
        self.reeve.wait_for_new("reeved", reeved)
        self.assertEqual(self.reeve.pids(), after)
        self.assertEqual(set(self.reeve.members()),
                         {pid for pids in self.noted(app).values() for pid in pids
                          if is_alive(pid)})
        self.reeve.cli("stop", "app", timeout=60)
        self.assert_all_ended(app)


class HangingStartTest(ReeveTest):
    @needs_root
    def test_a_hanging_start_delays_no_other_instance(self):
        """strace holds back one program's chdir, as a dead NFS server would."""
        if not shutil.which("strace"):
            self.skipTest("needs strace")
        slow = self.make_app("slow", {"stuck": "sleep 1000"})
        app = self.make_app("app", {"worker": program("counter.pl")})
        self.reeve.cli("load", app)
        strace = subprocess.Popen(
            ["strace", "-f", "-q", "-o", "/dev/null", "-P", slow, "-e", "trace=chdir",
             "-e", "inject=chdir:delay_enter=8000000", "-p", str(self.reeve.reeved())],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: "TracerPid:\t0" not in read_or(
                f"/proc/{self.reeve.reeved()}/status"), "strace is attached")
            self.reeve.cli("load", slow, "--no-wait")
            begun = time.monotonic()
            self.reeve.cli("scale", "app", "worker=5")
            self.reeve.cli("restart", "app/worker")
            self.assertLess(time.monotonic() - begun, 4 * SLOWNESS)
            state = self.reeve.instances()["slow/stuck.1"]
            self.assertIn(state["state"], ("starting", "stuck"), state)
            self.reeve.wait_until(
                lambda: self.reeve.instances()["slow/stuck.1"]["state"] == "stuck",
                "it is shown as stuck")
            self.assertIn(f"chdir {slow}", self.reeve.instances()["slow/stuck.1"]["reason"])
            self.assertEqual(len(self.reeve.running("app")), 5)
        finally:
            strace.terminate()
            strace.wait(20)


if __name__ == "__main__":
    main()
