"""`monitor_children`: every worker of a master is looked after on its own."""

import re

from bluepill_case import BluepillCase
from harness import is_alive, main

CHILD_LINE = re.compile(r"^  <child\(pid:(\d+)\)>: up$", re.MULTILINE)


class ChildrenTest(BluepillCase):
    # Two workers that are started again when they end; the first one of all leaks memory.
    MASTER = """#!/usr/bin/perl
use strict; use POSIX ();
my ($pid_file) = @ARGV;
exit 0 if fork; POSIX::setsid(); POSIX::_exit(0) if fork;
my %workers;
my $begun = 0;
my $ends = 0;
$SIG{TERM} = $SIG{QUIT} = sub { $ends = 1 };
sub begin {
  my $leaks = !$begun++;
  my $pid = fork;
  if (!$pid) {
    $SIG{TERM} = $SIG{QUIT} = 'DEFAULT';
    my $size = $leaks ? 80 << 20 : 0;
    our $leak = 'x' x $size;
    sleep 1000 while 1;
  }
  $workers{$pid} = 1;
}
begin() for 1 .. 2;
open my $out, '>', $pid_file or die; print $out "$$\\n"; close $out;
until ($ends) {
  while ((my $gone = waitpid(-1, POSIX::WNOHANG())) > 0) { delete $workers{$gone}; begin(); }
  select undef, undef, undef, 0.02;
}
kill 'TERM', keys %workers;
"""

    def load(self, fires):
        master = self.script("master", self.MASTER)
        self.bluepill("load", self.pill("demo", f"""
            Bluepill.application("demo") do |app|
              app.process("unicorn") do |p|
                p.start_command = "/usr/bin/perl {master} @DIR@/unicorn.pid"
                p.pid_file = "@DIR@/unicorn.pid"
                p.start_grace_time = 2
                p.monitor_children do |child|
                  child.stop_command = "sh -c 'echo {{{{PID}}}} >> @DIR@/stopped; " \\
                                       "kill -QUIT {{{{PID}}}}'"
                  child.checks :mem_usage, :every => 1.second, :below => 40.megabytes,
                               :times => 2 {fires}
                end
              end
            end
            """))
        return self.wait_state("up", "unicorn")

    def workers(self):
        return [int(pid) for pid in CHILD_LINE.findall(self.bluepill("status").out)]

    def one_child_is_replaced(self, fires):
        pid = self.load(fires)
        stopped = self.wait_lines("stopped", 1)
        leaking = int(stopped[0])
        self.reeve.wait_until(lambda: not is_alive(leaking), "the child that leaks is stopped")
        self.reeve.wait_until(lambda: leaking not in self.workers() and len(self.workers()) == 2,
                              "another is there")
        self.assertEqual(self.state("unicorn"), ("up", pid), "its master stays")
        out = self.bluepill("status").out
        self.assertTrue(out.startswith(f"unicorn(pid:{pid}): up\n  <child(pid:"), out)
        self.assertEqual(self.lines("stopped"), stopped, "it was told once, and nobody else was")
        family = [pid, *self.workers()]
        self.bluepill("stop")
        self.assertEqual([one for one in family if is_alive(one)], [])

    def test_a_child_that_leaks_is_stopped_and_its_master_stays(self):
        self.one_child_is_replaced(", :fires => :stop")

    def test_the_default_stops_a_child_as_well(self):
        self.one_child_is_replaced("")

    def test_children_need_a_stop_command_at_load(self):
        outcome = self.bluepill("load", self.pill("demo", """
            Bluepill.application("demo") do |app|
              app.process("unicorn") do |p|
                p.start_command = "/bin/sleep 1000"
                p.daemonize = true
                p.monitor_children { |child| child.checks :always_true, :every => 1.second }
              end
            end
            """), expect=6)
        self.assertEqual(outcome.err.splitlines(), [
            "Config Error: Invalid child process monitor for <child of unicorn>",
            "You must specify a stop command to monitor child processes."])


if __name__ == "__main__":
    main()
