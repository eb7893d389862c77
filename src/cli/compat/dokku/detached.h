#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/compat/dokku/app_state.h"
#include "cli/compat/dokku/session.h"
#include "cli/one_off.h"

// Commands beside an app that go on without the caller: run:detached, cron:run --detach. Each is
// an app of its own under reeve (spec/one_off.h) with one process, and goes when that has ended.
namespace reeve::cli::compat::dokku {

/// What such a command is of: `run` or `cron`.
enum class DetachedKind { Run, Cron };

/// One that has not ended.
struct Detached {
    std::string name;     // `shop.run.4711`
    std::string command;  // as a person would write it
    InstanceState state;
};

/// Starts it, and returns its name. Its DYNO is `run.1` or `cron.1`, as it is the only process of
/// an app of its own. The error says why it does not run.
Result<std::string> start_detached(const Session& session, const std::string& app,
                                   DetachedKind kind, const OneOff& one_off);

/// Those of an app, in the order of their names. Names that are empty or hold wildcards mean all.
Result<std::vector<Detached>> fetch_detached(const Session& session, const std::string& app,
                                             DetachedKind kind);

/// The one of that name. An error: there is none.
Result<Detached> find_detached(const Session& session, const std::string& name);

/// Stops it, with its stop timeout.
Result<void> stop_detached(const Session& session, const Detached& detached);

/// Stops all of an app, of either kind.
Result<void> stop_all_detached(const Session& session, const std::string& app);

}  // namespace reeve::cli::compat::dokku
