#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reeve::scribe {

class LogFile;

/// Most log files open at one time; the one that was written to least recently is closed first.
inline constexpr std::size_t kOpenFilesMax = 256;

/// Keeps the number of open log files bounded.
class OpenFiles {
public:
    explicit OpenFiles(std::size_t files_max) : files_max_(files_max) {}

    /// `file` was just used: it is open, or failed to. May close another one.
    void used(LogFile& file);
    /// `file` is about to be destroyed.
    void forget(const LogFile& file);

    std::size_t size() const { return open_.size(); }

private:
    struct Entry {
        LogFile* file = nullptr;
        std::uint64_t last_used = 0;
    };
    std::size_t files_max_;
    std::vector<Entry> open_;  // few enough to be searched through
    std::uint64_t uses_ = 0;
};

}  // namespace reeve::scribe
