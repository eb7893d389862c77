#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/record.h"
#include "os/fd.h"

namespace reeve::drivers {

/// The runtime journal: the state of the core and of the drivers, as records under keys, in a
/// memory file that the keeper holds over the deaths of reeved. Append-only; the last record of a
/// key counts; a record that is torn at the end is left out.
///
/// Record: CRC-32 of the rest, size of the rest (4 bytes each), erased flag, key, value.
class Journal {
public:
    /// An empty journal: beside `path` until `publish`, or nameless where `path` is empty.
    static Result<Journal> create(const std::string& path);

    /// Puts the journal in the place of an earlier one at its path.
    Result<void> publish();

    /// The journal of an earlier reeved, and its live records in the order in which their keys were
    /// first written. What is torn at its end is cut off.
    static Result<Journal> resume(os::UniqueFd file, std::vector<core::Record>& records);

    /// Appends all records in one write. Fails when memory is exhausted: then none of them counts.
    Result<void> append(const std::vector<core::Record>& records);

    /// Whether so much is outdated that the journal should be written anew.
    bool wants_compaction() const;

    int fd() const { return file_.get(); }

private:
    explicit Journal(os::UniqueFd file) : file_(std::move(file)) {}

    os::UniqueFd file_;
    std::string path_;  // where it is to be; empty: nameless
    std::size_t size_ = 0;
    std::size_t size_when_compact_ = 0;
};

/// Where the journal of this boot is, if `run_dir` is kept in memory; else empty: a journal must
/// never wait for a disk.
std::string journal_path(const std::string& run_dir);

}  // namespace reeve::drivers
