#include "core/event_matcher.h"

#include <gtest/gtest.h>
#include <map>

namespace reeve::core {
namespace {

using spec::EventAnd;
using spec::EventArgument;
using spec::EventExpr;
using spec::EventMatch;
using spec::EventOr;
using spec::NamedEvent;

const spec::VariableLookup kNone = [](const std::string&) -> const std::string* { return nullptr; };

EventArgument positional(const std::string& pattern) {
    return {std::nullopt, pattern, false};
}
EventArgument keyed(const std::string& key, const std::string& pattern) {
    return {key, pattern, false};
}
EventArgument not_keyed(const std::string& key, const std::string& pattern) {
    return {key, pattern, true};
}

bool fits_one(const EventArgument& argument, const NamedEvent& event) {
    return fits(EventMatch{"foo", {argument}}, event, kNone);
}

const NamedEvent kFoo{"foo", {{"FOO", "BAR"}, {"FRODO", "baggins"}}};

TEST(EventMatcherTest, ComparesNamesExactly) {  // 61, 62
    EXPECT_TRUE(fits(EventMatch{"foo", {}}, NamedEvent{"foo", {}}, kNone));
    EXPECT_FALSE(fits(EventMatch{"foo", {}}, NamedEvent{"bar", {}}, kNone));
    EXPECT_FALSE(fits(EventMatch{"f*", {}}, NamedEvent{"foo", {}}, kNone));
    EXPECT_FALSE(fits(EventMatch{"runlevel[06]", {}}, NamedEvent{"runlevel", {}}, kNone));
}

TEST(EventMatcherTest, IgnoresVariablesThatNobodyAsksFor) {  // 63
    EXPECT_TRUE(fits(EventMatch{"foo", {}}, kFoo, kNone));
    EXPECT_TRUE(fits_one(positional("BAR"), kFoo));
    EXPECT_TRUE(fits_one(keyed("FRODO", "baggins"), kFoo));
}

TEST(EventMatcherTest, RefusesWrongValues) {  // 64
    EXPECT_FALSE(fits_one(positional("baz"), kFoo));
    EXPECT_FALSE(fits_one(keyed("FRODO", "took"), kFoo));
}

TEST(EventMatcherTest, NegatesBothWays) {  // 65
    EXPECT_TRUE(fits_one(not_keyed("FOO", "baz"), kFoo));
    EXPECT_FALSE(fits_one(not_keyed("FOO", "BAR"), kFoo));
    EXPECT_FALSE(fits_one(not_keyed("FOO", "B*"), kFoo));
}

TEST(EventMatcherTest, WantsAVariableForEachPositionalArgument) {  // 66
    const EventMatch two{"foo", {positional("BAR"), positional("baggins")}};
    EXPECT_TRUE(fits(two, kFoo, kNone));
    EXPECT_FALSE(fits(two, NamedEvent{"foo", {{"FOO", "BAR"}}}, kNone));
    EXPECT_FALSE(fits(two, NamedEvent{"foo", {}}, kNone));
}

TEST(EventMatcherTest, FindsKeysInAnyOrder) {  // 67
    const EventMatch match{"foo", {keyed("FRODO", "baggins"), keyed("FOO", "BAR")}};
    EXPECT_TRUE(fits(match, kFoo, kNone));
}

TEST(EventMatcherTest, TakesPositionalArgumentsThenKeys) {  // 68
    EXPECT_TRUE(fits(EventMatch{"foo", {positional("BAR"), keyed("FRODO", "bagg*")}}, kFoo, kNone));
    EXPECT_FALSE(
        fits(EventMatch{"foo", {positional("BAZ"), keyed("FRODO", "bagg*")}}, kFoo, kNone));
}

TEST(EventMatcherTest, MatchesNoUnknownKeyEvenNegated) {  // 69
    EXPECT_FALSE(fits_one(keyed("BILBO", "baggins"), kFoo));
    EXPECT_FALSE(fits_one(not_keyed("BILBO", "baggins"), kFoo));
}

TEST(EventMatcherTest, KnowsGlobs) {  // 70
    const auto level = [](const std::string& pattern, const std::string& value) {
        return fits_one(positional(pattern), NamedEvent{"foo", {{"RUNLEVEL", value}}});
    };
    EXPECT_TRUE(level("[2345]", "2"));
    EXPECT_FALSE(level("[2345]", "6"));
    EXPECT_TRUE(level("[!2345]", "0"));
    EXPECT_FALSE(level("[!2345]", "3"));
    EXPECT_TRUE(level("[^2345]", "S"));
    EXPECT_TRUE(level("[2-5]", "4"));
    EXPECT_TRUE(level("/dev/*", "/dev/a/b"));
    EXPECT_TRUE(level("?", "2"));
    EXPECT_FALSE(level("?", "22"));
    EXPECT_TRUE(level("*", ""));
}

TEST(EventMatcherTest, ExpandsValuesWithTheEnvironmentItIsGiven) {  // 71
    const std::map<std::string, std::string> variables = {{"JOB", "web"}, {"LEVEL", "[23]"}};
    const spec::VariableLookup environment = [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : &found->second;
    };
    const NamedEvent web{"stopping", {{"JOB", "web"}, {"LEVEL", "2"}}};
    const EventMatch of_job{"stopping", {positional("$JOB")}};
    EXPECT_TRUE(fits(of_job, web, environment));
    EXPECT_TRUE(fits(EventMatch{"stopping", {keyed("LEVEL", "$LEVEL")}}, web, environment));
    EXPECT_FALSE(fits(EventMatch{"stopping", {keyed("JOB", "$NOBODY")}}, web, environment));
    EXPECT_FALSE(fits(EventMatch{"stopping", {not_keyed("JOB", "$NOBODY")}}, web, environment));
    EXPECT_FALSE(fits(of_job, web, kNone));
}

// ---- Expressions. Events 1, 2, 3 are A, B, C.

const EventMatch kA{"A", {}};
const EventMatch kB{"B", {}};
const EventMatch kC{"C", {}};

/// An expression that hears events by their letters.
struct Heard {
    EventExpr expr;
    Latches latches;

    Heard& hear(const std::string& letters) {
        for (const char letter : letters) {
            latch(expr, NamedEvent{std::string(1, letter), {}},
                  static_cast<EventId>(letter - 'A' + 1), kNone, latches);
        }
        return *this;
    }
    bool is_it() const { return is_true(expr, latches); }
    std::vector<EventId> events() const { return true_events(expr, latches); }
};

TEST(EventMatcherTest, KnowsTheTruthTables) {  // 72
    const EventExpr both{{kA, kB, EventAnd{}}};
    const EventExpr either{{kA, kB, EventOr{}}};
    EXPECT_FALSE((Heard{both, {}}.hear("").is_it()));
    EXPECT_FALSE((Heard{both, {}}.hear("A").is_it()));
    EXPECT_FALSE((Heard{both, {}}.hear("B").is_it()));
    EXPECT_TRUE((Heard{both, {}}.hear("AB").is_it()));
    EXPECT_TRUE((Heard{both, {}}.hear("BA").is_it()));
    EXPECT_FALSE((Heard{either, {}}.hear("").is_it()));
    EXPECT_TRUE((Heard{either, {}}.hear("A").is_it()));
    EXPECT_TRUE((Heard{either, {}}.hear("B").is_it()));
    EXPECT_FALSE((Heard{either, {}}.hear("C").is_it()));
}

TEST(EventMatcherTest, IsLeftAssociativeAsItIsWritten) {
    const EventExpr a_or_b_and_c{{kA, kB, EventOr{}, kC, EventAnd{}}};
    EXPECT_FALSE((Heard{a_or_b_and_c, {}}.hear("A").is_it()));
    EXPECT_TRUE((Heard{a_or_b_and_c, {}}.hear("AC").is_it()));
    const EventExpr a_or_both{{kA, kB, kC, EventAnd{}, EventOr{}}};
    EXPECT_TRUE((Heard{a_or_both, {}}.hear("A").is_it()));
    EXPECT_FALSE((Heard{a_or_both, {}}.hear("C").is_it()));
}

TEST(EventMatcherTest, KeepsTheFirstEventOfALeaf) {  // 73
    const EventExpr both{{kA, kB, EventAnd{}}};
    Latches latches;
    EXPECT_EQ(latch(both, NamedEvent{"A", {}}, 7, kNone, latches), 1U);
    EXPECT_EQ(latch(both, NamedEvent{"A", {}}, 8, kNone, latches), 0U);
    EXPECT_EQ(latches, (Latches{7, 0, 0}));
}

TEST(EventMatcherTest, LatchesOneEventInEveryLeafThatItFits) {
    const EventExpr twice{{kA, kA, EventAnd{}}};
    Latches latches;
    EXPECT_EQ(latch(twice, NamedEvent{"A", {}}, 7, kNone, latches), 2U);
    EXPECT_TRUE(is_true(twice, latches));
    EXPECT_EQ(true_events(twice, latches), (std::vector<EventId>{7, 7}));
}

TEST(EventMatcherTest, NamesOnlyEventsOfTrueBranchesInTheirOrder) {  // 74
    const EventExpr expr{{kA, kB, EventAnd{}, kC, EventOr{}}};       // (A and B) or C
    EXPECT_EQ((Heard{expr, {}}.hear("AC").events()), (std::vector<EventId>{3}));
    EXPECT_EQ((Heard{expr, {}}.hear("BA").events()), (std::vector<EventId>{1, 2}));
    EXPECT_EQ((Heard{expr, {}}.hear("CBA").events()), (std::vector<EventId>{1, 2, 3}));
    EXPECT_TRUE((Heard{expr, {}}.hear("A").events().empty()));
}

TEST(EventMatcherTest, SaysWhatIsMissing) {
    const EventExpr expr{{kA, kB, kC, EventOr{}, EventAnd{}}};  // A and (B or C)
    EXPECT_EQ(missing_text(expr, {}), "A and (B or C)");
    EXPECT_EQ(missing_text(expr, Heard{expr, {}}.hear("A").latches), "B or C");
    EXPECT_EQ(missing_text(expr, Heard{expr, {}}.hear("B").latches), "A");
    EXPECT_EQ(missing_text(expr, Heard{expr, {}}.hear("AB").latches), "");
    EXPECT_EQ(missing_text(EventExpr{{EventMatch{"runlevel", {positional("[2345]")}}}}, {}),
              "runlevel [2345]");
}

TEST(EventMatcherTest, CarriesEqualLeavesOverToAChangedExpression) {  // 105
    const EventExpr before{{kA, kB, EventAnd{}}};
    const EventExpr after{{kC, kA, EventOr{}, kB, EventAnd{}}};
    EXPECT_EQ(carried_over(before, {5, 0, 0}, after), (Latches{0, 5, 0, 0, 0}));
    EXPECT_TRUE(carried_over(before, {5, 0, 0}, EventExpr{{kB}}).empty());
    EXPECT_TRUE(carried_over(before, {}, after).empty());
    const EventMatch other{"A", {positional("x")}};
    EXPECT_TRUE(carried_over(before, {5, 0, 0}, EventExpr{{other}}).empty());
}

TEST(EventMatcherTest, TakesTheLongestExpression) {
    EventExpr expr{{kA}};
    while (expr.nodes.size() + 2 <= spec::kEventNodesMax) {
        expr.nodes.emplace_back(kA);
        expr.nodes.emplace_back(EventOr{});
    }
    Heard heard{expr, {}};
    EXPECT_FALSE(heard.is_it());
    EXPECT_TRUE(heard.hear("A").is_it());
    EXPECT_EQ(heard.events().size(), spec::kEventNodesMax / 2);
}

}  // namespace
}  // namespace reeve::core
