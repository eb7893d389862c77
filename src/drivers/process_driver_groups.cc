#include <algorithm>
#include <utility>

#include "drivers/process_driver_run.h"

// Which group a run has: one of its own, or that of the run before it (decision 0018).
namespace reeve::drivers {
namespace {

/// How long a run must have lived whose group the next one takes: nothing else in it has begun in
/// the tick of the next one's start.
constexpr Duration kHandedOnAfter = 1s;
/// How long an empty group waits for the next run, and how many are removed in one go after that.
constexpr Duration kVacancy = 1s;
constexpr Duration kVacancyPause = 5ms;
constexpr std::size_t kVacantGroupsAtOnce = 20;

}  // namespace

/// The group that the run before it has left empty, or a new one.
Result<os::RunGroup> ProcessDriver::group_for(core::RunId id, Run& run) {
    const auto vacant =
        takes_groups(run) ? vacant_groups_.find(run.instance) : vacant_groups_.end();
    if (vacant != vacant_groups_.end()) {
        const core::RunId named = vacant->second.named;
        vacant_groups_.erase(vacant);
        const os::RunGroup group = parts_.containment.group_of(run.instance, to_hex(named));
        if (parts_.containment.hand_on(group, to_hex(id), start_clock_.now())) {
            run.group_named = named;
            return group;
        }
        parts_.containment.remove(group);
    }
    return parts_.containment.create(run.instance, to_hex(id));
}

/// The run has left its group empty: the next run of the instance may have it, if it comes soon.
void ProcessDriver::vacate(core::RunId id, Run& run) {
    const os::RunGroup group = run.group(parts_.containment, id);
    const bool lived = steady_now() - run.begun >= kHandedOnAfter;
    if (!lived || !takes_groups(run) || parts_.containment.events_file(group).empty()) return;
    remove_vacant_group(run.instance);  // of a run that this one had taken the place of
    const core::RunId named = run.group_named == 0 ? id : run.group_named;
    vacant_groups_[run.instance] = {named, steady_now()};
    run.has_no_group = true;
    if (vacant_groups_.size() == 1) vacancy_alarm_->set(steady_now() + kVacancy);
}

/// Removes, a few at a time, the groups that nobody has come for.
void ProcessDriver::remove_vacant_groups() {
    const TimePoint now = steady_now();
    std::vector<std::string> due;
    Deadline next;
    for (const auto& [instance, vacant] : vacant_groups_) {
        const TimePoint until = vacant.since + kVacancy;
        const bool is_due = until <= now && due.size() < kVacantGroupsAtOnce;
        if (is_due) due.push_back(instance);
        if (!is_due) next = earliest(next, std::max(until, now + kVacancyPause));
    }
    for (const std::string& instance : due)
        remove_vacant_group(instance);
    vacancy_alarm_->set(next);
}

void ProcessDriver::forget_instance(const spec::InstanceName& instance) {
    const std::string name = escaped_name(instance);
    remove_vacant_group(name);
    parts_.containment.remove_app(name);
}

void ProcessDriver::remove_vacant_group(const std::string& instance) {
    const auto vacant = vacant_groups_.find(instance);
    if (vacant == vacant_groups_.end()) return;
    const std::string named = to_hex(vacant->second.named);
    parts_.containment.remove(parts_.containment.group_of(instance, named));
    vacant_groups_.erase(vacant);
}

/// A limited group counts what its run has used, so that it is no other run's.
bool ProcessDriver::takes_groups(const Run& run) {
    return run.role == core::RunRole::Main && run.service->group_limits.is_empty();
}

/// Which group the run has: one that was handed on says so itself.
void ProcessDriver::find_group(core::RunId id, Run& run) {
    if (!groups_) {
        groups_.emplace();
        for (os::Containment::FoundGroup& group : parts_.containment.groups()) {
            const Result<std::uint64_t> named = parse_hex(group.named);
            const Result<std::uint64_t> owner = parse_hex(group.handed_to);
            if (owner && named) groups_->former.insert(*named);
            if (owner || named) groups_->by_run.emplace(owner ? *owner : *named, std::move(group));
        }
        exec_alarm_->set(steady_now());  // forgets what was found
    }
    const auto found = groups_->by_run.find(id);
    if (found != groups_->by_run.end() && !found->second.handed_to.empty()) {
        const Result<std::uint64_t> named = parse_hex(found->second.named);
        if (named) run.group_named = *named;
    }
    run.has_no_group = groups_->former.contains(id);
}

/// What was left of runs that had ended before reeved did, or with it.
void ProcessDriver::remove_left_groups() {
    for (const auto& [run, group] : groups_->by_run) {
        if (runs_.contains(run)) continue;
        parts_.containment.remove(parts_.containment.group_of(group.instance, group.named));
    }
    groups_.reset();
}

}  // namespace reeve::drivers
