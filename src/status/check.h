#pragma once

#include <string>

namespace reeve::status {

/// Where a check stands.
enum class CheckVerdict {
    Waiting,  // no sample yet, or not looked at now
    Passing,  // the latest sample passed
    Failing,  // it failed, and not often enough
    Fired     // it failed too often, and has not passed since
};

/// `waiting`, `fired`.
std::string to_text(CheckVerdict verdict);

/// What one check of an instance has seen lately.
struct Check {
    std::string name;
    std::string role;  // `liveness`
    std::string what;  // `http://127.0.0.1:PORT/up`
    CheckVerdict verdict = CheckVerdict::Waiting;
    std::string samples;  // `71MB*, 80MB*`: oldest first, failed ones with a star
};

}  // namespace reeve::status
