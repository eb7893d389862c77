# A program that does what makes a process hard to stop; the words of its arguments say what:
# fork (a child), setsid (in a session of its own), daemon (twice forked, session, parent gone),
# clear (without environment and arguments), ignore (SIGTERM, SIGINT and SIGHUP), away (works in /).
# Each process notes its pid in the file `pids` of its directory before it waits for its end.
# usage: stubborn.pl NAME WORD…
use strict;
use warnings;
use Cwd;
use POSIX ();

my $name = shift @ARGV;
my %wants = map { $_ => 1 } @ARGV;
my $file = getcwd() . '/pids';

sub note {
    open(my $out, '>>', $file) or die "open $file: $!";
    syswrite($out, "$name $$\n");
    close($out);
}

sub wait_for_the_end {
    my ($as_child) = @_;
    if ($wants{ignore}) { $SIG{$_} = 'IGNORE' for qw(TERM INT HUP); }
    chdir('/') if $wants{away};
    note();
    if ($wants{clear} && $as_child) {
        %ENV = ();
        exec({'/bin/sleep'} 'quiet', '1000');
    }
    sleep(1000) while 1;
}

if ($wants{fork} || $wants{setsid} || $wants{daemon}) {
    my $pid = fork();
    if ($pid == 0) {
        POSIX::setsid() if $wants{setsid} || $wants{daemon};
        if ($wants{daemon}) {
            POSIX::_exit(0) if fork() != 0;
            open(STDIN, '<', '/dev/null');
            open(STDOUT, '>', '/dev/null');
            open(STDERR, '>', '/dev/null');
        }
        wait_for_the_end(1);
    }
    waitpid($pid, 0) if $wants{daemon};
}
wait_for_the_end(0);
