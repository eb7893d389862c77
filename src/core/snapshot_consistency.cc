#include <algorithm>

#include "core/snapshot.h"

// What the state of an instance promises of its processes. Its handlers rely on it, so a journal
// that does not keep it is not restored.
namespace reeve::core {
namespace {

/// The processes that are named by their part; nullptr: there is none.
struct Parts {
    const LiveRun* main = nullptr;
    const LiveRun* candidate = nullptr;
    const LiveRun* hook = nullptr;
    bool unique = true;

    explicit Parts(const std::vector<LiveRun>& runs) {
        for (const LiveRun& run : runs) {
            if (run.part == RunPart::Main) take(main, run);
            if (run.part == RunPart::Candidate) take(candidate, run);
            if (run.part == RunPart::Hook) take(hook, run);
        }
    }

    bool has_hook(RunRole role) const { return hook != nullptr && hook->role == role; }
    bool has_no_hook_but(RunRole role) const { return hook == nullptr || hook->role == role; }

private:
    void take(const LiveRun*& place, const LiveRun& run) {
        unique = unique && place == nullptr;
        place = &run;
    }
};

/// `started` is the process that becomes ready: the main one, or its replacement.
bool fits(const Launch& launch, const LiveRun* started, const Parts& parts) {
    if (std::holds_alternative<PreStarting>(launch)) {
        return started == nullptr && parts.has_hook(RunRole::PreStart);
    }
    if (std::holds_alternative<PostStarting>(launch)) return parts.has_hook(RunRole::PostStart);
    const bool has_process =
        std::holds_alternative<Spawning>(launch) || std::holds_alternative<Readying>(launch) ||
        std::holds_alternative<Settling>(launch) || std::holds_alternative<Looking>(launch);
    if (parts.hook != nullptr) return false;
    return has_process == (started != nullptr);
}

bool fits(const Running& running, const Parts& parts, bool needs_main) {
    if (needs_main && parts.main == nullptr) return false;
    if (const Launch* launch = std::get_if<Launch>(&running.replacement)) {
        const bool post_starting = std::holds_alternative<PostStarting>(*launch);
        if (std::holds_alternative<Looking>(*launch)) return false;
        if (post_starting && parts.candidate == nullptr) return false;
        return parts.main != nullptr && fits(*launch, parts.candidate, parts);
    }
    if (std::holds_alternative<ReplacementHeld>(running.replacement)) {
        return parts.main != nullptr && parts.candidate != nullptr && parts.hook == nullptr;
    }
    if (parts.candidate != nullptr) return false;
    if (std::holds_alternative<RestartCommanding>(running.replacement)) {
        return parts.main != nullptr && parts.has_no_hook_but(RunRole::RestartCommand);
    }
    return parts.hook == nullptr;
}

bool fits(const Stopping& stopping, const Parts& parts) {
    if (parts.candidate != nullptr) return false;
    if (std::holds_alternative<PreStopping>(stopping.stage)) {
        return parts.has_hook(RunRole::PreStop);
    }
    if (std::holds_alternative<Commanding>(stopping.stage)) {
        return parts.has_no_hook_but(RunRole::StopCommand);
    }
    if (std::holds_alternative<Emptying>(stopping.stage)) return parts.hook == nullptr;
    if (std::holds_alternative<PostStopping>(stopping.stage)) {
        return parts.has_no_hook_but(RunRole::PostStop);
    }
    // A start's hook goes on while the end that cuts it short is announced.
    return parts.hook == nullptr || parts.has_hook(RunRole::PreStart) ||
           parts.has_hook(RunRole::PostStart);
}

}  // namespace

bool InstanceCodec::is_consistent(const Instance& instance) {
    const Parts parts(instance.runs_);
    if (!parts.unique) return false;
    const bool may_have_no_main = instance.is_job() && !instance.service_->job->has_main;
    if (const auto* starting = std::get_if<Starting>(&instance.state_)) {
        const bool is_ready = std::holds_alternative<PostStarting>(starting->launch);
        const bool needs_main = is_ready && !instance.is_job();
        if (parts.candidate != nullptr || (needs_main && parts.main == nullptr)) return false;
        return fits(starting->launch, parts.main, parts);
    }
    if (const auto* running = std::get_if<Running>(&instance.state_)) {
        return fits(*running, parts, !may_have_no_main);
    }
    if (const auto* stopping = std::get_if<Stopping>(&instance.state_)) {
        return fits(*stopping, parts);
    }
    return parts.main == nullptr && parts.candidate == nullptr && parts.hook == nullptr;
}

}  // namespace reeve::core
