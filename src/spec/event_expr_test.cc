#include "spec/event_expr.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

EventNode leaf(const std::string& name) {
    return EventMatch{name, {}};
}

// `(A or B) and (C or D)`.
EventExpr two_pairs() {
    return {{leaf("A"), leaf("B"), EventOr{}, leaf("C"), leaf("D"), EventOr{}, EventAnd{}}};
}

std::string objection_to(const EventExpr& expr) {
    const Result<void> verdict = check_shape(expr);
    return verdict ? "" : verdict.error().message;
}

TEST(EventExprTest, IsPrintedWithEveryParenthesis) {
    EXPECT_EQ(to_text(EventExpr{{leaf("startup")}}), "startup");
    EXPECT_EQ(to_text(two_pairs()), "((A or B) and (C or D))");
    const EventMatch match{
        "runlevel", {{std::nullopt, "[2345]", false}, {"PREVLEVEL", "N", true}, {"X", "", false}}};
    EXPECT_EQ(to_text(EventExpr{{match}}), "runlevel [2345] PREVLEVEL!=N X=");
}

TEST(EventExprTest, FindsTheOperandsOfAnOperator) {
    const EventExpr expr = two_pairs();
    EXPECT_EQ(operands_of(expr, 6), (std::pair<std::size_t, std::size_t>(2, 5)));
    EXPECT_EQ(operands_of(expr, 2), (std::pair<std::size_t, std::size_t>(0, 1)));
    EXPECT_EQ(operands_of(expr, 5), (std::pair<std::size_t, std::size_t>(3, 4)));
}

TEST(EventExprTest, RefusesWhatIsNotOneTree) {
    EXPECT_EQ(objection_to(two_pairs()), "");
    EXPECT_EQ(objection_to({}), "events without an operator between them");
    EXPECT_EQ(objection_to({{leaf("A"), leaf("B")}}), "events without an operator between them");
    EXPECT_EQ(objection_to({{leaf("A"), EventAnd{}}}), "an operator without two operands");
    EXPECT_EQ(objection_to({{EventOr{}}}), "an operator without two operands");
    EXPECT_EQ(objection_to({{leaf("")}}), "an event without a name");
}

TEST(EventExprTest, IsBounded) {
    EventExpr expr{{leaf("A")}};
    while (expr.nodes.size() + 2 <= kEventNodesMax) {
        expr.nodes.push_back(leaf("A"));
        expr.nodes.push_back(EventAnd{});
    }
    EXPECT_EQ(objection_to(expr), "");
    expr.nodes.push_back(leaf("A"));
    expr.nodes.push_back(EventAnd{});
    EXPECT_EQ(objection_to(expr), "more than 1,000 events and operators");

    EventMatch match{"A", std::vector<EventArgument>(kEventArgumentsMax)};
    EXPECT_EQ(objection_to({{match}}), "");
    match.arguments.emplace_back();
    EXPECT_EQ(objection_to({{match}}), "an event with more than 100 arguments");
}

TEST(NamedEventTest, IsPrintedWithItsVariablesInOrder) {
    const NamedEvent event{"runlevel", {{"RUNLEVEL", "2"}, {"PREVLEVEL", "N"}}};
    EXPECT_EQ(to_text(event), "runlevel RUNLEVEL=2 PREVLEVEL=N");
    EXPECT_EQ(to_text(NamedEvent{"startup", {}}), "startup");
}

}  // namespace
}  // namespace reeve::spec
