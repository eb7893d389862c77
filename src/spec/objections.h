#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"

// What the checks of spec::validate share.
namespace reeve::spec {

/// The longest wait that makes sense anywhere.
inline constexpr Duration kLongestWait = std::chrono::hours(24 * 366);
/// The highest signal number.
inline constexpr int kSignalMax = 64;

/// Whether a text has control characters, which no name may have.
bool has_control(std::string_view text);

/// Whether a text has a NUL byte, which the kernel takes for its end.
bool has_nul(std::string_view text);

/// Whether a signal of this number can be sent: 32 and 33 belong to the C library.
bool is_sendable(int signal);

/// Collects every objection to one app.
class Objections {
public:
    explicit Objections(std::string subject) : subject_(std::move(subject)) {}

    /// Unless `fine`, adds the objection to the present subject.
    void require(bool fine, std::string_view objection);
    /// The same for a wait between 0 and kLongestWait.
    void require_wait(Duration wait, std::string_view what);
    void set_subject(std::string subject) { subject_ = std::move(subject); }

    /// Every objection, one to a line.
    Result<void> result() const;

private:
    std::string subject_;
    std::string text_;
    std::size_t count_ = 0;
};

}  // namespace reeve::spec
