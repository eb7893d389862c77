#pragma once

#include <span>
#include <string_view>

#include "cli/compat/dokku/session.h"

// Dokku's commands: one row and one file for each group.
namespace reeve::cli::compat::dokku {

/// One command, `apps:create`.
struct DokkuCommand {
    std::string_view name;       // with its group; without a colon: the group itself, `run`
    std::string_view arguments;  // `<app>`
    std::string_view summary;
    int (*run)(Session& session, const Words& words);
    bool hidden = false;  // left out of help
};

/// The commands behind one word, `apps`.
struct Group {
    std::string_view name;
    std::string_view about;  // `Manage apps`: the second line of its help
    std::span<const DokkuCommand> commands;
    /// `reeve NAME:…` is understood without `dokku` in front; `NAME` alone only where true as well.
    bool bare_word = false;
};

// Each stands in the file of its name; those of one property each in building.cc.
extern const Group kAppJson;
extern const Group kApps;
extern const Group kBuilder;
extern const Group kBuildpacks;
extern const Group kChecks;
extern const Group kConfig;
extern const Group kCron;
extern const Group kDomains;
extern const Group kEnter;
extern const Group kEvents;
extern const Group kGit;
extern const Group kLinks;
extern const Group kLogs;
extern const Group kNginx;
extern const Group kPorts;
extern const Group kProxy;
extern const Group kPs;
extern const Group kReleases;
extern const Group kResource;
extern const Group kRun;
extern const Group kSchedulerK3s;

std::span<const Group* const> all_groups();

/// The command of that name, or nullptr.
const DokkuCommand* find_dokku_command(std::string_view name);

/// Whether `reeve WORD` means this personality: `ps:scale`, `apps`.
bool is_dokku_word(std::string_view word);

/// `dokku ARGS…`: the exit code.
int run_dokku(Context context, const std::vector<std::string>& args);

/// The same, where the program itself was called `dokku`.
int run_personality(std::string_view name, const std::vector<std::string>& args);

}  // namespace reeve::cli::compat::dokku
