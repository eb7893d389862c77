#include <unistd.h>

#include "drivers/journal.h"
#include "fuzz/target.h"

using reeve::core::Record;
using reeve::drivers::Journal;

/// Whatever a journal's file holds: what is read of it is read again the same, and a record that is
/// appended is there afterwards.
FUZZ_TARGET(journal) {
    auto file = reeve::os::make_memory_file("fuzz");
    CHECK(file.ok());
    CHECK(::write(file->get(), data, size) == static_cast<ssize_t>(size));
    std::vector<Record> first;
    auto journal = Journal::resume(reeve::os::duplicate(file->get()).value(), first);
    CHECK(journal.ok());
    CHECK(journal->append({{"the last word", "x", false}}).ok());
    std::vector<Record> second;
    CHECK(Journal::resume(std::move(*file), second).ok());
    CHECK(second.size() == first.size() + 1 || second.size() == first.size());
    CHECK(!second.empty());
    return 0;
}
