#include "formats/upstart/event_reader.h"

#include <gtest/gtest.h>

namespace reeve::formats::upstart {
namespace {

// The expression with every parenthesis, or `!MESSAGE@OFFSET`.
std::string events_of(std::string_view text) {
    Scanner scanner(text);
    const Result<spec::EventExpr> events = read_events(scanner);
    if (events) return spec::to_text(*events);
    return "!" + events.error().message + "@" + std::to_string(scanner.mistake_offset());
}

TEST(EventReaderTest, ReadsEventsWithArguments) {
    EXPECT_EQ(events_of("startup\n"), "startup");
    EXPECT_EQ(events_of("runlevel [2345] PREVLEVEL!=N # why\n"), "runlevel [2345] PREVLEVEL!=N");
    EXPECT_EQ(events_of("\"and\" \"a b\""), "and a b");
}

TEST(EventReaderTest, OperatorsBindAlikeFromTheLeft) {
    EXPECT_EQ(events_of("a or b and c"), "((a or b) and c)");
    EXPECT_EQ(events_of("a or (b x and c y) or d"), "((a or (b x and c y)) or d)");
    EXPECT_EQ(events_of("((a))"), "a");
}

TEST(EventReaderTest, GoesOnOverLinesInsideParentheses) {
    EXPECT_EQ(events_of("(a # first\n  and b\n)\nexec x"), "(a and b)");
    EXPECT_EQ(events_of("a \\\n  and b\nexec x"), "(a and b)");
    EXPECT_EQ(events_of("(a\n\n and b)"), "!Expected token@3");
    EXPECT_EQ(events_of("(a\n# no\n and b)"), "!Expected token@3");
    Scanner scanner("(a\n and b)\nexec x");
    ASSERT_TRUE(read_events(scanner).ok());
    EXPECT_EQ(scanner.peek(), 'e');
}

TEST(EventReaderTest, LooksForInequalityFirst) {
    Scanner scanner("e bar=baz!=qux");
    const Result<spec::EventExpr> events = read_events(scanner);
    ASSERT_TRUE(events.ok());
    const auto& match = std::get<spec::EventMatch>(events->nodes.front());
    EXPECT_EQ(match.arguments.front(), (spec::EventArgument{"bar=baz", "qux", true}));
}

TEST(EventReaderTest, RefusesWhatIsNoExpression) {
    EXPECT_EQ(events_of(""), "!Expected token@0");
    EXPECT_EQ(events_of("and a"), "!Expected event@0");
    EXPECT_EQ(events_of("a and"), "!Expected event@5");
    EXPECT_EQ(events_of("a and or b"), "!Expected event@6");
    EXPECT_EQ(events_of("( )"), "!Expected event@2");
    EXPECT_EQ(events_of("(and a)"), "!Expected event@1");
    EXPECT_EQ(events_of("(a or)"), "!Expected event@5");
    EXPECT_EQ(events_of("a (b)"), "!Expected operator@2");
    EXPECT_EQ(events_of("(a) b"), "!Expected operator@4");
    EXPECT_EQ(events_of("(a) (b)"), "!Expected operator@4");
    EXPECT_EQ(events_of("e A=1 b"), "!Expected variable name before value@6");
    EXPECT_EQ(events_of("a)"), "!Mismatched parentheses@1");
    EXPECT_EQ(events_of("(a\n"), "!Mismatched parentheses@3");
}

TEST(EventReaderTest, IsBounded) {
    std::string many = "e";
    for (std::size_t i = 0; i < spec::kEventArgumentsMax; ++i)
        many += " x";
    EXPECT_EQ(events_of(many).substr(0, 1), "e");
    EXPECT_EQ(events_of(many + " x").substr(0, 9), "!More tha");
    std::string deep(100'000, '(');
    EXPECT_EQ(events_of(deep).substr(0, 11), "!Mismatched");
    std::string long_one = "a";
    for (std::size_t i = 0; i < spec::kEventNodesMax; ++i)
        long_one += " or a";
    EXPECT_EQ(events_of(long_one).substr(0, 9), "!More tha");
}

}  // namespace
}  // namespace reeve::formats::upstart
