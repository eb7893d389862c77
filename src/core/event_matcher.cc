#include "core/event_matcher.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace reeve::core {
namespace {

const spec::EventMatch* leaf_at(const spec::EventExpr& expr, std::size_t place) {
    return std::get_if<spec::EventMatch>(&expr.nodes[place]);
}

/// Which nodes are true, each beside the places of its two operands (its own, for a leaf).
struct Truth {
    bool is_true = false;
    std::size_t left = 0;
    std::size_t right = 0;
};

std::vector<Truth> truth_of(const spec::EventExpr& expr, const Latches& latches) {
    std::vector<Truth> truth(expr.nodes.size());
    std::vector<std::size_t> operands;
    for (std::size_t place = 0; place < expr.nodes.size(); ++place) {
        if (leaf_at(expr, place) != nullptr) {
            truth[place] = {place < latches.size() && latches[place] != 0, place, place};
        } else {
            CHECK(operands.size() >= 2);
            const std::size_t right = operands.back();
            operands.pop_back();
            const std::size_t left = operands.back();
            operands.pop_back();
            const bool both = std::holds_alternative<spec::EventAnd>(expr.nodes[place]);
            const bool value = both ? truth[left].is_true && truth[right].is_true
                                    : truth[left].is_true || truth[right].is_true;
            truth[place] = {value, left, right};
        }
        operands.push_back(place);
    }
    return truth;
}

bool fits(const spec::EventArgument& argument, std::size_t place, const spec::NamedEvent& event,
          const spec::VariableLookup& environment) {
    const std::string* value = nullptr;
    if (argument.key) {
        value = spec::find_variable(event.variables, *argument.key);
    } else if (place < event.variables.size()) {
        value = &event.variables[place].value;
    }
    if (value == nullptr) return false;
    const Result<std::string> pattern = spec::expand(argument.pattern, environment);
    return pattern.ok() && glob_matches(*pattern, *value) != argument.negated;
}

}  // namespace

bool fits(const spec::EventMatch& match, const spec::NamedEvent& event,
          const spec::VariableLookup& environment) {
    if (match.name != event.name) return false;
    for (std::size_t i = 0; i < match.arguments.size(); ++i) {
        if (!fits(match.arguments[i], i, event, environment)) return false;
    }
    return true;
}

std::size_t latch(const spec::EventExpr& expr, const spec::NamedEvent& event, EventId id,
                  const spec::VariableLookup& environment, Latches& latches) {
    std::size_t count = 0;
    for (std::size_t place = 0; place < expr.nodes.size(); ++place) {
        const spec::EventMatch* leaf = leaf_at(expr, place);
        const bool has_one = place < latches.size() && latches[place] != 0;
        if (leaf == nullptr || has_one || !fits(*leaf, event, environment)) continue;
        latches.resize(expr.nodes.size());
        latches[place] = id;
        ++count;
    }
    return count;
}

bool is_true(const spec::EventExpr& expr, const Latches& latches) {
    return !latches.empty() && truth_of(expr, latches).back().is_true;
}

std::vector<EventId> true_events(const spec::EventExpr& expr, const Latches& latches) {
    std::vector<EventId> events;
    const std::vector<Truth> truth = truth_of(expr, latches);
    std::vector<std::size_t> due = {truth.size() - 1};
    while (!due.empty()) {
        const std::size_t place = due.back();
        due.pop_back();
        if (!truth[place].is_true) continue;
        if (leaf_at(expr, place) != nullptr) {
            events.push_back(latches[place]);
            continue;
        }
        due.push_back(truth[place].right);
        due.push_back(truth[place].left);
    }
    return events;
}

std::string missing_text(const spec::EventExpr& expr, const Latches& latches) {
    const std::vector<Truth> truth = truth_of(expr, latches);
    // A text for each node, with parentheses where it is put together of several.
    std::vector<std::string> texts(truth.size());
    for (std::size_t place = 0; place < truth.size(); ++place) {
        if (truth[place].is_true) continue;
        if (const spec::EventMatch* leaf = leaf_at(expr, place)) {
            texts[place] = spec::to_text(*leaf);
            continue;
        }
        const std::string& left = texts[truth[place].left];
        const std::string& right = texts[truth[place].right];
        if (left.empty() || right.empty()) {
            texts[place] = left + right;
            continue;
        }
        const bool both = std::holds_alternative<spec::EventAnd>(expr.nodes[place]);
        texts[place] = "(" + left + (both ? " and " : " or ") + right + ")";
    }
    std::string text = texts.back();
    if (text.starts_with("(")) text = text.substr(1, text.size() - 2);
    return text;
}

Latches carried_over(const spec::EventExpr& before, const Latches& latches,
                     const spec::EventExpr& after) {
    Latches carried(after.nodes.size());
    std::vector<bool> used(before.nodes.size());
    for (std::size_t place = 0; place < after.nodes.size(); ++place) {
        if (leaf_at(after, place) == nullptr) continue;
        for (std::size_t old = 0; old < latches.size(); ++old) {
            if (latches[old] == 0 || used[old] || before.nodes[old] != after.nodes[place]) continue;
            used[old] = true;
            carried[place] = latches[old];
            break;
        }
    }
    const bool any =
        std::any_of(carried.begin(), carried.end(), [](EventId id) { return id != 0; });
    return any ? carried : Latches{};
}

}  // namespace reeve::core
