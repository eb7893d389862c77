#pragma once

#include <string>
#include <vector>

#include "api/reply.h"
#include "api/request.h"
#include "base/result.h"
#include "cli/compat/dokku/app_state.h"
#include "cli/compat/dokku/session.h"

// The commands of the group `ps`, one file each, and what they share. Source: dokku plugins/ps.
namespace reeve::cli::compat::dokku {

int ps_inspect(Session& session, const Words& words);
int ps_report(Session& session, const Words& words);
int ps_restart(Session& session, const Words& words);
int ps_restore(Session& session, const Words& words);
int ps_retire(Session& session, const Words& words);
int ps_scale(Session& session, const Words& words);
int ps_set(Session& session, const Words& words);
int ps_start(Session& session, const Words& words);
int ps_stop(Session& session, const Words& words);

/// Carries an operation of reeve out and waits for its end. Its problems are said as warnings; the
/// error is its outcome in one line.
Result<void> run_operation(const Session& session, api::Verb verb);

/// Says what an operation failed of, and the last lines of what it concerns.
void warn_of_problems(const Session& session, const api::OperationReply& reply);

/// Whether an app comes up at boot: its property `restore`.
inline constexpr const char* kRestoreKey = "ps/restore";

/// Remembers whether it does; true is how it is where nothing is remembered.
Result<void> store_restore(const Session& session, const std::string& app, bool restore);

/// How long a process may take to end: its property `stop-timeout-seconds`.
inline constexpr const char* kStopTimeoutKey = "ps/stop-timeout-seconds";

/// Starts what the app is linked to. The error names what could not be started.
Result<void> start_links(const Session& session, const std::string& app);

/// What is set where nobody has set anything.
inline constexpr const char* kDefaultRestartPolicy = "on-failure:10";
inline constexpr const char* kDefaultStopTimeout = "30";
inline constexpr const char* kDefaultProcfile = "Procfile";

}  // namespace reeve::cli::compat::dokku
