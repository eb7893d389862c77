#include "formats/json/jsonc.h"

#include <gtest/gtest.h>
#include <string>

namespace reeve::formats::json {
namespace {

// The value written again without white space, or the error with its place.
std::string written(const Value& value) {
    std::string out;
    switch (value.kind) {
        case Kind::Null:
        case Kind::Boolean:
        case Kind::Number:
            return value.text;
        case Kind::String:
            return "'" + value.text + "'";
        case Kind::Array:
            for (const Value& element : value.elements)
                out += written(element) + ",";
            return "[" + out + "]";
        case Kind::Object:
            for (const Member& member : value.members)
                out += member.name + ":" + written(member.value) + ",";
            return "{" + out + "}";
    }
    return out;
}

std::string outcome(const std::string& text) {
    const Reading<Value> reading = parse("f", text);
    if (reading.ok()) return written(reading.value);
    const Diagnostic& error = reading.diagnostics.back();
    return std::to_string(error.line) + ":" + std::to_string(error.column) + " " + error.message;
}

TEST(JsoncTest, ReadsEveryKindOfValue) {
    EXPECT_EQ(outcome(R"({"a": [1, -2.5e+3, true, false, null, "x"], "b": {}})"),
              "{a:[1,-2.5e+3,true,false,null,'x',],b:{},}");
    EXPECT_EQ(outcome("\xEF\xBB\xBF 0 "), "0");
    EXPECT_EQ(outcome(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")"),
              "'\"\\/\b\f\n\r\tAé€😀'");
}

TEST(JsoncTest, TakesCommentsAndTrailingCommas) {
    EXPECT_EQ(outcome("// x\n{ /* y */ \"a\": 1, // z\n }\n// end"), "{a:1,}");
    EXPECT_EQ(outcome("[1, /**/ ]"), "[1,]");
}

TEST(JsoncTest, TheLastOfSeveralMembersCountsAndIsNoticed) {
    const Reading<Value> reading = parse("f", R"({"a": 1, "a": 2})");
    EXPECT_EQ(written(reading.value), "{a:2,}");
    ASSERT_EQ(reading.diagnostics.size(), 1U);
    EXPECT_EQ(reading.diagnostics[0].column, 10U);
}

TEST(JsoncTest, AMistakeHasItsPlace) {
    EXPECT_EQ(outcome(""), "1:1 the text ends too early");
    EXPECT_EQ(outcome("{\n \"a\" 1}"), "2:6 no \":\" after the name");
    EXPECT_EQ(outcome("{a: 1}"), "1:2 no name of a member");
    EXPECT_EQ(outcome("[1 2]"), "1:4 no \",\" and no \"]\" here");
    EXPECT_EQ(outcome("[,]"), "1:2 not a JSON value");
    EXPECT_EQ(outcome("{} x"), "1:4 unexpected text after the end");
    EXPECT_EQ(outcome("\"a\nb\""), "1:1 the string does not end on its line");
    EXPECT_EQ(outcome("\"\\x\""), "1:2 not an escape");
    EXPECT_EQ(outcome("\"\\u12\""), "1:2 not an escape");
    EXPECT_EQ(outcome("\"\\ud83d\""), "1:2 half of a surrogate pair");
    EXPECT_EQ(outcome("\"\\ude00\""), "1:2 half of a surrogate pair");
    EXPECT_EQ(outcome("\"\\ud83dA\""), "1:2 half of a surrogate pair");
    EXPECT_EQ(outcome("01"), "1:1 not a number");
    EXPECT_EQ(outcome("-"), "1:1 not a number");
    EXPECT_EQ(outcome("/* x"), "1:1 the comment does not end");
    EXPECT_EQ(outcome("\"\x01\""), "1:2 a control character in a string");
    EXPECT_EQ(outcome("\"\xff\""), "0:0 the file is not UTF-8 text");
}

TEST(JsoncTest, DepthAndSizesAreBounded) {
    EXPECT_EQ(outcome(std::string(100'000, '[')), "1:33 nested more than 32 deep");
    EXPECT_EQ(outcome(std::string(kConfigBytesMax + 1, ' ')), "0:0 the file is larger than 1 MiB");
    std::string wide = "{";
    for (int i = 0; i < 5001; ++i)
        wide += "\"" + std::to_string(i) + "\":0,";
    EXPECT_NE(outcome(wide + "}").find("an object of more than 5,000 members"), std::string::npos);
}

}  // namespace
}  // namespace reeve::formats::json
