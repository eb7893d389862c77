#include "cli/compat/initctl/arguments.h"

#include <algorithm>
#include <array>

namespace reeve::cli::initctl {
namespace {

constexpr auto kGlobal = std::to_array<Option>({
    {0, "user", false, "use the reeve of this user"},
    {0, "session", false, "the same"},
    {0, "system", false, "use the reeve of the machine"},
    {0, "dest", true, "taken and not needed: reeve is no name on a bus"},
    {'q', "quiet", false, "reduce output to errors only"},
    {'v', "verbose", false, "increase output"},
    {0, "help", false, "display this help and exit"},
    {0, "version", false, "output version information and exit"},
});

class Reader {
public:
    Reader(const std::vector<std::string>& args, std::span<const Option> options)
        : args_(args), options_(options) {}

    Result<Arguments> read() {
        bool options_end = false;
        for (; at_ < args_.size(); ++at_) {
            const std::string& arg = args_[at_];
            if (options_end || arg.size() < 2 || arg.front() != '-') {
                arguments_.words.push_back(arg);
            } else if (arg == "--") {
                options_end = true;
            } else if (arg.starts_with("--")) {
                TRY(take_long(arg));
            } else {
                TRY(take_letters(arg));
            }
        }
        return std::move(arguments_);
    }

private:
    template <typename Predicate>
    const Option* find(Predicate is_meant) const {
        for (const std::span<const Option> list : {options_, global_options()}) {
            const auto found = std::find_if(list.begin(), list.end(), is_meant);
            if (found != list.end()) return &*found;
        }
        return nullptr;
    }

    Result<void> take_long(const std::string& arg) {
        const std::size_t sign = arg.find('=');
        const std::string name = arg.substr(2, sign == std::string::npos ? sign : sign - 2);
        const Option* option = find([&name](const Option& each) { return each.name == name; });
        if (option == nullptr) return Error{"invalid option: --" + name};
        if (sign == std::string::npos) return take(*option, "--" + name);
        if (!option->takes_value) return Error{"unexpected argument: --" + name};
        arguments_.options.push_back({option->name, arg.substr(sign + 1)});
        return {};
    }

    Result<void> take_letters(const std::string& arg) {
        for (const char letter : arg.substr(1)) {
            const Option* option =
                find([letter](const Option& each) { return each.letter == letter; });
            const std::string text = std::string("-") + letter;
            if (option == nullptr) return Error{"invalid option: " + text};
            TRY(take(*option, text));
        }
        return {};
    }

    Result<void> take(const Option& option, const std::string& text) {
        std::string value;
        if (option.takes_value) {
            if (at_ + 1 >= args_.size()) return Error{"missing argument: " + text};
            value = args_[++at_];
        }
        arguments_.options.push_back({option.name, std::move(value)});
        return {};
    }

    const std::vector<std::string>& args_;
    std::span<const Option> options_;
    std::size_t at_ = 0;
    Arguments arguments_;
};

}  // namespace

bool Arguments::has(std::string_view name) const {
    return std::any_of(options.begin(), options.end(),
                       [name](const Given& given) { return given.name == name; });
}

std::string Arguments::value(std::string_view name) const {
    std::string last;
    for (const Given& given : options) {
        if (given.name == name) last = given.value;
    }
    return last;
}

std::span<const Option> global_options() {
    return kGlobal;
}

Result<Arguments> read_arguments(const std::vector<std::string>& args,
                                 std::span<const Option> options) {
    return Reader(args, options).read();
}

}  // namespace reeve::cli::initctl
