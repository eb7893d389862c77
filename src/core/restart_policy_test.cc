#include "core/restart_policy.h"

#include <signal.h>

#include "core/restart_testing.h"

namespace reeve::core {
namespace {

spec::AutoRestart without_jitter() {
    return spec::AutoRestart{.jitter_percent = 0};
}

TEST(AutoRestartTest, StartsAsOftenAsPromised) {
    expect_tally(without_jitter(), 50ms, 7, 66, -1);
    expect_tally(without_jitter(), 2s, 7, 64, -1);
    expect_tally(without_jitter(), 30s, 2, 91, -1);
}

TEST(AutoRestartTest, NeverGivesUpOnACrash) {
    EXPECT_EQ(tally(without_jitter(), 50ms).given_up_at, Duration{});
}

TEST(AutoRestartTest, RestartsAtOnceAfterGoodService) {
    RestartPolicy policy;
    Random random(1);
    const TimePoint now{100s};
    EXPECT_EQ(policy.after_end(without_jitter(), end_after(10s), now, random),
              Decision(RestartAt{now, false}));
}

TEST(AutoRestartTest, PausesFirstWhenItWasNeverReady) {
    RestartPolicy policy;
    Random random(1);
    const TimePoint now{100s};
    const End never_ready{kFailure, 30s, {}};
    EXPECT_EQ(policy.after_end(without_jitter(), never_ready, now, random),
              Decision(RestartAt{now + 100ms, false}));
}

TEST(AutoRestartTest, ForgetsEverythingAfterAMinuteOfHealth) {
    RestartPolicy policy;
    Random random(1);
    TimePoint now{100s};
    for (int i = 0; i < 8; ++i)
        policy.after_end(without_jitter(), end_after(1s), now, random);
    EXPECT_EQ(policy.after_end(without_jitter(), end_after(59s), now, random),
              Decision(RestartAt{now + 10s, false}));
    EXPECT_EQ(policy.after_end(without_jitter(), end_after(60s), now, random),
              Decision(RestartAt{now, false}));
    EXPECT_EQ(policy.after_end(without_jitter(), end_after(1s), now, random),
              Decision(RestartAt{now + 1s, false}));
}

TEST(AutoRestartTest, CrashLoopsOnlyWhenUnstableEndsCrowdTheWindow) {
    RestartPolicy policy;
    Random random(1);
    TimePoint now{};
    const auto loops = [&] {
        const Decision decision = policy.after_end(without_jitter(), end_after(1s), now, random);
        return std::get<RestartAt>(decision).crash_looping;
    };
    for (int i = 0; i < 20; ++i, now += 151s)
        EXPECT_FALSE(loops()) << i;  // four in any window
    now += 10min;
    for (int i = 0; i < 4; ++i, now += 100s)
        EXPECT_FALSE(loops()) << i;
    EXPECT_TRUE(loops());
}

TEST(AutoRestartTest, JitterStaysWithinItsShare) {
    Random random(7);
    Duration least = 1h;
    Duration most{};
    for (int i = 0; i < 2000; ++i) {
        RestartPolicy policy;
        policy.after_end(spec::AutoRestart{}, end_after(1s), TimePoint{}, random);
        const Decision decision =
            policy.after_end(spec::AutoRestart{}, end_after(1s), TimePoint{}, random);
        const Duration pause = std::get<RestartAt>(decision).at - TimePoint{};
        least = std::min(least, pause);
        most = std::max(most, pause);
    }
    EXPECT_GE(least, 800ms);
    EXPECT_LT(least, 810ms);
    EXPECT_LE(most, 1200ms);
    EXPECT_GT(most, 1190ms);
}

TEST(AutoRestartTest, GivesUpWhereTryingAgainChangesNothing) {
    RestartPolicy policy;
    Random random(1);
    const spec::AutoRestart rule;
    const TimePoint now{};
    const End config{status::ExitCode{78}, 1s, 1s};
    const End missing{StartFailure{true}, {}, {}};
    const End no_memory{StartFailure{false}, {}, {}};
    EXPECT_EQ(policy.after_end(rule, config, now, random), Decision(GiveUp{}));
    EXPECT_EQ(policy.after_end(rule, missing, now, random), Decision(GiveUp{}));
    EXPECT_TRUE(std::holds_alternative<RestartAt>(policy.after_end(rule, no_memory, now, random)));
}

TEST(AutoRestartTest, TasksThatSucceedStayDown) {
    RestartPolicy policy;
    Random random(1);
    const End success{kSuccess, 1s, 1s};
    const spec::AutoRestart task{.restart_after_success = false};
    EXPECT_EQ(policy.after_end(task, success, TimePoint{}, random), Decision(StayDown{}));
    EXPECT_TRUE(std::holds_alternative<RestartAt>(
        policy.after_end(spec::AutoRestart{}, success, TimePoint{}, random)));
}

TEST(DockerRestartTest, StartsAsOftenAsDockerDoes) {
    const spec::DockerRestart always{.mode = spec::DockerMode::Always};
    expect_tally(always, 50ms, 10, 69, -1);
    expect_tally(always, 2s, 9, 67, -1);
    expect_tally(always, 30s, 2, 120, -1);
}

TEST(DockerRestartTest, OnFailureUsesUpItsRetries) {
    expect_tally(spec::DockerRestart{}, 50ms, 10, 11, 102);
    expect_tally(spec::DockerRestart{}, 2s, 9, 11, 124);
    expect_tally(spec::DockerRestart{}, 30s, 2, 11, 331);
}

TEST(DockerRestartTest, AWorkerThatCrashesOnceADayIsNeverGivenUp) {
    EXPECT_EQ(tally(spec::DockerRestart{}, 90s).given_up_at, Duration{});
}

TEST(DockerRestartTest, CleanExitsEndOnFailureOnly) {
    RestartPolicy policy;
    Random random(1);
    const End success{kSuccess, 1s, 1s};
    const auto decide = [&](spec::DockerMode mode) {
        return policy.after_end(spec::DockerRestart{.mode = mode}, success, TimePoint{}, random);
    };
    EXPECT_EQ(decide(spec::DockerMode::OnFailure), Decision(StayDown{}));
    EXPECT_EQ(decide(spec::DockerMode::No), Decision(StayDown{}));
    EXPECT_TRUE(std::holds_alternative<RestartAt>(decide(spec::DockerMode::Always)));
    EXPECT_TRUE(std::holds_alternative<RestartAt>(decide(spec::DockerMode::UnlessStopped)));
}

TEST(NoRestartTest, SuccessIsTheEndAndFailureIsShown) {
    RestartPolicy policy;
    Random random(1);
    const spec::NoRestart rule;
    EXPECT_EQ(policy.after_end(rule, End{kSuccess, 1s, 1s}, TimePoint{}, random),
              Decision(StayDown{}));
    EXPECT_EQ(policy.after_end(rule, End{status::ExitSignal{SIGTERM, false}, 1s, 1s}, TimePoint{},
                               random),
              Decision(GiveUp{}));
}

TEST(RestartPolicyTest, ARuleOfAnotherKindBeginsAnew) {
    RestartPolicy policy;
    Random random(1);
    const TimePoint now{1000s};
    for (int i = 0; i < 8; ++i)
        policy.after_end(without_jitter(), end_after(1s), now, random);
    EXPECT_EQ(policy.after_end(spec::DockerRestart{}, end_after(1s), now, random),
              Decision(RestartAt{now + 100ms, false}));
}

TEST(RestartPolicyTest, ACrashLoopIsToldOfOnce) {
    RestartPolicy policy;
    Random random(1);
    EXPECT_TRUE(policy.tell_crash_loop());
    EXPECT_FALSE(policy.tell_crash_loop());
    const auto after = [&](Duration ready_for) {
        policy.after_end(without_jitter(), End{status::ExitCode{1}, ready_for, ready_for},
                         TimePoint{1000s}, random);
        return policy.tell_crash_loop();
    };
    EXPECT_FALSE(after(kCrashLoopOver - 1s));
    EXPECT_TRUE(after(kCrashLoopOver)) << "it served in between";
    EXPECT_FALSE(after(1s));
    policy.forget();
    EXPECT_TRUE(policy.tell_crash_loop()) << "somebody has started it";
}

TEST(RestartPolicyTest, ThatACrashLoopWasToldOfIsWritten) {
    RestartPolicy policy;
    (void)policy.tell_crash_loop();
    ByteWriter writer;
    policy.write(writer);
    const std::string bytes = writer.take();
    ByteReader reader(bytes);
    EXPECT_FALSE(RestartPolicy::read(reader).tell_crash_loop());
}

TEST(RestartPolicyTest, ContinuesFromWhatWasWritten) {
    RestartPolicy policy;
    Random random(1);
    TimePoint now{1000s};
    for (int i = 0; i < 4; ++i, now += 1s) {
        policy.after_end(without_jitter(), end_after(1s), now, random);
    }
    ByteWriter writer;
    policy.write(writer);
    const std::string bytes = writer.take();
    ByteReader reader(bytes);
    RestartPolicy copy = RestartPolicy::read(reader);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(copy.after_end(without_jitter(), end_after(1s), now, random),
              Decision(RestartAt{now + 8s, true}));
}

}  // namespace
}  // namespace reeve::core
