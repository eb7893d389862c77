#include "core/run_checks.h"

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

constexpr TimePoint kNow{1000s};

spec::Service service_with(std::vector<spec::Check> checks) {
    spec::Service service;
    service.name = "web";
    service.checks = std::move(checks);
    return service;
}

spec::Check check_of(spec::CheckRole role) {
    spec::Check check;
    check.name = "health";
    check.probe = spec::TcpProbe{"127.0.0.1", 80};
    check.role = role;
    check.every = 10s;
    check.times = {2, 3};
    return check;
}

TEST(RunChecksTest, OnlyTheChecksOfItsPhaseAreDue) {
    const spec::Service service =
        service_with({check_of(spec::CheckRole::Startup), check_of(spec::CheckRole::Readiness)});
    RunChecks checks;
    checks.enter(CheckPhase::Startup, service, kNow);
    EXPECT_EQ(checks.due_check(kNow), 0U);
    checks.enter(CheckPhase::Running, service, kNow);
    EXPECT_EQ(checks.due_check(kNow), 1U);
    checks.enter(CheckPhase::None, service, kNow);
    EXPECT_EQ(checks.deadline(), std::nullopt);
}

TEST(RunChecksTest, SamplesAreAskedForAtTheirPaceHoweverSlowTheAnswers) {
    const spec::Service service = service_with({check_of(spec::CheckRole::Plain)});
    RunChecks checks;
    checks.enter(CheckPhase::Running, service, kNow);
    checks.ask(0, kNow, kNow + 7s);
    EXPECT_EQ(checks.deadline(), kNow + 7s);
    checks.add(0, service.checks[0], {true, ""}, kNow + 3s);
    EXPECT_EQ(checks.deadline(), kNow + 10s);
    checks.ask(0, kNow + 10s, kNow + 40s);
    checks.add(0, service.checks[0], {true, ""}, kNow + 30s);
    EXPECT_EQ(checks.deadline(), kNow + 30s);
}

TEST(RunChecksTest, AReadinessCheckSaysSoUntilASamplePasses) {
    const spec::Service service = service_with({check_of(spec::CheckRole::Readiness)});
    const spec::Check& check = service.checks[0];
    RunChecks checks;
    checks.enter(CheckPhase::Running, service, kNow);
    EXPECT_FALSE(checks.add(0, check, {false, "503"}, kNow).fires);
    EXPECT_TRUE(checks.is_ready());
    EXPECT_TRUE(checks.add(0, check, {false, "503"}, kNow).fires);
    EXPECT_FALSE(checks.is_ready());
    EXPECT_TRUE(checks.add(0, check, {true, "200"}, kNow).recovers);
    EXPECT_TRUE(checks.is_ready());
    EXPECT_FALSE(checks.add(0, check, {true, "200"}, kNow).recovers);
}

TEST(RunChecksTest, AStartupCheckIsThroughOncePassedOrWhereItOnlyWarns) {
    spec::Check check = check_of(spec::CheckRole::Startup);
    spec::Service service = service_with({check});
    RunChecks checks;
    checks.enter(CheckPhase::Startup, service, kNow);
    EXPECT_FALSE(checks.startup_passed(service));
    checks.add(0, check, {true, "ok"}, kNow);
    EXPECT_TRUE(checks.startup_passed(service));
    EXPECT_EQ(checks.deadline(), std::nullopt);

    service.checks[0].warn_only = true;
    RunChecks warning;
    warning.enter(CheckPhase::Startup, service, kNow);
    warning.add(0, service.checks[0], {false, "x"}, kNow);
    EXPECT_FALSE(warning.startup_passed(service));
    EXPECT_TRUE(warning.add(0, service.checks[0], {false, "x"}, kNow).fires);
    EXPECT_TRUE(warning.startup_passed(service));
}

TEST(RunChecksTest, AWatchdogIsDueWhenItsTimeIsOverSinceTheLatestPing) {
    spec::Check check = check_of(spec::CheckRole::Liveness);
    check.probe = spec::WatchdogProbe{30s};
    const spec::Service service = service_with({check});
    RunChecks checks;
    checks.enter(CheckPhase::Running, service, kNow);
    EXPECT_EQ(checks.deadline(), kNow + 30s);
    checks.ping(service, kNow + 20s);
    EXPECT_EQ(checks.deadline(), kNow + 50s);
}

TEST(RunChecksTest, AnAnswerToAnEarlierPhaseIsToldByItsNumber) {
    const spec::Service service = service_with({check_of(spec::CheckRole::Plain)});
    RunChecks checks;
    checks.enter(CheckPhase::Running, service, kNow);
    const std::uint64_t first = checks.ask(0, kNow, kNow + 5s);
    checks.enter(CheckPhase::None, service, kNow);
    checks.enter(CheckPhase::Running, service, kNow);
    EXPECT_NE(checks.ask(0, kNow, kNow + 5s), first);
}

TEST(RunChecksTest, IsReadAsItWasWritten) {
    const spec::Service service = service_with({check_of(spec::CheckRole::Readiness)});
    RunChecks checks;
    checks.enter(CheckPhase::Running, service, kNow);
    checks.ask(0, kNow, kNow + 5s);
    checks.add(0, service.checks[0], {false, "503"}, kNow + 1s);
    ByteWriter writer;
    checks.write(writer);
    ByteReader reader(writer.bytes());
    const RunChecks read = RunChecks::read(reader, service);
    EXPECT_TRUE(reader.finished());
    ByteWriter again;
    read.write(again);
    EXPECT_EQ(again.bytes(), writer.bytes());
    EXPECT_EQ(read.deadline(), checks.deadline());
}

}  // namespace
}  // namespace reeve::core
