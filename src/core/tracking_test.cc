#include "core/tracking.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

constexpr TimePoint kNow{1000s};

Heir heir(int pid) {
    return Heir{{pid, static_cast<std::uint64_t>(pid)}, false, false, false};
}

// The pid of the chosen one; 0: nobody.
int chosen(const spec::TrackingSpec& tracking, const status::Exit& exit,
           const std::vector<Heir>& heirs) {
    const Heir* found = choose_heir(tracking, exit, kNow, kNow, heirs);
    return found == nullptr ? 0 : found->process.pid;
}

TEST(TrackingTest, FollowsWhatAProgramThatEndsWellLeaves) {
    const std::vector<Heir> heirs = {heir(12)};
    EXPECT_EQ(chosen(spec::TrackForks{}, status::ExitCode{0}, heirs), 12);
    EXPECT_EQ(chosen(spec::TrackForks{}, status::ExitCode{3}, heirs), 0);
    EXPECT_EQ(chosen(spec::TrackForks{}, status::ExitSignal{SIGTERM}, heirs), 0);
    EXPECT_EQ(chosen(spec::TrackForks{}, status::ExitUnknown{}, heirs), 0);
    EXPECT_EQ(chosen(spec::TrackForks{}, status::ExitCode{0}, {}), 0);
    EXPECT_EQ(chosen(spec::TrackForeground{}, status::ExitCode{0}, heirs), 0);
    EXPECT_EQ(chosen(spec::TrackStops{}, status::ExitCode{0}, heirs), 0);
}

TEST(TrackingTest, AnEndIsNoForkForEver) {
    const std::vector<Heir> heirs = {heir(12)};
    const spec::TrackForks forks;
    EXPECT_NE(choose_heir(forks, status::ExitCode{0}, kNow + 1s, kNow, heirs), nullptr);
    EXPECT_EQ(choose_heir(forks, status::ExitCode{0}, kNow - 1s, kNow, heirs), nullptr);
    EXPECT_EQ(choose_heir(forks, status::ExitCode{0}, std::nullopt, kNow, heirs), nullptr);
}

TEST(TrackingTest, PrefersThePidFileThenSessionsThenTheYoungest) {
    const spec::TrackForks forks;
    const status::Exit well = status::ExitCode{0};
    EXPECT_EQ(chosen(forks, well, {heir(12), heir(14), heir(13)}), 14);
    std::vector<Heir> heirs = {heir(12), heir(14), heir(13)};
    heirs[0].left_session = true;
    EXPECT_EQ(chosen(forks, well, heirs), 12);
    heirs[2].left_session = true;
    heirs[2].leads_session = true;
    EXPECT_EQ(chosen(forks, well, heirs), 13);
    heirs[1].in_pid_file = true;
    EXPECT_EQ(chosen(forks, well, heirs), 14);
}

TEST(TrackingTest, APidFileNamesItsProcessHoweverTheOneBeforeHasEnded) {
    const spec::TrackPidFile file{.path = "/run/web.pid"};
    std::vector<Heir> heirs = {heir(12), heir(14)};
    EXPECT_EQ(chosen(file, status::ExitCode{0}, heirs), 0);
    heirs[0].in_pid_file = true;
    EXPECT_EQ(chosen(file, status::ExitCode{0}, heirs), 12);
    EXPECT_EQ(chosen(file, status::ExitSignal{SIGKILL}, heirs), 12);
}

TEST(TrackingTest, WaitsForAPidFileThatTheProgramWrites) {
    spec::TrackPidFile file{.path = "/run/web.pid"};
    EXPECT_TRUE(may_be_found_later(file, status::ExitCode{0}));
    EXPECT_FALSE(may_be_found_later(file, status::ExitCode{1}));
    file.writer = spec::PidFileWriter::Reeve;
    EXPECT_FALSE(may_be_found_later(file, status::ExitCode{0}));
    EXPECT_FALSE(may_be_found_later(spec::TrackForks{}, status::ExitCode{0}));
}

TEST(TrackingTest, OnlyAPidFileTellsOfWhatRunsAlready) {
    EXPECT_TRUE(may_run_already(spec::TrackPidFile{.path = "/run/web.pid"}));
    EXPECT_FALSE(may_run_already(spec::TrackForks{}));
}

}  // namespace
}  // namespace reeve::core
