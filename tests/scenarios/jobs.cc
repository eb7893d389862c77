#include "scenarios/jobs.h"

#include "base/text.h"
#include "spec/named_event.h"

namespace reeve::scenarios {
namespace {

spec::EventArgument argument_of(std::string_view word) {
    const std::size_t differs = word.find("!=");
    const std::size_t equals = word.find('=');
    if (differs != std::string_view::npos) {
        return {std::string(word.substr(0, differs)), std::string(word.substr(differs + 2)), true};
    }
    if (equals == std::string_view::npos) return {std::nullopt, std::string(word), false};
    return {std::string(word.substr(0, equals)), std::string(word.substr(equals + 1)), false};
}

/// A small reader of one expression: what Upstart's reads stands in formats/.
class Reader {
public:
    explicit Reader(const std::vector<std::string_view>& words) : words_(words) {}

    Result<spec::EventExpr> read() {
        TRY(operations());
        if (at_ != words_.size()) return Error{"too much: " + std::string(words_[at_])};
        return std::move(expr_);
    }

private:
    bool is_at(std::string_view word) const { return at_ < words_.size() && words_[at_] == word; }

    Result<void> operations() {
        TRY(operand());
        while (is_at("and") || is_at("or")) {
            const bool both = is_at("and");
            ++at_;
            TRY(operand());
            expr_.nodes.push_back(both ? spec::EventNode(spec::EventAnd{})
                                       : spec::EventNode(spec::EventOr{}));
        }
        return {};
    }

    Result<void> operand() {
        if (at_ == words_.size()) return Error{"an event is missing"};
        if (is_at("(")) {
            ++at_;
            TRY(operations());
            if (!is_at(")")) return Error{") is missing"};
            ++at_;
            return {};
        }
        spec::EventMatch match{std::string(words_[at_++]), {}};
        while (at_ < words_.size() && !is_at("and") && !is_at("or") && !is_at(")")) {
            match.arguments.push_back(argument_of(words_[at_++]));
        }
        expr_.nodes.emplace_back(std::move(match));
        return {};
    }

    const std::vector<std::string_view>& words_;
    std::size_t at_ = 0;
    spec::EventExpr expr_;
};

}  // namespace

Result<spec::EventExpr> expression_of(const std::vector<std::string_view>& words) {
    return Reader(words).read();
}

Result<void> set_job(spec::Service& service, std::string_view setting) {
    if (!service.job) {
        service.job.emplace();
        service.restart = spec::UpstartRestart{.respawn = false};
        service.stop.scope = spec::SignalScope::Group;
        service.stop.steps = {{SIGTERM, 5s}};
    }
    const std::size_t equals = setting.find('=');
    const std::string_view key = setting.substr(0, equals);
    const std::string value(equals == std::string_view::npos ? "" : setting.substr(equals + 1));
    auto* restart = std::get_if<spec::UpstartRestart>(&service.restart);
    if (key == "task") {
        service.job->task = true;
        if (restart != nullptr) restart->task = true;
    } else if (key == "no-main") {
        service.job->has_main = false;
    } else if (key == "instance") {
        service.job->instance = value;
    } else if (key == "exports") {
        for (const std::string_view name : split(value, ','))
            service.job->exports.emplace_back(name);
    } else if (key == "env") {
        const spec::Variable variable = TRY(spec::parse_variable(value));
        service.environment[variable.name] = variable.value;
    } else if (key == "normal-exit" && restart != nullptr) {
        restart->normal_codes.push_back(static_cast<int>(TRY(parse_integer(value))));
    } else {
        return Error{"no such setting of a job: " + std::string(setting)};
    }
    return {};
}

Result<spec::NamedEvent> event_of(const std::vector<std::string_view>& words) {
    if (words.size() < 2) return Error{"a name is missing"};
    spec::NamedEvent event{std::string(words[1]), {}};
    for (std::size_t i = 2; i < words.size(); ++i)
        event.variables.push_back(TRY(spec::parse_variable(words[i])));
    return event;
}

}  // namespace reeve::scenarios
