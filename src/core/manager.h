#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "core/action.h"
#include "core/event.h"
#include "core/record.h"
#include "spec/app.h"
#include "status/instance.h"
#include "status/job.h"

namespace reeve::core {

/// What the manager is told once.
struct ManagerSettings {
    std::uint32_t epoch = 0;          // of the keeper: the upper half of every RunId
    std::uint64_t seed = 0;           // of the jitter
    std::uint32_t spawning_max = 64;  // runs between clone and exec at one time
};

/// The core's one door. Decides: (state, event, now) -> (state, actions). No I/O, no clock.
///
/// Call `handle` for every event and, with TimePassed, whenever `deadline()` has passed. Then write
/// `take_changes` to the journal, then perform the actions in order, then write `performed`. What a
/// daemon that died in between has not performed is given once more by `restore`. Of two steps one
/// after the other the first need not be written if it `only_asked`.
class Manager {
public:
    explicit Manager(ManagerSettings settings);
    ~Manager();
    Manager(Manager&&) noexcept;
    Manager& operator=(Manager&&) noexcept;

    /// The manager as the journal's records describe it; appends an AdoptRun for each of its runs,
    /// the watches and probes that the daemon before had, and every action of the latest step that
    /// may not have been performed (transitions, answers, signals: each may come twice).
    /// Restoring at any moment changes no later decision. Fails on records it cannot read.
    static Result<Manager> restore(ManagerSettings settings, const std::vector<Record>& records,
                                   TimePoint now, Actions& out);

    /// Takes in one event; appends to `out` what is to be done.
    void handle(const Event& event, TimePoint now, Actions& out);

    /// When the manager next wants to be called with TimePassed.
    Deadline deadline() const;

    /// Appends the records that changed since the last call.
    void take_changes(std::vector<Record>& out);

    /// Whether the step of these events only asked for samples: whoever does not know of it asks
    /// for them once more, so its changes may be written together with those of the next step, in
    /// which the answers are.
    static bool only_asked(const std::vector<Event>& events, const Actions& actions);

    /// Every action so far was performed. Appends the record that says so: without it, a restore
    /// gives those of the latest step again, signals included.
    void performed(std::vector<Record>& out);

    /// Appends every record, for a compacted journal.
    void all_records(std::vector<Record>& out) const;

    /// Calls `visit` for each instance that a target matches (no target: for all), in the order of
    /// their names. What `visit` is given is its own.
    void visit_instances(const std::vector<spec::Target>& targets,
                         const std::function<void(status::Instance&)>& visit) const;

    /// Every app, in the order of their names.
    std::vector<status::App> apps() const;

    /// The jobs that are asked for. Fails on an unknown one (`code` is ENOENT), and where the name
    /// of an instance cannot be made: `Unknown parameter: NAME`.
    Result<status::Jobs> jobs(const status::JobQuery& query) const;

    /// The spec of an app, or nullptr.
    std::shared_ptr<const spec::App> find_app(const std::string& name) const;

    /// The apps of which something waits for TrafficGone.
    std::vector<std::string> draining_apps();

    /// Whether a Shutdown was accepted.
    bool is_shutting_down() const;

    /// Whether a Shutdown was accepted and nothing runs any more.
    bool shut_down() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace reeve::core
