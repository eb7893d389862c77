# A bounded fork bomb: every process makes others as long as there are fewer than the limit, ignores
# SIGTERM, and dies and is replaced all the time.
# usage: bomb.pl LIMIT
use strict;
use warnings;
use POSIX ();

my $limit = $ARGV[0];
$SIG{TERM} = $SIG{INT} = $SIG{HUP} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';

# The pipe bounds the bomb: whoever forks takes a token from it, and it comes back with the death.
pipe(my $tokens_out, my $tokens_in) or die "pipe: $!";
syswrite($tokens_in, 'x' x $limit);
$| = 1;
print "ready\n";

sub explode {
    while (1) {
        sysread($tokens_out, my $token, 1);
        my $pid = fork();
        if (!defined $pid) {
            syswrite($tokens_in, 'x');
            select(undef, undef, undef, 0.01);
            next;
        }
        next if $pid != 0;
        POSIX::setsid() if rand() < 0.5;
        my $lives = 0.01 + rand() * 0.05;
        if (rand() < 0.5) { select(undef, undef, undef, $lives); syswrite($tokens_in, 'x'); exit(0); }
    }
}
explode();
