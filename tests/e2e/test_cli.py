"""What people and scripts rely on: exit codes, shapes, words."""

import json
import os
import re
import subprocess

from harness import ReeveTest, kill, main, program, read, wait_until

ESCAPE = "\x1b["


class Followed:
    """The output of a command that goes on, read from where it was left."""

    def __init__(self, test, child, path):
        self.test, self.child, self.path, self.seen = test, child, path, 0

    def read_until(self, pattern, what):
        """Goes past the next line that matches."""
        def look():
            lines = read(self.path).splitlines()
            for at in range(self.seen, len(lines)):
                if re.search(pattern, lines[at]):
                    self.seen = at + 1
                    return True
            self.test.assertIsNone(self.child.poll(), f"it has ended; it wrote {lines}")
            return False
        wait_until(look, what, 20, lambda: f"what came: {read(self.path)}\n"
                   + self.test.reeve.diagnosis())


class CliTest(ReeveTest):
    def load_shop(self, **options):
        self.app = self.make_app("shop", {"worker": program("counter.pl"),
                                          "clock": "exec sleep 1000"}, **options)
        return self.reeve.cli("load", self.app)

    def follow(self, *args):
        """A command that goes on: its output, line by line."""
        output = os.path.join(self.directory, "-".join(args[:2]))
        with open(output, "wb") as out:
            child = self.reeve.popen(*args, stdout=out, stderr=subprocess.STDOUT)
        self.children.append(child)
        return Followed(self, child, output)

    def load_slow(self):
        """A service that takes two seconds to stop."""
        slow = "trap 'sleep 2; exit 0' TERM; while :; do sleep 0.1; done"
        self.reeve.cli("load", self.make_app("app", {"slow": slow}))

    # ---- Exit codes (the numbers of `reeve help`)

    def test_exit_codes_tell_what_became_of_a_command(self):
        self.reeve.cli("status", expect=69)
        self.load_shop()
        self.reeve.cli("status", expect=0)
        self.reeve.cli("status", "shop/clock", expect=0)
        self.reeve.cli("stop", "shop/clock", expect=0)
        self.reeve.cli("status", "shop/clock", expect=3)
        self.reeve.cli("status", "shop", expect=3)
        for wrong in (["status", "nix"], ["stop", "nix"], ["restart", "shop/nix"],
                      ["start", "shop/worker.9"], ["scale", "shop", "nix=1"], ["unload", "nix"],
                      ["logs", "nix"], ["why", "nix"], ["signal", "HUP", "nix"]):
            outcome = self.reeve.cli(*wrong, expect=4)
            self.assertTrue(outcome.err.startswith("reeve: "), outcome)
        for wrong in (["bogus"], [], ["stop"], ["scale", "shop", "worker=x"],
                      ["signal", "NOPE", "shop"], ["restart", "shop", "--nix"],
                      ["stop", "shop", "--timeout", "soon"]):
            self.reeve.cli(*wrong, expect=2)
        self.reeve.cli("load", os.path.join(self.directory, "nowhere"), expect=1)
        missing = self.make_app("missing", {"worker": "/does/not/exist"})
        failed = self.reeve.cli("load", missing, expect=1)
        self.assertIn("missing/worker.1", failed.err)
        self.assertIn("No such file or directory", failed.err)

    def test_a_command_that_takes_too_long_ends_with_124_and_goes_on(self):
        self.load_slow()
        outcome = self.reeve.cli("stop", "app", "--timeout", "200ms", expect=124)
        self.assertLess(outcome.seconds, 2)
        self.reeve.wait_until(lambda: self.reeve.instances()["app/slow.1"]["state"] == "stopped",
                              "the stop goes on")

    def test_no_wait_returns_before_the_end(self):
        self.load_slow()
        outcome = self.reeve.cli("stop", "app", "--no-wait")
        self.assertLess(outcome.seconds, 1.5)
        self.assertEqual(self.reeve.instances()["app/slow.1"]["state"], "stopping")

    # ---- Shapes

    def test_status_as_json_has_the_promised_members(self):
        self.load_shop()
        status = json.loads(self.reeve.cli("status", "--json").out)
        one = next(one for one in status["instances"] if one["service"] == "worker")
        self.assertEqual((one["app"], one["instance"], one["state"], one["goal"], one["ready"],
                          one["restarts"]), ("shop", "worker.1", "running", "up", True, 0))
        self.assertIsInstance(one["pid"], int)
        self.assertRegex(one["since"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertLessEqual({"reason", "port", "log", "last_exit", "command", "restart_policy"},
                             set(one))
        self.assertEqual([app["name"] for app in status["apps"]], ["shop"])
        self.assertLessEqual({"version", "pid", "keeper_pid", "scribe_pid", "mode", "warnings"},
                             set(status["daemon"]))
        one = json.loads(self.reeve.cli("status", "shop/clock", "--json").out)["instances"]
        self.assertEqual([instance["instance"] for instance in one], ["clock.1"])

    def test_the_table_names_every_instance_and_is_plain_without_a_terminal(self):
        self.load_shop()
        lines = self.reeve.cli("status").out.splitlines()
        self.assertRegex(lines[0], r"^APP +INSTANCE +STATE")
        self.assertTrue(any(re.match(r"shop +worker\.1 +running", line) for line in lines), lines)
        self.assertNotIn(ESCAPE, "".join(lines))

    def test_colours_show_on_a_terminal_unless_no_color_is_set(self):
        self.load_shop()
        for no_color, coloured in ((None, True), ("1", False)):
            output = self.on_a_terminal("status", NO_COLOR=no_color)
            self.assertEqual(ESCAPE in output, coloured, repr(output))

    def on_a_terminal(self, *args, **environment):
        """What a command writes to a terminal."""
        main_end, its_end = os.openpty()
        try:
            child = self.reeve.popen(*args, stdout=its_end, stderr=its_end, env={
                name: value for name, value in {**self.reeve.environment(), "TERM": "xterm",
                                                **environment}.items() if value is not None})
            os.close(its_end)
            output = b""
            while True:
                try:
                    piece = os.read(main_end, 4096)
                except OSError:
                    break  # the last writer has gone
                if not piece:
                    break
                output += piece
            self.assertEqual(child.wait(20), 0)
            return output.decode()
        finally:
            os.close(main_end)

    # ---- Errors

    def test_a_broken_procfile_is_shown_with_its_place_and_a_caret(self):
        broken = self.make_app("broken", "web: perl web.pl\nworker perl\n")
        for command in ("load", "check"):
            outcome = self.reeve.cli(command, broken, expect=1)
            lines = outcome.err.splitlines() + outcome.out.splitlines()
            place = next(at for at, line in enumerate(lines) if line.startswith(
                f"{broken}/Procfile:2:8: error: "))
            self.assertEqual(lines[place + 1].strip(), "worker perl")
            self.assertEqual(lines[place + 2].index("^") - lines[place + 1].index("worker"), 7)
        self.reeve.cli("status", expect=69)  # an app with errors starts nothing

    def test_a_name_that_is_taken_is_refused_with_both_places(self):
        self.load_shop()
        other = self.make_app("shop", {"worker": "sleep 1000"}, parent="elsewhere")
        outcome = self.reeve.cli("load", other, expect=2)
        self.assertIn(self.app, outcome.err)
        self.assertIn(other, outcome.err)
        self.assertIn("--as", outcome.err)
        self.reeve.cli("load", other, "--as", "shop-two")
        self.assertEqual(self.reeve.running("shop-two"), {"shop-two/worker.1"})
        self.assertEqual(self.reeve.running("shop/"), {"shop/worker.1", "shop/clock.1"})

    # ---- Commands

    def test_load_again_touches_only_what_changed(self):
        self.load_shop()
        before = self.reeve.pids()
        self.reeve.cli("load", self.app)
        self.assertEqual(self.reeve.pids(), before)
        self.make_app("shop", {"worker": program("counter.pl"), "clock": "exec sleep 2000",
                               "more": "exec sleep 3000"})
        self.reeve.cli("load", self.app)
        after = self.reeve.pids()
        self.assertEqual(after["shop/worker.1"], before["shop/worker.1"])
        self.assertNotEqual(after["shop/clock.1"], before["shop/clock.1"])
        self.assertIn("shop/more.1", self.reeve.running())
        self.make_app("shop", {"worker": program("counter.pl")})
        self.reeve.cli("load", self.app)
        self.assertEqual(self.reeve.pids(), {"shop/worker.1": before["shop/worker.1"]})

    def test_unload_forgets_the_app_for_good(self):
        self.load_shop()
        self.reeve.cli("unload", "shop")
        self.reeve.cli("status", "shop", expect=4)
        self.reeve.cli("shutdown")
        self.reeve.cli("daemon", "--detach")
        self.assertEqual(self.reeve.instances(), {})

    def test_no_start_loads_without_starting(self):
        app = self.make_app("shop", {"worker": program("counter.pl")})
        self.reeve.cli("load", app, "--no-start")
        self.assertEqual(self.reeve.instances()["shop/worker.1"]["state"], "stopped")
        self.reeve.cli("start", "shop")
        self.assertEqual(self.reeve.running(), {"shop/worker.1"})

    def test_patterns_name_several_targets(self):
        self.load_shop()
        self.reeve.cli("stop", "shop/w*")
        self.assertEqual(self.reeve.running(), {"shop/clock.1"})

    def test_signal_reaches_the_process_and_why_names_its_cause(self):
        self.load_shop()
        pid = self.reeve.pids()["shop/clock.1"]
        self.reeve.cli("signal", "USR2", "shop/clock")
        self.reeve.wait_until(lambda: self.reeve.instances()["shop/clock.1"]["restarts"] == 1,
                              "it was killed by the signal")
        told = self.reeve.cli("why", "shop/clock.1").out
        self.assertRegex(told, r"operator: uid \d+ pid \d+: reeve signal USR2 shop/clock\n"
                               r".* running -> running  SIGUSR2 sent\n")
        self.assertLess(told.index("SIGUSR2 sent"), told.index("killed by SIGUSR2"))
        self.assertIn(f"(pid {pid}) killed by SIGUSR2", told)
        self.assertIn(f"reeve load {self.app}", told)
        self.assertRegex(told, r"operator: uid \d+ pid \d+: reeve load")

    def test_the_signal_may_come_last(self):
        self.load_shop()
        self.reeve.cli("signal", "shop/clock", "USR2")
        self.reeve.wait_until(lambda: self.reeve.instances()["shop/clock.1"]["restarts"] == 1,
                              "it was killed by the signal")

    def test_why_names_a_kill_from_outside_and_the_operators_command(self):
        self.load_shop()
        pid = self.reeve.pids()["shop/worker.1"]
        kill(pid)
        self.reeve.wait_until(lambda: self.reeve.instances()["shop/worker.1"]["restarts"] == 1
                              and len(self.reeve.running()) == 2, "it is restarted")
        self.reeve.cli("stop", "shop/worker")
        history = json.loads(self.reeve.cli("why", "shop/worker.1", "--json").out)["transitions"]
        causes = [(row["to"], row["cause"]["kind"], row["cause"]["text"]) for row in history]
        ended = next(cause for cause in causes if cause[0] == "backoff")
        self.assertEqual(ended[1], "exit")
        self.assertIn("SIGKILL", ended[2])
        stopped = next(cause for cause in causes if cause[0] == "stopping")
        self.assertEqual(stopped[1], "operator")
        self.assertIn("reeve stop shop/worker", stopped[2])

    def test_events_are_followed_across_the_death_of_reeved(self):
        self.load_shop()
        events = self.follow("events", "-f")
        events.read_until(r"shop/worker\.1 starting -> running", "what was")
        self.reeve.cli("stop", "shop/worker")
        events.read_until(r"shop/worker\.1 .*-> stopped", "the stop")
        kill(self.reeve.wait_for_new("reeved", 0))
        self.reeve.cli("start", "shop/worker")
        events.read_until(r"shop/worker\.1 starting -> running", "the start")

    def test_logs_are_followed_across_restarts_and_the_death_of_the_scribe(self):
        self.load_shop()
        logs = self.follow("logs", "-f", "shop/worker")
        pid = self.reeve.pids()["shop/worker.1"]
        logs.read_until(rf"{pid} line", "lines of the first process")
        self.reeve.cli("restart", "shop/worker")
        logs.read_until(rf"{pid} bye", "the last line of the first process")
        pid = self.reeve.pids()["shop/worker.1"]
        kill(self.reeve.wait_for_new("reeve-scribe", 0))
        logs.read_until(rf"{pid} line [1-9]\d", "lines of the second process")

    def test_logs_show_the_last_lines(self):
        self.load_shop()
        self.reeve.wait_until(
            lambda: len(self.reeve.cli("logs", "shop", "-n", "3").out.splitlines()) == 3,
            "three lines")
        line = self.reeve.cli("logs", "shop/worker.1", "-n", "1").out
        self.assertRegex(line, r"worker\.1 +\| \d+ line \d+\n$")

    def test_a_service_that_crashes_again_and_again_is_shown_as_crash_looping(self):
        app = self.make_app("app", {"bad": "echo no; exit 9", "good": "exec sleep 1000"})
        self.reeve.run("load", app)
        self.reeve.wait_until(
            lambda: self.reeve.instances()["app/bad.1"]["state"] == "crash-looping",
            "five ends make a crash loop", 60)
        one = self.reeve.instances()["app/bad.1"]
        self.assertEqual(one["last_exit"]["code"], 9)
        self.assertIsNotNone(one["next_attempt"])
        self.assertEqual(self.reeve.instances()["app/good.1"]["restarts"], 0)
        self.reeve.cli("status", "app", expect=3)


if __name__ == "__main__":
    main()
