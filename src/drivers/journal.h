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
    /// An empty journal in a new memory file.
    static Result<Journal> create();

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
    std::size_t size_ = 0;
    std::size_t size_when_compact_ = 0;
};

}  // namespace reeve::drivers
