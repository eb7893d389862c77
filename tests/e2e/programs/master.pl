# A master with workers that replaces itself as Unicorn does. USR2: a new master is started beside
# the old one, writes the pid file, and asks the old one to go (QUIT). TERM and QUIT: an orderly end.
# Notes each signal that a master gets in the file `signals` of its directory.
# usage: master.pl PID FILE [daemonize]
use strict;
use warnings;
use POSIX ();

my ($pid_file, $daemonize) = @ARGV;
my $old = $ENV{OLD_MASTER} // 0;
my @command = ($^X, $0, $pid_file);

if ($daemonize) {
    exit(0) if fork();
    POSIX::setsid();
    POSIX::_exit(0) if fork();
}

sub note {
    open(my $out, '>>', 'signals') or return;
    syswrite($out, "$$ $_[0]\n");
}

my %asked;
$SIG{$_} = do { my $name = $_; sub { note($name); $asked{$name} = 1 } } for qw(TERM QUIT USR2 HUP);
my @workers = map {
    my $pid = fork();
    if (!$pid) {
        $SIG{$_} = 'DEFAULT' for qw(TERM QUIT HUP);
        $SIG{USR2} = 'IGNORE';
        sleep(1000) while 1;
    }
    $pid;
} 1 .. 2;

open(my $out, '>', "$pid_file.$$") or die "$pid_file: $!";
print $out "$$\n";
close($out);
rename("$pid_file.$$", $pid_file) or die "$pid_file: $!";
kill('QUIT', $old) if $old;

until ($asked{TERM} || $asked{QUIT}) {
    if (delete $asked{USR2}) {
        $ENV{OLD_MASTER} = $$;
        exec(@command) unless fork();
    }
    select(undef, undef, undef, 0.02);
}
kill('TERM', @workers);
waitpid($_, 0) for @workers;
exit(0);
