"""Dokku's commands about processes, as its page on process management has them: every command of
that page is typed, and what it prints has the shape of the samples there."""

import json
import os
import re
import signal

import harness
from harness import kill, program

REPORT_KEYS = ["Deployed", "Processes", "Ps can scale", "Ps computed procfile path",
               "Ps global procfile path", "Ps procfile path", "Ps restart policy", "Restore",
               "Running"]


class DokkuPsTest(harness.ReeveTest):
    def setUp(self):
        super().setUp()
        self.reeve.cli("daemon", "--detach")

    def deploy(self, name="node-js-app", procfile=None):
        """An app that runs a web process and knows a worker."""
        path = self.make_app(name, procfile or {"web": "exec " + program("web.py"),
                                                "worker": "exec sleep 1000"})
        self.reeve.cli("load", path)
        self.reeve.cli("ps:scale", name, "web=1", "worker=0")
        return path

    def report_of(self, name):
        text = self.reeve.cli("ps:report", name).out
        lines = text.splitlines()
        self.assertEqual(lines[0], f"=====> {name} ps information")
        values = {}
        for line in lines[1:]:
            match = re.fullmatch(r" {7}([A-Z][^:]*):(?: +(.*))?", line)
            self.assertTrue(match, line)
            values[match.group(1)] = match.group(2) or ""
        return values

    def test_help_is_the_same_with_and_without_a_colon(self):
        plain = self.reeve.cli("dokku", "ps").out
        self.assertEqual(self.reeve.cli("dokku", "ps:help").out, plain)
        self.assertIn("Manage app processes", plain)
        for command in ("ps:inspect", "ps:report", "ps:restart", "ps:restore", "ps:scale",
                        "ps:set", "ps:start", "ps:stop"):
            self.assertIn(command, plain)

    def test_commands_that_are_not_there_say_what_there_is(self):
        for command, instead in (("nothing:at-all", ""), ("builds:list", "reeve releases APP"),
                                 ("docker-options:add", "There are no containers"),
                                 ("certs:add", "TLS ends in front of reeve"),
                                 ("logs:set", "rotated by reeve"), ("urls", "domains:report"),
                                 ("git:status", "git:report APP")):
            outcome = self.reeve.cli("dokku", command, "shop", expect=1)
            lines = outcome.err.splitlines()
            self.assertEqual(lines[0], f" !     `{command}` is not a dokku command.")
            self.assertIn(instead, outcome.err)
            self.assertEqual(lines[-1], " !     See `dokku help` for a list of available commands.")

    def test_scale_is_shown_as_in_the_sample(self):
        self.reeve.cli("apps:create", "python")
        shown = "-----> Scaling for python\nproctype: qty\n--------: ---\nweb:  1\n"
        self.assertEqual(self.reeve.cli("ps:scale", "python").out, shown)
        self.assertEqual(self.reeve.cli("dokku", "--quiet", "ps:scale", "python").out, "web:  1\n")
        as_json = json.loads(self.reeve.cli("ps:scale", "python", "--format", "json").out)
        self.assertEqual(as_json, [{"process_type": "web", "quantity": 1}])

    def test_scale_changes_only_what_it_names(self):
        self.deploy()
        web = self.reeve.pids("node-js-app/web.1")
        outcome = self.reeve.cli("ps:scale", "node-js-app", "web=2", "worker=1")
        self.assertEqual(outcome.out, "-----> Scaling node-js-app processes: web=2 worker=1\n")
        self.assertEqual(self.reeve.pids("node-js-app/web.1"), web)
        self.assertEqual(len(self.reeve.running("node-js-app/")), 3)
        self.reeve.cli("ps:scale", "--skip-deploy", "node-js-app", "web=1")
        self.assertEqual(len(self.reeve.running("node-js-app/")), 3)

    def test_scale_says_what_is_wrong_and_changes_nothing(self):
        self.deploy()
        for words, message in (
                (["web"], "Missing count for process type web"),
                (["web=x"], "Invalid count for process type web"),
                (["web=-1"], "Invalid count for process type web"),
                (["web=2", "nothing=1"], "nothing is not a valid process name to scale up")):
            outcome = self.reeve.cli("ps:scale", "node-js-app", *words, expect=1)
            self.assertEqual(outcome.err, f" !     {message}\n")
        self.reeve.cli("ps:scale", "node-js-app", "nothing=0")
        self.assertEqual(len(self.reeve.running("node-js-app/")), 1)
        outcome = self.reeve.cli("ps:scale", "node-js-app", "release=1", expect=1)
        self.assertEqual(outcome.err,
                         " !     release runs once per release and cannot be scaled up\n")
        outcome = self.reeve.cli("ps:scale", "nobody", "web=1", expect=20)
        self.assertEqual(outcome.err, " !     App nobody does not exist\n")
        outcome = self.reeve.cli("ps:scale", expect=1)
        self.assertEqual(outcome.err, " !     Please specify an app to run the command on\n")

    def test_scale_is_refused_where_app_json_has_it(self):
        path = self.make_app("fixed", {"web": "exec sleep 1000"},
                             {"app.json": '{"formation": {"web": {"quantity": 1}}}'})
        self.reeve.cli("load", path)
        outcome = self.reeve.cli("ps:scale", "fixed", "web=2", expect=1)
        self.assertEqual(outcome.err,
                         " !     App fixed contains an app.json file with a formations key and "
                         "cannot be manually scaled\n")
        self.assertEqual(self.reeve.cli("ps:report", "fixed", "--ps-can-scale").out, "false\n")

    def test_report_has_the_keys_of_the_sample(self):
        for name in ("node-js-app", "python-sample", "ruby-sample"):
            self.reeve.cli("apps:create", name)
        self.reeve.cli("ps:set", "node-js-app", "procfile-path", "Procfile2")
        values = self.report_of("node-js-app")
        for key in REPORT_KEYS:
            self.assertIn(key, values)
        self.assertEqual({key: values[key] for key in REPORT_KEYS}, {
            "Deployed": "false", "Processes": "0", "Ps can scale": "true",
            "Ps computed procfile path": "Procfile2", "Ps global procfile path": "Procfile",
            "Ps procfile path": "Procfile2", "Ps restart policy": "on-failure:10",
            "Restore": "true", "Running": "false"})
        every = self.reeve.cli("ps:report").out
        headings = re.findall(r"^=====> (\S+) ps information$", every, re.MULTILINE)
        self.assertEqual(headings, ["node-js-app", "python-sample", "ruby-sample"])
        self.assertEqual(self.reeve.cli("ps:report", "node-js-app", "--deployed").out, "false\n")

    def test_report_of_what_runs(self):
        self.deploy()
        values = self.report_of("node-js-app")
        self.assertEqual((values["Deployed"], values["Running"], values["Processes"]),
                         ("true", "true", "1"))
        self.assertRegex(values["Status web 1"], r"^running \(CID: [0-9a-f]{11}\)$")
        as_json = json.loads(self.reeve.cli("ps:report", "node-js-app", "--format", "json").out)
        self.assertEqual(as_json["stop-timeout-seconds"], as_json["ps-stop-timeout-seconds"])
        self.assertEqual(as_json["computed-restart-policy"], "on-failure:10")
        everywhere = json.loads(self.reeve.cli("ps:report", "--global", "--format", "json").out)
        self.assertEqual(everywhere["computed-stop-timeout-seconds"], "30")
        outcome = self.reeve.cli("ps:report", "node-js-app", "--nothing", expect=1)
        self.assertIn("Invalid flag passed, valid flags: --deployed", outcome.err)

    def test_properties_are_set_checked_and_unset(self):
        self.reeve.cli("apps:create", "node-js-app")
        for policy in ("always", "no", "unless-stopped", "on-failure", "on-failure:20"):
            outcome = self.reeve.cli("ps:set", "node-js-app", "restart-policy", policy)
            self.assertEqual(outcome.out, f"=====> Setting restart-policy to {policy}\n")
            shown = self.reeve.cli("ps:report", "node-js-app", "--ps-restart-policy").out
            self.assertEqual(shown, policy + "\n")
        for bad in ("bogus", "on-failure:x", "on-failure:-1"):
            outcome = self.reeve.cli("ps:set", "node-js-app", "restart-policy", bad, expect=1)
            self.assertEqual(outcome.err, " !     Invalid restart-policy specified\n")
        self.assertEqual(self.reeve.cli("ps:set", "node-js-app", "restart-policy").out,
                         "=====> Unsetting restart-policy\n")
        outcome = self.reeve.cli("ps:set", "node-js-app", "colour", "red", expect=1)
        self.assertIn("Invalid property specified, valid properties include: dockerfile-start-cmd, "
                      "procfile-path, restart-policy", outcome.err)
        outcome = self.reeve.cli("ps:set", "--global", "restore", "false", expect=1)
        self.assertEqual(outcome.err, " !     Property cannot be specified globally\n")

    def test_stop_timeout_has_two_names_and_an_alias(self):
        self.reeve.cli("apps:create", "node-js-app")
        self.reeve.cli("scheduler-k3s:set", "--global", "stop-timeout", "90")
        for words, expected in ((["scheduler-k3s:set", "node-js-app", "stop-timeout", "60"], "60"),
                                (["ps:set", "node-js-app", "stop-timeout-seconds", "45"], "45"),
                                (["scheduler-k3s:set", "node-js-app", "stop-timeout"], "90")):
            self.reeve.cli(*words)
            shown = self.reeve.cli("ps:report", "node-js-app",
                                   "--ps-computed-stop-timeout-seconds").out
            self.assertEqual(shown, expected + "\n")
        self.reeve.cli("scheduler-k3s:set", "node-js-app", "token", "x", expect=1)
        for flag, expected in (("--stop-timeout-seconds", "\n"),
                               ("--computed-stop-timeout-seconds", "90\n"),
                               ("--global-stop-timeout-seconds", "90\n")):
            self.assertEqual(self.reeve.cli("ps:report", "node-js-app", flag).out, expected)

    def test_a_policy_holds_at_once_for_what_runs(self):
        self.deploy()
        pids = self.reeve.pids("node-js-app/")
        self.reeve.cli("ps:set", "node-js-app", "restart-policy", "no")
        self.assertEqual(self.reeve.pids("node-js-app/"), pids)
        kill(pids["node-js-app/web.1"], signal.SIGKILL)
        self.reeve.wait_until(lambda: not self.reeve.running("node-js-app/"), "it stays down")
        self.assertEqual(self.reeve.cli("ps:report", "node-js-app", "--running").out, "false\n")
        self.reeve.cli("ps:set", "node-js-app", "restart-policy", "always")
        self.reeve.cli("ps:start", "node-js-app")
        self.reeve.wait_running("node-js-app/", 1)

    def test_stop_start_and_restart(self):
        self.deploy()
        old = self.reeve.pids("node-js-app/")
        outcome = self.reeve.cli("ps:stop", "node-js-app")
        self.assertEqual(outcome.out, "-----> Stopping node-js-app\n")
        self.assertEqual(self.reeve.cli("ps:report", "node-js-app", "--restore").out, "false\n")
        self.reeve.cli("ps:stop", "node-js-app")
        outcome = self.reeve.cli("ps:start", "node-js-app")
        self.assertIn("App has been detected as not running, releasing", outcome.err)
        self.assertEqual(self.reeve.cli("ps:report", "node-js-app", "--restore").out, "true\n")
        outcome = self.reeve.cli("ps:start", "node-js-app")
        self.assertIn("App node-js-app already running", outcome.err)
        started = self.reeve.pids("node-js-app/")
        self.assertNotEqual(started, old)
        self.reeve.cli("ps:restart", "node-js-app", "web")
        self.assertNotEqual(self.reeve.pids("node-js-app/"), started)
        outcome = self.reeve.cli("ps:restart", "node-js-app", "nothing", expect=1)
        self.assertEqual(outcome.err,
                         " !     nothing is not a valid process type for node-js-app\n")

    def test_one_instance_is_restarted_alone(self):
        self.deploy()
        self.reeve.cli("ps:scale", "node-js-app", "web=2")
        before = self.reeve.pids("node-js-app/")
        self.reeve.cli("ps:restart", "node-js-app", "web.2")
        after = self.reeve.pids("node-js-app/")
        self.assertEqual(after["node-js-app/web.1"], before["node-js-app/web.1"])
        self.assertNotEqual(after["node-js-app/web.2"], before["node-js-app/web.2"])

    def test_all_apps_one_after_the_other_or_several_at_a_time(self):
        for name in ("one", "two", "three"):
            self.deploy(name)
        outcome = self.reeve.cli("ps:stop", "--all")
        self.assertIn(" !     Running stop in serial mode\n", outcome.err)
        for name in ("one", "two", "three"):
            self.assertIn(f"-----> Running stop against app {name}\n", outcome.out)
        outcome = self.reeve.cli("ps:start", "--all", "--parallel", "2")
        self.assertIn("-----> Running command against three\n", outcome.out)
        self.assertEqual(len(self.reeve.running()), 3)
        outcome = self.reeve.cli("ps:restart", "--all", "--parallel", "-1")
        self.assertIn(f"Setting --parallel=-1 value to CPU count of {os.cpu_count()}", outcome.err)
        outcome = self.reeve.cli("ps:stop", "--all", "--parallel", "-2", expect=1)
        self.assertEqual(outcome.err, " !     Invalid value -2 for --parallel flag\n")
        outcome = self.reeve.cli("ps:restart", "--all", "one", expect=1)
        self.assertIn("Unable to restart all apps when specifying a process name", outcome.err)
        outcome = self.reeve.cli("ps:restore")
        self.assertIn("Restore specified without app, assuming --all", outcome.err)

    def test_what_was_never_deployed_is_left_alone(self):
        self.reeve.cli("apps:create", "node-js-app")
        for command in ("ps:start", "ps:stop", "ps:restart", "ps:restore"):
            outcome = self.reeve.cli(command, "node-js-app")
            self.assertIn("App node-js-app has not been deployed", outcome.err)
        self.assertIn("Retiring old containers", self.reeve.cli("ps:retire", "node-js-app").out)
        self.assertEqual(json.loads(self.reeve.cli("ps:inspect", "node-js-app").out), [])

    def test_inspect_masks_the_environment(self):
        path = self.make_app("node-js-app", {"web": "exec sleep 1000"},
                             {".env": "key=value=value\nDOKKU_X=seen\n"})
        self.reeve.cli("load", path)
        text = self.reeve.cli("ps:inspect", "node-js-app").out
        shown = json.loads(text)
        self.assertEqual(len(shown), 1)
        self.assertIn("key=XXXXXX", shown[0]["Config"]["Env"])
        self.assertIn("DOKKU_X=seen", shown[0]["Config"]["Env"])
        self.assertNotIn("value=value", text)
        self.assertEqual(shown[0]["State"]["Pid"],
                         self.reeve.pids("node-js-app/")["node-js-app/web.1"])

    def test_checks_are_listed_moved_and_run(self):
        self.deploy()

        def lists():
            return tuple(self.reeve.cli("checks:report", "node-js-app", f"--checks-{name}-list").out
                         for name in ("disabled", "skipped"))
        self.assertEqual(lists(), ("none\n", "none\n"))
        self.reeve.cli("checks:disable", "node-js-app")
        self.assertEqual(lists(), ("_all_\n", "none\n"))
        self.reeve.cli("checks:enable", "node-js-app")
        self.reeve.cli("checks:disable", "node-js-app", "web,worker,urgentworker,notifications")
        self.reeve.cli("checks:skip", "node-js-app", "urgentworker,worker")
        self.assertEqual(lists(), ("web,notifications\n", "urgentworker,worker\n"))
        self.reeve.cli("checks:set", "node-js-app", "wait-to-retire", "30")
        shown = self.reeve.cli("checks:report", "node-js-app",
                               "--checks-computed-wait-to-retire").out
        self.assertEqual(shown, "30\n")
        outcome = self.reeve.cli("checks:set", "node-js-app", "colour", "red", expect=1)
        self.assertIn("Invalid key specified, valid keys include: wait-to-retire", outcome.err)
        outcome = self.reeve.cli("checks:run", "node-js-app", "web2", expect=1)
        self.assertIn("Invalid process type specified (node-js-app.web2)", outcome.err)
        outcome = self.reeve.cli("checks:run", "node-js-app", "web.2", expect=1)
        self.assertIn("Invalid container index specified (node-js-app.web.2)", outcome.err)

    def test_logs_have_dokkus_form(self):
        path = self.make_app("node-js-app", {"web": "echo hello; exec sleep 1000"})
        self.reeve.cli("load", path)
        form = r"\d{4}-\d\d-\d\dT[\d:.]+Z app\[web\.1\]: hello\n"
        self.reeve.wait_until(lambda: "hello" in self.reeve.cli("dokku", "logs", "node-js-app").out,
                              "the line is there")
        self.assertRegex(self.reeve.cli("dokku", "logs", "node-js-app", "-n", "1").out, form)
        self.assertEqual(self.reeve.cli("dokku", "logs", "node-js-app", "-q", "-p", "web").out,
                         "hello\n")
        self.reeve.cli("dokku", "logs", "node-js-app", "-p", "worker", expect=1)


if __name__ == "__main__":
    harness.main()
