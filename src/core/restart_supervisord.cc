#include <algorithm>

#include "base/check.h"
#include "core/restart_rules.h"

// Source: supervisor/process.py finish() and transition(): BACKOFF with 1 s, 2 s, … and FATAL after
// retries_max of them; an end after start_seconds begins anew.
namespace reeve::core {

Decision decide(const spec::SupervisordRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory) {
    const bool start_failed = std::holds_alternative<StartFailure>(end.how);
    if (start_failed || end.lived < rule.start_seconds) {
        if (memory.ends >= rule.retries_max) return GiveUp{};
        ++memory.ends;
        return RestartAt{now + std::chrono::seconds(memory.ends)};
    }
    memory.ends = 0;
    const status::ExitCode* code = exit_code(end);
    const bool expected =
        code != nullptr && std::find(rule.expected_codes.begin(), rule.expected_codes.end(),
                                     code->code) != rule.expected_codes.end();
    switch (rule.mode) {
        case spec::SupervisordMode::Never:
            return StayDown{};
        case spec::SupervisordMode::Unexpected:
            if (expected) return StayDown{};
            return RestartAt{now + rule.pause};
        case spec::SupervisordMode::Always:
            return RestartAt{now + rule.pause};
    }
    CHECK(false);
}

}  // namespace reeve::core
