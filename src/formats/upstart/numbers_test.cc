#include "formats/upstart/numbers.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace reeve::formats::upstart {
namespace {

TEST(NumbersTest, AreReadAsTheCLibraryDoes) {
    EXPECT_EQ(read_number("-17", 10), -17);
    EXPECT_EQ(read_number("+5", 10), 5);
    EXPECT_EQ(read_number("022", 8), 18);
    for (const char* text : {"", "+", "+-1", "1x", "x", "99999999999999999999"})
        EXPECT_EQ(read_number(text, 10), std::nullopt) << text;
    EXPECT_EQ(read_count("2147483647"), 2147483647);
    EXPECT_EQ(read_count("2147483648"), std::nullopt);
    EXPECT_EQ(read_count("-1"), std::nullopt);
}

TEST(NumbersTest, SignalsHaveNamesInCapitals) {
    EXPECT_EQ(signal_of("TERM"), SIGTERM);
    EXPECT_EQ(signal_of("SIGUSR1"), SIGUSR1);
    EXPECT_EQ(signal_of("term"), std::nullopt);
    EXPECT_EQ(signal_of("15"), std::nullopt);
}

}  // namespace
}  // namespace reeve::formats::upstart
