# A web server for tests.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = "IGNORE";  # a probe closes without a word
my $server = IO::Socket::INET->new(
    LocalAddr => "127.0.0.1", LocalPort => $ENV{PORT}, Listen => 16, ReuseAddr => 1) or die $!;
open my $file, "<", "version" or die $!;
chomp(my $version = <$file>);
while (my $client = $server->accept) {
    while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
    my $body = "$version $$ perl\n";
    print $client "HTTP/1.1 200 OK\r\nContent-Length: " . length($body)
        . "\r\nConnection: close\r\n\r\n$body";
    close $client;
}
