#pragma once

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

    void begin(link::LogId log) { *now_ = log; }
    void end() { *now_ = 0; }

    /// Whether an earlier scribe died with text of this log in its hands. Says so once.
    bool take_interrupted(link::LogId log);

private:
    std::uint64_t unmapped_ = 0;
    volatile std::uint64_t* now_ = &unmapped_;  // volatile: each store must reach the page
    link::LogId interrupted_ = 0;
};

}  // namespace reeve::scribe
