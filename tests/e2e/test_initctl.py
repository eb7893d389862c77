"""Upstart's job files run as they are, and its commands speak to them as they did."""

import os
import pwd
import re
import shutil
import signal
import subprocess

from harness import UnixConnection, is_alive, kill, main, needs_root, read_or, wait_until
from upstart_case import UpstartTest

# As it stands in the brief, but for its paths, its user, and a PATH on which `logger` is a program
# that writes to a file.
PUMA = """
#!upstart
description "Puma Server"

setuid nobody
setgid nogroup
env HOME={tmp}
env PATH={tmp}/tools:/usr/bin:/bin

respawn
respawn limit 3 30

reload signal USR1
normal exit 0 TERM

start on runlevel [2345]
stop on runlevel [06]

script
  mkfifo {tmp}/puma-log-fifo
  (logger -t puma < {tmp}/puma-log-fifo &)
  exec > {tmp}/puma-log-fifo
  rm {tmp}/puma-log-fifo

  cd {tmp}/app
  . {tmp}/environment
  exec bin/puma -C config/puma.rb -b 'unix://{tmp}/puma.sock?umask=0111' 2> /dev/null
end script

post-stop exec rm -f {tmp}/puma.sock
"""

LOGGER = """#!/bin/sh
while read -r line; do echo "$2: $line"; done >> {tmp}/puma.log
"""

SERVER = """#!/usr/bin/python3 -u
import http.server, os, signal, socketserver, sys

assert sys.argv[1:4] == ['-C', 'config/puma.rb', '-b']
path = sys.argv[4][len('unix://'):].split('?')[0]

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{os.environ['GREETING']} {os.getuid()} {os.environ['HOME']}".encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
    def address_string(self):
        return 'unix'

signal.signal(signal.SIGUSR1, lambda *_: print('reloaded'))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
def die_of_term(*_):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print('mortal')

signal.signal(signal.SIGUSR2, die_of_term)
if os.path.exists(path):
    os.unlink(path)
server = socketserver.UnixStreamServer(path, Handler)
print('listening', os.getpid())
server.serve_forever()
"""

MANAGER = """
start on go
stop on halt
pre-start script
  for i in 1 2 3; do
    start worker ID=$i
  done
end script
"""

WORKER = """
instance $ID
usage "ID=NUMBER"
stop on stopping manager
respawn
exec sleep 1000
"""


class InitctlTest(UpstartTest):
    def test_a_job_is_started_shown_restarted_and_stopped(self):
        self.load(web="exec sleep 1000\n", idle="exec sleep 1000\n")
        self.assertEqual(self.call("status", "web"), "web stop/waiting\n")
        started = self.call("start", "web")
        self.assertRegex(started, r"^web start/running, process \d+\n$")
        pid = self.pid_of("web")
        self.assertEqual(self.call("start", "web", expect=1),
                         "start: Job is already running: web\n")
        self.assertEqual(self.initctl("list"), f"idle stop/waiting\n{started}")
        self.assertRegex(self.call("restart", "web"), r"^web start/running, process \d+\n$")
        self.assertNotEqual(self.pid_of("web"), pid)
        self.assertEqual(self.call("stop", "web"), "web stop/waiting\n")
        self.assertEqual(self.call("stop", "web", expect=1), "stop: Unknown instance: \n")
        self.assertEqual(self.call("restart", "web", expect=1), "restart: Unknown instance: \n")
        self.assertEqual(self.initctl("start", "none", expect=1), "initctl: Unknown job: none\n")
        self.assertEqual(self.call("start", "web", "nonsense", expect=1),
                         "start: Env must be KEY=VALUE pairs\n")
        self.assertIn("missing job name", self.call("start", expect=1))

    def test_a_failed_start_says_why(self):
        self.load(web="pre-start script\n  exit 3\nend script\nexec sleep 1000\n")
        self.assertRegex(self.call("start", "web", expect=1),
                         r"^start: Job failed to start \(.*3.*\)\n$")

    def test_named_instances_come_and_go(self):
        self.load(worker=WORKER)
        self.assertEqual(self.call("start", "worker", expect=1),
                         "start: Unknown parameter: ID\nUsage: ID=NUMBER\n")
        self.assertRegex(self.call("start", "worker", "ID=a/b"),
                         r"^worker \(a/b\) start/running, process \d+\n$")
        self.call("start", "worker", "ID=2")
        self.assertEqual(self.initctl("list").count("start/running"), 2)
        self.assertEqual(self.call("status", "worker", "ID=9", expect=1),
                         "status: Unknown instance: 9\n")
        self.assertEqual(self.initctl("usage", "worker"), "Usage: ID=NUMBER\n")
        self.call("stop", "worker", "ID=2")
        self.assertEqual(self.initctl("list").count("start/running"), 1)

    def test_a_manager_starts_and_stops_its_workers(self):
        self.load(manager=MANAGER, worker=WORKER)
        self.initctl("emit", "go")
        listed = self.initctl("list")
        self.assertIn("manager start/running\n", listed)
        for number in (1, 2, 3):
            self.assertRegex(listed, rf"worker \({number}\) start/running, process \d+\n")
        pids = [self.pid_of("worker", f"ID={number}") for number in (1, 2, 3)]
        self.call("stop", "manager")
        self.assertEqual(self.initctl("list"), "manager stop/waiting\nworker stop/waiting\n")
        self.assertFalse(any(is_alive(pid) for pid in pids))

    def test_the_chain_that_foreman_exports_goes_as_one(self):
        self.load(shop="", shop_web="start on starting shop\nstop on stopping shop\n",
                  shop_web_1="start on starting shop-web\nstop on stopping shop-web\nrespawn\n"
                             "env PORT=5000\nexec sleep 1000\n")
        self.call("start", "shop")
        first = self.pid_of("shop-web-1")
        self.call("restart", "shop")
        second = self.pid_of("shop-web-1")
        self.assertNotEqual(first, second)
        self.call("stop", "shop")
        self.assertEqual(self.initctl("list").count("stop/waiting"), 3)
        self.assertFalse(is_alive(second))

    def load_puma(self):
        tmp = self.path("puma")
        os.makedirs(os.path.join(tmp, "tools"))
        os.makedirs(os.path.join(tmp, "app/bin"))
        shutil.chown(tmp, "nobody", "nogroup")
        for name, text in {"app/bin/puma": SERVER, "environment": "export GREETING=hello\n",
                           "tools/logger": LOGGER.format(tmp=tmp)}.items():
            path = os.path.join(tmp, name)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            os.chmod(path, 0o755)
        self.load(puma=PUMA.format(tmp=tmp))
        return tmp

    def wait_for_puma(self, tmp):
        """The pid of a server that listens."""
        def listening():
            found = re.match(r"puma start/running, process (\d+)\n", self.status("puma"))
            said = found and f"puma: listening {found.group(1)}\n"
            return said and said in read_or(tmp + "/puma.log") and int(found.group(1))
        return wait_until(listening, "puma listens",
                          diagnosis=lambda: self.status("puma") + read_or(tmp + "/puma.log"))

    @needs_root
    def test_the_brief_s_puma_job_runs_for_real(self):
        tmp = self.load_puma()
        pid = self.wait_for_puma(tmp)  # runlevel 2 has come
        connection = UnixConnection(tmp + "/puma.sock", 10)
        connection.request("GET", "/")
        self.assertEqual(connection.getresponse().read(),
                         f"hello {pwd.getpwnam('nobody').pw_uid} {tmp}".encode())
        connection.close()
        self.assertFalse(os.path.exists(tmp + "/puma-log-fifo"))
        self.call("reload", "puma")
        wait_until(lambda: "puma: reloaded" in read_or(tmp + "/puma.log"), "USR1 has come")
        self.assertEqual(self.pid_of("puma"), pid)
        kill(pid, signal.SIGTERM)
        self.wait_for("stop/waiting", "puma")  # 0 is a normal exit
        self.assertFalse(os.path.exists(tmp + "/puma.sock"), "post-stop has removed it")
        self.call("start", "puma")
        pid = self.wait_for_puma(tmp)
        kill(pid, signal.SIGUSR2)
        wait_until(lambda: "puma: mortal" in read_or(tmp + "/puma.log"), "it handles TERM no more")
        kill(pid, signal.SIGTERM)
        self.wait_for("stop/waiting", "puma")  # and to be killed by TERM is one, too
        self.initctl("emit", "runlevel", "RUNLEVEL=2")
        self.wait_for_puma(tmp)
        self.initctl("emit", "runlevel", "RUNLEVEL=6")
        self.assertEqual(self.status("puma"), "puma stop/waiting\n")

    @needs_root
    def test_the_brief_s_puma_job_respawns_three_times_within_thirty_seconds(self):
        tmp = self.load_puma()
        for _ in range(3):
            pid = self.wait_for_puma(tmp)
            kill(pid, signal.SIGKILL)
            wait_until(lambda pid=pid: not is_alive(pid), "it is gone")
        kill(self.wait_for_puma(tmp), signal.SIGKILL)
        self.wait_for("stop/waiting", "puma")
        self.assertFalse(os.path.exists(tmp + "/puma.sock"), "post-stop has removed it")

    def test_a_file_that_changes_counts_from_the_next_start(self):
        self.load(web="exec sleep 1000\n")
        self.call("start", "web")
        pid = self.pid_of("web")
        self.write("web.conf", "env A=new\nexec sh -c 'echo $A > " + self.directory +
                   "/a; exec sleep 1000'\n")
        self.write("more.conf", "exec sleep 1000\n")
        self.initctl("reload-configuration")
        wait_until(lambda: "more stop/waiting" in self.initctl("list"), "the new job is there")
        self.assertEqual(self.pid_of("web"), pid)
        self.call("restart", "web")
        wait_until(lambda: read_or(self.directory + "/a") == "new\n", "the new file counts")

    def test_a_guard_in_a_hook_stops_its_own_job(self):
        self.load(web="pre-start script\n  [ -x /none ] || { stop; exit 0; }\nend script\n"
                      "exec sleep 1000\n")
        self.call("start", "web")
        wait_until(lambda: self.call("status", "web") == "web stop/waiting\n", "it is stopped")

    def test_variables_of_a_job(self):
        self.load(web="env B=2\nscript\n  initctl list-env > " + self.directory +
                  "/env\n  initctl get-env A >> " + self.directory +
                  "/env\n  exec sleep 1000\nend script\n")
        self.call("start", "web", "A=1")
        wait_until(lambda: read_or(self.directory + "/env").endswith("\n1\n"), "A is there")
        for line in ("A=1\n", "B=2\n", "PATH="):
            self.assertIn(line, read_or(self.directory + "/env"))
        self.assertEqual(self.initctl("get-env", "NONE", expect=1),
                         "initctl: No such variable: NONE\n")

    def test_what_a_hook_sets_is_there_for_the_main_process(self):
        out = self.path("env")
        self.load(web="env A=1\npre-start script\n  initctl set-env C=3\n"
                      "  initctl set-env --retain A=9\n  initctl set-env EMPTY\n"
                      "  initctl unset-env B\n  initctl unset-env NONE\nend script\nscript\n"
                      f"  initctl list-env > {out}.list\n  env > {out}\n"
                      "  exec sleep 1000\nend script\n")
        self.call("start", "web", "B=2", "Z=z y\tx")
        wait_until(lambda: "UPSTART_JOB=web" in read_or(out), "it has its environment")
        lines = read_or(out).splitlines()
        for line in ("A=1", "C=3", "EMPTY=", "Z=z y\tx", "UPSTART_INSTANCE="):
            self.assertIn(line, lines)
        self.assertFalse([line for line in lines if line.startswith("B=")], lines)
        listed = read_or(out + ".list").splitlines()
        self.assertEqual(listed, sorted(listed))
        self.assertIn("C=3", listed)

    def test_nobody_changes_the_variables_of_all_jobs_of_the_machine(self):
        self.load(web="exec sleep 1000\n")
        for command in (("set-env", "A=1"), ("unset-env", "A"), ("reset-env",)):
            self.assertEqual(self.initctl(command[0], "--global", *command[1:], expect=1),
                             "initctl: Not permissible to modify PID 1 job environment\n")

    def test_the_usage_is_shown_where_a_variable_is_missing(self):
        self.load(worker=WORKER)
        for command in ("start", "status"):
            self.assertEqual(self.call(command, "worker", expect=1),
                             f"{command}: Unknown parameter: ID\nUsage: ID=NUMBER\n")

    def test_a_broken_job_leaves_the_others_alone(self):
        self.write("bad.conf", "exec x\n\nnonsense\n")
        self.write("web.conf", "exec sleep 1000\nrespawn limit 3 30\n")
        directory = os.path.join(self.directory, "init")
        checked = self.reeve.cli("check", directory, expect=1)
        self.assertIn("bad.conf:3:1: error: Unknown stanza", checked.err)
        self.assertIn("web.conf:2:1: warning: `respawn limit` alone", checked.err)
        self.reeve.cli("load", directory)
        self.assertEqual(self.initctl("list"), "web stop/waiting\n")
        self.reeve.cli("load", os.path.join(directory, "web.conf"))
        self.write("other.conf", "exec sleep 1000\n")
        alone = self.reeve.cli("load", os.path.join(directory, "other.conf"), expect=1)
        self.assertIn("would take the job web and others away", alone.err)

    def test_what_configuration_managers_look_for(self):
        self.assertRegex(self.initctl("--version"), r"initctl \(upstart ([^)]*)\)")
        self.initctl("version", "--quiet", expect=1)
        self.load(web="exec sleep 1000\n")
        self.assertEqual(self.initctl("version"), "init (upstart 1.13.2)\n")
        self.assertEqual(self.initctl("version", "--quiet"), "")
        self.assertRegex(self.call("status", "web"), r"\S+ \(?(start|stop)?\)? ?[/ ](\w+)")
        self.assertIn("invalid command: nonsense", self.initctl("nonsense", expect=1))
        self.assertIn("missing command", self.initctl(expect=1))
        self.assertIn("Job commands:", self.initctl("help"))
        self.assertIn("invalid option: --nonsense", self.call("start", "--nonsense", expect=1))

    def test_questions_about_files_are_about_the_jobs_that_are_loaded(self):
        self.load(web="start on started db\nexec sleep 1000\n")
        self.assertEqual(self.initctl("show-config"), "web\n  start on started db\n")
        self.assertEqual(self.initctl("check-config", expect=1),
                         "web\n  start on: unknown job db\n")

    def test_the_small_commands(self):
        self.load(web="exec sleep 1000\n")
        self.assertEqual(self.initctl("log-priority"), "message\n")
        self.assertEqual(self.initctl("log-priority", "debug"), "")
        self.assertEqual(self.initctl("log-priority", "loud", expect=1),
                         "initctl: The log priority given was not recognised\n")
        self.assertEqual(self.initctl("list-sessions"), "")
        self.assertEqual(self.initctl("notify-disk-writeable"), "")
        self.assertEqual(self.initctl("notify-dbus-address", "unix:path=/x"), "")
        self.assertIn("missing address", self.initctl("notify-dbus-address", expect=1))
        self.assertEqual(self.initctl("emit", "", expect=1),
                         "initctl: Name may not be empty string\n")
        for option in ("--system", "--user", "--session", "--dest=com.ubuntu.Upstart", "-v"):
            self.assertEqual(self.initctl(option, "list"), "web stop/waiting\n")
        self.assertEqual(self.initctl("list", "--quiet"), "")

    def test_a_job_that_waits_is_explained(self):
        self.load(web="start on (db and cache) or go\nexec sleep 1000\n")
        self.initctl("emit", "--no-wait", "cache")
        text = self.reeve.cli("explain", "init/web").out
        self.assertIn("has come: cache", text)
        self.assertIn("still missing: db", text)

    def test_the_names_are_put_into_a_path_and_taken_away_again(self):
        place = os.path.join(self.directory, "bin")
        os.mkdir(place)
        for name in ("initctl", "start", "stop", "restart", "reload", "status"):
            self.reeve.cli("personality", "enable", name, "--at", place, "--force")
        self.load(web="exec sleep 1000\n")
        done = subprocess.run([os.path.join(place, "status"), "web"], capture_output=True,
                              env=self.reeve.environment(), text=True, timeout=60, check=True)
        self.assertEqual(done.stdout, "web stop/waiting\n")
        self.reeve.cli("personality", "disable", "status", "--at", place)
        self.assertFalse(os.path.lexists(os.path.join(place, "status")))

    def test_the_files_alone_answer_some_questions(self):
        self.write("web.conf", "start on started db or startup\nstop on nothing\n")
        self.reeve.more_environment = {"UPSTART_CONFDIR": os.path.join(self.directory, "init")}
        self.assertEqual(self.initctl("show-config"),
                         "web\n  start on (started db or startup)\n  stop on nothing\n")
        self.assertEqual(self.initctl("show-config", "-e", "web"),
                         "web\n  start on started (job: db, env:)\n"
                         "  start on startup (job:, env:)\n  stop on nothing (job:, env:)\n")
        self.assertEqual(self.initctl("check-config", expect=1),
                         "web\n  stop on: unknown event nothing\n")
        self.initctl("check-config", "-i", "nothing")
        self.assertEqual(self.initctl("show-config", "none", expect=1),
                         "initctl: Invalid job class: none\n")


if __name__ == "__main__":
    main()
