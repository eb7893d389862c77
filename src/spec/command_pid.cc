#include "spec/command_pid.h"

#include <string>
#include <string_view>

namespace reeve::spec {
namespace {

constexpr std::string_view kPlaceholder = "{{PID}}";

}  // namespace

Command with_pid(Command command, pid_t pid) {
    const std::string number = pid == 0 ? "" : std::to_string(pid);
    const auto fill = [&number](std::string& text) {
        for (std::size_t at = text.find(kPlaceholder); at != std::string::npos;
             at = text.find(kPlaceholder, at + number.size())) {
            text.replace(at, kPlaceholder.size(), number);
        }
    };
    if (auto* shell = std::get_if<ShellCommand>(&command)) {
        fill(shell->text);
    } else {
        for (std::string& word : std::get<DirectCommand>(command).argv)
            fill(word);
    }
    return command;
}

}  // namespace reeve::spec
