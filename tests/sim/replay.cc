#include "sim/replay.h"

#include <stdio.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "core/manager.h"
#include "core/recording.h"
#include "sim/trace.h"

namespace reeve::sim {
namespace {

void say(TimePoint now, const std::string& line) {
    ::printf("%14.3f %s\n", static_cast<double>(now.time_since_epoch().count()) / 1e9,
             line.c_str());
}

void tell(TimePoint now, const core::Actions& actions) {
    for (const core::Action& action : actions)
        say(now, "    " + describe(action));
}

Result<void> start(const core::RecordedStart& begun, std::optional<core::Manager>& manager) {
    core::Actions actions;
    if (begun.restored) {
        say(begun.now, "a daemon takes over");
        manager.emplace(
            TRY(core::Manager::restore(begun.settings, begun.records, begun.now, actions)));
    } else {
        say(begun.now, "a daemon begins");
        manager.emplace(begun.settings);
    }
    tell(begun.now, actions);
    return {};
}

void print_states(const core::Manager& manager) {
    manager.visit_instances({}, [](const status::Instance& instance) {
        ::printf("%s %s %s pid=%d restarts=%u\n", spec::to_text(instance.name).c_str(),
                 to_text(instance.state).c_str(), to_text(instance.goal).c_str(), instance.pid,
                 instance.restarts);
    });
}

}  // namespace

Result<void> replay(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return system_error("open " + path);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::vector<core::Recorded> entries = TRY(core::read_recording(bytes));
    std::optional<core::Manager> manager;
    for (const core::Recorded& entry : entries) {
        if (const auto* begun = std::get_if<core::RecordedStart>(&entry)) {
            TRY(start(*begun, manager));
            continue;
        }
        const core::RecordedEvent& told = std::get<core::RecordedEvent>(entry);
        if (!manager) return Error{path + " does not begin with a start"};
        say(told.now, describe(told.event));
        core::Actions actions;
        manager->handle(told.event, told.now, actions);
        // As a daemon does, so that what is kept for its successor does not grow.
        std::vector<core::Record> ignored;
        manager->take_changes(ignored);
        manager->performed(ignored);
        tell(told.now, actions);
    }
    if (manager) print_states(*manager);
    return {};
}

}  // namespace reeve::sim
