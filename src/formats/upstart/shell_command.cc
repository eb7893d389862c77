#include "formats/upstart/shell_command.h"

#include "base/text.h"

namespace reeve::formats::upstart {

bool needs_shell(std::string_view command) {
    return command.find_first_of("~`!$^&*()=|\\{}[];\"'<>?") != std::string_view::npos;
}

spec::Command to_command(const Process& process) {
    if (!process.is_script) {
        if (needs_shell(process.text))
            return spec::ShellCommand{"exec " + process.text, spec::Shell::ShErrexit};
        spec::DirectCommand command;
        for (const std::string_view word : words(process.text))
            command.argv.emplace_back(word);
        return command;
    }
    std::string_view script = process.text;
    while (script.ends_with('\n'))
        script.remove_suffix(1);
    // Nothing to do is done by the shell's own word for it.
    if (trim(script).empty()) return spec::ShellCommand{":", spec::Shell::ShErrexit};
    if (script.find('\n') == std::string_view::npos)
        return spec::ShellCommand{std::string(script), spec::Shell::ShErrexit};
    return spec::ShellCommand{process.text, spec::Shell::ShErrexitFile};
}

}  // namespace reeve::formats::upstart
