#include "cli/commands.h"
#include "cli/compat/bluepill/bluepill.h"

namespace reeve::cli {

ExitCode bluepill(const Command& /*command*/, Context /*context*/,
                  const std::vector<std::string>& args) {
    return static_cast<ExitCode>(compat::bluepill::run("bluepill", args));
}

}  // namespace reeve::cli
