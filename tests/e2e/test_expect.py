"""`expect` of Upstart's jobs: daemons of every style are found, however often they fork."""

import os

from harness import PROGRAMS, is_alive, kill, main, read_or, wait_until
from upstart_case import UpstartTest

# Those that fork away; a wrong number of forks is no mistake.
DAEMONS = ("fork-once", "fork-twice", "fork-twice-slowly", "fork-thrice", "workers",
           "helper-first", "side-car", "ready-pipe", "fork-late")
# Those whose parent stays, whatever `expect` says.
STAYING = ("foreground", "parent-works")
EXPECTATIONS = ("fork", "daemon")


class ExpectTest(UpstartTest):
    def setUp(self):
        super().setUp()
        self.truth = self.path("truth")
        os.mkdir(self.truth)

    def job(self, style, more=""):
        daemon = os.path.join(PROGRAMS, "daemon.pl")
        return f"{more}env TRUTH={self.truth}\nexec perl {daemon} {style}\n"

    def true_pid(self, name):
        return int(read_or(os.path.join(self.truth, name), "0"))

    def is_tracked(self, name):
        text = self.status(name)
        return text == f"{name} start/running, process {self.true_pid(name)}\n"

    def wait_tracked(self, names):
        for name in names:
            wait_until(lambda name=name: self.is_tracked(name), f"{name} is tracked",
                       diagnosis=lambda name=name: f"{self.status(name)}{self.true_pid(name)}")

    def test_every_style_is_tracked_with_either_expectation(self):
        jobs = {f"{style}_{expect}": self.job(style, f"respawn\nexpect {expect}\n")
                for style in DAEMONS for expect in EXPECTATIONS}
        names = [name.replace("_", "-") for name in jobs]
        self.load(go="start on go\n", **{name: "start on starting go\nstop on stopping go\n" + text
                                         for name, text in jobs.items()})
        self.initctl("emit", "go")
        self.wait_tracked(names)
        pids = {name: self.true_pid(name) for name in names}
        for pid in pids.values():
            kill(pid)
        wait_until(lambda: all(self.true_pid(name) != pids[name] for name in names),
                   "each respawns")
        self.wait_tracked(names)
        self.call("stop", "go")
        self.assertEqual(self.reeve.members(), [], "and nothing of it is left")

    def test_a_program_that_stays_is_taken_as_it_is_and_the_wrong_expect_is_said(self):
        jobs = {f"{style}_{expect}": self.job(style, f"expect {expect}\n")
                for style in STAYING for expect in EXPECTATIONS}
        names = [name.replace("_", "-") for name in jobs]
        self.load(go="start on go\n",
                  **{name: "start on starting go\n" + text for name, text in jobs.items()})
        self.initctl("emit", "go")
        for name in names:
            self.assertIn("start/running, process ", self.status(name))
            self.assertIn("did not fork within 3s, though it is expected to",
                          self.reeve.cli("why", f"init/{name}").out)
        pid = self.pid_of("foreground-fork")
        self.assertEqual(pid, self.true_pid("foreground-fork"))
        self.assertEqual(self.call("stop", "foreground-fork"), "foreground-fork stop/waiting\n")
        self.assertFalse(is_alive(pid))

    def test_a_daemon_that_fails_before_it_forks_fails_the_start(self):
        self.load(web=self.job("fails-first", "expect daemon\n"))
        self.assertRegex(self.call("start", "web", expect=1),
                         r"^start: Job failed to start \(.*code 3.*\)\n$")
        self.assertEqual(self.status("web"), "web stop/waiting\n")

    def test_a_daemon_of_which_nothing_stays_has_not_started(self):
        self.load(web="expect fork\nexec true\n")
        self.call("start", "web", expect=1)
        self.assertEqual(self.status("web"), "web stop/waiting\n")

    def test_a_shell_that_starts_others_first_is_no_riddle(self):
        style = os.path.join(PROGRAMS, "daemon.pl")
        self.load(web=f"expect fork\nenv TRUTH={self.truth}\nscript\n  A=$(echo a | tr a b)\n"
                      f"  [ \"$A\" = b ]\n  exec perl {style} fork-once\nend script\n")
        self.call("start", "web")
        self.wait_tracked(["web"])
        pid = self.pid_of("web")
        self.assertEqual(self.call("stop", "web"), "web stop/waiting\n")
        self.assertFalse(is_alive(pid))

    def test_a_job_is_up_when_its_daemon_says_so_by_stopping_itself(self):
        go = self.path("go")
        self.load(web=f"expect stop\nscript\n  while [ ! -e {go} ]; do sleep 0.1; done\n"
                      "  kill -STOP $$\n  exec sleep 1000\nend script\n")
        self.call("start", "--no-wait", "web")
        self.wait_for("start/spawned, process ", "web")
        with open(go, "w", encoding="utf-8"):
            pass
        self.wait_for("start/running, process ", "web")
        self.call("stop", "web")


if __name__ == "__main__":
    main()
