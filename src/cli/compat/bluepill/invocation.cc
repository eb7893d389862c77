#include "cli/compat/bluepill/invocation.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace reeve::cli::compat::bluepill {
namespace {

struct Option {
    std::string_view name;
    char letter;  // '\0': none
    bool takes_value;
};

constexpr auto kOptions = std::to_array<Option>({{"logfile", 'l', true},
                                                 {"base-dir", 'c', true},
                                                 {"version", 'v', false},
                                                 {"privileged", '\0', false},
                                                 {"no-privileged", '\0', false},
                                                 {"attempts", 't', true},
                                                 {"help", 'h', false}});

class Reader {
public:
    explicit Reader(const std::vector<std::string>& args) : args_(args) {}

    Invocation read() {
        for (; at_ < args_.size() && invocation_.wrong_option.empty(); ++at_) {
            const std::string& arg = args_[at_];
            if (arg == "--") {
                invocation_.words.insert(invocation_.words.end(), args_.begin() + next(),
                                         args_.end());
                break;
            }
            if (arg.starts_with("--")) {
                take_long(arg);
            } else if (arg.starts_with('-') && arg.size() > 1) {
                take_short(arg);
            } else {
                invocation_.words.push_back(arg);
            }
        }
        return std::move(invocation_);
    }

private:
    std::ptrdiff_t next() const { return static_cast<std::ptrdiff_t>(at_) + 1; }

    void take_long(const std::string& arg) {
        const std::size_t equals = arg.find('=');
        const std::string name = arg.substr(2, equals == std::string::npos ? equals : equals - 2);
        std::vector<const Option*> meant;
        for (const Option& option : kOptions) {
            if (option.name == name) meant = {&option};
            if (option.name == name) break;
            if (option.name.starts_with(name)) meant.push_back(&option);
        }
        if (meant.size() != 1) {
            invocation_.wrong_option =
                (meant.empty() ? "invalid option: " : "ambiguous option: ") + arg;
            return;
        }
        std::optional<std::string> value;
        if (equals != std::string::npos) value = arg.substr(equals + 1);
        apply(*meant.front(), arg, value);
    }

    void take_short(const std::string& arg) {
        for (std::size_t i = 1; i < arg.size(); ++i) {
            const auto found =
                std::find_if(kOptions.begin(), kOptions.end(),
                             [&](const Option& option) { return option.letter == arg[i]; });
            if (found == kOptions.end() || arg[i] == '\0') {
                invocation_.wrong_option = "invalid option: -" + std::string(1, arg[i]);
                return;
            }
            std::optional<std::string> value;
            const bool rest = found->takes_value && i + 1 < arg.size();
            if (rest) value = arg.substr(i + 1);
            apply(*found, arg, value);
            if (rest || !invocation_.wrong_option.empty()) return;
        }
    }

    void apply(const Option& option, const std::string& arg, std::optional<std::string> value) {
        if (option.takes_value && !value) {
            if (at_ + 1 >= args_.size()) {
                invocation_.wrong_option = "missing argument: " + arg;
                return;
            }
            value = args_[++at_];
        }
        if (option.name == "logfile") invocation_.log_file = *value;
        if (option.name == "base-dir") invocation_.base_dir = *value;
        if (option.name == "version") invocation_.version = true;
        if (option.name == "help") invocation_.help = true;
        if (option.name == "privileged") invocation_.privileged = true;
        if (option.name == "no-privileged") invocation_.privileged = false;
    }

    const std::vector<std::string>& args_;
    std::size_t at_ = 0;
    Invocation invocation_;
};

}  // namespace

Invocation read_invocation(const std::vector<std::string>& args) {
    return Reader(args).read();
}

std::string usage() {
    return "Usage: bluepill [app] cmd [options]\n"
           "    -l, --logfile LOGFILE            Path to logfile, defaults to "
           "/var/log/bluepill.log\n"
           "    -c, --base-dir DIR               Directory to store bluepill socket and pid "
           "files\n"
           "    -v, --version\n"
           "        --[no-]privileged            Allow/disallow to run bluepill as non-privileged "
           "process. disallowed by default.\n"
           "    -t, --attempts COUNT             Retry attempts\n"
           "\n"
           "Commands:\n"
           "    load CONFIG_FILE                 Loads new instance of bluepill using the "
           "specified config file\n"
           "    status                           Lists the status of the proceses for the "
           "specified app\n"
           "    start [TARGET]                   Issues the start command for the target process "
           "or group, defaults to all processes\n"
           "    stop [TARGET]                    Issues the stop command for the target process "
           "or group, defaults to all processes\n"
           "    restart [TARGET]                 Issues the restart command for the target "
           "process or group, defaults to all processes\n"
           "    unmonitor [TARGET]               Stop monitoring target process or group, "
           "defaults to all processes\n"
           "    log [TARGET]                     Show the log for the specified process or group, "
           "defaults to all for app\n"
           "    quit                             Stop bluepill\n";
}

}  // namespace reeve::cli::compat::bluepill
