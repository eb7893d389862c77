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
        run.role == core::RunRole::Main ? vacant_groups_.find(run.instance) : vacant_groups_.end();
    if (vacant != vacant_groups_.end()) {
        const core::RunId named = vacant->second.named;
        const bool fits = vacant->second.limits == run.service->group_limits;
        const os::RunGroup group = parts_.containment.group_of(run.instance, to_hex(named));
        if (fits && parts_.containment.hand_on(group, to_hex(id), start_clock_.now())) {
            vacant_groups_.erase(vacant);
            run.group_named = named;
            return group;
        }
        remove_vacant_group(run.instance);
    }
    return parts_.containment.create(run.instance, to_hex(id));
}

/// The run has left its group empty: the next run of the instance may have it, if it comes soon.
void ProcessDriver::vacate(core::RunId id, Run& run) {
    const os::RunGroup group = run.group(parts_.containment, id);
    const bool lived = steady_now() - run.begun >= kHandedOnAfter;
    if (!lived || run.role != core::RunRole::Main) return;
    if (parts_.containment.events_file(group).empty() || !is_as_new(id, run)) return;
    remove_vacant_group(run.instance);  // of a run that this one had taken the place of
    const core::RunId named = run.group_named == 0 ? id : run.group_named;
    vacant_groups_[run.instance] = {named, steady_now(), run.service->group_limits};
    run.has_no_group = true;
    parts_.identities.forget(
        id);  // before anybody takes it: from then on it says itself whose it is
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

void ProcessDriver::remove_all_vacant_groups() {
    while (!vacant_groups_.empty()) {
        const std::string instance = vacant_groups_.begin()->first;
        remove_vacant_group(instance);
    }
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
    const bool is_limited = !vacant->second.limits.is_empty();
    vacant_groups_.erase(vacant);
    remove_group(instance, named, is_limited);
}

void ProcessDriver::remove_group(const std::string& instance, const std::string& named,
                                 bool is_limited) {
    parts_.containment.remove(parts_.containment.group_of(instance, named));
    if (is_limited) limiter_.remove(instance, named);
}

/// Before anything is made or removed.
void ProcessDriver::list_found_groups() {
    if (found_groups_) return;
    found_groups_ = parts_.containment.groups();
    exec_alarm_->set(steady_now());  // forgets what was found
}

/// Asks every group, which takes as long as the rest of an adoption.
const ProcessDriver::HandedOn& ProcessDriver::handed_on() {
    if (handed_on_) return *handed_on_;
    handed_on_.emplace();
    for (const os::Containment::FoundGroup& group : *found_groups_) {
        const auto owner = parts_.containment.owner_of(group);
        const Result<std::uint64_t> named = parse_hex(group.named);
        const Result<std::uint64_t> run = parse_hex(owner ? owner->run : "");
        if (!run || !named) continue;
        handed_on_->former.insert(*named);
        handed_on_->by_run.emplace(*run, HandedOn::To{*named, owner->begun_ticks});
    }
    return *handed_on_;
}

/// Which group the run has, where it was not noted: one that was handed on says so itself.
void ProcessDriver::find_group(core::RunId id, Run& run) {
    const auto found = handed_on().by_run.find(id);
    if (found != handed_on().by_run.end()) run.group_named = found->second.named;
    run.has_no_group = handed_on().former.contains(id);
}

/// What was left of runs that had ended before reeved did, or with it.
void ProcessDriver::remove_left_groups() {
    std::unordered_set<core::RunId> in_use;
    for (const auto& [id, run] : runs_)
        if (!run->has_no_group) in_use.insert(run->group_named == 0 ? id : run->group_named);
    for (const auto& [instance, vacant] : vacant_groups_)
        in_use.insert(vacant.named);
    for (const os::Containment::FoundGroup& group : *found_groups_) {
        const Result<std::uint64_t> named = parse_hex(group.named);
        if (!named || in_use.contains(*named)) continue;
        remove_group(group.instance, group.named, true);  // perhaps
    }
    found_groups_.reset();
    handed_on_.reset();
}

}  // namespace reeve::drivers
