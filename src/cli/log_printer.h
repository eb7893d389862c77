#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/log_tail.h"

namespace reeve::cli {

/// Prints lines of several logs, each under its label in a colour of its own.
class LogPrinter {
public:
    /// How the time of a line is shown.
    enum class Times { OfDay, WithDate };

    LogPrinter(const Context& context, Times times) : context_(context), times_(times) {}

    /// A new source; its number is the one to print with.
    std::size_t add_source(const std::string& app, const std::string& instance,
                           const std::string& label);

    /// Prints one line of a log file. False: nobody reads it any more.
    bool print_line(std::size_t source, std::string_view line);

    /// Prints a note of ours, under the label `reeve`, at the time of a transition.
    bool print_note(std::string_view time, std::string_view text);

private:
    struct Source {
        std::string app;
        std::string instance;
        std::string label;
        api::Color color;
    };
    std::string shown_time(std::string_view time);
    std::string format(std::string_view time, std::string_view label, api::Color color,
                       std::string_view text);

    const Context& context_;
    Times times_;
    std::vector<Source> sources_;
    std::size_t label_width_ = 5;  // of `reeve`
    std::string last_second_;      // of the time shown last, as it stands in the file
    std::string last_shown_;
};

}  // namespace reeve::cli
