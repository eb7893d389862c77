#include <signal.h>

#include "core/restart_testing.h"

// The rules of other supervisors. The numbers of starts are those that their own sources give for a
// process that always exits with 1; a start at the very end of the hour is not counted.
namespace reeve::core {
namespace {

TimePoint restart_at(RestartPolicy& policy, const spec::RestartSpec& rule, const End& end,
                     TimePoint now) {
    Random random(1);
    const Decision decision = policy.after_end(rule, end, now, random);
    const RestartAt* restart = std::get_if<RestartAt>(&decision);
    return restart == nullptr ? TimePoint::max() : restart->at;
}

Decision after_one(const spec::RestartSpec& rule, const End& end) {
    RestartPolicy policy;
    Random random(1);
    return policy.after_end(rule, end, TimePoint{1000s}, random);
}

bool restarts(const spec::RestartSpec& rule, const End& end) {
    return std::holds_alternative<RestartAt>(after_one(rule, end));
}

const End kClean{kSuccess, 20s, 20s};
const End kTerminated{status::ExitSignal{SIGTERM, false}, 20s, 20s};
const End kCrashed{status::ExitSignal{SIGSEGV, true}, 20s, 20s};
const End kNotStarted{StartFailure{}, {}, {}};

// ---- Upstart

TEST(UpstartRestartTest, StartsAsOftenAsUpstartDoes) {
    expect_tally(spec::UpstartRestart{}, 50ms, 11, 11, 0);
    EXPECT_EQ(tally(spec::UpstartRestart{}, 50ms).given_up_at, 550ms);
    expect_tally(spec::UpstartRestart{}, 2s, 30, 1800, -1);
    expect_tally(spec::UpstartRestart{}, 30s, 2, 120, -1);
}

TEST(UpstartRestartTest, AllowsAsManyRespawnsInTheWindowAsItsLimit) {
    expect_tally(spec::UpstartRestart{.limit = 3, .interval = 10s}, 1s, 4, 4, 4);
    // The window is fixed: the fourth end after ten seconds begins a new one.
    expect_tally(spec::UpstartRestart{.limit = 3, .interval = 10s}, 4s, 15, 900, -1);
}

TEST(UpstartRestartTest, WithoutLimitItNeverEnds) {
    expect_tally(spec::UpstartRestart{.limit = 0}, 50ms, 1200, 72000, -1);
    expect_tally(spec::UpstartRestart{.interval = 0s}, 50ms, 1200, 72000, -1);
}

TEST(UpstartRestartTest, CountsInWholeSeconds) {
    const spec::UpstartRestart rule{.limit = 1, .interval = 5s};
    RestartPolicy policy;
    EXPECT_EQ(restart_at(policy, rule, end_after(1s), TimePoint{1000900ms}), TimePoint{1000900ms});
    // 4.2 s later by the clock, five seconds later by whole ones: a new window.
    EXPECT_EQ(restart_at(policy, rule, end_after(1s), TimePoint{1005100ms}), TimePoint{1005100ms});
}

TEST(UpstartRestartTest, NormalExitsAreTheEnd) {
    const spec::UpstartRestart rule{.normal_codes = {3}, .normal_signals = {SIGTERM}};
    EXPECT_TRUE(restarts(rule, kClean));  // a service's code 0 respawns
    EXPECT_TRUE(restarts(rule, kCrashed));
    EXPECT_EQ(after_one(rule, End{status::ExitCode{3}, 1s, 1s}), Decision(StayDown{}));
    EXPECT_EQ(after_one(rule, kTerminated), Decision(StayDown{}));
    EXPECT_EQ(after_one(spec::UpstartRestart{.task = true}, kClean), Decision(StayDown{}));
    EXPECT_TRUE(restarts(spec::UpstartRestart{.task = true}, kTerminated));
}

TEST(UpstartRestartTest, WithoutRespawnItFailsOrIsDone) {
    const spec::UpstartRestart rule{.respawn = false};
    EXPECT_EQ(after_one(rule, kClean), Decision(StayDown{}));
    EXPECT_EQ(after_one(rule, kCrashed), Decision(GiveUp{}));
    EXPECT_EQ(after_one(spec::UpstartRestart{}, kNotStarted), Decision(GiveUp{}));
}

// ---- systemd

TEST(SystemdRestartTest, StartsAsOftenAsSystemdDoes) {
    expect_tally(spec::SystemdRestart{}, 50ms, 5, 5, 0);
    expect_tally(spec::SystemdRestart{}, 2s, 29, 1715, -1);
    expect_tally(spec::SystemdRestart{}, 30s, 2, 120, -1);
}

TEST(SystemdRestartTest, WithoutLimitItIsRetriedForEver) {
    const spec::SystemdRestart rule{.pause = 1s, .start_limit_interval = 0s};
    expect_tally(rule, 50ms, 58, 3429, -1);
    expect_tally(rule, 2s, 20, 1200, -1);
    expect_tally(rule, 30s, 2, 117, -1);
}

TEST(SystemdRestartTest, PausesGrowInStepsToTheirMost) {
    const spec::SystemdRestart rule{
        .pause = 1s, .start_limit_interval = 0s, .steps = 5, .pause_max = 60s};
    expect_tally(rule, 50ms, 6, 65, -1);
    expect_tally(rule, 2s, 6, 63, -1);
    expect_tally(rule, 30s, 2, 43, -1);
}

TEST(SystemdRestartTest, RestartsAfterTheEndsThatItsModeNames) {
    const auto after = [](spec::SystemdMode mode) {
        std::string restarted;
        const spec::SystemdRestart rule{.mode = mode};
        for (const End& end : {kClean, kTerminated, end_after(20s), kCrashed, kNotStarted})
            restarted += restarts(rule, end) ? '+' : '-';
        return restarted;
    };
    EXPECT_EQ(after(spec::SystemdMode::No), "-----");
    EXPECT_EQ(after(spec::SystemdMode::OnSuccess), "++---");
    EXPECT_EQ(after(spec::SystemdMode::OnFailure), "--+++");
    EXPECT_EQ(after(spec::SystemdMode::OnAbnormal), "---+-");
    EXPECT_EQ(after(spec::SystemdMode::OnAbort), "---+-");
    EXPECT_EQ(after(spec::SystemdMode::Always), "+++++");
    EXPECT_EQ(after_one(spec::SystemdRestart{}, kTerminated), Decision(StayDown{}));
    EXPECT_EQ(after_one(spec::SystemdRestart{.mode = spec::SystemdMode::No}, kCrashed),
              Decision(GiveUp{}));
}

// ---- supervisord

TEST(SupervisordRestartTest, StartsAsOftenAsSupervisordDoes) {
    expect_tally(spec::SupervisordRestart{}, 50ms, 4, 4, 6);
    expect_tally(spec::SupervisordRestart{}, 2s, 30, 1800, -1);
    expect_tally(spec::SupervisordRestart{}, 30s, 2, 120, -1);
}

TEST(SupervisordRestartTest, WithoutStartSecondsNothingIsEverTooQuick) {
    const spec::SupervisordRestart rule{.start_seconds = 0s, .pause = 50ms};
    expect_tally(rule, 50ms, 600, 36000, -1);
    expect_tally(rule, 2s, 30, 1757, -1);
    expect_tally(rule, 30s, 2, 120, -1);
}

TEST(SupervisordRestartTest, ARunThatStartedForgetsTheQuickEnds) {
    RestartPolicy policy;
    const spec::SupervisordRestart rule;
    const TimePoint now{1000s};
    EXPECT_EQ(restart_at(policy, rule, end_after(0s), now), now + 1s);
    EXPECT_EQ(restart_at(policy, rule, kNotStarted, now), now + 2s);
    EXPECT_EQ(restart_at(policy, rule, end_after(1s), now), now);
    EXPECT_EQ(restart_at(policy, rule, end_after(0s), now), now + 1s);
}

TEST(SupervisordRestartTest, ExpectedCodesEndItUnlessItIsAlwaysRestarted) {
    EXPECT_EQ(after_one(spec::SupervisordRestart{}, kClean), Decision(StayDown{}));
    EXPECT_TRUE(restarts(spec::SupervisordRestart{}, kTerminated));
    EXPECT_TRUE(restarts(spec::SupervisordRestart{.mode = spec::SupervisordMode::Always}, kClean));
    EXPECT_EQ(after_one(spec::SupervisordRestart{.mode = spec::SupervisordMode::Never}, kCrashed),
              Decision(StayDown{}));
}

// ---- Bluepill

// Source: bluepill process.rb. A tick is a second. The ticks within start_grace_time (3 s) are
// skipped, so an end within it is seen at the third tick, and the next one starts: 4 s from start
// to start, however early it died. A later end is seen and restarted by the ticks that follow it;
// the one that sees it may come up to a second later than the tally's, which counts the earliest.
TEST(BluepillRestartTest, StartsOnceInEveryGraceAndTick) {
    expect_tally(spec::BluepillRestart{}, 50ms, 15, 900, -1);
    expect_tally(spec::BluepillRestart{}, 2s, 15, 900, -1);
    expect_tally(spec::BluepillRestart{}, 30s, 2, 117, -1);
}

// The trigger of bluepill's own README: every second start comes four seconds after the one before,
// does not take place, and is made up for seven seconds later; 31 s apart is no flapping.
TEST(BluepillRestartTest, StartsAsOftenAsTheTriggerOfItsReadmeLetsIt) {
    const spec::BluepillRestart rule{.flapping = spec::Flapping{2, 30s, 7s}};
    expect_tally(rule, 50ms, 6, 328, -1);
    expect_tally(rule, 2s, 6, 328, -1);
    expect_tally(rule, 30s, 2, 117, -1);
}

TEST(BluepillRestartTest, TheFlappingStartIsPutOffAndThenAllIsForgotten) {
    const spec::BluepillRestart rule{.flapping = spec::Flapping{3, 10s, 7s}};
    RestartPolicy policy;
    Random random(1);
    TimePoint now{1000050ms};
    const auto end_at_once = [&] {
        const RestartAt restart =
            std::get<RestartAt>(policy.after_end(rule, end_after(50ms), now, random));
        const Duration pause = restart.at - now;
        now = restart.at + 50ms;
        return std::pair(pause, restart.crash_looping);
    };
    const Duration usual = 3950ms;  // the rest of the grace, and a tick
    EXPECT_EQ(end_at_once(), std::pair(usual, false));
    EXPECT_EQ(end_at_once(), std::pair(usual + 7s, true));  // the third start within ten seconds
    EXPECT_EQ(end_at_once(), std::pair(usual, false));
    EXPECT_EQ(end_at_once(), std::pair(usual + 7s, true));
}

TEST(BluepillRestartTest, StartsThatDoNotCrowdAreNoFlapping) {
    const spec::BluepillRestart slow{.flapping = spec::Flapping{}};
    expect_tally(slow, 50ms, 15, 900, -1);  // five within a second never happen
}

TEST(BluepillRestartTest, WithoutRetryItIsLeftAlone) {
    const spec::BluepillRestart rule{.flapping = spec::Flapping{2, 10s, 0s}};
    EXPECT_EQ(after_one(rule, end_after(50ms)), Decision(GiveUp{}));
    EXPECT_TRUE(restarts(rule, end_after(20s)));
}

TEST(BluepillRestartTest, AnyEndIsRestarted) {
    for (const End& end : {kClean, kTerminated, kCrashed, kNotStarted})
        EXPECT_TRUE(restarts(spec::BluepillRestart{}, end));
}

}  // namespace
}  // namespace reeve::core
