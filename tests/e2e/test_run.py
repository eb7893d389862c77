"""`reeve run DIR`: an app in the foreground, which goes with its terminal."""

import fcntl
import os
import re
import signal
import subprocess
import termios

from harness import ReeveTest, is_alive, main, program, read_or, wait_until


class RunTest(ReeveTest):
    def setUp(self):
        super().setUp()
        self.temporary = os.path.join(self.directory, "tmp")
        os.makedirs(self.temporary)

    def run_app(self, app, **options):
        self.output = os.path.join(self.directory, "output")
        with open(self.output, "wb") as output:
            child = self.reeve.popen(
                "run", app, stdout=output, stderr=subprocess.STDOUT,
                env={**self.reeve.environment(), "TMPDIR": self.temporary}, **options)
        self.children.append(child)
        return child

    def wait_for_output(self, pattern):
        wait_until(lambda: re.search(pattern, read_or(self.output)), f"{pattern} is printed", 30,
                   lambda: read_or(self.output))

    def pids(self, app):
        return [int(line.split()[1]) for line in
                read_or(os.path.join(app, "starts")).splitlines()]

    def assert_nothing_left(self, app):
        self.assertEqual([pid for pid in self.pids(app) if is_alive(pid)], [])
        self.assertEqual(os.listdir(self.temporary), [])
        wait_until(lambda: not self.left_processes(), "no process is left", 5)

    def make_counters(self):
        return self.make_app("app", {"worker": program("counter.pl"),
                                     "other": program("counter.pl")})

    def test_lines_have_prefixes_and_ctrl_c_stops_everything(self):
        app = self.make_counters()
        child = self.run_app(app)
        self.wait_for_output(r"worker\.1 +\| \d+ line \d+")
        self.wait_for_output(r"other\.1 +\| \d+ line \d+")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(30), 0, read_or(self.output))
        text = read_or(self.output)
        for pid in self.pids(app):
            self.assertRegex(text, rf"\| {pid} bye", "the last lines are shown")
        self.assert_nothing_left(app)

    def test_sigterm_and_a_terminal_that_goes_stop_everything(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            app = self.make_app(f"app-{int(number)}", {"worker": program("counter.pl")})
            child = self.run_app(app)
            self.wait_for_output(r"worker\.1 +\| \d+ line \d+")
            child.send_signal(number)
            self.assertEqual(child.wait(30), 0, read_or(self.output))
            self.assert_nothing_left(app)

    def test_a_terminal_that_is_closed_stops_everything(self):
        app = self.make_counters()
        main_end, its_end = os.openpty()
        child = self.reeve.popen("run", app, stdin=its_end, stdout=its_end, stderr=its_end,
                                 env={**self.reeve.environment(), "TMPDIR": self.temporary},
                                 preexec_fn=lambda: (os.setsid(), take_terminal(0)))
        self.children.append(child)
        os.close(its_end)
        wait_until(lambda: len(self.pids(app)) == 2, "both run")
        os.close(main_end)
        child.wait(30)
        self.assert_nothing_left(app)

    def test_a_killed_foreground_reeve_leaves_no_process(self):
        app = self.make_counters()
        child = self.run_app(app)
        self.wait_for_output(r"worker\.1 +\| \d+ line \d+")
        child.kill()
        child.wait(30)
        wait_until(lambda: not any(map(is_alive, self.pids(app))), "the processes have ended")
        wait_until(lambda: not self.left_processes(), "reeve's own have ended", 10)

    def test_a_second_ctrl_c_kills_what_does_not_stop(self):
        app = self.make_app("app", {"deaf": program("stubborn.pl") + " deaf ignore"})
        child = self.run_app(app)
        noted = os.path.join(app, "pids")
        wait_until(lambda: read_or(noted), "it runs")
        child.send_signal(signal.SIGINT)
        self.wait_for_output("once more Ctrl-C kills")
        # Signals that come together are one press of the keys: it is pressed until it counts.
        wait_until(lambda: child.send_signal(signal.SIGINT) or "killing" in read_or(self.output),
                   "the second one is heard", 10)
        wait_until(lambda: child.poll() is not None, "it has ended", 10,
                   lambda: read_or(self.output))
        self.assertFalse(is_alive(int(read_or(noted).split()[1])))

    def test_an_app_with_errors_is_not_run(self):
        app = self.make_app("app", "worker perl\n")
        child = self.run_app(app)
        self.assertEqual(child.wait(30), 1)
        self.assertIn("Procfile:1:8: error:", read_or(self.output))
        self.assertEqual(os.listdir(self.temporary), [])


def take_terminal(fd):
    """Makes it the controlling terminal of the calling process."""
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)


if __name__ == "__main__":
    main()
