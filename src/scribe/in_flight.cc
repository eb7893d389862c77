#include "scribe/in_flight.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "os/fd.h"

namespace reeve::scribe {

Result<InFlight> InFlight::open(const std::string& path) {
    const os::UniqueFd file = TRY(os::open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    if (::ftruncate(file.get(), sizeof(Page)) != 0) return system_error("size " + path);
    void* page = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (page == MAP_FAILED) return system_error("map " + path);
    InFlight mapped;
    mapped.page_ = static_cast<Page*>(page);
    const link::LogId died_with = mapped.page_->now;
    if (died_with != 0 && !mapped.was_interrupted(died_with)) {
        std::size_t slot = 0;
        while (slot + 1 < kInterruptedMax && mapped.page_->interrupted[slot] != 0)
            ++slot;
        mapped.page_->interrupted[slot] = died_with;
    }
    mapped.end();
    return mapped;
}

InFlight::InFlight(InFlight&& other) noexcept {
    *this = std::move(other);
}

InFlight& InFlight::operator=(InFlight&& other) noexcept {
    if (this == &other) return *this;
    if (page_ != &unmapped_) ::munmap(page_, sizeof(Page));
    page_ =
        other.page_ == &other.unmapped_ ? &unmapped_ : std::exchange(other.page_, &other.unmapped_);
    return *this;
}

InFlight::~InFlight() {
    if (page_ != &unmapped_) ::munmap(page_, sizeof(Page));
}

bool InFlight::was_interrupted(link::LogId log) const {
    for (const volatile std::uint64_t& one : page_->interrupted) {
        if (log != 0 && one == log) return true;
    }
    return false;
}

void InFlight::forget_interrupted(link::LogId log) {
    for (volatile std::uint64_t& one : page_->interrupted) {
        if (one == log) one = 0;
    }
}

}  // namespace reeve::scribe
