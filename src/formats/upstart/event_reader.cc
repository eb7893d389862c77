#include "formats/upstart/event_reader.h"

#include <optional>
#include <utility>

namespace reeve::formats::upstart {
namespace {

using spec::EventAnd;
using spec::EventArgument;
using spec::EventExpr;
using spec::EventMatch;
using spec::EventNode;
using spec::EventOr;

constexpr std::string_view kExpectedEvent = "Expected event";
constexpr std::string_view kExpectedOperator = "Expected operator";
constexpr std::string_view kMismatched = "Mismatched parentheses";

EventArgument argument_of(const std::string& word) {
    // `!=` is looked for first: `a=b!=c` asks of the variable `a=b` to be different from `c`.
    if (const std::size_t sign = word.find("!="); sign != std::string::npos)
        return {word.substr(0, sign), word.substr(sign + 2), true};
    if (const std::size_t sign = word.find('='); sign != std::string::npos)
        return {word.substr(0, sign), word.substr(sign + 1), false};
    return {std::nullopt, word, false};
}

class EventReader {
public:
    explicit EventReader(Scanner& scanner) : scanner_(scanner) {}

    Result<EventExpr> read() {
        if (!scanner_.has_word()) return scanner_.mistake(scanner_.offset(), "Expected token");
        while (scanner_.has_word() || groups_.size() > 1)
            TRY(take_next());
        TRY(finish_event());
        if (!groups_.back().has_operand || groups_.back().pending)
            return scanner_.mistake(scanner_.offset(), kExpectedEvent);
        TRY(scanner_.end_line());
        return std::move(expr_);
    }

private:
    /// What stands between two parentheses, so far.
    struct Group {
        bool has_operand = false;
        std::optional<EventNode> pending;  // an operator that waits for its right operand
    };

    Result<void> take_next() {
        // Inside of parentheses the end of a line is a blank; an empty line is none.
        if (groups_.size() > 1 && !scanner_.has_word()) {
            scanner_.skip_comment();
            scanner_.skip_blanks();
            if (scanner_.at_end()) return scanner_.mistake(scanner_.offset(), kMismatched);
        }
        const std::size_t begin = scanner_.offset();
        if (scanner_.has_word() && scanner_.peek() == '(') return open(begin);
        if (scanner_.has_word() && scanner_.peek() == ')') return close(begin);
        Scanner ahead = scanner_;
        const Result<std::string> keyword = ahead.word(kEventEnd, Quoting::Raw);
        if (keyword && (*keyword == "and" || *keyword == "or")) {
            scanner_ = ahead;
            return take_operator(begin, *keyword == "and" ? EventNode(EventAnd{}) : EventOr{});
        }
        return take_word(begin, TRY(scanner_.word(kEventEnd, Quoting::Removed)));
    }

    Result<void> take_word(std::size_t begin, std::string word) {
        if (!event_) {
            if (groups_.back().has_operand && !groups_.back().pending)
                return scanner_.mistake(begin, kExpectedOperator);
            event_ = EventMatch{std::move(word), {}};
            event_offset_ = begin;
            return {};
        }
        EventArgument argument = argument_of(word);
        std::vector<EventArgument>& arguments = event_->arguments;
        if (!argument.key && !arguments.empty() && arguments.back().key)
            return scanner_.mistake(begin, "Expected variable name before value");
        if (arguments.size() >= spec::kEventArgumentsMax)
            return scanner_.mistake(begin, "More than 100 arguments of an event");
        arguments.push_back(std::move(argument));
        return {};
    }

    Result<void> take_operator(std::size_t begin, EventNode operation) {
        TRY(finish_event());
        Group& group = groups_.back();
        if (!group.has_operand || group.pending) return scanner_.mistake(begin, kExpectedEvent);
        group.pending = std::move(operation);
        return {};
    }

    Result<void> open(std::size_t begin) {
        const Group& group = groups_.back();
        if (event_ || (group.has_operand && !group.pending))
            return scanner_.mistake(begin, kExpectedOperator);
        groups_.emplace_back();
        pass_parenthesis();
        return {};
    }

    Result<void> close(std::size_t begin) {
        TRY(finish_event());
        if (groups_.size() == 1) return scanner_.mistake(begin, kMismatched);
        if (!groups_.back().has_operand || groups_.back().pending)
            return scanner_.mistake(begin, kExpectedEvent);
        groups_.pop_back();
        pass_parenthesis();
        return finish_operand();
    }

    void pass_parenthesis() {
        scanner_.skip_byte();
        scanner_.skip_blanks();
    }

    /// The event that was being read has all of its arguments.
    Result<void> finish_event() {
        if (!event_) return {};
        TRY(add(std::move(*event_)));
        event_.reset();
        return finish_operand();
    }

    Result<void> finish_operand() {
        Group& group = groups_.back();
        group.has_operand = true;
        if (!group.pending) return {};
        EventNode operation = *std::exchange(group.pending, std::nullopt);
        return add(std::move(operation));
    }

    Result<void> add(EventNode node) {
        if (expr_.nodes.size() >= spec::kEventNodesMax)
            return scanner_.mistake(event_offset_, "More than 1,000 events and operators");
        expr_.nodes.push_back(std::move(node));
        return {};
    }

    Scanner& scanner_;
    EventExpr expr_;
    std::vector<Group> groups_{1};
    std::optional<EventMatch> event_;  // its arguments may still follow
    std::size_t event_offset_ = 0;
};

}  // namespace

Result<spec::EventExpr> read_events(Scanner& scanner) {
    return EventReader(scanner).read();
}

}  // namespace reeve::formats::upstart
