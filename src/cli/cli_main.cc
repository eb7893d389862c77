// reeve: the operator's program. See cli/commands.h.

#include <string>
#include <vector>

#include "cli/commands.h"

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    return static_cast<int>(reeve::cli::run_program(args));
}
