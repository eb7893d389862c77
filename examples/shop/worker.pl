#!/usr/bin/perl
# A worker: packs one order after the other. On SIGTERM it ends the order in hand, then leaves.
use strict;
use warnings;

$| = 1;

my $queue    = shift // 'orders';
my $seconds  = $ENV{WORK_SECONDS} // 5;
my $stopping = 0;
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1 };

print "taking work from $queue\n";
for (my $order = 1; !$stopping; $order++) {
    print "packing order $order\n";
    sleep $seconds;    # a signal ends the sleep early
    print "order $order is on its way\n";
}
print "no order is left half packed\n";
