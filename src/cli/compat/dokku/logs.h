#pragma once

#include <string>
#include <vector>

#include "cli/compat/dokku/app_state.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/session.h"

namespace reeve::cli::compat::dokku {

/// The flags of `show_logs`, `-t`, `-n` and `-q`, and more that have a text.
FlagSet log_flags(const std::vector<std::string>& more_texts);

/// What instances have written, in Dokku's form: the last lines, and with `-t` what follows. The
/// exit code.
int show_logs(Session& session, const ParsedFlags& flags, std::vector<InstanceState> instances);

}  // namespace reeve::cli::compat::dokku
