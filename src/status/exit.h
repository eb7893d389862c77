#pragma once

#include <string>
#include <variant>

namespace reeve::status {

struct ExitCode {
    int code = 0;
    friend bool operator==(const ExitCode&, const ExitCode&) = default;
};

struct ExitSignal {
    int signal = 0;
    bool core_dumped = false;
    bool out_of_memory = false;  // the kernel killed it for the memory limit of its group
    friend bool operator==(const ExitSignal&, const ExitSignal&) = default;
};

/// The process ended while nobody could read its status (the keeper had died). Counts as failure.
struct ExitUnknown {
    friend bool operator==(const ExitUnknown&, const ExitUnknown&) = default;
};

/// How a process ended.
using Exit = std::variant<ExitCode, ExitSignal, ExitUnknown>;

/// `exit code 3`, `killed by SIGKILL`, `exit status unknown`.
std::string to_text(const Exit& exit);

/// `SIGTERM` for 15; `signal 99` for a number without a name.
std::string signal_name(int signal);

/// 15 for `TERM`, `SIGTERM`, `term` and `15`; 0 for what is no signal.
int signal_number(const std::string& text);

inline bool is_success(const Exit& exit) {
    const ExitCode* code = std::get_if<ExitCode>(&exit);
    return code != nullptr && code->code == 0;
}

}  // namespace reeve::status
