#include "cli/commands.h"
#include "cli/compat/dokku/groups.h"

namespace reeve::cli {

ExitCode dokku(const Command& /*command*/, Context context, const std::vector<std::string>& args) {
    return static_cast<ExitCode>(compat::dokku::run_dokku(std::move(context), args));
}

}  // namespace reeve::cli
