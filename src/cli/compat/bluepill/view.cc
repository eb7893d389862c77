#include "cli/compat/bluepill/view.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/bluepill_words.h"
#include "base/text.h"
#include "formats/json/jsonc.h"
#include "formats/pill/pill_reader.h"

namespace reeve::cli::compat::bluepill {
namespace {

using formats::json::Kind;
using formats::json::Value;

std::string text(const Value& object, std::string_view name) {
    const Value* member = object.find(name);
    const bool has_text =
        member != nullptr && (member->kind == Kind::String || member->kind == Kind::Number);
    return has_text ? member->text : "";
}

int number(const Value& object, std::string_view name) {
    const Result<std::int64_t> value = parse_integer(text(object, name));
    return value ? static_cast<int>(*value) : 0;
}

/// A process and its place in the pill.
struct Placed {
    int position = 0;
    ProcessView process;
};

Placed read_process(const Value& instance) {
    Placed placed;
    ProcessView& process = placed.process;
    process.service = text(instance, "service");
    process.instance = text(instance, "instance");
    process.group = text(instance, "group");
    process.pid = number(instance, "pid");
    const std::string state = text(instance, "state");
    const std::string goal = text(instance, "goal");
    process.state = api::bluepill::state_word(state, goal, text(instance, "reason"));
    process.name = process.service;
    const std::string prefix = process.group + ":";
    if (!process.group.empty() && process.name.starts_with(prefix)) {
        process.name.erase(0, prefix.size());
    }
    const Value* monitors = instance.find("monitors_children");
    process.monitors_children = monitors != nullptr && monitors->text == "true";
    placed.position = number(instance, "position");
    return placed;
}

/// In the order of the pill, with each group's processes together where its first one stands.
std::vector<ProcessView> in_groups(std::vector<Placed> all) {
    std::stable_sort(all.begin(), all.end(),
                     [](const Placed& a, const Placed& b) { return a.position < b.position; });
    std::map<std::string, int> first;
    for (const Placed& one : all)
        first.try_emplace(one.process.group, one.position);
    std::stable_sort(all.begin(), all.end(), [&](const Placed& a, const Placed& b) {
        return first.at(a.process.group) < first.at(b.process.group);
    });
    std::vector<ProcessView> processes;
    for (Placed& one : all)
        processes.push_back(std::move(one.process));
    return processes;
}

/// Calls `visit(begin, end)` for the processes of each group.
template <typename Visit>
void for_each_group(const AppView& app, Visit visit) {
    auto begin = app.processes.begin();
    while (begin != app.processes.end()) {
        const auto end = std::find_if(begin, app.processes.end(), [&](const ProcessView& process) {
            return process.group != begin->group;
        });
        visit(begin, end);
        begin = end;
    }
}

bool has_group(const AppView& app, std::string_view name) {
    return std::any_of(app.processes.begin(), app.processes.end(), [&](const ProcessView& process) {
        return !process.group.empty() && process.group == name;
    });
}

bool has_others_wait(const ProcessView& process, const spec::App& app, const std::string& command) {
    const spec::Service* service = spec::find_service(app, process.service);
    if (service == nullptr) return false;
    const spec::GroupTurns& waits = service->listing.waits;
    return (command == "start" && waits.start) || (command == "stop" && waits.stop) ||
           (command == "restart" && waits.restart);
}

}  // namespace

const AppView* World::find(std::string_view app) const {
    const auto found =
        std::find_if(apps.begin(), apps.end(), [&](const AppView& one) { return one.name == app; });
    return found == apps.end() ? nullptr : &*found;
}

void find_children(World& world, const Parents& parents) {
    const auto descends_from = [&](int pid, int ancestor) {
        // A chain of parents has an end, but the answers are not all of one moment.
        for (std::size_t steps = 0; steps < parents.size(); ++steps) {
            const auto found = parents.find(pid);
            if (found == parents.end()) return false;
            if (found->second == ancestor) return true;
            pid = found->second;
        }
        return false;
    };
    for (AppView& app : world.apps) {
        for (ProcessView& process : app.processes) {
            if (!process.monitors_children || process.pid == 0) continue;
            for (const auto& [pid, parent] : parents) {
                if (descends_from(pid, process.pid)) process.children.push_back({pid, "up"});
            }
        }
    }
}

Result<World> read_world(std::string_view status_json) {
    const auto reading = formats::json::parse("status", status_json);
    if (!reading.ok()) return Error{reading.diagnostics.front().message};
    const Value* apps = reading.value.find("apps");
    const Value* instances = reading.value.find("instances");
    if (apps == nullptr || instances == nullptr) return Error{"the status has no apps"};
    World world;
    if (const Value* daemon = reading.value.find("daemon")) {
        world.daemon_pid = number(*daemon, "pid");
    }
    std::map<std::string, std::vector<Placed>> processes;
    for (const Value& instance : instances->elements) {
        if (text(instance, "service") == formats::pill::kHostService) continue;
        processes[text(instance, "app")].push_back(read_process(instance));
    }
    for (const Value& app : apps->elements) {
        if (text(app, "format") != "bluepill") continue;
        const std::string name = text(app, "name");
        world.apps.push_back({name, text(app, "source"), in_groups(std::move(processes[name]))});
    }
    return world;
}

std::vector<const ProcessView*> select(const AppView& app, std::string_view target) {
    std::vector<const ProcessView*> meant;
    const bool is_group = has_group(app, target);
    for (const ProcessView& process : app.processes) {
        const bool matches = target.empty() || (is_group && process.group == target) ||
                             (!is_group && (process.name == target || process.service == target ||
                                            process.group + ":" + process.name == target));
        if (matches) meant.push_back(&process);
    }
    return meant;
}

std::vector<Turn> in_turns(const std::vector<const ProcessView*>& processes, const spec::App& app,
                           const std::string& command) {
    std::vector<Turn> turns;
    for (const ProcessView* process : processes) {
        const bool alone = has_others_wait(*process, app, command);
        if (turns.empty() || alone || turns.back().must_end) turns.push_back({{}, alone});
        turns.back().processes.push_back(process);
    }
    if (!turns.empty()) turns.back().must_end = true;
    return turns;
}

std::string status_line(const ProcessView& process) {
    const std::string pid = process.pid == 0 ? "" : std::to_string(process.pid);
    return process.name + "(pid:" + pid + "): " + process.state;
}

std::string render_tree(const AppView& app, std::string_view target, std::string_view indent,
                        const HistoryOf& history_of) {
    const std::vector<const ProcessView*> meant = select(app, target);
    const bool is_group = has_group(app, target);
    const bool one = !target.empty() && !is_group;
    std::string out;
    for_each_group(app, [&](auto begin, auto end) {
        if (is_group && begin->group != target) return;
        const std::string inner = std::string(indent) + (begin->group.empty() || one ? "" : "  ");
        if (!begin->group.empty() && !one) out += std::string(indent) + begin->group + ":\n";
        for (auto process = begin; process != end; ++process) {
            if (std::find(meant.begin(), meant.end(), &*process) == meant.end()) continue;
            const std::string own =
                one && !begin->group.empty() ? std::string(indent) + "  " : inner;
            out += own + status_line(*process) + "\n";
            for (const ChildView& child : process->children) {
                out +=
                    own + "  <child(pid:" + std::to_string(child.pid) + ")>: " + child.state + "\n";
            }
            if (one) out += history_of(*process);
        }
        out += "\n";
    });
    return out;
}

std::string render_sent(std::string_view command,
                        const std::vector<const ProcessView*>& processes) {
    if (processes.empty()) return "No processes effected\n";
    std::string out = "Sent " + std::string(command) + " to:\n";
    for (const ProcessView* process : processes)
        out += "  " + process->group + ":" + process->name + "\n";
    return out;
}

}  // namespace reeve::cli::compat::bluepill
