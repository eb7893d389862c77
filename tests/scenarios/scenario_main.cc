// scenario_runner FILE…   plays scenarios and compares what comes of them with what the files say;
// with REWRITE=1 in the environment it writes what came of them into the files instead.
#include <stdio.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "scenarios/scenario.h"

namespace {

/// The file as it should be: comments and commands as they are, after each block of commands
/// `----` and what came of it.
reeve::Result<std::string> played(const std::string& text) {
    reeve::scenarios::Scenario scenario;
    std::string result;
    std::string output;
    bool in_output = false;
    int line_number = 0;
    for (const std::string_view line : reeve::split(text, '\n')) {
        ++line_number;
        if (in_output && !line.empty()) continue;
        in_output = line == "----";
        result += std::string(line) + "\n";
        if (in_output) {
            result += std::exchange(output, "");
        } else if (!line.empty() && line[0] != '#') {
            const reeve::Result<std::string> lines = scenario.play(line);
            if (!lines.ok()) {
                return reeve::Error{"line " + std::to_string(line_number) + ": " +
                                    lines.error().message};
            }
            output += *lines;
        }
    }
    while (result.ends_with("\n\n"))
        result.pop_back();
    return result;
}

std::string first_difference(const std::string& wanted, const std::string& got) {
    const std::vector<std::string_view> a = reeve::split(wanted, '\n');
    const std::vector<std::string_view> b = reeve::split(got, '\n');
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        const std::string_view left = i < a.size() ? a[i] : "(end)";
        const std::string_view right = i < b.size() ? b[i] : "(end)";
        if (left == right) continue;
        return std::to_string(i + 1) + ":\n  wanted: " + std::string(left) +
               "\n  got:    " + std::string(right);
    }
    return "";
}

bool check(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    const reeve::Result<std::string> result = played(text.str());
    if (!result.ok()) {
        ::printf("%s: %s\n", path.c_str(), result.error().message.c_str());
        return false;
    }
    if (::getenv("REWRITE") != nullptr) {
        std::ofstream(path) << *result;
        return true;
    }
    const std::string difference = first_difference(text.str(), *result);
    if (difference.empty()) return true;
    ::printf("%s:%s\n", path.c_str(), difference.c_str());
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    int failed = 0;
    for (const std::string& path : std::vector<std::string>(argv + 1, argv + argc)) {
        if (!check(path)) ++failed;
    }
    ::printf("%d scenarios, %d failed\n", argc - 1, failed);
    return failed == 0 && argc > 1 ? 0 : 1;
}
