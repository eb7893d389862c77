#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reeve::cli::compat::dokku {

/// Which flags a command takes.
struct FlagSet {
    std::vector<std::string> switches;  // `--no-restart`, `-t`: without a value
    std::vector<std::string> texts;     // `--parallel`: `--parallel 2` or `--parallel=2`
    bool interspersed = true;           // flags may follow the first word
};

/// The words of a command, taken apart. After `--` everything is a word.
struct ParsedFlags {
    std::map<std::string, std::vector<std::string>> given;  // a switch has an empty text
    std::vector<std::string> words;

    bool has(const std::string& flag) const { return given.contains(flag); }
    /// The last value that was given, or nullopt.
    std::optional<std::string> text(const std::string& flag) const;
};

/// Source: pflag, with which Dokku's commands read their flags. An error is a usage error.
Result<ParsedFlags> parse_flags(const FlagSet& set, const std::vector<std::string>& args);

}  // namespace reeve::cli::compat::dokku
