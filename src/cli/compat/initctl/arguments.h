#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::cli::initctl {

/// An option: `-n`, `--no-wait`.
struct Option {
    char letter = 0;
    std::string_view name;
    bool takes_value = false;
    std::string_view help;
};

/// What was typed.
struct Arguments {
    std::vector<std::string> words;
    struct Given {
        std::string_view name;
        std::string value;
    };
    std::vector<Given> options;

    bool has(std::string_view name) const;
    /// The last value of an option; empty: it was not given.
    std::string value(std::string_view name) const;
};

/// Options that every command takes.
std::span<const Option> global_options();

/// Takes the options out of the words; `--` ends them. Options may stand anywhere; a long one is
/// never shortened. Fails with the message of the original: `invalid option: --x`.
/// Source: libnih nih/option.c.
Result<Arguments> read_arguments(const std::vector<std::string>& args,
                                 std::span<const Option> options);

}  // namespace reeve::cli::initctl
