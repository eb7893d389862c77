#include "drivers/process_table.h"

#include <unistd.h>

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

namespace reeve::drivers {
namespace {

constexpr std::int64_t kUptimeTicks = 1000;
const TimePoint kFirstLook{Duration{1h}};

/// A machine that does what a test says, and counts how often its processes are looked at.
class Machine : public ProcessSource {
public:
    struct One {
        pid_t parent = 1;
        os::ProcessUsage usage;
    };

    std::optional<os::ProcessStat> stat(pid_t pid) override {
        ++stats;
        const auto found = processes.find(pid);
        if (found == processes.end()) return std::nullopt;
        os::ProcessStat stat;
        stat.parent = found->second.parent;
        return stat;
    }
    std::optional<os::ProcessUsage> usage(pid_t pid) override {
        ++measurements;
        const auto found = processes.find(pid);
        if (found == processes.end()) return std::nullopt;
        return found->second.usage;
    }
    bool exists(pid_t pid) override { return processes.contains(pid); }
    void for_each(const std::function<void(pid_t)>& visit) override {
        ++lists;
        for (const auto& [pid, one] : processes)
            visit(pid);
    }
    std::optional<os::Births> births() override { return born; }
    pid_t pid_max() override { return 32768; }
    void tidy(TimePoint) override {}

    void add(pid_t pid, pid_t parent) {
        processes[pid].parent = parent;
        give_number(pid);
    }
    void give_number(pid_t pid) {
        born->latest = pid;
        ++born->count;
    }
    void end(pid_t pid, pid_t heir) {
        processes[pid].usage.has_memory = false;
        for (auto& [other, one] : processes) {
            if (one.parent == pid) one.parent = heir;
        }
    }

    std::map<pid_t, One> processes;
    std::optional<os::Births> born = os::Births{100, 0};
    int stats = 0, measurements = 0, lists = 0;
};

class ProcessTableTest : public ::testing::Test {
protected:
    void SetUp() override {
        for (const auto& [pid, parent] :
             std::map<pid_t, pid_t>{{10, 1}, {11, 10}, {12, 11}, {20, 1}})
            machine_.add(pid, parent);
    }

    /// Who descends from 10, ten seconds after the look before.
    std::vector<pid_t> look() {
        now_ += 10s;
        table_.begin_look(now_, kUptimeTicks);
        machine_.stats = machine_.measurements = machine_.lists = 0;
        std::vector<pid_t> found = table_.with_descendants(10);
        std::sort(found.begin(), found.end());
        return found;
    }
    /// Until no number that was given is new.
    void look_around() {
        for (const pid_t pid : {21, 22}) {
            (void)look();
            machine_.give_number(pid);
        }
        (void)look();
    }
    os::ProcessUsage& usage(pid_t pid) { return machine_.processes.at(pid).usage; }

    Machine machine_;
    ProcessTable table_{machine_};
    TimePoint now_ = kFirstLook;
};

using Pids = std::vector<pid_t>;

TEST_F(ProcessTableTest, CountsAProcessWithAllThatDescendFromIt) {
    usage(10) = {5s, 3'000, 0, true};
    usage(11) = {500ms, 2'000, 900, true};
    usage(12) = {0s, 1'000, 990, true};
    usage(20) = {9s, 9'000, 0, true};
    const Pids family = look();
    EXPECT_EQ(table_.usage_of({10}).resident_bytes, 3'000U);
    const Usage all = table_.usage_of(family);
    EXPECT_EQ(all.resident_bytes, 6'000U);
    EXPECT_EQ(all.cpu, (std::vector<std::pair<pid_t, Duration>>{{10, 5s}, {11, 500ms}, {12, 0s}}));
    // 5 s of 10, half a second of one, none of 0.1.
    EXPECT_DOUBLE_EQ(all.lifetime_percent, 100.0);
}

TEST_F(ProcessTableTest, MeasuresEachProcessOnceInALook) {
    const Pids family = look();
    (void)table_.usage_of(family);
    (void)table_.usage_of(table_.with_descendants(10));
    (void)table_.age_ticks(10);
    EXPECT_EQ(machine_.measurements, 3);
    usage(10).resident_bytes = 77;
    EXPECT_EQ(table_.usage_of({10}).resident_bytes, 0U);
    (void)look();
    EXPECT_EQ(table_.usage_of({10}).resident_bytes, 77U);
}

TEST_F(ProcessTableTest, WhatHasGoneUsesNothing) {
    usage(11).start_ticks = 900;
    (void)look();
    EXPECT_TRUE(table_.with_descendants(99).empty());
    EXPECT_EQ(table_.usage_of({99}).resident_bytes, 0U);
    EXPECT_TRUE(table_.usage_of({99}).cpu.empty());
    EXPECT_EQ(table_.age_ticks(99), 0);
    EXPECT_EQ(table_.age_ticks(11), 100);
}

TEST_F(ProcessTableTest, NobodyIsLookedForWhereNobodyWasBorn) {
    EXPECT_EQ(look(), (Pids{10, 11, 12}));
    EXPECT_EQ(machine_.lists, 1);
    EXPECT_EQ(look(), (Pids{10, 11, 12}));
    EXPECT_EQ(machine_.lists + machine_.stats, 0);
}

TEST_F(ProcessTableTest, OnlyNewNumbersAreLookedAt) {
    look_around();
    machine_.add(30, 12);
    machine_.add(31, 20);
    EXPECT_EQ(look(), (Pids{10, 11, 12, 30}));
    EXPECT_EQ(machine_.lists, 0);
    EXPECT_EQ(machine_.stats, 2);
}

TEST_F(ProcessTableTest, WhoIsSeenLongAfterItWasGivenItsNumberIsFound) {
    look_around();
    machine_.give_number(30);
    (void)look();
    machine_.processes[30].parent = 10;
    ++machine_.born->count;
    EXPECT_EQ(look(), (Pids{10, 11, 12, 30}));
}

TEST_F(ProcessTableTest, ANumberThatIsGivenAgainIsAnothersChild) {
    look_around();
    machine_.add(30, 11);
    machine_.add(31, 20);
    EXPECT_EQ(look(), (Pids{10, 11, 12, 30}));
    machine_.processes.erase(30);
    machine_.born->latest = 29;  // all numbers were given meanwhile
    machine_.add(30, 20);
    EXPECT_EQ(look(), (Pids{10, 11, 12}));
}

TEST_F(ProcessTableTest, EverybodyIsLookedAtWhereTooManyNumbersWereGiven) {
    look_around();
    machine_.processes[11].parent = 20;
    machine_.add(30'000, 10);
    EXPECT_EQ(look(), (Pids{10, 30'000}));
    EXPECT_EQ(machine_.lists, 1);
    look_around();
    machine_.processes[11].parent = 10;
    machine_.born->count += 30'000;  // they may have come round to where they were
    EXPECT_EQ(look(), (Pids{10, 11, 12, 30'000}));
}

TEST_F(ProcessTableTest, EverybodyIsLookedAtWhereBirthsAreNotTold) {
    machine_.born.reset();
    EXPECT_EQ(look(), (Pids{10, 11, 12}));
    machine_.processes[30].parent = 12;
    machine_.processes.erase(11);
    EXPECT_EQ(look(), Pids{10});
}

TEST_F(ProcessTableTest, WhoseParentHasEndedDescendsFromItsHeir) {
    look_around();
    machine_.end(11, 1);
    EXPECT_EQ(look(), (Pids{10, 11}));
    machine_.processes.erase(11);
    EXPECT_EQ(look(), Pids{10});
    EXPECT_EQ(machine_.lists, 0);
}

TEST_F(ProcessTableTest, AnHeirMayBeAnAncestor) {
    look_around();
    machine_.end(11, 10);
    machine_.processes.erase(11);
    EXPECT_EQ(look(), (Pids{10, 12}));
}

TEST_F(ProcessTableTest, ThoseThatHaveGoneAreForgottenOnceTheyAreMany) {
    look_around();
    int lists = 0;
    for (pid_t pid = 30; pid < 400; ++pid) {
        machine_.add(pid, 1);
        (void)look();
        lists += machine_.lists;
        machine_.processes.erase(pid - 5);  // nobody looks at this number again
    }
    EXPECT_EQ(lists, 2);  // and once more, as it begins anew
}

TEST_F(ProcessTableTest, ACircleOfParentsEnds) {
    machine_.add(5, 6);
    machine_.add(6, 5);
    (void)look();
    EXPECT_LE(table_.with_descendants(5).size(), 8U);
    EXPECT_EQ(table_.usage_of(table_.with_descendants(5)).cpu.size(), 2U);
}

TEST(ProcessTableOfKernelTest, SeesThisProcess) {
    KernelProcesses processes(0);
    ProcessTable table(processes);
    table.begin_look(kFirstLook, 0);
    EXPECT_GT(table.usage_of({::getpid()}).resident_bytes, 0U);
    const Pids family = table.with_descendants(::getppid());
    EXPECT_NE(std::find(family.begin(), family.end(), ::getpid()), family.end());
}

}  // namespace
}  // namespace reeve::drivers
