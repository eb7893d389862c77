#include "scribe/in_flight.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>

#include "base/test_directory.h"

namespace reeve::scribe {
namespace {

TEST(InFlightTest, ALaterScribeKnowsWhatAnEarlierOneHeld) {
    const TestDirectory directory;
    const std::string path = directory.path() + "/in-flight";
    {
        InFlight first = InFlight::open(path).value();
        first.begin(5);
        first.end();
        first.begin(7);
    }
    InFlight second = InFlight::open(path).value();
    EXPECT_TRUE(second.was_interrupted(7));
    EXPECT_FALSE(second.was_interrupted(5));
    EXPECT_FALSE(second.was_interrupted(0));
    second.forget_interrupted(7);
    EXPECT_FALSE(InFlight::open(path).value().was_interrupted(7));
}

TEST(InFlightTest, SeveralDeathsInARowAreRemembered) {
    const TestDirectory directory;
    const std::string path = directory.path() + "/in-flight";
    for (const link::LogId log : {7U, 8U, 7U, 9U}) {
        InFlight scribe = InFlight::open(path).value();
        InFlight moved = std::move(scribe);
        moved.begin(log);
    }
    const InFlight last = InFlight::open(path).value();
    for (const link::LogId log : {7U, 8U, 9U})
        EXPECT_TRUE(last.was_interrupted(log));
}

TEST(InFlightTest, WithoutAFileNothingIsRemembered) {
    InFlight memory;
    memory.begin(7);
    InFlight moved = std::move(memory);
    EXPECT_FALSE(moved.was_interrupted(7));
}

}  // namespace
}  // namespace reeve::scribe
