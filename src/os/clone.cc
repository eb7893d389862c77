#include "os/clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cstdint>

namespace {

/// The argument of clone3(2); libc's header has no definition that goes with <sched.h>.
struct CloneArguments {
    std::uint64_t flags;
    std::uint64_t pidfd;
    std::uint64_t child_tid;
    std::uint64_t parent_tid;
    std::uint64_t exit_signal;
    std::uint64_t stack;
    std::uint64_t stack_size;
    std::uint64_t tls;
    std::uint64_t set_tid;
    std::uint64_t set_tid_size;
    std::uint64_t cgroup;
};

}  // namespace

// clone3 returns twice, and in the child on another stack: no compiled function may surround it.
extern "C" long reeve_clone3(CloneArguments* arguments, std::size_t size,
                             void (*child)(reeve::os::ChildSetup*), reeve::os::ChildSetup* setup);

#if defined(__x86_64__)
__asm__(R"(
    .text
    .globl reeve_clone3
    .type reeve_clone3, @function
reeve_clone3:
    mov %rdx, %r8
    mov %rcx, %r9
    mov $435, %eax
    syscall
    test %rax, %rax
    jz 1f
    ret
1:  xor %ebp, %ebp
    mov %r9, %rdi
    call *%r8
    hlt
    .size reeve_clone3, . - reeve_clone3
)");
#elif defined(__aarch64__)
__asm__(R"(
    .text
    .globl reeve_clone3
    .type reeve_clone3, %function
reeve_clone3:
    mov x9, x2
    mov x10, x3
    mov x8, #435
    svc #0
    cbz x0, 1f
    ret
1:  mov x29, #0
    mov x0, x10
    blr x9
    brk #0
    .size reeve_clone3, . - reeve_clone3
)");
#endif

namespace reeve::os {

Result<Cloned> clone_child(ChildSetup* setup, char* stack, int cgroup_fd) {
    int pidfd = -1;
    CloneArguments arguments{};
    arguments.flags = CLONE_VM | CLONE_FILES | CLONE_PARENT | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
    arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
    arguments.stack = reinterpret_cast<std::uint64_t>(stack);
    arguments.stack_size = kChildStackBytes;
    if (cgroup_fd >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<std::uint64_t>(cgroup_fd);
    }
    const long pid = reeve_clone3(&arguments, sizeof arguments, child_main, setup);
    if (pid < 0) return system_error("clone", static_cast<int>(-pid));
    return Cloned{static_cast<pid_t>(pid), UniqueFd(pidfd)};
}

}  // namespace reeve::os
