// killer FILE COUNT PAUSE_MS LIVED_MS TIMEOUT_MS: kills COUNT times the child that has lived
// longest (LIVED_MS at least; it waits for that), and prints the nanoseconds from the kill to the
// first instruction of its replacement.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

enum { kIds = 100000, kLook_ns = 100000 };
static struct record latest[kIds];
static int ids;
static off_t position;

static void sleep_ns(uint64_t nanoseconds) {
    const struct timespec pause = {(time_t)(nanoseconds / 1000000000u),
                                   (long)(nanoseconds % 1000000000u)};
    nanosleep(&pause, NULL);
}

static void read_news(int file) {
    struct record record;
    for (; pread(file, &record, sizeof record, position) == (ssize_t)sizeof record;
         position += (off_t)sizeof record) {
        if (record.id >= kIds) continue;
        latest[record.id] = record;
        if ((int)record.id >= ids) ids = (int)record.id + 1;
    }
}

static struct record* oldest(void) {
    struct record* found = NULL;
    for (int i = 0; i < ids; ++i) {
        if (latest[i].pid == 0) continue;
        if (!found || latest[i].monotonic_ns < found->monotonic_ns) found = &latest[i];
    }
    return found;
}

int main(int argc, char** argv) {
    if (argc != 6) return 2;
    const int file = open(argv[1], O_RDONLY);
    const int count = atoi(argv[2]);
    const uint64_t pause_ns = (uint64_t)atol(argv[3]) * 1000000u;
    const uint64_t lived_ns = (uint64_t)atol(argv[4]) * 1000000u;
    const uint64_t timeout_ns = (uint64_t)atol(argv[5]) * 1000000u;
    for (int i = 0; i < count; ++i) {
        read_news(file);
        struct record* const victim = oldest();
        if (!victim) return 4;
        sleep_ns(pause_ns);
        const uint64_t ripe_at = victim->monotonic_ns + lived_ns;
        if (monotonic_ns() < ripe_at) sleep_ns(ripe_at - monotonic_ns());
        const uint32_t old = victim->pid;
        const uint64_t killed_at = monotonic_ns();
        if (kill((pid_t)old, SIGKILL) != 0) {
            fprintf(stderr, "kill %u: %s\n", old, strerror(errno));
            return 5;
        }
        while (victim->pid == old) {
            if (monotonic_ns() > killed_at + timeout_ns) {
                fprintf(stderr, "no replacement of %u in time\n", old);
                return 6;
            }
            sleep_ns(kLook_ns);
            read_news(file);
        }
        printf("%ld\n", (long)(victim->monotonic_ns - killed_at));
    }
    return 0;
}
