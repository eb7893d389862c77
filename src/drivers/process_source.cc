#include "drivers/process_source.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace reeve::drivers {
namespace {

/// Who was not asked for in so long a time is closed; at the latest after twice as long.
constexpr Duration kTidyPause = 1min;
/// The rest of what may be open is for pipes and clients.
constexpr std::size_t kFilesPerMeter = 8;
constexpr std::size_t kMetersMax = 4096;

}  // namespace

std::size_t meters_max(std::size_t files_max) {
    return std::min(files_max / kFilesPerMeter, kMetersMax);
}

std::optional<os::ProcessStat> KernelProcesses::stat(pid_t pid) {
    return os::read_process_stat(pid);
}

std::optional<os::ProcessUsage> KernelProcesses::usage(pid_t pid) {
    const auto held = meters_.find(pid);
    if (held != meters_.end()) {
        held->second.asked = true;
        if (const std::optional<os::ProcessUsage> usage = held->second.meter.read()) return usage;
        meters_.erase(held);  // its number may be another's by now
    }
    std::optional<os::ProcessMeter> meter = os::ProcessMeter::open(pid);
    if (!meter) return std::nullopt;
    const std::optional<os::ProcessUsage> usage = meter->read();
    if (usage && meters_.size() < open_max_) meters_.emplace(pid, Held{std::move(*meter)});
    return usage;
}

bool KernelProcesses::exists(pid_t pid) {
    return os::cpu_time_of(pid).has_value();
}

void KernelProcesses::for_each(const std::function<void(pid_t)>& visit) {
    os::for_each_process(visit);
}

std::optional<os::Births> KernelProcesses::births() {
    // Where processor time is no clock it cannot be said which numbers are processes.
    if (!os::cpu_time_of(::getpid())) return std::nullopt;
    return os::read_births();
}

pid_t KernelProcesses::pid_max() {
    static const pid_t kMax = os::read_pid_max();
    return kMax;
}

void KernelProcesses::tidy(TimePoint now) {
    if (now < tidied_ + kTidyPause) return;
    tidied_ = now;
    std::erase_if(meters_, [](const auto& held) { return !held.second.asked; });
    for (auto& [pid, held] : meters_)
        held.asked = false;
}

}  // namespace reeve::drivers
