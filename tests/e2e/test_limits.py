"""Limits on all processes of an instance together: applied, and shown as applied or not."""

import os
import re
import signal
import time

from harness import ReeveTest, main, needs_root, read

EATER = "python3 -c 'import time; eaten = bytearray(200 << 20); time.sleep(1000)'"
FORKER = ("python3 -c 'import os, time\nwhile True:\n try:\n  os.fork() or time.sleep(1000)\n"
          " except OSError: print(\"no more\", flush=True); time.sleep(1000)'")
GREEDY = ("exec python3 -c 'import os, time\nif os.path.exists(\"eat\"):"
          " eaten = bytearray(200 << 20)\ntime.sleep(1000)'")


def has_controller(name):
    """Whether this kernel limits with it, in cgroup v2 or v1."""
    if os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        return name in read("/sys/fs/cgroup/cgroup.controllers").split()
    return any(name in directory.split(",") for directory in os.listdir("/sys/fs/cgroup"))


def age_of(pid):
    """Seconds since a process was started."""
    ticks = int(read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


@needs_root
class LimitsTest(ReeveTest):
    def load(self, name, command, resources, limits="", restart="auto"):
        path = os.path.join(self.directory, name)
        os.makedirs(path)
        os.chmod(path, 0o777)
        with open(os.path.join(path, "reeve.toml"), "w", encoding="utf-8") as out:
            out.write(f"[services.one]\ncommand = '''{command}'''\nlimits = {{{limits}}}\n"
                      f"restart = '{restart}'\n"
                      f"[services.one.resources]\n{resources}\n")
        return self.reeve.run("load", path, "--no-wait")

    def page(self, name):
        return self.reeve.cli("status", f"{name}/one.1").out

    def limits_shown(self, name):
        return [line.split(None, 1)[1] for line in self.page(name).splitlines()
                if re.match(r"\s*limit\s", line)]

    def test_limits_are_shown_as_applied_or_not(self):
        self.load("shown", "exec sleep 1000",
                  'memory_max = "64M"\nmemory_low = "1M"\ncpu_max = "50%"\n'
                  'processes_max = 10', limits="nofile = [300, 400]")
        self.reeve.wait_running("shown/one", 1)
        shown = self.limits_shown("shown")
        self.assertEqual(len(shown), 5, shown)
        self.assertEqual(shown[4], "nofile 300 (hard 400)")
        self.assertRegex(read(f"/proc/{self.reeve.pids()['shown/one.1']}/limits"),
                         r"Max open files +300 +400 ")
        for limit, controller in (("memory 64 MiB", "memory"), ("cpu 50 %", "cpu"),
                                  ("processes 10", "pids")):
            found = [line for line in shown if line.startswith(limit)]
            self.assertEqual(len(found), 1, shown)
            self.assertEqual("not applied" not in found[0], has_controller(controller), found)
            if "not applied" in found[0]:
                self.assertRegex(found[0], "not applied: .+")

    def test_who_takes_more_memory_is_killed_and_it_is_said_why(self):
        if not has_controller("memory"):
            self.skipTest("no memory controller")
        self.load("eater", EATER, 'memory_max = "32M"\nswap_max = 0')
        self.reeve.wait_until(
            lambda: "by its own limit" in self.reeve.cli("why", "eater/one").out, "it is killed")
        ends = [one["last_exit"] for one in self.reeve.instances("eater").values()]
        self.assertIn("SIGKILL", str(ends))

    def test_the_next_run_has_the_limited_group_of_the_one_before(self):
        if not has_controller("memory"):
            self.skipTest("no memory controller")
        self.load("again", GREEDY, 'memory_max = "32M"\nswap_max = 0', restart="upstart")
        self.reeve.wait_running("again/one", 1)
        first = self.memory_group()
        self.kill_after_a_while()
        self.assertEqual(self.memory_group(), first)
        self.kill_after_a_while(made_greedy=True)
        self.reeve.wait_until(
            lambda: "by its own limit" in self.reeve.cli("why", "again/one").out, "it is killed")
        os.unlink(os.path.join(self.directory, "again", "eat"))
        self.reeve.wait_running("again/one", 1)
        self.assertNotEqual(self.memory_group(), first, "the kernel has killed there")
        self.reeve.cli("stop", "again")
        self.reeve.wait_until(lambda: not os.path.exists(first), "it is removed")

    def test_nothing_of_a_limited_group_outlives_reeve(self):
        if not has_controller("memory"):
            self.skipTest("no memory controller")
        self.load("again", GREEDY, 'memory_max = "32M"\nswap_max = 0', restart="upstart")
        self.reeve.wait_running("again/one", 1)
        pid, group = self.reeve.pids()["again/one.1"], self.memory_group()
        self.reeve.wait_until(lambda: age_of(pid) > 1.2, "it could hand its group on")
        self.reeve.cli("shutdown", "--wait")
        self.assertFalse(os.path.exists(group))

    def memory_group(self):
        """Where the kernel counts the memory of again/one.1."""
        for line in read(f"/proc/{self.reeve.pids()['again/one.1']}/cgroup").splitlines():
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                return "/sys/fs/cgroup/memory" + path
            if controllers == "" and os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
                return "/sys/fs/cgroup" + path
        return self.fail("it is counted nowhere")

    def kill_after_a_while(self, made_greedy=False):
        """Kills again/one.1 when it has lived long enough to hand its group on."""
        pid = self.reeve.pids()["again/one.1"]
        self.reeve.wait_until(lambda: age_of(pid) > 1.2, "it has lived a while")
        if made_greedy:
            with open(os.path.join(self.directory, "again", "eat"), "w", encoding="utf-8"):
                pass
        os.kill(pid, signal.SIGKILL)
        self.reeve.wait_until(lambda: self.reeve.pids().get("again/one.1") not in (pid, None),
                              "it is started again")

    def test_processes_are_counted_over_all_descendants(self):
        if not has_controller("pids"):
            self.skipTest("no pids controller")
        self.load("forker", FORKER, "processes_max = 8")
        self.reeve.wait_until(
            lambda: "no more" in self.reeve.run("logs", "forker").out, "it was refused one")
        self.assertLessEqual(len(self.reeve.members()), 8)
        self.reeve.cli("stop", "forker")
        self.assertEqual(self.reeve.members(), [])


if __name__ == "__main__":
    main()
