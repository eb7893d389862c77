#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sim/world.h"
#include "spec/service.h"

// The `key=value` settings of scenario files.
namespace reeve::scenarios {

/// One instance, ready when spawned, `auto` without jitter, SIGTERM then SIGKILL after 10 s.
spec::Service default_service(const std::string& name);

/// Lives on, obeys SIGTERM at once.
sim::Behaviour default_main();

/// Ends well at once.
sim::Behaviour default_hook();

/// n, order, unavailable, drain, restart, ready, stop, scope, leftovers, pre-start, post-start,
/// pre-stop, post-stop, stop-command, spawn-timeout, command, port.
Result<void> set_service(spec::Service& service, std::string_view setting);

/// spawn, error, dies, exit, obeys, kill, ready, leaves.
Result<void> set_life(sim::Behaviour& life, std::string_view setting);

/// `3` or `SEGV`.
status::Exit exit_of(std::string_view text);

}  // namespace reeve::scenarios
