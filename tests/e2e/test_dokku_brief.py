"""Dokku's page on process management, from its top to its end: each command of its samples is typed
as it stands there, and what it prints has the shape of the sample below it. Columns may be wider,
and lines that a later Dokku has may stand between."""

import json
import os
import re
import signal

import dokku
import harness
from harness import kill

HELP = """\
ps:inspect <app> # Displays a sanitized version of docker inspect for an app
ps:rebuild [--parallel count] [--all|<app>] # Rebuilds an app from source
ps:report [<app>] [<flag>] # Displays a process report for one or more apps
ps:restart [--parallel count] [--all|<app>] [<process-name>] # Restart an app
ps:restore [<app>] # Start previously running apps e.g. after reboot
ps:scale [--skip-deploy] <app> <proc>=<count> [<proc>=<count>...] \
# Get/Set how many instances of a given process to run
ps:set <app> <key> <value> # Set or clear a ps property for an app
ps:start [--parallel count] [--all|<app>] # Start an app
ps:stop [--parallel count] [--all|<app>] # Stop an app
"""

REPORT = """\
=====> node-js-app ps information
       Deployed:                      false
       Processes:                     0
       Ps can scale:                  true
       Ps computed procfile path:     Procfile2
       Ps global procfile path:       Procfile
       Ps restart policy:             on-failure:10
       Ps procfile path:              Procfile2
       Restore:                       true
       Running:                       false
=====> python-sample ps information
       Deployed:                      false
       Processes:                     0
       Ps can scale:                  true
       Ps computed procfile path:     Procfile
       Ps global procfile path:       Procfile
       Ps restart policy:             on-failure:10
       Ps procfile path:
       Restore:                       true
       Running:                       false
=====> ruby-sample ps information
       Deployed:                      false
       Processes:                     0
       Ps can scale:                  true
       Ps computed procfile path:     Procfile
       Ps global procfile path:       Procfile
       Ps restart policy:             on-failure:10
       Ps procfile path:
       Restore:                       true
       Running:                       false
"""

ONE_REPORT = """\
=====> node-js-app ps information
       Deployed:                      false
       Processes:                     0
       Ps can scale:                  true
       Ps restart policy:             on-failure:10
       Restore:                       true
       Running:                       false
"""

SCALE = """\
-----> Scaling for python
proctype: qty
--------: ---
web:  1
"""

PROCFILE = {"web": "python3 web.py",
            "worker": "         env QUEUE=* sleep 1000",
            "importantworker": "env QUEUE=important sleep 1000"}

FORMATION = {"formation": {"web": {"quantity": 1}, "worker": {"quantity": 4}}}


def shape(line):
    """A line of a report, whatever the width of its columns: its indent, its words."""
    indent = len(line) - len(line.lstrip())
    return indent, tuple(line.split())


class Brief(dokku.DokkuTest):
    def type(self, line, expect=0, **options):
        """Types a line of the page."""
        words = line.split()
        self.assertEqual(words[0], "dokku")
        return self.dokku(*words[1:], expect=expect, timeout=180, **options)

    def assert_reports(self, said, sample):
        """Every line of the sample, each below its own heading."""
        def blocks(text):
            return {block.splitlines()[0]: {shape(line) for line in block.splitlines()[1:]}
                    for block in re.split(r"(?m)^(?======> )", text) if block}
        answers = blocks(said)
        for heading, lines in blocks(sample).items():
            self.assertIn(heading, answers)
            self.assertLessEqual(lines, answers[heading], said)

    def deploy_app(self, name, **options):
        self.deploy(name, self.make_source(name, "one", **options))

    def test_the_list_of_commands(self):
        lines = [shape(line)[1] for line in self.type("dokku ps:help").out.splitlines()]
        for line in HELP.splitlines():
            usage, about = line.split(" # ")
            command = usage.split()[0]
            found = [words for words in lines if words[:1] == (command,)]
            self.assertEqual(len(found), 1, command)
            self.assertEqual(found[0][-len(about.split()):], tuple(about.split()))

    def test_the_reports(self):
        self.create("node-js-app", "python-sample", "ruby-sample")
        self.assert_reports(self.type("dokku ps:report node-js-app").out, ONE_REPORT)
        self.type("dokku ps:set node-js-app procfile-path Procfile2")
        said = self.type("dokku ps:report").out
        self.assert_reports(said, REPORT)
        headings = re.compile(r"(?m)^=====> .*$")
        self.assertEqual(headings.findall(said), headings.findall(REPORT))
        self.assertEqual(self.type("dokku ps:report node-js-app --deployed").out, "false\n")

    def test_the_scale(self):
        self.create("python")
        self.assertEqual(self.type("dokku ps:scale python").out, SCALE)

    def test_inspecting(self):
        self.deploy_app("node-js-app")
        self.dokku("config:set", "--no-restart", "node-js-app", "SECRET=hidden")
        self.type("dokku ps:rebuild node-js-app")
        said = self.type("dokku ps:inspect node-js-app").out
        self.assertEqual([one["Name"] for one in json.loads(said)], ["node-js-app.web.1"])
        self.assertIn("SECRET=XXXXXX", said)
        self.assertNotIn("hidden", said)

    def changes_pids(self, line, names, words=""):
        """Only what the names mean gets new processes."""
        before = self.reeve.pids()
        outcome = self.type(line)
        self.assertIn(words, outcome.out + outcome.err)
        after = self.reeve.pids()
        for name, pid in after.items():
            app = name.split("/")[0]
            check = self.assertNotEqual if app in names or name in names else self.assertEqual
            check(pid, before[name], f"{line}: {name}")
        self.assertEqual(before.keys(), self.reeve.running(), line)

    def test_rebuilding_and_restarting(self):
        apps = ("node-js-app", "other")
        for name in apps:
            self.deploy_app(name, procfile=PROCFILE)
        self.type("dokku ps:scale node-js-app worker=1")
        for verb in ("rebuild", "restart"):
            self.changes_pids(f"dokku ps:{verb} node-js-app", {"node-js-app"})
            serial = f"Running {verb} in serial mode"
            self.changes_pids(f"dokku ps:{verb} --all", apps, serial)
            self.changes_pids(f"dokku ps:{verb} --all --parallel 2", apps)
            count = f"Setting --parallel=-1 value to CPU count of {os.cpu_count()}"
            self.changes_pids(f"dokku ps:{verb} --all --parallel -1", apps, count)
        self.changes_pids("dokku ps:restart node-js-app web", {"node-js-app/web.1"})

    def test_stopping_and_starting(self):
        for name in ("node-js-app", "other"):
            self.deploy_app(name)
        everything = self.reeve.running()
        for words, left in (("node-js-app", {"other/web.1"}), ("--all", set()),
                            ("--all --parallel 2", set()), ("--all --parallel -1", set())):
            self.type(f"dokku ps:stop {words}")
            self.assertEqual(self.reeve.running(), left, words)
            self.type(f"dokku ps:start {words}")
            self.assertEqual(self.reeve.running(), everything, words)
            pids = self.reeve.pids()
            outcome = self.type(f"dokku ps:start {words}")
            self.assertIn("already running", outcome.err)
            self.assertEqual(self.reeve.pids(), pids, "no action where it runs")

    def test_settings(self):
        self.create("node-js-app")

        def computed(key):
            return self.type(f"dokku ps:report node-js-app --ps-computed-{key}").out.strip()
        for line, value in (("node-js-app stop-timeout 60", "60"),
                            ("node-js-app stop-timeout", "30"),
                            ("--global stop-timeout 60", "60"), ("--global stop-timeout", "30")):
            self.type(f"dokku scheduler-k3s:set {line}")
            self.assertEqual(computed("stop-timeout-seconds"), value, line)
        for line, value in (("node-js-app procfile-path .dokku/Procfile", ".dokku/Procfile"),
                            ("node-js-app procfile-path", "Procfile"),
                            ("--global procfile-path global-Procfile", "global-Procfile"),
                            ("--global procfile-path", "Procfile")):
            self.type(f"dokku ps:set {line}")
            self.assertEqual(computed("procfile-path"), value, line)

    def test_restart_policies(self):
        self.deploy_app("node-js-app")
        for policy in ("always", "no", "unless-stopped", "on-failure", "on-failure:20"):
            self.type(f"dokku ps:set node-js-app restart-policy {policy}")
            said = self.type("dokku ps:report node-js-app").out
            lines = {shape(line)[1] for line in said.splitlines()}
            self.assertIn(("Ps", "restart", "policy:", policy), lines)
            shown = json.loads(self.type("dokku ps:inspect node-js-app").out)
            self.assertIn(policy, json.dumps(shown[0]["HostConfig"]["RestartPolicy"]))
        self.type("dokku ps:rebuild node-js-app")
        pid = self.reeve.pids()["node-js-app/web.1"]
        kill(pid, signal.SIGKILL)
        self.reeve.wait_until(lambda: self.reeve.pids()["node-js-app/web.1"] not in (0, pid),
                              "a failed process is started again")

    def test_scaling(self):
        self.create("node-js-app")
        self.type("dokku ps:scale --skip-deploy node-js-app web=1")
        self.deploy_app("node-js-app", procfile=PROCFILE)
        self.assertEqual(self.reeve.running(), {"node-js-app/web.1"}, "web alone is scaled to one")
        self.type("dokku ps:scale node-js-app web=1")
        self.type("dokku ps:scale node-js-app web=1 worker=1")
        self.assertEqual(self.reeve.running(), {"node-js-app/web.1", "node-js-app/worker.1"})
        self.type("dokku ps:scale --skip-deploy node-js-app worker=2")
        self.assertEqual(len(self.reeve.running()), 2)

    def test_a_formation_in_app_json(self):
        settings = {"healthchecks": dokku.QUICK, **FORMATION}
        self.deploy_app("node-js-app", procfile=PROCFILE, app_json=settings)
        self.assertEqual(len(self.reeve.running("node-js-app/worker")), 4)
        outcome = self.type("dokku ps:scale node-js-app web=2", expect=1)
        self.assertIn("cannot be manually scaled", outcome.err)
        self.deploy_app("node-js-app", procfile=PROCFILE)
        self.assertEqual(len(self.reeve.running("node-js-app/worker")), 4, "the values stay")
        self.type("dokku ps:scale node-js-app worker=1")
        self.assertEqual(len(self.reeve.running("node-js-app/worker")), 1)

    def test_a_procfile_path_that_is_not_there(self):
        self.create("node-js-app")
        self.type("dokku ps:set node-js-app procfile-path .dokku/Procfile")
        source = self.make_source("node-js-app", "one", files={".dokku-is-not-here": ""})
        outcome = self.deploy("node-js-app", source, expect=1)
        self.assertIn(".dokku/Procfile", outcome.out + outcome.err)


if __name__ == "__main__":
    harness.main()
