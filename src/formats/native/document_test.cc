#include "formats/native/document.h"

#include <gtest/gtest.h>

namespace reeve::formats::native {
namespace {

std::string first_error(std::string_view text) {
    const Reading<Node> reading = parse("reeve.toml", text);
    return reading.ok() ? "" : to_text(reading.diagnostics.at(0), Colour::No);
}

TEST(DocumentTest, KnowsThePlaceOfKeysAndValues) {
    const Reading<Node> reading = parse("f", "\"é\" = 1\n[a.b]\nc = [\"x\",\n  2]\n");
    ASSERT_TRUE(reading.ok());
    ASSERT_EQ(reading.value.members.size(), 2U);
    EXPECT_EQ(reading.value.members[0].value.offset, 7U);
    const Node* list = reading.value.find("a")->find("b")->find("c");
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(list->offset, 19U);
    EXPECT_EQ(list->elements.at(1).integer, 2);
    EXPECT_EQ(list->elements.at(1).offset, 27U);
}

TEST(DocumentTest, KeepsTheOrderOfTheText) {
    const Reading<Node> reading = parse("f", "z = 1\na = 2\nm = 3\n");
    ASSERT_EQ(reading.value.members.size(), 3U);
    EXPECT_EQ(reading.value.members[0].key, "z");
    EXPECT_EQ(reading.value.members[2].key, "m");
}

TEST(DocumentTest, PointsAtWhatIsNotToml) {
    EXPECT_NE(first_error("a = 1\nb = \n").find("reeve.toml:2:"), std::string::npos);
    EXPECT_NE(first_error("a = 1\na = 2\n").find("reeve.toml:2:"), std::string::npos);
    EXPECT_NE(first_error("a = \"\xff\"\n"), "");
}

TEST(DocumentTest, RefusesATableWithoutAKey) {
    for (const std::string_view text : {"[", "[\n", "[[[[", "[\xc3\xa9]", "[a.[", "[=]"}) {
        EXPECT_NE(first_error(text), "") << text;
    }
}

TEST(DocumentTest, AHeaderNeedsAName) {
    for (const char* text :
         {"a = 1\n[.b]\n", "a = 1\n[\n]\n", "a = '''x'''''\n [[{\n", "\n[ \xc3\xa9]\n", "[[ []]\n"})
        EXPECT_NE(first_error(text).find("a header needs a name"), std::string::npos) << text;
    EXPECT_EQ(first_error("a = [\n  [{ b = 1 }],\n  [+1],\n]\n[ 'c' ]\n[[d.e]]\n"), "");
}

TEST(DocumentTest, BoundsNestingInEveryWay) {
    std::string dots = "a";
    for (int i = 0; i < 200'000; ++i)
        dots += ".a";
    EXPECT_NE(first_error(dots + " = 1\n").find("32 dots"), std::string::npos);
    EXPECT_NE(first_error("x = " + std::string(100'000, '[')), "");
    std::string tables;
    for (int i = 0; i < 1000; ++i)
        tables += "x = {";
    EXPECT_NE(first_error(tables), "");
    EXPECT_EQ(first_error("x = \"" + std::string(1000, '.') + "\" # " + std::string(99, '.')), "");
}

TEST(DocumentTest, RefusesALongFile) {
    EXPECT_NE(first_error(std::string(kConfigBytesMax + 1, '#')).find("1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace reeve::formats::native
