#include <algorithm>
#include <map>

#include "api/status_json.h"
#include "api/status_text.h"
#include "api/utf8.h"

namespace reeve::api {
namespace {

constexpr std::size_t kLabelWidth = 12;
constexpr int kTreeDepthMax = 32;
constexpr std::size_t kTreeLinesMax = 100;

/// The lines `label  value` of a page.
class Page {
public:
    explicit Page(const TextStyle& style) : style_(style) {}

    void line(std::string_view label, std::string_view value) {
        if (value.empty()) return;
        std::string head(label);
        head.resize(std::max(kLabelWidth, head.size() + 1), ' ');
        const std::size_t left =
            style_.width > kLabelWidth + 20 ? style_.width - kLabelWidth - 2 : 0;
        const std::string shown = printable(value);
        text_ +=
            "  " + paint(head, Color::Dim, style_) + (left == 0 ? shown : fit(shown, left)) + "\n";
    }

    /// A value that must not be cut: a path that people copy.
    void whole_line(std::string_view label, std::string_view value) {
        if (value.empty()) return;
        std::string head(label);
        head.resize(kLabelWidth, ' ');
        text_ += "  " + paint(head, Color::Dim, style_) + printable(value) + "\n";
    }

    void raw(std::string_view text) { text_ += text; }
    std::string take() { return std::move(text_); }

private:
    TextStyle style_;
    std::string text_;
};

class ProcessTree {
public:
    explicit ProcessTree(std::vector<Process> processes) : processes_(std::move(processes)) {
        std::sort(processes_.begin(), processes_.end(),
                  [](const Process& a, const Process& b) { return a.pid < b.pid; });
        for (const Process& process : processes_)
            children_[find(process.parent_pid) == nullptr ? 0 : process.parent_pid].push_back(
                &process);
    }

    void print(Page& page) {
        if (children_.count(0) == 0) return;
        for (const Process* process : children_.at(0))
            print_below(page, *process, 0);
        if (lines_ > kTreeLinesMax) {
            page.line("", "and " + std::to_string(lines_ - kTreeLinesMax) + " more");
        }
    }

private:
    const Process* find(int pid) const {
        const auto found = std::lower_bound(
            processes_.begin(), processes_.end(), pid,
            [](const Process& process, int wanted) { return process.pid < wanted; });
        return found != processes_.end() && found->pid == pid ? &*found : nullptr;
    }

    void print_below(Page& page, const Process& process, int depth) {
        if (depth > kTreeDepthMax) return;
        if (++lines_ <= kTreeLinesMax) {
            std::string text(static_cast<std::size_t>(depth) * 2, ' ');
            text += std::to_string(process.pid) + " " + process.command;
            if (process.memory_bytes > 0) {
                text += " (" + bytes_text(process.memory_bytes) + ", cpu " +
                        reeve::to_text(process.cpu) + ")";
            }
            page.line(lines_ == 1 ? "processes" : "", text);
        }
        const auto below = children_.find(process.pid);
        if (below == children_.end()) return;
        for (const Process* child : below->second)
            print_below(page, *child, depth + 1);
    }

    std::vector<Process> processes_;
    std::map<int, std::vector<const Process*>> children_;  // by parent; 0: the roots
    std::size_t lines_ = 0;
};

std::string goal_text(const status::Instance& instance) {
    switch (instance.goal) {
        case status::Goal::Up:
            return "up";
        case status::Goal::Down:
            return "down: it stays down until it is started";
        case status::Goal::Unmonitored:
            return "unmonitored: whatever becomes of it, nothing is done";
    }
    return "";
}

/// A reason for people: what it says after its first line stands below it.
std::string reason_text(const std::string& reason, const std::string& after_first,
                        const std::string& indent) {
    std::string_view rest = reason;
    const std::size_t end = rest.find('\n');
    std::string text = printable(rest.substr(0, end)) + after_first;
    while (rest.find('\n') != std::string_view::npos) {
        rest.remove_prefix(rest.find('\n') + 1);
        text += "\n" + indent + "| " + printable(rest.substr(0, rest.find('\n')));
    }
    return text;
}

}  // namespace

std::string status_page(const Backend& backend, const status::Instance& instance,
                        const TextStyle& style) {
    const Moment now = backend.now();
    Page page(style);
    page.raw(paint(printable(spec::to_text(instance.name)), Color::Bold, style) + ": " +
             paint(to_text(instance.state), color_of(instance.state), style) +
             (instance.state == status::State::Running && !instance.ready ? ", not ready" : "") +
             " for " + reeve::to_text(now.steady - instance.since) + ", since " +
             short_time(wall_time(instance.since, now)) + "\n");
    page.line("reason", instance.reason);
    page.line("goal", goal_text(instance));
    if (instance.next_attempt) {
        const Duration left =
            *instance.next_attempt > now.steady ? *instance.next_attempt - now.steady : 0s;
        page.line("next start", "in " + reeve::to_text(left));
    }
    page.line("command", instance.command);
    if (instance.port != 0) page.line("port", std::to_string(instance.port));
    page.line("restarts", std::to_string(instance.restarts) + ", policy " + instance.restart);
    if (instance.last_exit) page.line("last exit", to_text(*instance.last_exit));
    for (const status::Run& run : instance.runs) {
        page.line("run", run.role +
                             (run.pid == 0 ? std::string(", not spawned yet")
                                           : ", pid " + std::to_string(run.pid)) +
                             ", for " + reeve::to_text(now.steady - run.since));
    }
    page.line("it says", instance.said);
    for (const std::string& limit : instance.limits)
        page.line("limit", limit);
    for (const status::Check& check : instance.checks) {
        const std::string samples = check.samples.empty() ? "" : ": " + check.samples;
        page.line("check", check.name + " (" + check.role + ", " + check.what + ") " +
                               to_text(check.verdict) + samples);
    }
    ProcessTree(backend.processes(instance)).print(page);
    page.whole_line("log", backend.log_path(instance.name));
    return page.take();
}

std::string transition_line(const status::Transition& transition, const TextStyle& style) {
    return to_text(transition.wall) + " " + printable(spec::to_text(transition.instance)) + " " +
           to_text(transition.from) + " -> " +
           paint(to_text(transition.to), color_of(transition.to), style) + ": " +
           reason_text(transition.reason,
                       " [" + to_text(transition.cause.kind) + ": " +
                           printable(transition.cause.text) + "]",
                       "  ");
}

std::string history_text(const std::vector<status::Transition>& transitions,
                         const TextStyle& style) {
    if (transitions.empty()) return "Nothing is recorded.\n";
    std::string text;
    std::uint64_t cause = 0;
    bool first = true;
    for (const status::Transition& transition : transitions) {
        if (first || transition.cause.id != cause) {
            text += short_time(transition.wall) + "  " +
                    paint(to_text(transition.cause.kind) + ": " + printable(transition.cause.text),
                          Color::Bold, style) +
                    "\n";
        }
        first = false;
        cause = transition.cause.id;
        text += "  " + to_text(transition.wall).substr(11, 12) + "  " +
                printable(spec::to_text(transition.instance)) + "  " + to_text(transition.from) +
                " -> " + paint(to_text(transition.to), color_of(transition.to), style) + "  " +
                reason_text(transition.reason, "", "      ") + "\n";
    }
    return text;
}

}  // namespace reeve::api
