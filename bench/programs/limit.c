// limit COUNT PROGRAM FILE: the least that a supervisor can do, as a limit for those that do more.
// Starts COUNT times `PROGRAM FILE ID`, vfork and exec, and each again at once when it has ended.
// SIGTERM: sends SIGTERM to all, waits for all. No logs, no groups, no records, no requests.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kPids = 1 << 22, kIdSize = 12 };

extern char** environ;
static volatile sig_atomic_t ending;
static int index_of_pid[kPids];  // plus one; zero: not ours

static void end(int signal) {
    (void)signal;
    ending = 1;
}

static pid_t start(char* program, char* file, char* id, int index) {
    char* const arguments[] = {program, file, id, NULL};
    const pid_t pid = vfork();
    if (pid == 0) {
        execve(program, arguments, environ);
        _exit(127);
    }
    if (pid > 0) index_of_pid[pid] = index + 1;
    return pid;
}

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const int count = atoi(argv[1]);
    char(*ids)[kIdSize] = calloc((size_t)count, kIdSize);
    pid_t* pids = calloc((size_t)count, sizeof *pids);
    if (!ids || !pids) return 1;
    const struct sigaction action = {.sa_handler = end};  // without SA_RESTART: waitpid returns
    sigaction(SIGTERM, &action, NULL);
    for (int i = 0; i < count; ++i) {
        snprintf(ids[i], kIdSize, "%d", i);
        pids[i] = start(argv[2], argv[3], ids[i], i);
    }
    while (!ending) {
        int status;
        const pid_t pid = waitpid(-1, &status, 0);
        if (pid <= 0 || ending || index_of_pid[pid] == 0) continue;
        const int index = index_of_pid[pid] - 1;
        index_of_pid[pid] = 0;
        pids[index] = start(argv[2], argv[3], ids[index], index);
    }
    for (int i = 0; i < count; ++i)
        kill(pids[i], SIGTERM);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    return 0;
}
