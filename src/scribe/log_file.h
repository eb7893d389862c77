#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "link/scribe_protocol.h"
#include "os/fd.h"

namespace reeve::scribe {

/// How often a file is compared with what stands at its path, while it is written to.
inline constexpr std::int64_t kPathCheckNanoseconds = 1'000'000'000;
/// Where writes of much text end: such an aligned block of a file is one piece of the page cache,
/// which costs the kernel a third less than the same bytes in single pages.
inline constexpr std::uint64_t kBlockBytes = 32 * 1024;
/// Most set-aside files of one log.
inline constexpr std::uint32_t kFilesKeptMax = 1000;

/// One log's file on disk: created with its directories, appended to, rotated by size at the end
/// of a line, and opened anew when somebody has moved or removed it. May be closed at any time
/// (`close`) and opens itself again.
class LogFile {
public:
    explicit LogFile(link::LogSettings settings) : settings_(std::move(settings)) {}

    const link::LogSettings& settings() const { return settings_; }
    /// The new settings hold from the next append on; another path means another file.
    void change_settings(link::LogSettings settings);

    /// Opens the file if it is not open.
    Result<void> open();
    bool is_open() const { return static_cast<bool>(file_); }
    void close() { file_.reset(); }
    /// The inode of the open file.
    std::uint64_t inode() const { return inode_; }
    std::uint64_t size() const { return size_; }
    /// How many of the next `bytes` bytes end a block of kBlockBytes; 0: none does.
    std::size_t whole_blocks(std::size_t bytes) const {
        const std::uint64_t end = (size_ + bytes) / kBlockBytes * kBlockBytes;
        return end <= size_ ? 0 : static_cast<std::size_t>(end - size_);
    }

    /// How far an append came. `error` is empty when it wrote everything.
    struct Written {
        std::size_t bytes = 0;
        std::string error;
    };
    /// Opens and rotates as needed, and writes. A file is never ended within a line of `bytes`,
    /// unless that fails.
    Written append(std::string_view bytes, WallTime now);

    /// The file's last byte is not a newline. The file must have been opened once.
    bool ends_mid_line() const { return ends_mid_line_; }

private:
    Written write(std::string_view bytes);
    Result<void> make_directory() const;
    Result<void> rotate();
    void give_to_owner(int fd) const;
    bool was_moved() const;

    link::LogSettings settings_;
    os::UniqueFd file_;
    std::uint64_t inode_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t rotation_failed_at_ = 0;  // the size then; 0: it did not fail
    std::int64_t path_checked_ = 0;         // WallTime of the last `was_moved`
    bool ends_mid_line_ = false;
};

}  // namespace reeve::scribe
