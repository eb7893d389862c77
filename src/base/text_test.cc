#include "base/text.h"

#include <gtest/gtest.h>
#include <string>

#include "base/random.h"

namespace reeve {
namespace {

TEST(TextTest, SplitKeepsEmptyParts) {
    EXPECT_EQ(split("a//b/", '/'), (std::vector<std::string_view>{"a", "", "b", ""}));
    EXPECT_EQ(split("", '/'), (std::vector<std::string_view>{""}));
}

TEST(TextTest, WordsAndTrimKnowAllBlanks) {
    EXPECT_EQ(words(" a \t\r\n b\v\fc "), (std::vector<std::string_view>{"a", "b", "c"}));
    EXPECT_TRUE(words(" \n").empty());
    EXPECT_EQ(trim("\t a b \r\n"), "a b");
    EXPECT_EQ(trim(" \v"), "");
}

TEST(TextTest, IntegersFillTheWholeText) {
    EXPECT_EQ(parse_integer("-42").value(), -42);
    EXPECT_EQ(parse_integer("9223372036854775807").value(), INT64_MAX);
    for (const char* text : {"", " 1", "1 ", "+1", "1x", "0x1", "--1", "9223372036854775808"}) {
        EXPECT_FALSE(parse_integer(text).ok()) << text;
    }
}

TEST(TextTest, HexadecimalIsReadAsItIsWritten) {
    EXPECT_EQ(to_hex(0xabc), "0000000000000abc");
    for (const std::uint64_t number : {0UL, 1UL, UINT64_MAX}) {
        EXPECT_EQ(parse_hex(to_hex(number)).value(), number);
    }
    for (const char* text : {"", "g", "0x1", "-1", "10000000000000000"}) {
        EXPECT_FALSE(parse_hex(text).ok()) << text;
    }
}

TEST(TextTest, EscapedNamesAreSafeAndComeBack) {
    EXPECT_EQ(escape_name("web-1_a.b"), "web-1_a.b");
    EXPECT_EQ(escape_name("net/apache"), "net%2Fapache");
    EXPECT_EQ(escape_name(".."), "%2E.");
    Random random(7);
    for (int i = 0; i < 1000; ++i) {
        std::string name;
        for (std::uint64_t n = random.below(8); n > 0; --n)
            name += static_cast<char>(random.below(256));
        const std::string escaped = escape_name(name);
        EXPECT_EQ(escaped.find_first_of(std::string_view("/\0 ", 3)), std::string::npos);
        EXPECT_NE(escaped.substr(0, 1), ".");
        EXPECT_EQ(unescape_name(escaped).value(), name);
    }
}

TEST(TextTest, WhatEscapeNeverWroteIsRefused) {
    for (const char* text : {"a b", "%", "%2", "%2f", "%GG", "a/b"}) {
        EXPECT_FALSE(unescape_name(text).ok()) << text;
    }
}

TEST(TextTest, GlobsMatchAsInTheShell) {
    EXPECT_TRUE(glob_matches("web*", "web.1"));
    EXPECT_TRUE(glob_matches("*", "net/apache"));
    EXPECT_TRUE(glob_matches("w?b.[12]", "web.2"));
    EXPECT_FALSE(glob_matches("web", "web.1"));
}

TEST(TextTest, EditDistanceCountsSingleChanges) {
    EXPECT_EQ(edit_distance("status", "status"), 0U);
    EXPECT_EQ(edit_distance("statsu", "status"), 2U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(TextTest, Utf8IsWellFormedOnly) {
    for (const char* good : {"", "a", "é", "€", "😀", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const char* bad : {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                            "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                            "a\xFFz", "\xC3(", "\xF0\x9F\x98"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
}

}  // namespace
}  // namespace reeve
