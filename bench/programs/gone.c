// gone FILE TIMEOUT_MS [SIGNAL]: follows the latest process of every id in FILE to its end.
// Prints `ready N`; with SIGNAL it then sends that to all and prints `sent NS`, the time before the
// first; and at the end `gone NS LEFT`, the time when the last had ended.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record.h"

enum { kIds = 100000, kEvents = 256, kDescriptors = 20000 };
static pid_t latest[kIds];

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const struct rlimit descriptors = {kDescriptors, kDescriptors};
    setrlimit(RLIMIT_NOFILE, &descriptors);
    const int file = open(argv[1], O_RDONLY);
    struct record record;
    while (read(file, &record, sizeof record) == (ssize_t)sizeof record) {
        if (record.id < kIds) latest[record.id] = (pid_t)record.pid;
    }
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    int left = 0;
    for (int i = 0; i < kIds; ++i) {
        if (latest[i] == 0) continue;
        const int pidfd = (int)syscall(SYS_pidfd_open, latest[i], 0);
        if (pidfd < 0) continue;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = pidfd};
        epoll_ctl(poll, EPOLL_CTL_ADD, pidfd, &event);
        ++left;
    }
    printf("ready %d\n", left);
    if (argc > 3) {
        const int signal = atoi(argv[3]);
        printf("sent %lu\n", (unsigned long)monotonic_ns());
        for (int i = 0; i < kIds; ++i) {
            if (latest[i] != 0) kill(latest[i], signal);
        }
    }
    fflush(stdout);
    const uint64_t until = monotonic_ns() + (uint64_t)atol(argv[2]) * 1000000u;
    while (left > 0 && monotonic_ns() < until) {
        struct epoll_event events[kEvents];
        const int wait_ms = (int)((until - monotonic_ns()) / 1000000u) + 1;
        const int ended = epoll_wait(poll, events, kEvents, wait_ms);
        for (int i = 0; i < ended; ++i)
            close(events[i].data.fd);
        left -= ended > 0 ? ended : 0;
    }
    printf("gone %lu %d\n", (unsigned long)monotonic_ns(), left);
    return left > 0;
}
