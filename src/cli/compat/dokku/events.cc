#include "cli/commands.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"

// events: reeve's own, which tell more than Dokku's log of triggers.
namespace reeve::cli::compat::dokku {
namespace events_group {

int show(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"-t"}, {}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    std::vector<std::string> args = {"-n", "100"};
    if (parsed->has("-t")) args.emplace_back("-f");
    const Command& command = *find_command("events");
    return static_cast<int>(command.run(command, session.context, args));
}

constexpr DokkuCommand kCommands[] = {
    {"events", "[-t]", "Show the last events (-t follows)", show},
};

}  // namespace events_group

const Group kEvents{"events", "Show what happened to the apps", events_group::kCommands, false};

}  // namespace reeve::cli::compat::dokku
