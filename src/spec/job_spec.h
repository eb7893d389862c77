#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "spec/event_expr.h"

namespace reeve::spec {

/// What makes a service an Upstart job: events start and stop it, its instances are named by its
/// environment, and its own life is told to others in events (`starting`, `started`, `stopping`,
/// `stopped`). Its `env KEY=VALUE` are the service's environment, its limit and normal exits an
/// UpstartRestart. Source: upstart init/job_class.h.
struct JobSpec {
    std::optional<EventExpr> start_on;  // none: by hand only (or `manual`)
    std::optional<EventExpr> stop_on;
    /// Expanded (spec/expansion.h) with the environment of a start, it is the instance's name.
    /// Empty: there is one instance, without a name.
    std::string instance;
    /// Variables that the job has as whoever loaded it had them, or not at all (`env KEY`).
    std::vector<std::string> inherited;
    /// Variables of the job that its own four events carry, in this order (`export`).
    std::vector<std::string> exports;
    /// Patterns of events that the job emits: documentation, and `check-config`'s knowledge.
    std::vector<std::string> emits;
    /// Whoever started it waits for its end and not for its start; code 0 ends a respawning one.
    bool task = false;
    /// Without one (neither `exec` nor `script`) it is a state with hooks: `running` until stopped,
    /// and the service's command is not used.
    bool has_main = true;
    /// `manual` was the last word about its start.
    bool manual = false;
    std::string usage;  // shown when a start lacks a variable
    std::string description;
    std::string author;
    std::string version;

    friend bool operator==(const JobSpec&, const JobSpec&) = default;
};

/// Most entries of each of a job's lists.
inline constexpr std::size_t kJobEntriesMax = 1000;

}  // namespace reeve::spec
