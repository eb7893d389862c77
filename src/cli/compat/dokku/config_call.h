#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/compat/dokku/config_format.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/session.h"

// What the commands of the group `config` share.
namespace reeve::cli::compat::dokku::config_group {

/// What a command of this group was given: its app, flags and words.
struct Call {
    std::string app;
    ParsedFlags flags;
    Words words;
    ConfigVars vars;  // of the app, or of all apps
};

/// The first word as an app or `--global`, with its variables. Nullopt: `code` is what to end with.
std::optional<Call> read_call(Session& session, const Words& words, const FlagSet& set, int& code);

/// The variables that a command shows: with `--merged` those of all apps below the app's own.
Result<ConfigVars> shown_vars(const Session& session, const Call& call);

/// Sets those that have a value and forgets the others; says what was set, and has what runs take
/// them up unless `--no-restart` was given. The exit code.
int change_vars(const Session& session, const Call& call,
                const std::map<std::string, std::optional<std::string>>& changes);

int bundle(Session& session, const Words& words);
int import_vars(Session& session, const Words& words);

}  // namespace reeve::cli::compat::dokku::config_group
