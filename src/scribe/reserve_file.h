#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace reeve::scribe {

/// Room for many commits of intent.
inline constexpr std::size_t kReserveBytes = 1024 * 1024;

/// Disk space kept for the moment when there is none left: intent must still be written then.
class ReserveFile {
public:
    explicit ReserveFile(std::string path) : path_(std::move(path)) {}

    /// Takes the space if it is not held.
    Result<void> take();
    /// Gives the space up; whether there was any.
    bool give_up();
    bool held() const { return held_; }

private:
    std::string path_;
    bool held_ = false;
};

}  // namespace reeve::scribe
