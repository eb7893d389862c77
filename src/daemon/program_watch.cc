#include "daemon/program_watch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/log.h"

namespace reeve::daemon {
namespace {

bool is_program(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

}  // namespace

ProgramWatch::ProgramWatch(
    event_base* loop, std::function<void(const spec::InstanceName&, const std::string&)> changed)
    : loop_(loop), changed_(std::move(changed)) {}

void ProgramWatch::await(const spec::InstanceName& instance,
                         const std::vector<std::string>& programs) {
    if (programs.empty()) return forget(instance);
    awaited_[instance] = {programs.begin(), programs.end()};
    follow();
}

void ProgramWatch::forget(const spec::InstanceName& instance) {
    if (awaited_.erase(instance) > 0) follow();
}

void ProgramWatch::follow() {
    if (awaited_.empty() && !files_) return;
    if (!files_) {
        auto files = drivers::FileEvents::create(
            loop_, drivers::FileEvents::Permissions::Told, [this](const spec::NamedEvent& event) {
                for (const spec::Variable& variable : event.variables) {
                    if (variable.name == "FILE") return hear(std::string(variable.value));
                }
            });
        if (!files.ok()) {
            return log::warning(
                "reason=\"missing programs are not looked for: " + files.error().message + "\"");
        }
        files_.emplace(std::move(*files));
    }
    std::set<std::string> wanted;
    for (const auto& [instance, programs] : awaited_)
        wanted.insert(programs.begin(), programs.end());
    files_->watch(wanted, drivers::FileEvents::Present::Known);
}

/// The watch goes on while this is told: what is awaited no more is not followed later only.
void ProgramWatch::hear(const std::string& path) {
    if (!is_program(path)) return;
    std::vector<spec::InstanceName> told;
    for (const auto& [instance, programs] : awaited_) {
        if (programs.contains(path)) told.push_back(instance);
    }
    for (const spec::InstanceName& instance : told) {
        awaited_.erase(instance);
        changed_(instance, path);
    }
}

}  // namespace reeve::daemon
