// reeve: the operator's program, and the programs whose names it answers to. See cli/commands.h
// and cli/personalities.h.

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/personalities.h"

int main(int argc, char** argv) {
    std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::string program = argc > 0 ? argv[0] : "reeve";
    if (const reeve::cli::Personality* personality = reeve::cli::find_personality(program, args)) {
        const bool is_word = !args.empty() && args.front() == personality->name &&
                             !program.ends_with(personality->name);
        if (is_word) args.erase(args.begin());
        return personality->run(is_word ? personality->name : reeve::cli::last_part(program), args);
    }
    return static_cast<int>(reeve::cli::run_program(args));
}
