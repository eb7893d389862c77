#include "core/stop_escalation.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

const spec::StopSpec kQuitThenTerm{.steps = {{SIGQUIT, 30s}, {SIGTERM, 5s}}};

TEST(StopEscalationTest, ClimbsTheLadderAndEndsWithSigkill) {
    StopEscalation ladder = StopEscalation::ladder(kQuitThenTerm);
    TimePoint now{1000s};
    EXPECT_EQ(ladder.next_signal(now), SIGQUIT);
    EXPECT_EQ(ladder.deadline(), now + 30s);
    now += 30s;
    EXPECT_EQ(ladder.next_signal(now), SIGTERM);
    EXPECT_EQ(ladder.deadline(), now + 5s);
    EXPECT_FALSE(ladder.killing());
    now += 5s;
    EXPECT_EQ(ladder.next_signal(now), SIGKILL);
    EXPECT_TRUE(ladder.killing());
    EXPECT_FALSE(ladder.is_stuck());
}

TEST(StopEscalationTest, RepeatsSigkillWithGrowingPausesUpToAMinute) {
    StopEscalation ladder = StopEscalation::kill(kQuitThenTerm);
    TimePoint now{};
    for (const Duration patience : {5s, 10s, 20s, 40s, 60s, 60s, 60s}) {
        EXPECT_EQ(ladder.next_signal(now), SIGKILL);
        EXPECT_EQ(*ladder.deadline() - now, patience);
        now = *ladder.deadline();
    }
    EXPECT_TRUE(ladder.is_stuck());
}

TEST(StopEscalationTest, ARetirementGivesTheFirstSignalAndItsTimeBeforeTheLadder) {
    StopEscalation ladder = StopEscalation::retirement(kQuitThenTerm, 60s);
    TimePoint now{1000s};
    EXPECT_EQ(ladder.next_signal(now), SIGQUIT);
    EXPECT_EQ(ladder.deadline(), now + 60s);
    EXPECT_TRUE(ladder.is_retiring());
    ByteWriter writer;
    ladder.write(writer);
    const std::string bytes = writer.take();
    ByteReader reader(bytes);
    StopEscalation read = StopEscalation::read(reader, kQuitThenTerm);
    EXPECT_TRUE(read.is_retiring());
    ladder.hasten(now + 1s);
    EXPECT_EQ(ladder.deadline(), now + 1s);
    EXPECT_EQ(ladder.next_signal(now + 1s), SIGQUIT);
    EXPECT_FALSE(ladder.is_retiring());
    EXPECT_EQ(ladder.next_signal(now + 31s), SIGTERM);
    EXPECT_EQ(read.next_signal(now + 60s), SIGQUIT);
}

TEST(StopEscalationTest, AnEndCutsTheLadderShort) {
    TimePoint now{};
    StopEscalation ladder = StopEscalation::ladder_until(kQuitThenTerm, now + 2s);
    EXPECT_EQ(ladder.next_signal(now), SIGQUIT);
    EXPECT_EQ(ladder.deadline(), now + 2s);
    EXPECT_EQ(ladder.next_signal(now + 2s), SIGKILL);
}

TEST(StopEscalationTest, ContinuesFromWhatWasWritten) {
    TimePoint now{};
    StopEscalation ladder = StopEscalation::ladder(kQuitThenTerm);
    ladder.next_signal(now);
    ByteWriter writer;
    ladder.write(writer);
    const std::string bytes = writer.take();
    ByteReader reader(bytes);
    StopEscalation copy = StopEscalation::read(reader, kQuitThenTerm);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(copy.deadline(), now + 30s);
    EXPECT_EQ(copy.next_signal(now + 30s), SIGTERM);
}

}  // namespace
}  // namespace reeve::core
