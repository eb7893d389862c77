#include "os/child_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/raw_syscall.h"

// This file is compiled without sanitizers and without stack protectors (CMakeLists.txt): its
// functions run in a child that shares the memory of the running parent.
namespace reeve::os {
namespace {

[[noreturn]] void leave() {
    for (;;)
        raw_syscall(SYS_exit_group, 127);
}

/// Records why the child cannot go on, and ends it. The end of the status pipe tells the parent.
[[noreturn]] void fail(ChildSetup* setup, long result) {
    setup->error.store(static_cast<int>(-result), std::memory_order_release);
    leave();
}

void begin(ChildSetup* setup, SpawnStage stage) {
    setup->stage.store(stage, std::memory_order_release);
}

void must(ChildSetup* setup, long result) {
    if (result < 0) fail(setup, result);
}

void write_to(ChildSetup* setup, const char* path, const char* text, long size) {
    const long fd = raw_syscall(SYS_openat, AT_FDCWD, raw_argument(path), O_WRONLY | O_CLOEXEC);
    must(setup, fd);
    must(setup, raw_syscall(SYS_write, fd, raw_argument(text), size));
    raw_syscall(SYS_close, fd);
}

void close_between(int below, int above) {
    if (below + 1 < above) raw_syscall(SYS_close_range, below + 1, above - 1, 0);
}

/// Until here the descriptor table is the parent's own; copying only as much of its low end as is
/// needed keeps this short: the first numbers are lent first.
/// That end has what other children were lent, too: kept open, it would hide from the parent that
/// they have executed, for as long as this child may hang.
void take_own_descriptors(ChildSetup* setup) {
    begin(setup, SpawnStage::Unshare);
    const int end = setup->passed_fds.empty() ? setup->status_fd + 1 : kLowFdsEnd;
    must(setup, raw_syscall(SYS_close_range, end, 0xFFFFFFFFL, CLOSE_RANGE_UNSHARE));
    close_between(STDERR_FILENO, setup->input_fd);
    close_between(setup->input_fd, setup->output_fd);
    close_between(setup->output_fd, setup->script_fd);
    close_between(setup->script_fd, setup->status_fd);
    if (!setup->passed_fds.empty()) {
        close_between(setup->status_fd, setup->lent_begin);
        close_between(setup->lent_end - 1, kLowFdsEnd);
    }
    const char byte = kUnshared;
    raw_syscall(SYS_write, setup->status_fd, raw_argument(&byte), 1);
}

void join_cgroups(ChildSetup* setup) {
    begin(setup, SpawnStage::Cgroup);
    for (const std::string& file : setup->cgroup_files)
        write_to(setup, file.c_str(), "0", 1);
}

/// What the kernel expects of rt_sigaction; libc's struct differs.
struct KernelSigaction {
    unsigned long handler;
    unsigned long flags;
    unsigned long restorer;
    unsigned long mask;
};

void reset_signals(const ChildSetup* setup) {
    const KernelSigaction standard{};
    // Handlers were cleared by the clone; ignored signals stay ignored but for this.
    raw_syscall(SYS_rt_sigaction, SIGPIPE, raw_argument(&standard), 0, sizeof standard.mask);
    if (setup->ignores_hangup) {
        KernelSigaction ignored{};
        ignored.handler = 1;  // SIG_IGN
        raw_syscall(SYS_rt_sigaction, SIGHUP, raw_argument(&ignored), 0, sizeof ignored.mask);
    }
    const unsigned long none = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, raw_argument(&none), 0, sizeof none);
}

void set_limits(ChildSetup* setup) {
    begin(setup, SpawnStage::Limits);
    for (const auto& [resource, limit] : setup->limits) {
        setup->detail.store(resource, std::memory_order_release);
        must(setup, raw_syscall(SYS_prlimit64, 0, resource, raw_argument(&limit), 0));
    }
    begin(setup, SpawnStage::Nice);
    if (setup->nice) must(setup, raw_syscall(SYS_setpriority, 0, 0, *setup->nice));
    begin(setup, SpawnStage::OomScore);
    if (!setup->oom_score_adjust.empty()) {
        write_to(setup, "/proc/self/oom_score_adj", setup->oom_score_adjust.c_str(),
                 static_cast<long>(setup->oom_score_adjust.size()));
    }
    begin(setup, SpawnStage::Umask);
    if (setup->umask) raw_syscall(SYS_umask, static_cast<long>(*setup->umask));
}

void open_standard_files(ChildSetup* setup) {
    begin(setup, SpawnStage::Files);
    must(setup, raw_syscall(SYS_dup3, setup->input_fd, STDIN_FILENO, 0));
    must(setup, raw_syscall(SYS_dup3, setup->output_fd, STDOUT_FILENO, 0));
    must(setup, raw_syscall(SYS_dup3, setup->output_fd, STDERR_FILENO, 0));
    if (!setup->script.empty()) {
        must(setup, raw_syscall(SYS_dup3, setup->script_fd, kScriptFd, 0));
    }
}

void write_own_pid(char* place) {
    char digits[kPidDigits];
    int count = 0;
    for (long pid = raw_syscall(SYS_getpid); pid > 0 && count < kPidDigits; pid /= 10)
        digits[count++] = static_cast<char>('0' + pid % 10);
    while (count > 0)
        *place++ = digits[--count];
    *place = '\0';
}

/// The child has them under numbers of its own, which survive the exec.
void pass_descriptors(ChildSetup* setup) {
    int number = kFirstPassedFd;
    for (const int fd : setup->passed_fds)
        must(setup, raw_syscall(SYS_dup3, fd, number++, 0));
    if (setup->listen_pid != nullptr) write_own_pid(setup->listen_pid);
}

/// A FIFO that nobody reads is opened for both directions, so that nobody waits for a reader.
long open_redirection(const ChildSetup::Redirection& file) {
    const long path = raw_argument(file.path.c_str());
    const int flags = file.flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    const long fd = raw_syscall(SYS_openat, AT_FDCWD, path, flags, 0666);
    if (fd != -ENXIO || (file.flags & O_ACCMODE) != O_WRONLY) return fd;
    return raw_syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
}

void redirect(ChildSetup* setup) {
    begin(setup, SpawnStage::Redirect);
    int number = 0;
    for (const ChildSetup::Redirection& file : setup->redirections) {
        setup->detail.store(number++, std::memory_order_release);
        if (file.fd == setup->status_fd) {
            // A copy tells the parent of the exec, since this one makes room.
            must(setup, raw_syscall(SYS_fcntl, file.fd, F_DUPFD_CLOEXEC, kLowFdsEnd));
        }
        if (file.path.empty()) {
            const long from = file.copies < 0 ? setup->input_fd : file.copies;
            must(setup, raw_syscall(SYS_dup3, from, file.fd, 0));
            continue;
        }
        const long fd = open_redirection(file);
        if (fd < 0 && file.may_fail) {
            must(setup, raw_syscall(SYS_dup3, setup->input_fd, file.fd, 0));
            continue;
        }
        must(setup, fd);
        raw_syscall(SYS_fcntl, fd, F_SETFL, file.flags & O_APPEND);  // it waits as others do
        if (fd == file.fd) {                                         // the lowest that was free
            must(setup, raw_syscall(SYS_fcntl, fd, F_SETFD, 0));
            continue;
        }
        must(setup, raw_syscall(SYS_dup3, fd, file.fd, 0));
        raw_syscall(SYS_close, fd);
    }
}

void become_user(ChildSetup* setup) {
    if (!setup->identity) return;
    const ChildSetup::Identity& identity = *setup->identity;
    begin(setup, SpawnStage::Groups);
    must(setup, raw_syscall(SYS_setgroups, static_cast<long>(identity.groups.size()),
                            raw_argument(identity.groups.data())));
    begin(setup, SpawnStage::Gid);
    const long gid = static_cast<long>(identity.gid);
    must(setup, raw_syscall(SYS_setresgid, gid, gid, gid));
    begin(setup, SpawnStage::Uid);
    const long uid = static_cast<long>(identity.uid);
    must(setup, raw_syscall(SYS_setresuid, uid, uid, uid));
}

/// As execvp(3): a later directory of PATH may have what an earlier one lacks; a file that is
/// there but may not be executed is the error to tell.
[[noreturn]] void execute(ChildSetup* setup) {
    begin(setup, SpawnStage::Exec);
    long worst = -ENOENT;
    for (const std::string& path : setup->executables) {
        const long result = raw_syscall(SYS_execve, raw_argument(path.c_str()),
                                        raw_argument(setup->argument_pointers.data()),
                                        raw_argument(setup->environment_pointers.data()));
        if (result != -ENOENT && result != -ENOTDIR) worst = result;
        if (result != -ENOENT && result != -ENOTDIR && result != -EACCES) break;
    }
    fail(setup, worst);
}

}  // namespace

void child_main(ChildSetup* setup) {
    if (!setup->name.empty()) {
        raw_syscall(SYS_prctl, PR_SET_NAME, raw_argument(setup->name.c_str()));
    }
    take_own_descriptors(setup);
    join_cgroups(setup);
    begin(setup, SpawnStage::Session);
    must(setup, raw_syscall(SYS_setsid));
    reset_signals(setup);
    set_limits(setup);
    open_standard_files(setup);
    pass_descriptors(setup);
    begin(setup, SpawnStage::Root);
    if (!setup->root_dir.empty()) {
        must(setup, raw_syscall(SYS_chroot, raw_argument(setup->root_dir.c_str())));
    }
    begin(setup, SpawnStage::Chdir);
    must(setup, raw_syscall(SYS_chdir, raw_argument(setup->working_dir.c_str())));
    become_user(setup);
    redirect(setup);
    execute(setup);
}

}  // namespace reeve::os
