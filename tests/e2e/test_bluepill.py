"""Bluepill's command line with real processes: life, words, processes, pid files."""

import grp
import os
import signal
import subprocess
import sys
import time

from bluepill_case import COMPAT, WITNESS, BluepillCase
from harness import SANITIZED, Reeve, all_pids, is_alive, kill, look_at, main, read, read_or


class LifeTest(BluepillCase):
    def load_demo(self, body=""):
        self.bluepill("load", self.one_process(body))
        return self.wait_state("up")

    def test_a_loaded_process_is_up_and_its_pid_is_in_its_file(self):
        outcome = self.bluepill("load", self.one_process(f'p.working_dir = "{self.directory}"'))
        self.assertEqual((outcome.out, outcome.err), ("", ""))
        pid = self.wait_state("up")
        self.assertEqual(self.bluepill("status").out, f"web(pid:{pid}): up\n\n")
        self.assertEqual(read(self.pid_file()), str(pid))
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), self.directory)
        self.assertEqual(look_at(pid).parent, self.reeve.keeper())
        # A script that kills what these name must not hit every application.
        for name in ("pids/demo.pid", "socks/demo.sock"):
            self.assertFalse(os.path.exists(os.path.join(self.base, name)))

    def test_pid_files_of_applications_are_written_where_they_are_wanted(self):
        config = os.path.join(self.reeve.root, "etc", "reeve")
        os.makedirs(config, exist_ok=True)
        with open(os.path.join(config, "reeve.toml"), "w", encoding="utf-8") as out:
            out.write("bluepill_pid_files = true\n")
        self.load_demo()
        path = os.path.join(self.base, "pids", "demo.pid")
        old = self.reeve.reeved()
        self.assertEqual(read(path), str(old))
        kill(old)
        new = self.reeve.wait_for_new("reeved", old)
        self.reeve.wait_until(lambda: read_or(path) == str(new), "it names the new daemon")
        self.bluepill("stop")
        self.bluepill("quit")
        self.assertFalse(os.path.exists(path))

    def test_a_killed_process_comes_back(self):
        pid = self.load_demo()
        kill(pid)
        self.reeve.wait_until(lambda: self.state()[0] == "up" and self.state()[1] != pid,
                              "another process is up")
        self.assertIn("exit", {row["cause"]["kind"] for row in self.reeve.history("demo/web")})

    def test_a_second_load_leaves_the_process_alone(self):
        pid = self.load_demo()
        outcome = self.bluepill("load", self.one_process(""))
        self.assertRegex(outcome.out, r"^Killing previous bluepilld\[\d+\]\n$")
        self.assertEqual(self.wait_state("up"), pid)

    def test_a_changed_command_waits_for_the_next_start(self):
        pid = self.load_demo()
        self.bluepill("load", self.one_process('p.start_command = "/bin/sleep 2000"'))
        self.assertEqual(self.wait_state("up"), pid)
        self.bluepill("restart", "web")
        new = self.wait_state("up")
        self.assertNotEqual(new, pid)
        self.assertIn("2000", read(f"/proc/{new}/cmdline"))

    def test_quit_lets_go_and_load_takes_up_again(self):
        pid = self.load_demo()
        self.released.append(pid)
        outcome = self.bluepill("quit")
        self.assertRegex(outcome.out, r"^Killing bluepilld\[\d+\]\n$")
        self.assertTrue(is_alive(pid))
        self.assertEqual(self.bluepill("status", expect=2).err,
                         "Error: There are no running bluepill daemons.\n"
                         "To start a bluepill daemon, use: bluepill load <config file>\n")
        self.bluepill("quit", expect=2)
        self.bluepill("load", self.one_process(""))
        self.assertEqual(self.wait_state("up"), pid)

    def test_a_stopped_process_stays_down_until_a_start(self):
        script = self.script("witness", WITNESS)
        file = self.path("signals")
        pid = self.load_demo(f'p.start_command = "/usr/bin/perl {script} {file} TERM"')
        self.wait_lines("signals", 1)
        outcome = self.bluepill("stop", "web")
        self.assertEqual(outcome.out, "Sent stop to:\n  :web\n")
        self.assertFalse(is_alive(pid))
        self.assertEqual(self.state(), ("unmonitored", 0))
        self.assertFalse(os.path.exists(self.pid_file()))
        self.assertEqual(self.lines("signals"), [f"STARTED {pid}", f"TERM {pid}"])
        self.bluepill("load", self.pill("demo", read(self.path("demo.pill"))))
        self.assertEqual(self.state()[0], "unmonitored", "a load does not start what was stopped")
        self.assertEqual(self.bluepill("start", "web").out, "Sent start to:\n  :web\n")
        self.assertNotEqual(self.wait_state("up"), pid)

    def test_unmonitor_leaves_it_running_and_start_takes_it_back(self):
        pid = self.load_demo()
        self.assertEqual(self.bluepill("unmonitor").out, "Sent unmonitor to:\n  :web\n")
        self.assertEqual(self.state(), ("unmonitored", pid))
        self.bluepill("start", "web")
        self.assertEqual(self.state(), ("up", pid))

    def test_a_stop_by_an_init_script_leaves_nothing(self):
        pid = self.load_demo()
        self.bluepill("demo", "status")
        self.bluepill("demo", "stop")
        self.bluepill("demo", "quit")
        self.assertFalse(is_alive(pid))
        self.bluepill("demo", "status", expect=1)


class WordsTest(BluepillCase):
    def test_help_version_and_mistakes(self):
        self.assertEqual(self.bluepill("-v").out, "bluepill, version 0.1.3\n")
        self.assertTrue(self.bluepill("-h").out.startswith("Usage: bluepill [app] cmd [options]"))
        self.assertTrue(self.bluepill().out.startswith("Usage: "))
        self.bluepill("--nope", expect=1)
        self.assertEqual(self.bluepill("load", "/nope", expect=1).err, "Can't find file: /nope\n")
        self.bluepill("load", expect=1)
        self.assertEqual(
            self.bluepill("nope", "status", expect=1).err,
            "Unknown command `nope` (or application `nope` has not been loaded yet)\n")

    def test_several_applications_must_be_named_to_change_them(self):
        for app in ("a", "b"):
            self.bluepill("load", self.one_process("", app=app))
        self.wait_state("up", "web", "a")
        pids = {app: self.wait_state("up", "web", app) for app in ("a", "b")}
        self.assertNotEqual(pids["a"], pids["b"], "the same name in two applications")
        self.assertEqual(
            self.bluepill("stop", expect=1).err,
            "You must specify an application name to run that command. Here's the list of running "
            "applications:\n  1. a\n  2. b\nUsage: bluepill [app] cmd [options]\n")
        self.assertEqual(self.bluepill("status").out,
                         f"a:\n  web(pid:{pids['a']}): up\n\nb:\n  web(pid:{pids['b']}): up\n\n")
        # What only shows something finds its application, where there is no doubt.
        self.assertEqual(self.bluepill("status", "b").out, f"web(pid:{pids['b']}): up\n\n")
        self.bluepill("status", "web", expect=1)
        self.bluepill("a", "stop")
        self.assertEqual(self.state("web", "b"), ("up", pids["b"]))
        # Options may stand anywhere.
        self.bluepill("b", "stop", "--no-privileged", "-c", self.base, "--logfile", "/dev/null")
        self.assertFalse(is_alive(pids["b"]))

    def test_all_applications_of_one_file_are_loaded(self):
        self.bluepill("load", self.pill("both", """
            %w[one two].each do |name|
              Bluepill.application(name) do |app|
                app.process(name) { |p| p.start_command = "/bin/sleep 1000"; p.daemonize = true }
              end
            end
            """))
        self.wait_state("up", "one", "one")
        self.wait_state("up", "two", "two")

    def test_groups_are_shown_and_meant(self):
        self.bluepill("load", self.pill("re", """
            Bluepill.application("re") do |app|
              app.process("solo") { |p| p.start_command = "/bin/sleep 1000"; p.daemonize = true }
              app.process(:quiet) do |p|
                p.start_command = "/bin/sleep 1000"
                p.daemonize = true
                p.auto_start = false
              end
              %w[a b].each do |name|
                app.process("worker-#{name}") do |p|
                  p.group = :workers
                  p.start_command = "/bin/sleep 1000"
                  p.daemonize = true
                  p.start_grace_time = 1
                end
              end
            end
            """))
        for name in ("solo", "worker-a", "worker-b"):
            self.wait_state("up", name)
        pid = {name: self.state(name)[1] for name in ("solo", "worker-a", "worker-b")}
        workers = (f"workers:\n  worker-a(pid:{pid['worker-a']}): up\n"
                   f"  worker-b(pid:{pid['worker-b']}): up\n\n")
        self.assertEqual(self.bluepill("status").out,
                         f"solo(pid:{pid['solo']}): up\nquiet(pid:): unmonitored\n\n" + workers)
        self.assertEqual(self.bluepill("status", "workers").out, workers)
        self.assertEqual(self.bluepill("stop", "workers:worker-a").out,
                         "Sent stop to:\n  workers:worker-a\n")
        self.assertEqual(self.bluepill("stop", "workers").out,
                         "Sent stop to:\n  workers:worker-a\n  workers:worker-b\n")
        self.assertEqual(self.bluepill("stop", "nope").out, "No processes effected\n")
        self.assertTrue(is_alive(pid["solo"]))
        self.bluepill("start", "quiet")
        self.wait_state("up", "quiet")

    def test_names_with_a_colon_or_a_slash_can_be_named(self):
        self.bluepill("load", self.one_process("", name="a::b/c"))
        pid = self.wait_state("up", "a::b/c")
        self.assertEqual(self.bluepill("stop", "a::b/c").out, "Sent stop to:\n  :a::b/c\n")
        self.assertFalse(is_alive(pid))

    def test_one_process_is_shown_with_its_history(self):
        self.bluepill("load", self.one_process(""))
        pid = self.wait_state("up")
        self.bluepill("stop", "web")
        self.bluepill("start", "web")
        pid = self.wait_state("up")
        shown = self.bluepill("status", "web").out.splitlines()
        self.assertEqual(shown[:2], [f"web(pid:{pid}): up", "event history:"])
        stamp = r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d - user initiated$"
        self.assertRegex(shown[2], "^  start at " + stamp)
        self.assertRegex(shown[3], "^  stop at " + stamp)

    def test_a_link_of_the_applications_name_means_the_application(self):
        self.bluepill("load", self.one_process(""))
        self.bluepill("load", self.one_process("", app="other"))
        link = self.path("demo")
        os.symlink(os.path.join(COMPAT, "bluepill"), link)
        pid = self.wait_state("up", "web", "demo")
        outcome = self.bluepill("status", program=link)
        self.assertEqual(outcome.out, f"web(pid:{pid}): up\n\n")
        self.bluepill("stop", program=link)
        self.assertFalse(is_alive(pid))

    def test_who_is_not_root_must_say_so(self):
        uid = gid = 65534
        os.chmod(self.directory, 0o777)
        outcome = Reeve(self.path("user"), user=(uid, gid)).run("bluepill", "status")
        self.assertEqual(outcome.code, 3)
        self.assertEqual(outcome.err,
                         "You must run bluepill as root or use --no-privileged option.\n")

    def test_the_log_is_told_in_bluepills_words(self):
        self.bluepill("load", self.one_process(""))
        pid = self.wait_state("up")
        kill(pid)
        self.reeve.wait_until(lambda: self.state()[1] not in (0, pid), "another pid")
        log = self.path("log")
        with open(log, "w", encoding="utf-8") as out:
            tail = self.reeve.popen("bluepill", "log", "web", stdout=out)
        self.children.append(tail)
        wanted = ["Executing start command: /bin/sleep 1000", "Going from down => starting",
                  "Going from starting => up", "Going from up => down"]
        self.reeve.wait_until(lambda: all(word in read(log) for word in wanted),
                              "the log has it all")
        self.assertTrue(read(log).startswith("Tailing log for web...\n"))
        self.assertRegex(read(log), r"I, \[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} #\d+\]  INFO -- : "
                                    r"\[demo:web\] Going from up => down")


class ProcessTest(BluepillCase):
    def dump(self):
        """A command that writes down what it was given, and stays."""
        return self.script("dump", """#!/bin/sh
            { env; echo "UMASK=$(umask)"; echo "IDS=$(id -un):$(id -gn)"
              grep -E '^(SigIgn|Groups)' /proc/$$/status; } > "$1.tmp"
            mv "$1.tmp" "$1"
            exec sleep 1000
            """)

    def dumped(self, name):
        self.reeve.wait_until(lambda: os.path.exists(self.path(name)), f"{name} is written")
        parts = [line.split("=" if "=" in line else ":", 1) for line in self.lines(name)]
        return {part[0]: part[1].strip() for part in parts if len(part) == 2}

    def test_processes_get_what_the_pill_says(self):
        real = self.path("real")
        os.mkdir(real)
        os.symlink(real, self.path("link"))
        os.chmod(self.directory, 0o777)
        self.bluepill("load", self.pill("demo", f"""
            ENV['FROM_PILL'] = 'yes'
            Bluepill.application("demo") do |app|
              app.environment = {{ "A" => 1 }}
              app.process("plain") do |p|
                p.start_command = "{self.dump()} @DIR@/plain.env"
                p.daemonize = true
                p.working_dir = "@DIR@/link"
              end
              app.uid = "nobody"
              app.process("other") do |p|
                p.start_command = "{self.dump()} @DIR@/other.env"
                p.daemonize = true
                p.environment = {{ "B" => :two }}
                p.supplementary_groups = ["mail", "www-data"]
              end
            end
            """), FROM_LOADER="seen", HOME="/somewhere")
        plain, other = self.dumped("plain.env"), self.dumped("other.env")
        for seen in (plain, other):
            self.assertEqual((seen["FROM_PILL"], seen["FROM_LOADER"]), ("yes", "seen"))
            self.assertEqual(seen["BLUEPILL_BASE_DIR"], self.base)
            self.assertEqual(int(seen["SigIgn"], 16) & 1, 1, "SIGHUP is ignored")
        self.assertEqual((plain["A"], plain["HOME"]), ("1", "/somewhere"))
        self.assertEqual(plain["PWD"], self.path("link"))
        self.assertEqual(plain["IDS"], "root:root")
        self.assertNotIn("A", other)
        self.assertEqual((other["B"], other["HOME"]), ("two", "/nonexistent"))
        self.assertTrue(other["IDS"].startswith("nobody:"))
        wanted = {grp.getgrnam(name).gr_gid for name in ("mail", "www-data")}
        self.assertLessEqual(wanted, {int(group) for group in other["Groups"].split()})
        mask = os.umask(0o22)
        os.umask(mask)
        self.assertEqual({int(seen["UMASK"], 8) for seen in (plain, other)}, {mask})

    def test_output_goes_where_the_pill_says(self):
        self.bluepill("load", self.one_process(f"""
            p.working_dir = "{self.directory}"
            p.start_command = "sh -c 'echo out; echo err >&2; readlink /proc/self/fd/0; sleep 1000'"
            p.stdout = p.stderr = "both.log"
            """))
        self.assertEqual(sorted(self.wait_lines("both.log", 3)), ["/dev/null", "err", "out"])

    def test_shell_syntax_goes_to_a_shell(self):
        self.bluepill("load", self.one_process(
            f'p.start_command = "cd {self.directory} && echo $HOME > shell.out; exec sleep 1000"'))
        self.wait_lines("shell.out", 1)
        pid = self.wait_state("up")
        self.reeve.wait_until(lambda: look_at(pid).name == "sleep", "the shell has become sleep")

    def test_stop_signals_are_sent_one_after_the_other(self):
        script = self.script("witness", WITNESS)
        self.bluepill("load", self.one_process(f"""
            p.start_command = "/usr/bin/perl {script} {self.path('signals')} NONE"
            p.stop_signals = [:quit, 1.second, :term, 1.second, :kill]
            p.stop_grace_time = 5
            """))
        self.wait_lines("signals", 1)
        pid = self.wait_state("up")
        self.bluepill("stop", "web")
        self.assertFalse(is_alive(pid))
        self.assertEqual(self.lines("signals")[1:], [f"QUIT {pid}", f"TERM {pid}"])

    def test_a_restart_waits_for_the_old_process(self):
        script = self.script("witness", WITNESS)
        self.bluepill("load", self.one_process(f"""
            p.start_command = "/usr/bin/perl {script} {self.path('signals')} QUIT 1"
            p.stop_signals = [:quit, 8.seconds, :term]
            p.stop_grace_time = 10
            """))
        self.wait_lines("signals", 1)
        old = self.wait_state("up")
        self.bluepill("restart", "web")
        new = self.wait_state("up")
        self.assertFalse(is_alive(old))
        self.assertEqual(self.lines("signals"),
                         [f"STARTED {old}", f"QUIT {old}", f"STARTED {new}"])

    def test_a_stop_command_is_given_its_time(self):
        script = self.script("witness", WITNESS)
        self.bluepill("load", self.one_process(f"""
            p.start_command = "/usr/bin/perl {script} {self.path('signals')} QUIT 2"
            p.stop_command = "kill -QUIT {{{{PID}}}}"
            p.stop_grace_time = 10
            """))
        self.wait_lines("signals", 1)
        pid = self.wait_state("up")
        self.bluepill("stop", "web")
        self.assertEqual(self.lines("signals"), [f"STARTED {pid}", f"QUIT {pid}"])

    def test_auto_start_and_pre_start_command(self):
        self.bluepill("load", self.one_process(f"""
            p.auto_start = false
            p.pre_start_command = "sh -c 'echo pre >> {self.path('pre')}; exit 3'"
            """))
        self.assertEqual(self.state(), ("unmonitored", 0))
        self.bluepill("start", "web")
        self.wait_state("up")
        self.assertEqual(self.lines("pre"), ["pre"])

    def test_what_cannot_start_says_why(self):
        cases = {"user": ('p.uid = "no-such-user"', "no-such-user"),
                 "directory": ('p.working_dir = "/no/such"', "/no/such"),
                 "output": ('p.stdout = "/no/such/log"', "/no/such/log"),
                 "program": ('p.start_command = "/no/such/program"', "/no/such/program")}
        for app, (body, word) in cases.items():
            self.bluepill("load", self.one_process(body, app=app))
            self.reeve.wait_until(
                lambda: any(word in row["reason"] for row in self.reeve.history(app)),
                f"the history of {app} names {word}")
            self.bluepill(app, "stop")
        self.assertTrue(self.reeve.get("/v1/version"))


class PidFileTest(BluepillCase):
    """Commands that turn themselves into daemons, and files that lie."""

    DAEMON = """#!/usr/bin/perl
use strict; use POSIX;
my ($pid_file, $name) = @ARGV;
print STDERR "it begins\n";
exit 0 if fork; POSIX::setsid(); exit 0 if fork;
open my $out, '>', $pid_file or die; print $out "$$\\n"; close $out;
$SIG{USR2} = sub { exec($^X, $0, $pid_file, 'again') unless fork; };
$SIG{QUIT} = sub { unlink $pid_file if $ENV{UNLINK}; exit 0 };
sleep 1000 while 1;
"""

    def daemon_pill(self, body="", grace=2):
        script = self.script("daemon", self.DAEMON)
        return self.pill("demo", f"""
            Bluepill.application("demo") do |app|
              app.process("web") do |p|
                p.start_command = "/usr/bin/perl {script} @DIR@/web.pid"
                p.pid_file = "@DIR@/web.pid"
                p.start_grace_time = {grace}
                p.restart_grace_time = 5
                {body}
              end
            end
            """)

    def test_a_daemon_of_its_own_is_followed_by_its_pid_file(self):
        self.bluepill("load", self.daemon_pill())
        pid = self.wait_state("up")
        self.assertEqual(int(read(self.path("web.pid"))), pid)
        self.reeve.wait_until(lambda: "it begins" in read_or(self.reeve.log_of("demo", "web.1")),
                              "what it said is in reeve's log")
        kill(pid)
        self.reeve.wait_until(lambda: self.state()[1] not in (0, pid)
                              and self.state()[0] == "up", "a new one")
        self.bluepill("stop")
        self.assertEqual(self.state(), ("unmonitored", 0))

    def test_a_pid_command_is_asked_in_the_place_of_the_file(self):
        pill = self.daemon_pill("""
            p.pid_file = "@DIR@/unused.pid"
            p.pid_command = "sh -c 'cat @DIR@/web.pid'"
            """)
        self.bluepill("load", pill)
        pid = self.wait_state("up")
        self.assertEqual(int(read(self.path("web.pid"))), pid)
        kill(pid)
        self.reeve.wait_until(lambda: self.state()[0] == "up" and self.state()[1] not in (0, pid),
                              "a new one is found by the command")
        again = self.state()[1]
        self.released.append(again)
        self.bluepill("quit")
        self.assertTrue(is_alive(again))
        self.bluepill("load", pill)
        self.assertEqual(self.wait_state("up"), again, "the one that runs is adopted")
        self.bluepill("stop", "web")
        self.assertFalse(is_alive(again))

    def test_a_restart_command_hands_over_like_unicorn(self):
        self.bluepill("load", self.daemon_pill("""
            p.restart_command = "sh -c 'kill -USR2 {{PID}}; sleep 1; kill -QUIT {{PID}}'"
            """))
        old = self.wait_state("up")
        self.bluepill("restart", "web")
        self.reeve.wait_until(lambda: self.state()[1] not in (0, old), "the new pid is shown")
        new = self.wait_state("up")
        self.assertEqual(int(read(self.path("web.pid"))), new)
        self.assertFalse(is_alive(old))
        states = {row["to"] for row in self.reeve.history("demo/web")}
        self.assertNotIn("backoff", states)

    def test_a_pid_file_that_names_somebody_else_is_not_believed(self):
        foreign = subprocess.Popen(["sleep", "1000"])
        self.children.append(foreign)
        other = foreign.pid
        for text in ("garbage", "0", "1", "-1", str(other)):
            with open(self.path("web.pid"), "w", encoding="utf-8") as out:
                out.write(text)
            self.bluepill("load", self.daemon_pill())
            pid = self.wait_state("up")
            self.assertNotIn(pid, (0, 1, other))
            self.bluepill("stop")
            self.assertTrue(is_alive(1))
            self.assertTrue(is_alive(other))
            self.bluepill("quit")

    def test_a_command_that_should_have_been_daemonised_never_runs_twice(self):
        self.bluepill("load", self.pill("demo", """
            Bluepill.application("demo") do |app|
              app.process("forgotten") do |p|
                p.start_command = "/bin/sleep 1234"
                p.start_grace_time = 1
              end
              app.process("healthy") do |p|
                p.start_command = "/bin/sleep 1000"
                p.daemonize = true
                p.start_grace_time = 1
              end
            end
            """))
        pid = self.wait_state("up", "healthy")
        until = time.monotonic() + 6
        while time.monotonic() < until:
            copies = [one for one in all_pids()
                      if read_or(f"/proc/{one}/cmdline").startswith("/bin/sleep\0001234")]
            self.assertLessEqual(len(copies), 1)
            self.bluepill("status", "healthy")
        self.assertEqual(self.state("healthy"), ("up", pid))


class FlappingTest(BluepillCase):
    def flapping(self, retry_in):
        script = self.script("fails", "#!/bin/sh\necho start >> @DIR@/starts\nexit 1\n")
        self.bluepill("load", self.one_process(f"""
            p.start_command = "{script}"
            p.checks :flapping, :times => 2, :within => 60.seconds, :retry_in => {retry_in}
            """))
        return self.wait_state("unmonitored")

    def test_a_flapping_process_is_left_alone_and_tried_again(self):
        self.flapping("5.seconds")
        self.assertEqual(len(self.lines("starts")), 1)
        self.wait_lines("starts", 2)
        told = self.reeve.history("demo/web")
        self.assertIn("crash-looping", {row["to"] for row in told})

    def test_a_stop_ends_the_retries(self):
        self.flapping("4.seconds")
        starts = len(self.lines("starts"))
        self.bluepill("stop", "web")
        until = time.monotonic() + 8
        while time.monotonic() < until:
            self.assertEqual(self.state()[0], "unmonitored")
        self.assertEqual(len(self.lines("starts")), starts)

    def test_without_a_retry_it_stays_down(self):
        self.flapping("0")
        self.assertIn("failed", {row["to"] for row in self.reeve.history("demo/web")})


class CostTest(BluepillCase):
    APPLICATIONS = 10
    ONE_BLUEPILLD = 25 * 1024  # KB, as its documentation says

    def pss(self):
        total = 0
        for name in ("reeve-keeper", "reeved", "reeve-scribe"):
            for line in read(f"/proc/{self.reeve.own(name)}/smaps_rollup").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total

    def test_ten_applications_cost_less_than_one_bluepilld(self):
        for number in range(self.APPLICATIONS):
            self.bluepill("load", self.one_process("", app=f"app{number}"))
        self.reeve.wait_running("app", self.APPLICATIONS)
        pss = self.pss()
        print(f"{self.APPLICATIONS} applications: {pss} KB (PSS) in all of reeve; Bluepill: "
              f"{self.APPLICATIONS} x {self.ONE_BLUEPILLD} KB", file=sys.stderr)
        if not SANITIZED:
            self.assertLess(pss, self.ONE_BLUEPILLD)


class ForegroundTest(BluepillCase):
    def test_a_foreground_pill_stays_and_lets_go_at_its_end(self):
        path = self.one_process("", options=", :foreground => true")
        log = self.path("out")
        with open(log, "w", encoding="utf-8") as out:
            child = self.reeve.popen("bluepill", "load", path, stdout=out, env={
                **self.reeve.environment(), "BLUEPILL_BASE_DIR": self.base})
        self.children.append(child)
        self.reeve.wait_until(lambda: self.bluepill("status", expect=None).code == 0, "it loads")
        pid = self.wait_state("up")
        self.released.append(pid)
        self.reeve.wait_until(
            lambda: "[info]: [demo:web] Going from down => starting" in read(log)
            or "[info]: [demo:web] Going from starting => up" in read(log), "the log is echoed")
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(30), 0)
        self.assertTrue(read_or(log).endswith("Terminating...\n"))
        self.assertTrue(is_alive(pid))


if __name__ == "__main__":
    main()
