#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "link/scribe_protocol.h"

namespace reeve::scribe {

/// Which log's text is in the scribe's hands right now: taken out of the pipe and not yet written.
/// Kept in a small mapped file in the run directory, so that a scribe that takes the place of a
/// killed one knows whether anything was lost, and where.
class InFlight {
public:
    /// In memory only: nothing outlives this process.
    InFlight() = default;
    /// Maps the file, creating it if need be.
    static Result<InFlight> open(const std::string& path);
    InFlight(InFlight&& other) noexcept;
    InFlight& operator=(InFlight&& other) noexcept;
    ~InFlight();

    void begin(link::LogId log) { page_->now = log; }
    void end() { page_->now = 0; }

    /// Whether an earlier scribe died with text of this log in its hands, and nobody has said so.
    bool was_interrupted(link::LogId log) const;
    /// It is said now.
    void forget_interrupted(link::LogId log);

private:
    /// How many scribes may die, one soon after the other, until one is told of its log.
    static constexpr std::size_t kInterruptedMax = 7;

    // Volatile: each store must reach the page, in this order.
    struct Page {
        volatile std::uint64_t now;
        volatile std::uint64_t interrupted[kInterruptedMax];
    };

    Page unmapped_{};
    Page* page_ = &unmapped_;
};

}  // namespace reeve::scribe
