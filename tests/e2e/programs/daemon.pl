# Daemons of every style that Upstart's users have written (dialects/upstart.md, §6.3 and §6.4).
# The main process, once it works, writes its pid to TRUTH/INSTANCE; TERM ends it with code 0, USR1
# with code 41. Pauses are part of a style: they hold a door open that a supervisor may fall into.
# usage: daemon.pl STYLE [PID FILE]
use strict;
use warnings;
use POSIX ();

my ($style, $pid_file) = @ARGV;
my $truth = "$ENV{TRUTH}/$ENV{REEVE_INSTANCE}";

sub pause { select(undef, undef, undef, $_[0]) }

sub put {
    my ($path, $text) = @_;
    open(my $out, '>', "$path.new") or die "$path: $!";
    print $out $text;
    close($out);
    rename("$path.new", $path) or die "$path: $!";
}

# The parent goes, the child stays.
sub fork_away {
    my ($code) = @_;
    my $pid = fork();
    POSIX::_exit($code // 0) if $pid;
}

# A process that stays beside the main one.
sub beside {
    my $pid = fork();
    return $pid if $pid;
    $SIG{TERM} = 'DEFAULT';
    sleep(1000) while 1;
}

sub serve {
    $SIG{TERM} = sub { POSIX::_exit(0) };
    $SIG{USR1} = sub { POSIX::_exit(41) };
    put($pid_file, "$$\n") if $pid_file;
    put($truth, $$);
    sleep(1000) while 1;
}

my %styles = (
    foreground => sub { serve() },
    'fork-once' => sub { fork_away(); serve() },
    'fork-twice' => sub { fork_away(); POSIX::setsid(); fork_away(); serve() },
    'fork-twice-slowly' => sub { fork_away(); POSIX::setsid(); pause(0.2); fork_away(); serve() },
    'fork-thrice' => sub { fork_away(); fork_away(); POSIX::setsid(); fork_away(); serve() },
    workers => sub { fork_away(); POSIX::setsid(); beside() for 1 .. 4; serve() },
    'helper-first' => sub { system('true'); `echo`; fork_away(); POSIX::setsid(); serve() },
    'side-car' => sub { beside(); fork_away(); POSIX::setsid(); fork_away(); serve() },
    'ready-pipe' => sub {
        pipe(my $from, my $to);
        if (fork()) {
            close($to);
            readline($from);
            POSIX::_exit(0);
        }
        close($from);
        POSIX::setsid();
        pause(0.1);
        close($to);
        serve();
    },
    'fork-late' => sub { pause(0.3); fork_away(); POSIX::setsid(); serve() },
    'parent-works' => sub { beside(); serve() },
    'fails-first' => sub { POSIX::_exit(3) },
    'stops-itself' => sub { put("$truth.stopping", $$); kill('STOP', $$); serve() },
);
$styles{$style}->();
