#include "spec/event_expr.h"

namespace reeve::spec {
namespace {

// Where the tree that ends at `place` begins: each leaf is one operand, each operator takes two
// and is one.
std::size_t first_of(const EventExpr& expr, std::size_t place) {
    std::size_t wanted = 1;
    for (std::size_t i = place + 1; i > 0; --i) {
        wanted += std::holds_alternative<EventMatch>(expr.nodes[i - 1]) ? 0 : 2;
        if (--wanted == 0) return i - 1;
    }
    CHECK(wanted == 0);  // check_shape() saw to it
    return 0;
}

}  // namespace

Result<void> check_shape(const EventExpr& expr) {
    if (expr.nodes.size() > kEventNodesMax) return Error{"more than 1,000 events and operators"};
    std::size_t operands = 0;
    for (const EventNode& node : expr.nodes) {
        if (const auto* match = std::get_if<EventMatch>(&node)) {
            if (match->name.empty()) return Error{"an event without a name"};
            if (match->arguments.size() > kEventArgumentsMax)
                return Error{"an event with more than 100 arguments"};
            ++operands;
        } else {
            if (operands < 2) return Error{"an operator without two operands"};
            --operands;
        }
    }
    if (operands != 1) return Error{"events without an operator between them"};
    return {};
}

std::pair<std::size_t, std::size_t> operands_of(const EventExpr& expr, std::size_t place) {
    CHECK(place >= 2 && !std::holds_alternative<EventMatch>(expr.nodes.at(place)));
    const std::size_t right = place - 1;
    const std::size_t begin = first_of(expr, right);
    CHECK(begin > 0);
    return {begin - 1, right};
}

std::string to_text(const EventArgument& argument) {
    if (!argument.key) return argument.pattern;
    return *argument.key + (argument.negated ? "!=" : "=") + argument.pattern;
}

std::string to_text(const EventMatch& match) {
    std::string text = match.name;
    for (const EventArgument& argument : match.arguments)
        text += ' ' + to_text(argument);
    return text;
}

std::string to_text(const EventExpr& expr) {
    std::vector<std::string> operands;
    for (const EventNode& node : expr.nodes) {
        if (const auto* match = std::get_if<EventMatch>(&node)) {
            operands.push_back(to_text(*match));
            continue;
        }
        CHECK(operands.size() >= 2);
        const std::string right = std::move(operands.back());
        operands.pop_back();
        const char* word = std::holds_alternative<EventAnd>(node) ? " and " : " or ";
        operands.back() = '(' + operands.back() + word + right + ')';
    }
    CHECK(operands.size() == 1);
    return operands.front();
}

std::string to_text(const NamedEvent& event) {
    std::string text = event.name;
    for (const EventVariable& variable : event.variables)
        text += ' ' + variable.name + '=' + variable.value;
    return text;
}

}  // namespace reeve::spec
