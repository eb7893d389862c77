#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace reeve::cli {

// One function per command; each stands in a file of its own name.
ExitCode run_app(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode load(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode unload(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode convert(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode reload(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode upgrade(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode personality(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode completion(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode check(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode status(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode start(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode stop(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode restart(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode unmonitor(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode signal(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode scale(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode logs(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode why(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode events(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode emit(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode explain(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode daemon(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode shutdown(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode doctor(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode version(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode deploy(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode releases(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode rollback(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode dokku(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode bluepill(const Command& command, Context context, const std::vector<std::string>& args);
ExitCode help(const Command& command, Context context, const std::vector<std::string>& args);

/// Every command, in the order in which help lists them.
std::span<const Command> all_commands();

/// The command of that name, or nullptr.
const Command* find_command(std::string_view name);

/// The command that was probably meant, or nullptr.
const Command* similar_command(std::string_view name);

/// `reeve` itself: finds the command among the words that were typed, and runs it.
ExitCode run_program(const std::vector<std::string>& args);

}  // namespace reeve::cli
