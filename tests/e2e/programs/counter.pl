# Writes numbered lines `PID line N` until it is asked to end; the last one is `PID bye N`.
# Notes its start in the file `starts` of its directory, and each end that it was asked for in
# `ends`. SIGUSR1: ends with the code that stands in the file `code`, or with 41.
# usage: counter.pl [PAUSE IN SECONDS]
use strict;
use warnings;

my $pause = @ARGV ? $ARGV[0] : 0.05;
my $number = 0;
my ($asked_to_end, $asked_to_crash) = (0, 0);
$SIG{TERM} = sub { $asked_to_end = 1 };
$SIG{USR1} = sub { $asked_to_crash = 1 };

sub note {
    my ($file) = @_;
    open(my $out, '>>', $file) or return;
    syswrite($out, "$ENV{DYNO} $$ $number\n");
}

sub code {
    open(my $in, '<', 'code') or return 41;
    return 0 + <$in>;
}

note('starts');
while (!$asked_to_end && !$asked_to_crash) {
    syswrite(STDOUT, "$$ line $number\n");
    $number++;
    select(undef, undef, undef, $pause);
}
syswrite(STDOUT, "$$ bye $number\n");
note('ends');
exit($asked_to_crash ? code() : 0);
