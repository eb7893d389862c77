"""Bluepill's own checks on real processes: one that leaks, one that spins, a file, a server."""

import http.server
import os
import threading

from bluepill_case import BluepillCase
from harness import is_alive, kill, main, read_or


class ChecksTest(BluepillCase):
    # Misbehaves in its first life only.
    FIRST_LIFE = """#!/usr/bin/perl
use strict;
my ($mark, $what) = @ARGV;
if (!-e $mark) {
  open my $out, '>', $mark or die; close $out;
  my $size = 80 << 20;  # not known at compile time, when Perl would make the text
  our $leak = 'x' x $size if $what eq 'leak';
  if ($what eq 'spin') { 1 while 1; }
  if ($what eq 'child') {  # after it has been looked at: a grandchild
    sleep 2;
    if (!fork) { sleep 1000 while fork; our $held = 'x' x $size; sleep 1000 while 1; }
  }
}
sleep 1000 while 1;
"""

    def misbehaving(self, what, check):
        script = self.script("first", self.FIRST_LIFE)
        self.bluepill("load", self.one_process(f"""
            p.start_command = "/usr/bin/perl {script} @DIR@/mark {what}"
            {check}
            """))
        return self.wait_state("up")

    def restarted_once(self, old, samples):
        self.reeve.wait_until(lambda: not is_alive(old), "it is restarted")
        new = self.wait_state("up")
        events = self.bluepill("status", "web").out
        self.assertRegex(events, r"restart at \S+ \S+ - " + samples)
        # It behaves now: several samples later it is the same process.
        count = len(self.reeve.history("demo/web"))
        self.reeve.wait_until(lambda: self.reeve.status(), "it is asked")
        self.assertEqual(self.state(), ("up", new))
        self.assertEqual(len(self.reeve.history("demo/web")), count)

    def test_a_process_that_leaks_is_restarted_once(self):
        old = self.misbehaving("leak", "p.checks :mem_usage, :every => 1.second, "
                                       ":below => 40.megabytes, :times => [2, 3]")
        self.restarted_once(old, r"mem_usage: \[\d+MB\*, \d+MB\*\]")

    def test_a_leak_of_descendants_counts_where_they_are_included(self):
        old = self.misbehaving("child", "p.checks :mem_usage, :every => 1.second, "
                                        ":below => 60.megabytes, :times => 2, "
                                        ":include_children => true")
        self.restarted_once(old, r"mem_usage: \[\d+MB\*, \d+MB\*\]")

    def test_a_process_that_spins_is_restarted_once(self):
        old = self.misbehaving("spin", "p.checks :cpu_usage, :every => 1.second, "
                                       ":below => 5, :times => 2")
        self.restarted_once(old, r"cpu_usage: \[[\d.]+\*, [\d.]+\*\]")

    def test_what_was_used_long_ago_is_forgiven_by_a_look_at_the_recent_use(self):
        script = self.script("early", """#!/usr/bin/perl
use Time::HiRes 'time';
my $end = time + 1.2;
1 while time < $end;
sleep 1000 while 1;
""")
        self.bluepill("load", self.one_process(f"""
            p.start_command = "/usr/bin/perl {script}"
            p.checks :cpu_usage, :every => 1.second, :below => 5, :times => 3, :mode => :recent
            """))
        pid = self.wait_state("up")
        # The average of its life stays above the limit for half a minute.
        self.reeve.wait_until(lambda: " 0.0" in self.reeve.cli("status", "demo/web").out,
                              "it uses nothing")
        self.assertEqual(self.state(), ("up", pid))

    def test_a_zombie_is_not_up(self):
        script = self.script("careless", """#!/usr/bin/perl
use strict; use POSIX ();
exit 0 if fork; POSIX::setsid();
my $worker = fork;
if (!$worker) { sleep 1000; exit 0; }
open my $out, '>', '@DIR@/worker.pid' or die; print $out $worker; close $out;
sleep 1000 while 1;  # and never asks what became of it
""")
        self.bluepill("load", self.one_process(f"""
            p.start_command = "/usr/bin/perl {script}"
            p.pid_file = "@DIR@/worker.pid"
            p.daemonize = false
            p.start_grace_time = 5
            p.checks :zombie_process, :every => 1.second
            """))
        pid = self.wait_state("up")
        self.assertEqual(pid, int(read_or(self.path("worker.pid"))))
        kill(pid)
        self.reeve.wait_until(lambda: self.state()[0] == "up" and self.state()[1] not in (0, pid),
                              "another is up")

    def test_a_process_that_stops_beating_is_restarted(self):
        beat = self.path("beat")
        with open(beat, "w", encoding="utf-8"):
            pass
        self.bluepill("load", self.one_process(
            "p.checks :file_time, :every => 1.second, :below => 30.seconds, "
            ":filename => '@DIR@/beat', :times => 1"))
        pid = self.wait_state("up")
        os.utime(beat, (0, 0))
        self.reeve.wait_until(lambda: not is_alive(pid), "it is restarted")

    def test_a_server_that_answers_badly_is_restarted(self):
        answers = {"status": 200}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                self.send_response(answers["status"])
                self.end_headers()
                self.wfile.write(b"all is well\n")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        self.bluepill("load", self.one_process(
            f"p.checks :http, :url => 'http://127.0.0.1:{server.server_port}/health', "
            ":every => 1.second, :times => 2, :pattern => /ALL is/i"))
        pid = self.wait_state("up")
        answers["status"] = 500
        self.reeve.wait_until(lambda: not is_alive(pid), "it is restarted")
        answers["status"] = 200
        self.wait_state("up")


if __name__ == "__main__":
    main()
