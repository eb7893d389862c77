#include "spec/json_document.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace reeve::spec::json {
namespace {

TEST(JsonDocumentTest, MembersAreFoundByNameBehindPartsOfTheirOwn) {
    const Result<Document> read = Document::parse(
        R"({"list":[1,[-2,3],{"a":{}}],"text":"\u00e9\"\n","flag":true,"none":null,"part":1.5})");
    ASSERT_TRUE(read.ok()) << read.error().message;
    const Value& top = read->top();
    EXPECT_EQ(top.kind, ValueKind::Object);
    EXPECT_EQ(top.number, 5U);
    const Value& list = *top.find("list");
    EXPECT_EQ(list.kind, ValueKind::List);
    EXPECT_EQ(list.number, 3U);
    EXPECT_EQ(list.first()->number, 1U);
    const Value& inner = *list.first()->next();
    EXPECT_EQ(static_cast<std::int64_t>(inner.first()->number), -2);
    EXPECT_EQ(inner.first()->kind, ValueKind::Signed);
    EXPECT_EQ(inner.first()->next()->kind, ValueKind::Unsigned);
    EXPECT_EQ(inner.next()->find("a")->kind, ValueKind::Object);
    EXPECT_EQ(inner.next()->next(), list.next());
    EXPECT_EQ(top.find("text")->text, "\xC3\xA9\"\n");
    EXPECT_EQ(top.find("flag")->number, 1U);
    EXPECT_EQ(top.find("none")->kind, ValueKind::Null);
    EXPECT_EQ(top.find("part")->kind, ValueKind::Fraction);
    EXPECT_EQ(top.find("a"), nullptr);
    EXPECT_EQ(list.find("a"), nullptr);
}

TEST(JsonDocumentTest, OfTwoMembersWithOneNameTheLastCounts) {
    EXPECT_EQ(Document::parse(R"({"a":1,"b":{"a":2},"a":3})")->top().find("a")->number, 3U);
}

TEST(JsonDocumentTest, ValuesOutliveTheTextAndAMove) {
    std::string text = R"({"name":"value"})";
    Document first = Document::parse(text).value();
    text.assign(text.size(), '-');
    const Document second = std::move(first);
    EXPECT_EQ(second.top().find("name")->text, "value");
}

TEST(JsonDocumentTest, WhatIsTooMuchOrNoJsonIsRefused) {
    const auto mistake_in = [](const std::string& text) {
        const Result<Document> read = Document::parse(text);
        return read ? "" : read.error().message.substr(0, 24);
    };
    EXPECT_EQ(mistake_in(std::string(16, '[') + std::string(16, ']')), "");
    EXPECT_EQ(mistake_in(std::string(17, '[') + std::string(17, ']')), "nested more than 16 deep");
    EXPECT_EQ(mistake_in(std::string(8'500'000, ',')), "more than 8,500,000 valu");
    for (const char* text :
         {"", "]", "}]", "[1 2]", "{\"a\"}", "\"\xff\"", "[1,]", "01", "\"\\", "{} []"}) {
        EXPECT_EQ(mistake_in(text).substr(0, 9), "not JSON:") << text;
    }
}

}  // namespace
}  // namespace reeve::spec::json
