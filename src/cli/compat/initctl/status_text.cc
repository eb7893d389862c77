#include "cli/compat/initctl/status_text.h"

#include <array>
#include <string_view>

namespace reeve::cli::initctl {
namespace {

constexpr auto kOrder =
    std::to_array<std::string_view>({"main", "pre-start", "post-start", "pre-stop", "post-stop"});

// A hook that runs beside a main process is told apart from it.
std::string first_process(const JobProcess& process) {
    const bool beside_main = process.name == "post-start" || process.name == "pre-stop";
    return ", " + (beside_main ? "(" + process.name + ") " : "") + "process " +
           std::to_string(process.pid);
}

}  // namespace

std::string status_text(const std::string& job, const JobInstance& instance) {
    std::string text = job;
    if (!instance.key.empty()) text += " (" + instance.key + ")";
    text += ' ' + instance.goal + '/' + instance.state;
    bool is_first = true;
    for (const std::string_view name : kOrder) {
        for (const JobProcess& process : instance.processes) {
            if (process.name != name) continue;
            if (is_first)
                text += first_process(process);
            else
                text += "\n\t" + process.name + " process " + std::to_string(process.pid);
            is_first = false;
        }
    }
    return text + '\n';
}

std::string idle_text(const std::string& job) {
    return job + " stop/waiting\n";
}

std::string list_text(const Job& job) {
    if (job.instances.empty()) return idle_text(job.name);
    std::string text;
    for (const JobInstance& instance : job.instances)
        text += status_text(job.name, instance);
    return text;
}

}  // namespace reeve::cli::initctl
