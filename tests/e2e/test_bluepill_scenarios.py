"""What a pill promises, with real processes: checks over time, logs, groups; and the defects of
Bluepill 0.1.3 that are not here."""

import http.server
import os
import subprocess
import threading
import time

from bluepill_case import WITNESS, BluepillCase, send, sleeper
from harness import PROGRAMS, all_pids, is_alive, kill, look_at, main, read, read_or


class Server:
    """A web server whose answers the test decides."""

    def __init__(self, answer):
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                outer.asked.append(self.path)
                status, body = answer(self.path, len(outer.asked))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/200")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class ScenariosTest(BluepillCase):
    def serve(self, answer):
        server = Server(answer)
        self.addCleanup(server.server.server_close)
        self.addCleanup(server.server.shutdown)
        return server

    def checked(self, processes):
        """A pill with sleeping processes; each one's check takes it out of supervision."""
        bodies = "".join(f"""
            app.process("{name}") do |p|
              p.start_command = "/bin/sleep 1000"
              p.daemonize = true
              p.start_grace_time = 1
              p.checks {check}, :every => 1.second, :fires => :unmonitor
            end
            """ for name, check in processes.items())
        return self.pill("demo", f'Bluepill.application("demo") do |app| {bodies} end')

    def test_a_window_fires_with_its_third_failure_of_five(self):
        bad = {2, 3, 5}
        server = self.serve(lambda path, count: (500 if count in bad else 200, b"."))
        self.bluepill("load", self.checked(
            {"web": f':http, :url => "{server.url}/", :times => [3, 5]'}))
        self.wait_state("unmonitored")
        self.assertEqual(len(server.asked), 5)

    def test_http_checks_judge_by_kind_and_pattern(self):
        def answer(path, _):
            if path == "/slow":
                time.sleep(3)
            return (int(path[1:]) if path[1:].isdigit() else 200), b"all is well\n"

        server = self.serve(answer)
        good = {"plain": '/200"', "missing": '/404", :kind => :not_found',
                "moved": '/302", :kind => :redirection', "number": '/204", :kind => 204',
                "text": '/text", :pattern => /is WELL/i'}
        bad = {"failing": '/500"', "gone": '/404"', "redirected": '/302"',
               "silent": '/text", :pattern => /nothing/',
               "slow": '/slow", :timeout => 1'}
        checks = {name: f':http, :times => 2, :url => "{server.url}{rest}'
                  for name, rest in (good | bad).items()}
        checks["refused"] = ':http, :times => 2, :url => "http://127.0.0.1:1/"'
        self.bluepill("load", self.checked(checks))
        for name in [*bad, "refused"]:
            self.wait_state("unmonitored", name, timeout=60)
        for name in good:
            self.assertEqual(self.state(name)[0], "up", name)

    def test_a_missing_file_fails_and_an_old_process_too(self):
        self.bluepill("load", self.checked(
            {"absent": ':file_time, :below => 60.seconds, :filename => "@DIR@/absent"',
             "young": ":running_time, :below => 1.hour",
             "old": ":running_time, :below => 3.seconds"}))
        self.wait_state("unmonitored", "absent")
        self.wait_state("unmonitored", "old")
        self.assertEqual(self.state("young")[0], "up")

    def test_an_unmonitored_process_that_flapped_is_not_tried_again(self):
        script = self.script("fails", "#!/bin/sh\necho start >> @DIR@/starts\nexit 1\n")
        self.bluepill("load", self.one_process(f"""
            p.start_command = "{script}"
            p.checks :flapping, :times => 2, :within => 60.seconds, :retry_in => 4.seconds
            """, options=', :log_file => "@DIR@/bluepill.log"'))
        self.wait_state("unmonitored")
        self.bluepill("unmonitor", "web")
        starts = len(self.lines("starts"))
        until = time.monotonic() + 7
        while time.monotonic() < until:
            self.assertEqual(self.state()[0], "unmonitored")
        self.assertEqual(len(self.lines("starts")), starts)
        self.reeve.wait_until(lambda: "Flapping detected: retrying in 4 seconds"
                              in read_or(self.path("bluepill.log")), "the log says so")

    def test_a_process_that_blocks_its_group_is_restarted_before_the_next(self):
        script = self.script("witness", WITNESS)
        bodies = "".join(f"""
            app.process("{name}") do |p|
              p.group = "workers"
              p.start_command = "/usr/bin/perl {script} @DIR@/signals TERM 1"
              p.daemonize = true
              p.start_grace_time = 1
              p.group_stop_noblock = false
            end
            """ for name in ("a", "b", "c"))
        self.bluepill("load", self.pill("demo", f"""
            Bluepill.application("demo") do |app| {bodies} end"""))
        pids = [self.wait_state("up", name) for name in ("a", "b", "c")]
        begun = time.monotonic()
        self.bluepill("stop", "workers")
        self.assertGreater(time.monotonic() - begun, 3, "each takes a second")
        told = [line for line in self.lines("signals") if line.startswith("TERM")]
        self.assertEqual(told, [f"TERM {pid}" for pid in pids])

    def test_a_master_with_workers_is_replaced_by_usr2_and_nothing_goes_down(self):
        self.bluepill("load", self.pill("demo", f"""
            Bluepill.application("demo") do |app|
              app.process("unicorn") do |p|
                p.working_dir = "@DIR@"
                p.start_command = "perl {PROGRAMS}/master.pl @DIR@/unicorn.pid daemonize"
                p.pid_file = "@DIR@/unicorn.pid"
                p.restart_command = "kill -USR2 {{{{PID}}}}"
                p.start_grace_time = 2
                p.restart_grace_time = 5
              end
            end
            """))
        old = self.wait_state("up", "unicorn")
        self.bluepill("restart", "unicorn")
        self.reeve.wait_until(lambda: self.state("unicorn")[1] not in (0, old), "the new master")
        self.reeve.wait_until(lambda: not is_alive(old), "the old master goes by itself")
        self.assertEqual(self.state("unicorn")[0], "up")
        self.assertEqual([line for line in self.lines("signals") if line.startswith(str(old))],
                         [f"{old} USR2", f"{old} QUIT"])
        states = {row["to"] for row in self.reeve.history("demo/unicorn")}
        self.assertLessEqual(states, {"starting", "running"})
        self.bluepill("stop")
        self.assertEqual(self.reeve.members(), [], "its workers have gone with it")

    def test_a_status_right_after_a_load_knows_the_application(self):
        for number in range(5):
            self.bluepill("load", self.one_process("", app=f"app{number}"))
            self.assertIn("web(pid:", self.bluepill(f"app{number}", "status").out)

    def test_cloud_66_names_the_process_and_then_the_command(self):
        path = self.one_process("", app="user_worker_1", name="user_worker_1")
        self.bluepill("load", path)
        self.bluepill("load", self.one_process("", app="cloud66_web", name="cloud66_web"))
        pid = self.wait_state("up", "user_worker_1", "user_worker_1")
        self.assertEqual(self.bluepill("user_worker_1", "status").out,
                         f"user_worker_1(pid:{pid}): up\n\n")
        log = self.path("log")
        with open(log, "w", encoding="utf-8") as out:
            self.children.append(self.reeve.popen("bluepill", "log", "user_worker_1", stdout=out))
        self.reeve.wait_until(lambda: "[user_worker_1:user_worker_1] Going from starting => up"
                              in read_or(log), "the log is found without its application")
        self.bluepill("user_worker_1", "stop")
        self.assertFalse(is_alive(pid))
        self.bluepill("user_worker_1", "start")
        again = self.wait_state("up", "user_worker_1", "user_worker_1")
        self.released.append(again)
        self.bluepill("user_worker_1", "quit")
        self.bluepill("user_worker_1", "status", expect=1)
        self.bluepill("load", path, "-t", "3", "--attempts", "5", "-l", "/dev/null")
        self.assertEqual(self.wait_state("up", "user_worker_1", "user_worker_1"), again)


class LogTest(BluepillCase):
    def test_the_log_file_of_the_pill_is_written_and_can_be_rotated(self):
        log = self.path("log", "bluepill.log")
        self.bluepill("load", self.one_process("", options=', :log_file => "log/bluepill.log"'))
        pid = self.wait_state("up")
        stamp = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} #\d+\]"
        for line in (rf"W, {stamp}  WARN -- : \[demo:web\] Executing start command: /bin/sleep",
                     rf"I, {stamp}  INFO -- : \[demo:web\] Going from down => starting",
                     rf"I, {stamp}  INFO -- : \[demo:web\] Going from starting => up"):
            self.reeve.wait_until(lambda: read_or(log), "it is written")
            self.reeve.wait_until(lambda line=line: self.matches(line, log), line)
        os.rename(log, log + ".1")
        kill(pid)
        # The scribe looks once a second whether the file is still where it was.
        self.reeve.wait_until(lambda: "Going from starting => up" in read_or(log), "a new file")

    def matches(self, pattern, path):
        try:
            self.assertRegex(read_or(path), pattern)
        except AssertionError:
            return False
        return True

    def test_another_log_file_is_taken_by_a_load(self):
        for name in ("one.log", "two.log"):
            self.bluepill("load", self.one_process("", options=f', :log_file => "@DIR@/{name}"'))
            pid = self.wait_state("up")
            self.bluepill("restart", "web")
            self.wait_state("up")
            for line in ("No restart_command specified. Must stop and start to restart",
                         f"Executing default stop command. Sending TERM signal to {pid}",
                         "Going from up => restarting", "=> up"):
                self.reeve.wait_until(lambda name=name, line=line:
                                      line in read_or(self.path(name)), f"{line} in {name}")


class DefectsTest(BluepillCase):
    """Defects of Bluepill 0.1.3, one by one, that are absent here."""

    def foreign(self):
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        self.children.append(child)
        return child.pid

    def witness(self, exits="TERM", after=""):
        script = self.script("witness", WITNESS)
        return f'p.start_command = "/usr/bin/perl {script} @DIR@/signals {exits} {after}"\n'

    def test_1_a_journal_of_bluepill_kills_nobody(self):
        foreign = self.foreign()
        journals = os.path.join(self.base, "journals")
        os.makedirs(journals)
        for kind in ("pids", "pgids"):
            with open(os.path.join(journals, f".bluepill_{kind}_journal.web"), "w",
                      encoding="utf-8") as out:
                out.write(f"{foreign}\n")
        self.bluepill("load", self.one_process(""))
        self.wait_state("up")
        self.bluepill("restart", "web")
        self.wait_state("up")
        self.bluepill("stop", "web")
        self.assertTrue(is_alive(foreign))

    def test_1_a_process_of_the_same_name_in_another_application_is_left_alone(self):
        for app in ("a", "b"):
            self.bluepill("load", self.one_process("", app=app))
        pids = {app: self.wait_state("up", "web", app) for app in ("a", "b")}
        self.bluepill("a", "restart")
        self.wait_state("up", "web", "a")
        self.bluepill("a", "stop")
        self.assertEqual(self.state("web", "b"), ("up", pids["b"]))

    def test_2_a_process_that_goes_at_the_first_stop_signal_gets_no_other(self):
        self.bluepill("load", self.one_process(self.witness("QUIT", 1) + """
            p.stop_signals = [:quit, 5.seconds, :term, 5.seconds, :kill]
            p.stop_grace_time = 20
            """))
        self.wait_lines("signals", 1)
        pid = self.wait_state("up")
        self.bluepill("stop", "web")
        self.assertEqual(self.lines("signals"), [f"STARTED {pid}", f"QUIT {pid}"])

    def test_3_old_and_new_never_run_together(self):
        self.bluepill("load", self.one_process(self.witness("TERM", 2)))
        self.wait_lines("signals", 1)
        old = self.wait_state("up")
        both = []
        done = threading.Event()

        def watch():
            while not done.is_set():
                alive = [one for one in all_pids() if self.is_witness(one)]
                if len(alive) > 1:
                    both.append(alive)

        watcher = threading.Thread(target=watch)
        watcher.start()
        self.bluepill("restart", "web")
        new = self.wait_state("up")
        done.set()
        watcher.join()
        self.assertNotEqual(new, old)
        self.assertEqual(both, [])
        self.assertEqual(self.lines("signals"),
                         [f"STARTED {old}", f"TERM {old}", f"STARTED {new}"])

    def is_witness(self, pid):
        command = read_or(f"/proc/{pid}/cmdline")
        return self.path("signals") in command and is_alive(pid)

    def test_4_a_command_that_hangs_keeps_nobody_waiting(self):
        self.bluepill("load", self.pill_of("""
              app.process("hangs") do |p|
                p.start_command = "/bin/sleep 1234"
                p.start_grace_time = 30
              end
            """, sleeper("web")))
        pid = self.wait_state("up")
        self.assertEqual(self.state("hangs")[0], "starting")
        self.bluepill("restart", "web", timeout=20)
        self.assertNotEqual(self.wait_state("up", timeout=20), pid)
        self.assertEqual(self.state("hangs")[0], "starting", "it still hangs")

    def test_5_a_daemon_that_dies_comes_back_and_nothing_else_happens(self):
        self.bluepill("load", self.one_process(""))
        pid = self.wait_state("up")
        old = self.reeve.reeved()
        kill(old)
        self.reeve.wait_for_new("reeved", old)
        self.assertEqual(self.wait_state("up"), pid)
        kill(pid)
        self.reeve.wait_until(lambda: self.state()[1] not in (0, pid), "it is supervised")

    def test_6_a_start_that_fails_is_told_in_the_log_with_its_step(self):
        self.bluepill("load", self.one_process(
            'p.working_dir = "/no/such"', options=', :log_file => "@DIR@/bluepill.log"'))
        self.reeve.wait_until(lambda: "chdir /no/such: No such file or directory"
                              in read_or(self.path("bluepill.log")), "the log names the step")
        self.assertIn("chdir /no/such: No such file or directory",
                      self.reeve.cli("why", "demo/web").out)

    def test_7_a_stale_pid_file_of_somebody_else_is_not_adopted(self):
        foreign = self.foreign()
        os.makedirs(os.path.dirname(self.pid_file()))
        with open(self.pid_file(), "w", encoding="utf-8") as out:
            out.write(str(foreign))
        os.utime(self.pid_file(), (1, 1))
        self.bluepill("load", self.one_process(""))
        pid = self.wait_state("up")
        self.assertNotEqual(pid, foreign)
        self.bluepill("stop", "web")
        self.assertTrue(is_alive(foreign))

    def test_9_a_stop_ends_the_retries_of_a_flapping_process(self):
        script = self.script("fails", "#!/bin/sh\necho start >> @DIR@/starts\nexit 1\n")
        self.bluepill("load", self.one_process(f"""
            p.start_command = "{script}"
            p.checks :flapping, :times => 2, :within => 60.seconds, :retry_in => 3.seconds
            """))
        self.wait_state("unmonitored")
        self.bluepill("stop", "web")
        starts = len(self.lines("starts"))
        until = time.monotonic() + 6
        while time.monotonic() < until:
            self.assertEqual(self.state()[0], "unmonitored")
        self.assertEqual(len(self.lines("starts")), starts)

    def test_11_a_process_that_ignores_its_stop_is_killed_in_the_end(self):
        self.bluepill("load", self.one_process(self.witness("NONE")))
        self.wait_lines("signals", 1)
        pid = self.wait_state("up")
        self.bluepill("stop", "web")
        self.assertFalse(is_alive(pid))
        self.assertEqual(self.lines("signals"), [f"STARTED {pid}", f"TERM {pid}"])

    def test_12_a_load_keeps_what_was_stopped_and_tells_of_what_is_gone(self):
        def pill(*names):
            return self.pill_of(*map(sleeper, names))

        self.bluepill("load", pill("a", "b", "c"))
        a, b, _ = (self.wait_state("up", name) for name in ("a", "b", "c"))
        self.released.append(a)
        self.bluepill("stop", "c")
        self.bluepill("load", pill("b", "c", "d"))
        self.wait_state("up", "d")
        self.assertEqual(self.state("b"), ("up", b))
        self.assertEqual(self.state("c")[0], "unmonitored")
        self.assertEqual(self.state("a")[0], None)
        self.assertTrue(is_alive(a), "it runs on by itself")

    def test_14_a_command_of_one_process_keeps_no_other_waiting(self):
        self.bluepill("load", self.pill_of(sleeper("slow", """
                p.stop_command = "sh -c 'while [ ! -e @DIR@/go ]; do sleep 0.1; done; " \\
                                 "kill {{PID}}'"
                p.stop_grace_time = 120
            """), sleeper("web")))
        old = self.wait_state("up")
        slow = self.wait_state("up", "slow")
        stop = self.reeve.popen("bluepill", "stop", "slow")
        self.children.append(stop)
        self.reeve.wait_until(lambda: self.state("slow")[0] == "unmonitored", "its stop begins")
        self.bluepill("restart", "web")
        self.assertNotEqual(self.wait_state("up"), old)
        self.assertIsNone(stop.poll(), "the other command still waits for its own process")
        self.assertTrue(is_alive(slow))
        with open(self.path("go"), "w", encoding="utf-8"):
            pass
        self.assertEqual(stop.wait(60), 0)
        self.assertFalse(is_alive(slow))

    def test_15_what_a_command_leaves_is_reaped(self):
        self.bluepill("load", self.one_process(
            'p.restart_command = "sh -c \'sleep 1 & exit 0\'"\np.restart_grace_time = 1'))
        self.wait_state("up")
        for _ in range(3):
            self.bluepill("restart", "web")

        def zombies():
            ours = {self.reeve.own(name) for name in ("reeve-keeper", "reeved", "reeve-scribe")}
            return [one for one in all_pids()
                    if (found := look_at(one)) and found.state == "Z" and found.parent in ours]

        self.reeve.wait_until(lambda: not zombies(), "no zombie is left")

    def test_16_a_user_brings_its_own_groups(self):
        os.chmod(self.directory, 0o777)
        self.bluepill("load", self.one_process("""
            p.start_command = "sh -c 'id -G > @DIR@/tmp; mv @DIR@/tmp @DIR@/groups; " \\
                              "exec sleep 1000'"
            p.uid = "nobody"
            """))
        self.wait_lines("groups", 1)
        wanted = subprocess.run(["id", "-G", "nobody"], capture_output=True, text=True, check=True)
        self.assertEqual(self.lines("groups")[0].split(), wanted.stdout.split())
        self.assertNotIn("0", self.lines("groups")[0].split(), "root's group is not kept")

    def test_17_the_environment_of_the_load_outlives_the_daemon(self):
        self.bluepill("load", self.one_process(""), RAILS_ENV="staging", HOME="/somewhere")
        first = self.wait_state("up")
        old = self.reeve.reeved()
        kill(old)
        self.reeve.wait_for_new("reeved", old)
        self.bluepill("restart", "web", RAILS_ENV="production", HOME="/elsewhere")
        second = self.wait_state("up")
        self.assertNotEqual(first, second)
        seen = read(f"/proc/{second}/environ").split("\0")
        self.assertIn("RAILS_ENV=staging", seen)
        self.assertIn("HOME=/somewhere", seen)

    def test_18_programs_can_ask_for_the_state(self):
        self.bluepill("load", self.one_process(""))
        self.wait_state("up")
        seen = self.reeve.instances("demo/web")["demo/web.1"]
        self.assertEqual(seen["state"], "running")
        self.assertIn('"state":"running"',
                      self.reeve.cli("status", "demo/web", "--json").out.replace(" ", ""))
        self.bluepill("stop", "web")
        self.reeve.cli("status", "demo/web", expect=3)

    def test_21_no_gem_is_needed_and_none_is_in_the_way(self):
        """Neither ActiveSupport nor anything else that Ruby does not bring along."""
        self.bluepill("load", self.one_process("""
            p.checks :mem_usage, :every => 10.seconds, :below => 1.5.gigabytes
            p.environment = { :since => 3.days, "empty" => "".blank? }
            """), RUBYOPT="--disable-gems", GEM_HOME="/nonexistent", GEM_PATH="/nonexistent")
        pid = self.wait_state("up")
        self.assertIn("empty=true", read(f"/proc/{pid}/environ").split("\0"))

    def test_24_a_start_monitors_again_what_runs_already(self):
        self.bluepill("load", self.one_process(""))
        pid = self.wait_state("up")
        self.bluepill("unmonitor", "web")
        self.assertEqual(self.state(), ("unmonitored", pid))
        self.bluepill("start", "web")
        self.assertEqual(self.state(), ("up", pid))
        send(pid, "KILL")
        self.reeve.wait_until(lambda: self.state()[1] not in (0, pid), "it is supervised")
        pid = self.wait_state("up")
        self.bluepill("unmonitor", "web")
        self.bluepill("restart", "web")
        self.assertNotEqual(self.wait_state("up"), pid, "a restart monitors it again, too")

    def test_28_a_signal_reaches_those_that_a_pattern_names(self):
        script = self.script("witness", WITNESS)
        bodies = "".join(f"""
            app.process("{name}") do |p|
              p.start_command = "/usr/bin/perl {script} @DIR@/{name} TERM"
              p.daemonize = true
              p.start_grace_time = 1
            end
            """ for name in ("worker-a", "worker-b", "web"))
        self.bluepill("load", self.pill("demo", f"""
            Bluepill.application("demo") do |app| {bodies} end"""))
        pids = {name: self.wait_state("up", name) for name in ("worker-a", "worker-b", "web")}
        for name in pids:
            self.wait_lines(name, 1)
        self.reeve.cli("signal", "USR1", "demo/worker-*")
        for name in ("worker-a", "worker-b"):
            self.assertEqual(self.wait_lines(name, 2)[1], f"USR1 {pids[name]}")
        self.assertEqual(len(self.lines("web")), 1)
        self.reeve.cli("stop", "demo/worker-*")
        self.assertEqual([name for name, pid in pids.items() if is_alive(pid)], ["web"])


if __name__ == "__main__":
    main()
