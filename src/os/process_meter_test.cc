#include "os/process_meter.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "os/process.h"

namespace reeve::os {
namespace {

/// A child that waits until it is killed.
class Child {
public:
    Child() : pid_(::fork()) {
        while (pid_ == 0)
            ::pause();
    }
    ~Child() {
        end();
        reap();
    }
    pid_t pid() const { return pid_; }
    void end() const {
        ::kill(pid_, SIGKILL);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }
    void reap() const { ::waitpid(pid_, nullptr, 0); }

private:
    pid_t pid_;
};

Duration own_cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return Duration(static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec);
}

TEST(ProcessMeterTest, ReadsWhatTheProcessUsesAtEachMoment) {
    const std::optional<ProcessMeter> meter = ProcessMeter::open(::getpid());
    ASSERT_TRUE(meter);
    const Duration before = own_cpu_time();
    const std::optional<ProcessUsage> first = meter->read();
    ASSERT_TRUE(first);
    EXPECT_GE(first->cpu, before);
    EXPECT_LE(first->cpu, own_cpu_time());
    EXPECT_TRUE(first->has_memory);
    while (own_cpu_time() < first->cpu + 20ms) {
    }
    EXPECT_GE(meter->read()->cpu, first->cpu + 20ms);
}

TEST(ProcessMeterTest, AgreesWithWhatTheKernelTellsInProc) {
    const Child child;
    const std::optional<ProcessMeter> meter = ProcessMeter::open(child.pid());
    const std::optional<ProcessStat> stat = read_process_stat(child.pid());
    ASSERT_TRUE(meter && stat);
    const ProcessUsage usage = meter->read().value();
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    // The kernel counts pages by the batch on each CPU.
    EXPECT_NEAR(static_cast<double>(usage.resident_bytes),
                static_cast<double>(stat->resident_pages * page), 2e6);
    EXPECT_GT(usage.resident_bytes, 0U);
    EXPECT_EQ(usage.start_ticks, stat->start_ticks);
}

TEST(ProcessMeterTest, AZombieHasTimeAndNoMemory) {
    const Child child;
    const std::optional<ProcessMeter> meter = ProcessMeter::open(child.pid());
    child.end();
    const std::optional<ProcessUsage> usage = meter->read();
    ASSERT_TRUE(usage);
    EXPECT_FALSE(usage->has_memory);
    EXPECT_EQ(usage->resident_bytes, 0U);
}

TEST(ProcessMeterTest, WhoWasReapedIsNotRead) {
    const Child child;
    const std::optional<ProcessMeter> meter = ProcessMeter::open(child.pid());
    child.end();
    child.reap();
    EXPECT_FALSE(meter->read());
    EXPECT_FALSE(ProcessMeter::open(child.pid()));
    EXPECT_FALSE(cpu_time_of(child.pid()));
}

TEST(ProcessMeterTest, AThreadIsNoProcess) {
    int pipes[2] = {-1, -1};
    ASSERT_EQ(::pipe(pipes), 0);
    pthread_t thread{};
    const auto tell_number_and_wait = [](void* pipe) -> void* {
        const pid_t number = ::gettid();
        ::write(static_cast<int*>(pipe)[1], &number, sizeof number);
        for (;;)
            ::pause();  // it is cancelled here
    };
    ASSERT_EQ(::pthread_create(&thread, nullptr, tell_number_and_wait, pipes), 0);
    pid_t number = 0;
    ASSERT_EQ(::read(pipes[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
    EXPECT_FALSE(cpu_time_of(number));
    EXPECT_TRUE(cpu_time_of(::getpid()));
    ::pthread_cancel(thread);
    ::pthread_join(thread, nullptr);
    ::close(pipes[0]);
    ::close(pipes[1]);
}

}  // namespace
}  // namespace reeve::os
