#include "scribe/open_files.h"

#include <algorithm>

#include "scribe/log_file.h"

namespace reeve::scribe {

void OpenFiles::used(LogFile& file) {
    ++uses_;
    const auto same = [&file](const Entry& entry) { return entry.file == &file; };
    // A log that is written to is mostly written to again: look from the back.
    const auto found = std::find_if(open_.rbegin(), open_.rend(), same);
    if (found != open_.rend()) {
        found->last_used = uses_;
        if (!file.is_open()) forget(file);
        return;
    }
    if (!file.is_open()) return;
    if (open_.size() >= files_max_) {
        const auto oldest = std::min_element(
            open_.begin(), open_.end(),
            [](const Entry& a, const Entry& b) { return a.last_used < b.last_used; });
        oldest->file->close();
        open_.erase(oldest);
    }
    open_.push_back({&file, uses_});
}

void OpenFiles::forget(const LogFile& file) {
    std::erase_if(open_, [&file](const Entry& entry) { return entry.file == &file; });
}

}  // namespace reeve::scribe
