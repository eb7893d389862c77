#include "formats/native/quantities.h"

#include <signal.h>

#include <gtest/gtest.h>
#include <limits>

namespace reeve::formats::native {
namespace {

TEST(QuantitiesTest, TimesAreExact) {
    EXPECT_EQ(parse_duration("10s"), 10s);
    EXPECT_EQ(parse_duration("1m30s"), 90s);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("0"), 0s);
    for (const Duration one : {0ns, 1ns, 999ns, 1'500'000'123ns, Duration(36h), Duration(90s)})
        EXPECT_EQ(parse_duration(write_duration(one)), one) << write_duration(one);
}

TEST(QuantitiesTest, TimesWithoutUnitOrWithoutEndAreNone) {
    for (const char* text : {"", "10", "s", "-1s", "1.5s", "10 s", "1y", "99999999999d"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(QuantitiesTest, SizesArePowersOf1024) {
    EXPECT_EQ(parse_size("512M"), 512U * 1024 * 1024);
    EXPECT_EQ(parse_size("7"), 7U);
    EXPECT_EQ(parse_size("unlimited"), std::numeric_limits<std::uint64_t>::max());
    EXPECT_FALSE(parse_size("1X"));
    EXPECT_FALSE(parse_size("99999999T"));
    for (const std::uint64_t one : {std::uint64_t{0}, std::uint64_t{1000}, std::uint64_t{4096},
                                    std::numeric_limits<std::uint64_t>::max()}) {
        EXPECT_EQ(parse_size(write_size(one)), one);
    }
}

TEST(QuantitiesTest, PercentagesAreExact) {
    EXPECT_EQ(parse_percent("100%"), 10'000U);
    EXPECT_EQ(parse_percent("12.5%"), 1'250U);
    EXPECT_EQ(parse_percent("0.07%"), 7U);
    for (const char* text : {"", "%", "100", "1.%", ".5%", "1.234%", "-1%", "1 %", "1%%", "1.5",
                             "99999999999999999999%", "92233720368547758%"})
        EXPECT_FALSE(parse_percent(text)) << text;
    for (const std::uint64_t one : {0U, 1U, 10U, 99U, 100U, 5'000U, 10'001U, 4'294'967'295U})
        EXPECT_EQ(parse_percent(write_percent(one)), one) << write_percent(one);
}

TEST(QuantitiesTest, SignalsHaveNames) {
    EXPECT_EQ(parse_signal("TERM"), SIGTERM);
    EXPECT_EQ(parse_signal("SIGUSR1"), SIGUSR1);
    EXPECT_EQ(parse_signal("9"), SIGKILL);
    EXPECT_EQ(parse_signal("RTMIN+1"), SIGRTMIN + 1);
    for (const char* text : {"", "TREM", "0", "65", "RTMIN+99", "RTMIN-1"})
        EXPECT_FALSE(parse_signal(text)) << text;
    for (int signal = 1; signal <= 64; ++signal)
        EXPECT_EQ(parse_signal(write_signal(signal)), signal);
}

TEST(QuantitiesTest, LimitsHaveNames) {
    for (int resource = 0; resource < 16; ++resource)
        EXPECT_EQ(parse_limit_name(limit_name(resource)), resource);
    EXPECT_FALSE(parse_limit_name("nofiles"));
}

}  // namespace
}  // namespace reeve::formats::native
