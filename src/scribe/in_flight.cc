#include "scribe/in_flight.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "os/fd.h"

namespace reeve::scribe {

Result<InFlight> InFlight::open(const std::string& path) {
    const os::UniqueFd file = TRY(os::open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    if (::ftruncate(file.get(), sizeof(std::uint64_t)) != 0) return system_error("size " + path);
    void* page =
        ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (page == MAP_FAILED) return system_error("map " + path);
    InFlight mapped;
    mapped.now_ = static_cast<volatile std::uint64_t*>(page);
    mapped.interrupted_ = *mapped.now_;
    mapped.end();
    return mapped;
}

InFlight::InFlight(InFlight&& other) noexcept {
    *this = std::move(other);
}

InFlight& InFlight::operator=(InFlight&& other) noexcept {
    if (this == &other) return *this;
    unmapped_ = other.unmapped_;
    if (other.now_ == &other.unmapped_) {
        now_ = &unmapped_;
    } else {
        now_ = std::exchange(other.now_, &other.unmapped_);
    }
    interrupted_ = other.interrupted_;
    return *this;
}

InFlight::~InFlight() {
    if (now_ == &unmapped_) return;
    ::munmap(const_cast<std::uint64_t*>(now_), sizeof(std::uint64_t));
}

bool InFlight::take_interrupted(link::LogId log) {
    if (log == 0 || interrupted_ != log) return false;
    interrupted_ = 0;
    return true;
}

}  // namespace reeve::scribe
