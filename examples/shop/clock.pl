#!/usr/bin/perl
# A clock: does a small job every now and then.
use strict;
use warnings;
use POSIX qw(strftime);

$| = 1;

my $seconds = $ENV{CLOCK_SECONDS} // 30;
while (1) {
    print strftime('%H:%M:%S', localtime), ": counted the stock\n";
    sleep $seconds;
}
