#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/compat/dokku/session.h"

// What `--all` and `--parallel` mean, wherever a command takes them.
namespace reeve::cli::compat::dokku {

/// Does something to one app. It may say what it does; what it returns is said as Dokku does.
using AppAction = std::function<Result<void>(Session& session, const std::string& app)>;

/// Carries out `COMMAND [--parallel N] [--all|APP]`: on one app, or on each of all of them, one
/// after the other or N at a time. Where some fail, the others are done all the same, and it ends
/// with 1. `verb` is Dokku's word for it: `Running stop against app shop`.
/// Source: dokku plugins/common RunCommandAgainstAllApps.
int for_each_app(Session& session, const Words& words, std::string_view verb,
                 const AppAction& action);

/// How many at a time: what `--parallel N` means. Says what Dokku says about it. An error: N is
/// none.
Result<int> parallel_count(const Session& session, const std::string& text, std::string_view verb);

/// The same for a list of apps.
int for_apps(Session& session, const std::vector<std::string>& apps, int at_a_time,
             std::string_view verb, const AppAction& action);

}  // namespace reeve::cli::compat::dokku
