#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/rare.h"
#include "base/time.h"
#include "core/instance_state.h"
#include "core/turn.h"
#include "spec/app.h"
#include "spec/named_event.h"
#include "status/exit.h"

// What the life of a job has besides that of any instance: it is announced in events, it has the
// variables of what started it, and whoever started or stopped it is told how that went.
namespace reeve::core {

/// Longest wait for those who want to do something before a job stops, where the stop must come to
/// its end: at shutdown, and when the job is unloaded.
inline constexpr Duration kAnnouncementPatience = 60s;

/// What a life failed of, as its events say it: the first failure counts.
struct LifeFailure {
    std::string process;               // `main`, `pre-start`; `respawn`: ended too often
    std::optional<status::Exit> exit;  // none: it could not be spawned, or it ended too often
};

/// How a hook came to its end.
struct HookEnd {
    bool ok = true;
    std::string problem;               // a clause, where it is not ok
    std::optional<status::Exit> exit;  // none: not spawned, or not in time
    bool spawned = true;
};

/// A job's part of an instance; empty for all others.
struct JobLife {
    spec::Variables variables;             // of whatever started this life
    Rare<spec::Variables> next_variables;  // of the next start
    spec::Variables stop_variables;        // of whatever stops it; for its stop-side hooks
    Rare<LifeFailure> failure;
    /// The main process ended, or a restart was asked for, while a hook runs that is waited for.
    Rare<AfterEnd> after_hook;
    bool restart_asked = false;  // a stop must not be called off by the start that follows it
};

/// The value of a variable as a job's processes see it (stop-side ones excepted), or nullptr.
const std::string* find_job_variable(const spec::Service& service, const spec::App& app,
                                     const JobLife& life, const std::string& name);

/// The event that announces a moment of a job's life: `JOB`, `INSTANCE`, for `stopping` and
/// `stopped` the result, then what the job exports.
/// Source: upstart init/job.c, job_emit_event.
spec::NamedEvent life_event(const std::string& moment, const spec::Service& service,
                            const spec::App& app, const std::string& key, const JobLife& life);

/// What a run gets on top of its service's environment: the variables of the start, for stop-side
/// hooks those of the stop, then who it is.
/// Source: upstart init/job_process.c, job_process_run.
spec::Variables run_variables(const spec::Service& service, const spec::App& app,
                              const std::string& key, RunRole role, const JobLife& life);

void write_variables(ByteWriter& writer, const spec::Variables& variables);
spec::Variables read_variables(ByteReader& reader);

}  // namespace reeve::core
