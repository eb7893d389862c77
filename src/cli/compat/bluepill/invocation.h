#pragma once

#include <optional>
#include <string>
#include <vector>

namespace reeve::cli::compat::bluepill {

/// What was typed after `bluepill`, with options taken from wherever they stand.
/// Source: bluepill bin/bluepill (OptionParser).
struct Invocation {
    std::vector<std::string> words;       // application, command, target
    std::optional<std::string> base_dir;  // -c
    std::string log_file;                 // -l
    bool privileged = true;
    bool version = false;
    bool help = false;
    std::string wrong_option;  // not empty: what OptionParser would say about it
};

Invocation read_invocation(const std::vector<std::string>& args);

/// The text of `bluepill --help`.
std::string usage();

}  // namespace reeve::cli::compat::bluepill
