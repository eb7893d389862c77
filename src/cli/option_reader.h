#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace reeve::cli {

/// Reads the arguments of one command. Declare what it takes, then call `read`, once.
///
/// Besides its own options every command takes `--json`, `--wait`, `--no-wait`, `--timeout` and
/// `--help`.
class OptionReader {
public:
    /// Both must outlive the reader.
    OptionReader(const Command& command, Context& context) : command_(command), context_(context) {}

    /// `names` as CLI11 takes them: `-f,--follow`. The targets must outlive the reader.
    void add_flag(const std::string& names, const std::string& help, bool& value);
    void add_text(const std::string& names, const std::string& placeholder, const std::string& help,
                  std::string& value);
    void add_number(const std::string& names, const std::string& placeholder,
                    const std::string& help, std::size_t& value, std::size_t most);

    /// What is no option, in order; at least `least` words, at most `most`.
    void add_words(const std::string& name, std::vector<std::string>& words, std::size_t least,
                   std::size_t most);

    /// Fills in what was declared, and the context. Nullopt: go on; else everything was said
    /// already (help, or what is wrong) and the command ends with that.
    std::optional<ExitCode> read(const std::vector<std::string>& args);

private:
    struct Flag {
        std::string names;
        std::string help;
        bool* value;
    };
    struct Text {
        std::string names;
        std::string placeholder;
        std::string help;
        std::string* value;
    };
    struct Number {
        std::string names;
        std::size_t* value;
        std::size_t most;
    };

    Result<void> parse(std::vector<std::string> args);
    Result<void> apply();
    std::string help() const;

    const Command& command_;
    Context& context_;
    std::vector<Flag> flags_;
    std::vector<Text> texts_;
    std::vector<Number> numbers_;
    std::vector<std::string> number_texts_;
    std::string words_name_;
    std::vector<std::string>* words_ = nullptr;
    std::size_t words_least_ = 0;
    std::size_t words_most_ = 0;
    bool help_wanted_ = false;
    bool no_wait_ = false;
    bool wait_ = false;
    std::string timeout_;
};

/// `30`, `30s`, `5m`, `1h`, `250ms`: a length of time above zero.
Result<Duration> parse_duration(const std::string& text);

/// No upper bound for the number of words.
inline constexpr std::size_t kAnyNumber = 100'000;

}  // namespace reeve::cli
