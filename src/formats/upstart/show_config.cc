#include "formats/upstart/show_config.h"

#include <string_view>

#include "formats/upstart/events_of.h"

namespace reeve::formats::upstart {
namespace {

std::string head_of(const JobClass& job) {
    std::string text = job.name + '\n';
    for (const std::string& event : job.emits)
        text += "  emits " + event + '\n';
    return text;
}

// `  start on EVENT (job:[ NAME], env:[ K=V…])`: the argument that names the job is not repeated.
std::string enumerated(const spec::EventMatch& match) {
    const std::optional<std::size_t> job = job_argument(match);
    std::string text = match.name + " (job:";
    if (job) text += ' ' + match.arguments[*job].pattern;
    text += ", env:";
    for (std::size_t i = 0; i < match.arguments.size(); ++i) {
        if (i != job) text += ' ' + spec::to_text(match.arguments[i]);
    }
    return text + ')';
}

std::string enumerated(std::string_view stanza, const std::optional<spec::EventExpr>& events) {
    std::string text;
    if (!events) return text;
    for (const spec::EventNode& node : events->nodes) {
        const auto* match = std::get_if<spec::EventMatch>(&node);
        if (match != nullptr) text += "  " + std::string(stanza) + ' ' + enumerated(*match) + '\n';
    }
    return text;
}

}  // namespace

std::string show_config(const JobClass& job) {
    std::string text = head_of(job);
    if (job.start_on) text += "  start on " + spec::to_text(*job.start_on) + '\n';
    if (job.stop_on) text += "  stop on " + spec::to_text(*job.stop_on) + '\n';
    return text;
}

std::string show_config_enumerated(const JobClass& job) {
    return head_of(job) + enumerated("start on", job.start_on) + enumerated("stop on", job.stop_on);
}

}  // namespace reeve::formats::upstart
