// contained COUNT PROGRAM FILE: as limit.c, but with what no supervisor of reeve's kind can leave
// out: a cgroup, a pidfd and a log pipe for each run, a record of each decision before it is carried
// out, an end that is read from /proc (the supervisor may not be the parent, or its own end would be
// that of its services), and a group that is seen to be empty before the next run begins.
// No requests, no rules, no ledger, nobody who reads the pipes. Runs in the directory of its journal.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kRecordBytes = 256, kPathBytes = 512, kEventsMax = 64 };
// The child copies a table of so many descriptors, not of all that the supervisor has.
enum { kLentLog = 9, kLowFdsEnd = 10 };

struct run {
    int pid;
    int pidfd;
    int log[2];
    unsigned number;
    char id[12];
};

extern char** environ;
static volatile sig_atomic_t ending;
static struct run* runs;
static char base[kPathBytes];
static int base_fd, journal, loop, null_fd;
static off_t journal_end;

static void end(int signal) {
    (void)signal;
    ending = 1;
}

static void record(void) {
    static const char text[kRecordBytes];
    if (pwrite(journal, text, sizeof text, journal_end) != sizeof text) exit(1);
    journal_end += sizeof text;
}

static void name_group(const struct run* run, char* name) {
    snprintf(name, kPathBytes, "s%s:%u", run->id, run->number);
}

// In line: it returns twice, on the same stack.
static inline __attribute__((always_inline)) long clone_into(int group, int* pidfd) {
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = (uint64_t)group};
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_clone3), "D"(&arguments), "S"(sizeof arguments)
                     : "rcx", "r11", "memory");
    return result;
}

static void start(struct run* run, char* program, char* file) {
    char name[kPathBytes];
    char* const arguments[] = {program, file, run->id, NULL};
    ++run->number;
    record();
    name_group(run, name);
    mkdirat(base_fd, name, 0755);
    const int group = openat(base_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    dup3(run->log[1], kLentLog, O_CLOEXEC);
    const long pid = clone_into(group, &run->pidfd);
    if (pid == 0) {
        syscall(SYS_close_range, kLowFdsEnd, ~0U, CLOSE_RANGE_UNSHARE);
        setsid();
        dup2(null_fd, 0);
        dup2(kLentLog, 1);
        dup2(kLentLog, 2);
        execve(program, arguments, environ);
        _exit(127);
    }
    if (pid < 0) exit(1);
    close(group);
    run->pid = (int)pid;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = run};
    epoll_ctl(loop, EPOLL_CTL_ADD, run->pidfd, &event);
}

static int read_small(int directory, const char* path, char* text, size_t size) {
    const int file = openat(directory, path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = file < 0 ? -1 : read(file, text, size - 1);
    if (file >= 0) close(file);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/// The status of an ended run, whether its group is empty; it is not reaped yet.
static void look_at_end(const struct run* run) {
    char name[kPathBytes], path[kPathBytes + 16], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", run->pid);
    if (!read_small(AT_FDCWD, path, text, sizeof text)) exit(1);
    name_group(run, name);
    snprintf(path, sizeof path, "%s/cgroup.events", name);
    if (!read_small(base_fd, path, text, sizeof text) || !strstr(text, "populated 0")) exit(1);
}

static void forget(int pid, int pidfd, const char* group) {
    waitpid(pid, NULL, 0);
    close(pidfd);
    unlinkat(base_fd, group, AT_REMOVEDIR);
}

static void restart(struct run* run, char* program, char* file) {
    char group[kPathBytes];
    const int pid = run->pid, pidfd = run->pidfd;
    look_at_end(run);
    name_group(run, group);
    start(run, program, file);
    forget(pid, pidfd, group);
    record();
}

static int open_base(void) {
    char line[kPathBytes], own[kPathBytes] = "";
    FILE* file = fopen("/proc/self/cgroup", "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "0::", 3) != 0) continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(own, sizeof own, "%s", strcmp(line + 3, "/") == 0 ? "" : line + 3);
    }
    if (file) fclose(file);
    const int hybrid = access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0;
    snprintf(base, sizeof base, "/sys/fs/cgroup%.10s%.400s/contained-%d",
             hybrid ? "/unified" : "", own, getpid());
    if (mkdir(base, 0755) != 0) return 0;
    base_fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return base_fd >= 0;
}

static void stop_all(int count) {
    char group[kPathBytes];
    for (int i = 0; i < count; ++i) {
        record();
        syscall(SYS_pidfd_send_signal, runs[i].pidfd, SIGTERM, NULL, 0);
    }
    struct epoll_event events[kEventsMax];
    for (int left = count; left > 0;) {
        const int got = epoll_wait(loop, events, kEventsMax, -1);
        for (int i = 0; i < got; ++i, --left) {
            struct run* run = events[i].data.ptr;
            look_at_end(run);
            name_group(run, group);
            forget(run->pid, run->pidfd, group);
            record();
        }
    }
    rmdir(base);
}

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const int count = atoi(argv[1]);
    runs = calloc((size_t)count, sizeof *runs);
    loop = epoll_create1(EPOLL_CLOEXEC);
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    journal = open("journal", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (!runs || loop < 0 || null_fd < 0 || journal < 0 || !open_base()) return 1;
    const struct sigaction action = {.sa_handler = end};  // without SA_RESTART: epoll_wait returns
    sigaction(SIGTERM, &action, NULL);
    dup3(null_fd, kLentLog, O_CLOEXEC);
    for (int i = 0; i < count; ++i) {
        snprintf(runs[i].id, sizeof runs[i].id, "%d", i);
        if (pipe2(runs[i].log, O_CLOEXEC) != 0) return 1;
        start(&runs[i], argv[2], argv[3]);
    }
    struct epoll_event events[kEventsMax];
    while (!ending) {
        const int got = epoll_wait(loop, events, kEventsMax, -1);
        for (int i = 0; i < got && !ending; ++i)
            restart(events[i].data.ptr, argv[2], argv[3]);
    }
    stop_all(count);
    return 0;
}
