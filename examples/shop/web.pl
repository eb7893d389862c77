#!/usr/bin/perl
# A web server: answers every request with the name of the instance that took it.
# On SIGTERM it takes no new request, ends the one in hand, and leaves.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

$| = 1;    # a log line is written when it is printed

my $name = $ENV{DYNO} // 'web';
my $port = $ENV{PORT} or die "web: PORT is not set\n";
my $stopping = 0;
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1 };
$SIG{PIPE} = 'IGNORE';    # a visitor who leaves early is no reason to die

my $server = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1',
    LocalPort => $port,
    Listen    => 128,
    ReuseAddr => 1,
) or die "web: cannot listen on port $port: $!\n";
print "listening on http://127.0.0.1:$port/\n";

my $waiting = IO::Select->new($server);
my $served  = 0;
until ($stopping) {
    next unless $waiting->can_read(1);    # wakes up to see whether to stop
    my $visitor = $server->accept or next;
    answer($visitor);
    close $visitor;
}
print "stopping after $served requests\n";

sub answer {
    my ($visitor) = @_;
    my $request = '';
    my $readable = IO::Select->new($visitor);
    while ($request !~ /\r?\n\r?\n/) {
        return unless $readable->can_read(5) && sysread $visitor, $request, 4096, length $request;
        return if length $request > 65536;
    }
    my ($method, $path) = $request =~ m{^(\w+) (\S+)} or return;
    $served++;
    print "$method $path\n";
    my $body = "$ENV{GREETING}! This is $name, process $$, request $served.\n";
    print $visitor "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n",
        'Content-Length: ', length($body), "\r\n\r\n", $body;
}
