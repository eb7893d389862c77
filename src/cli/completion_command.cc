#include <nlohmann/json.hpp>
#include <set>

#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

constexpr std::string_view kBash =
    R"sh(# Completion of reeve for bash. Apps and instances are those of the reeve that runs.
_reeve() {
    local current="${COMP_WORDS[COMP_CWORD]}" command="" word name
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == -* ]] || { command=$word; break; }
    done
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(reeve help ${command:+"$command"} 2>/dev/null |
            grep -oE -- '--[a-z][a-z-]*')" -- "$current")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "@COMMANDS@" -- "$current")
    else
        case $command in
            @PATHS@) mapfile -t COMPREPLY < <(compgen -f -- "$current"); compopt -o filenames ;;
            help) mapfile -t COMPREPLY < <(compgen -W "@COMMANDS@" -- "$current") ;;
            @TARGETS@)
                # Not by `compgen -W`, which expands its words: names may have any characters.
                COMPREPLY=()
                while IFS= read -r name; do
                    [[ $name == "$current"* ]] && COMPREPLY+=("$(printf %q "$name")")
                done < <(reeve completion targets 2>/dev/null) ;;
        esac
    fi
}
complete -F _reeve reeve
)sh";

constexpr std::string_view kZsh = R"sh(#compdef reeve
# Completion of reeve for zsh. Names of apps and instances are those of the reeve that runs.
_reeve() {
    local -a commands options targets
    commands=(
@DESCRIBED@    )
    if (( CURRENT == 2 )); then
        _describe command commands
    elif [[ $words[CURRENT] == -* ]]; then
        options=(${(f)"$(reeve help $words[2] 2>/dev/null | grep -oE -- '--[a-z][a-z-]*')"})
        compadd -a options
    else
        case $words[2] in
            @PATHS@) _files ;;
            help) _describe command commands ;;
            @TARGETS@)
                targets=(${(f)"$(reeve completion targets 2>/dev/null)"})
                compadd -a targets ;;
        esac
    fi
}
_reeve "$@"
)sh";

constexpr std::string_view kFish =
    R"sh(# Completion of reeve for fish. Apps and instances are those of the reeve that runs.
complete -c reeve -f
complete -c reeve -n '__fish_seen_subcommand_from @PATHS_FISH@' -F
complete -c reeve -n '__fish_seen_subcommand_from @TARGETS_FISH@' \
    -a '(reeve completion targets 2>/dev/null)'
function __reeve_options
    set -l words (commandline -opc)
    reeve help $words[2] 2>/dev/null | string match -ra -- '--[a-z][a-z-]*'
end
complete -c reeve -n 'string match -q -- "-*" (commandline -ct)' -a '(__reeve_options)'
@DESCRIBED_FISH@)sh";

/// The commands whose words are `kind`, as a pattern of alternatives with `separator` in between.
std::string commands_with(std::string_view kind, std::string_view separator) {
    std::string text;
    for (const Command& command : all_commands()) {
        if (command.arguments.find(kind) == std::string_view::npos) continue;
        text += (text.empty() ? "" : std::string(separator)) + std::string(command.name);
    }
    return text;
}

std::string without_apostrophes(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != '\'') out += c;
    }
    return out;
}

std::string fill_in(std::string text) {
    std::string names;
    std::string zsh;
    std::string fish;
    for (const Command& command : all_commands()) {
        const std::string name(command.name);
        const std::string summary = without_apostrophes(command.summary);
        names += (names.empty() ? "" : " ") + name;
        zsh += "        '" + name + ":" + summary + "'\n";
        fish += "complete -c reeve -n __fish_use_subcommand -a " + name + " -d '" + summary + "'\n";
    }
    const std::string targets = commands_with("TARGET", "|") + "|" + commands_with("APP", "|");
    const std::string targets_fish = commands_with("TARGET", " ") + " " + commands_with("APP", " ");
    const std::pair<std::string_view, std::string> values[] = {
        {"@COMMANDS@", names},
        {"@PATHS@", commands_with("DIR", "|")},
        {"@TARGETS@", targets},
        {"@DESCRIBED@", zsh},
        {"@PATHS_FISH@", commands_with("DIR", " ")},
        {"@TARGETS_FISH@", targets_fish},
        {"@DESCRIBED_FISH@", fish}};
    for (const auto& [mark, value] : values) {
        std::size_t at = 0;
        while ((at = text.find(mark, at)) != std::string::npos) {
            text.replace(at, mark.size(), value);
            at += value.size();
        }
    }
    return text;
}

/// What a TARGET can be at the moment, one to a line. A reeve that does not answer has none.
std::string live_targets(const Context& context) {
    api::ClientPatience patience;
    patience.reconnect = 0s;
    patience.answer = 1s;
    const auto answer =
        context.client().send({"GET", "/v1/status?format=json", ""}, patience, nullptr);
    if (!answer || answer->status != 200) return "";
    const auto status = nlohmann::json::parse(answer->body, nullptr, false);
    if (!status.is_object()) return "";
    std::set<std::string> names;
    for (const auto& app : status.value("apps", nlohmann::json::array()))
        names.insert(app.value("name", ""));
    for (const auto& one : status.value("instances", nlohmann::json::array())) {
        const std::string app = one.value("app", "");
        names.insert(app + "/" + one.value("service", ""));
        names.insert(app + "/" + one.value("instance", ""));
    }
    std::string text;
    for (const std::string& name : names)
        text += name + "\n";
    return text;
}

}  // namespace

ExitCode completion(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("bash, zsh, fish or targets", words, 1, 1);
    if (const auto end = options.read(args)) return *end;
    if (words[0] == "targets") {
        print(live_targets(context));
    } else if (words[0] == "bash") {
        print(fill_in(std::string(kBash)));
    } else if (words[0] == "zsh") {
        print(fill_in(std::string(kZsh)));
    } else if (words[0] == "fish") {
        print(fill_in(std::string(kFish)));
    } else {
        print_error(context, "completion: there is one for bash, zsh and fish");
        return ExitCode::Usage;
    }
    return ExitCode::Done;
}

}  // namespace reeve::cli
