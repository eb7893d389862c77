"""Bluepill's configuration: what is refused, what is pointed out, and ways to load it."""

import os

from bluepill_case import BluepillCase
from harness import BIN, is_alive, main, read


class ConfigurationTest(BluepillCase):
    ERRORS = {
        'p.start_command = nil': "You must specify a start_command for 'web'",
        'p.stop_signals = ["QUIT"]': "Invalid stop_signals!  Expected a symbol (signal) at "
                                     "position 0 instead of 'QUIT'.",
        'p.stop_signals = [:quit, 3.5, :term]': "Invalid stop_signals!  Expected a number (delay) "
                                                "at position 1 instead of '3.5'.",
        'p.stop_signals = [:quit, 3]': "Invalid stop_signals!  Expected an odd number of elements.",
        'p.stop_signals = [:quit, 3, :term]': "Stop_grace_time should be greater than the sum of "
                                              "stop_signals delays!",
    }

    def test_a_refused_configuration_leaves_what_runs_alone(self):
        self.bluepill("load", self.one_process(""))
        pid = self.wait_state("up")
        for body, message in self.ERRORS.items():
            outcome = self.bluepill("load", self.one_process(body), expect=6)
            self.assertEqual(outcome.err, f"Config Error: {message}\n")
        twice = {
            ("", "a", "a"): "You have two entries for the process name 'a'",
            ('p.group = "g"', "a", "a"):
                "You have two entries for the process name 'a' in the group 'g'",
            ('p.pid_file = "/tmp/1"', "a", "b"): "You have two entries with the pid file: /tmp/1",
        }
        for (body, *names), message in twice.items():
            processes = "".join(f"""
                app.process("{name}") {{ |p| p.start_command = "sleep 1000"; {body} }}
                """ for name in names)
            path = self.pill("demo", f'Bluepill.application("demo") {{ |app| {processes} }}')
            self.assertEqual(self.bluepill("load", path, expect=6).err,
                             f"Config Error: {message}\n")
        self.assertEqual(self.state(), ("up", pid))

    def test_a_typing_mistake_is_pointed_out(self):
        path = self.one_process("p.deamonize = true")
        line = 1 + read(path).split("deamonize")[0].count("\n")
        outcome = self.bluepill("load", path)
        self.assertIn(f"demo.pill:{line}: warning: there is no attribute \"deamonize\"",
                      outcome.err)
        self.assertIn("did you mean daemonize?", outcome.err)

    def test_a_pill_that_fails_says_what_ruby_says(self):
        path = self.pill("broken", "Bluepill.application('x') { |app| app.nope = 1 }")
        outcome = self.bluepill("load", path, expect=1)
        self.assertIn("undefined method `nope='", outcome.err)
        self.assertIn("undefined method `nope='", self.reeve.run("check", path).err)

    def test_a_pill_that_does_not_end_is_ended_with_its_children(self):
        path = self.pill("endless", """
            File.write("@DIR@/child", spawn("/bin/sleep", "1000").to_s)
            Process.setrlimit(Process::RLIMIT_CPU, 1)
            loop {}
            """)
        outcome = self.bluepill("load", path, expect=1)
        self.assertIn("its evaluation used too much processor time and was ended", outcome.err)
        child = int(read(self.path("child")))
        self.reeve.wait_until(lambda: not is_alive(child), "what it has started is ended, too")

    def test_a_pill_that_takes_too_much_memory_fails(self):
        path = self.pill("greedy", "text = 'x' * (3 << 30)")
        outcome = self.bluepill("load", path, expect=1)
        self.assertIn("failed to allocate memory", outcome.err)

    def test_without_ruby_it_says_so_and_evaluated_json_still_loads(self):
        path = self.one_process("")
        json = self.path("demo.pill.json")
        with open(json, "w", encoding="utf-8") as out:
            out.write(self.bluepill(path, program=os.path.join(BIN, "reeve-pill")).out)
        empty = self.path("empty")
        os.mkdir(empty)
        outcome = self.bluepill("load", path, expect=1, PATH=empty)
        self.assertIn("there is no ruby in PATH", outcome.err)
        self.bluepill("load", json, PATH=empty)
        self.wait_state("up")

    def test_reeves_own_commands_take_pills_too(self):
        path = self.one_process("")
        self.assertIn("the app demo with 1 service is good", self.reeve.cli("check", path).out)
        self.reeve.cli("load", path, timeout=90)
        self.assertEqual(len(self.reeve.running("demo/web")), 1)

    def test_a_converted_pill_runs_without_ruby(self):
        path = self.one_process("p.checks :mem_usage, :every => 10, :below => 100.megabytes")
        self.reeve.cli("convert", path, "--to", "native", "--out", self.path("native"))
        os.unlink(path)
        environment = {**self.reeve.environment(), "PATH": self.path("empty")}
        self.reeve.cli("load", self.path("native", "reeve.toml"), env=environment, timeout=90)
        self.assertEqual(len(self.reeve.running("demo/web")), 1)
        self.assertIn("mem_usage", self.reeve.cli("status", "demo/web").out)

    def test_the_autoload_directory_is_loaded_once(self):
        directory = self.path("autoload")
        os.mkdir(directory)
        for app in ("user_one", "user_two", "user_open"):
            os.rename(self.one_process("", app=app), os.path.join(directory, app + ".pill"))
        os.chmod(os.path.join(directory, "user_open.pill"), 0o666)
        outcome = self.bluepill("autoload", directory, expect=1)
        self.assertIn("not loaded, as others may write to it", outcome.err)
        pid = self.wait_state("up", "web", "user_one")
        self.wait_state("up", "web", "user_two")
        self.bluepill("user_open", "status", expect=1)
        os.unlink(os.path.join(directory, "user_open.pill"))
        self.assertEqual(self.bluepill("autoload", directory).out, "")
        self.assertEqual(self.state("web", "user_one"), ("up", pid))

    def test_who_else_may_write_the_file_is_warned_of(self):
        path = self.one_process("")
        os.chmod(path, 0o666)
        self.assertIn("others may write to this file", self.bluepill("load", path).err)


if __name__ == "__main__":
    main()
