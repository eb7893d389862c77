#include "spec/expansion.h"

#include <gtest/gtest.h>
#include <map>

namespace reeve::spec {
namespace {

/// The expansion of `text`, or its error in angle brackets.
std::string expanded(const std::string& text) {
    static const std::map<std::string, std::string> kVariables = {
        {"FOO", "foo"}, {"NULL", ""}, {"BAR", "FOO"}, {"DOLLAR", "$FOO"}, {"A1_b", "mixed"}};
    const Result<std::string> result = expand(text, [](const std::string& name) {
        const auto found = kVariables.find(name);
        return found == kVariables.end() ? nullptr : &found->second;
    });
    return result.ok() ? *result : "<" + result.error().message + ">";
}

TEST(ExpansionTest, FillsInPlainVariables) {
    EXPECT_EQ(expanded("no variable"), "no variable");
    EXPECT_EQ(expanded("$FOO"), "foo");
    EXPECT_EQ(expanded("a $FOO-$FOO b"), "a foo-foo b");
    EXPECT_EQ(expanded("${FOO}bar"), "foobar");
    EXPECT_EQ(expanded("$A1_b"), "mixed");
    EXPECT_EQ(expanded("$NULL"), "");
}

TEST(ExpansionTest, KnowsTheFourOperatorsForSetNullAndUnset) {
    EXPECT_EQ(expanded("${FOO-def}"), "foo");
    EXPECT_EQ(expanded("${NULL-def}"), "");
    EXPECT_EQ(expanded("${UNSET-def}"), "def");
    EXPECT_EQ(expanded("${FOO:-def}"), "foo");
    EXPECT_EQ(expanded("${NULL:-def}"), "def");
    EXPECT_EQ(expanded("${UNSET:-def}"), "def");
    EXPECT_EQ(expanded("${FOO+alt}"), "alt");
    EXPECT_EQ(expanded("${NULL+alt}"), "alt");
    EXPECT_EQ(expanded("${UNSET+alt}"), "");
    EXPECT_EQ(expanded("${FOO:+alt}"), "alt");
    EXPECT_EQ(expanded("${NULL:+alt}"), "");
    EXPECT_EQ(expanded("${UNSET:+alt}"), "");
    EXPECT_EQ(expanded("${UNSET-}"), "");
}

TEST(ExpansionTest, ExpandsNamesAndWordsInTurnButNotValues) {
    EXPECT_EQ(expanded("${$BAR}"), "foo");
    EXPECT_EQ(expanded("${${BAR}}"), "foo");
    EXPECT_EQ(expanded("${UNSET:-$FOO}"), "foo");
    EXPECT_EQ(expanded("${UNSET-a${UNSET-b$FOO}c}d"), "abfoocd");
    EXPECT_EQ(expanded("$DOLLAR"), "$FOO");
}

TEST(ExpansionTest, LeavesOtherDollarsAlone) {
    EXPECT_EQ(expanded("$"), "$");
    EXPECT_EQ(expanded("a$ b"), "a$ b");
    EXPECT_EQ(expanded("${}"), "$");
    EXPECT_EQ(expanded("$1 $-"), "$1 $-");
    EXPECT_EQ(expanded("}"), "}");
}

TEST(ExpansionTest, FailsInUpstartsWords) {
    EXPECT_EQ(expanded("$UNSET"), "<Unknown parameter: UNSET>");
    EXPECT_EQ(expanded("${UNSET}"), "<Unknown parameter: UNSET>");
    EXPECT_EQ(expanded("${UNSET-$GONE}"), "<Unknown parameter: GONE>");
    EXPECT_EQ(expanded("${FOO"), "<Mismatched braces>");
    EXPECT_EQ(expanded("${FOO:-bar"), "<Mismatched braces>");
    EXPECT_EQ(expanded("${FOO:"), "<Mismatched braces>");
    EXPECT_EQ(expanded("${FOO!bar}"), "<Expected operator>");
    EXPECT_EQ(expanded("${FOO:bar}"), "<Expected operator>");
}

TEST(ExpansionTest, IsBounded) {
    std::string deep = "x";
    for (int i = 0; i < 100; ++i)
        deep = "${UNSET-" + deep + "}";
    EXPECT_EQ(expanded(deep), "<Expansion is nested too deeply>");
    EXPECT_EQ(expanded(std::string(kExpansionBytesMax + 1, 'x')), "<Expansion is too long>");
}

}  // namespace
}  // namespace reeve::spec
