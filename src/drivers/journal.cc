#include "drivers/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"
#include "os/process.h"

namespace reeve::drivers {
namespace {

constexpr std::size_t kHeaderBytes = 8;
/// Below this a journal is never worth rewriting.
constexpr std::size_t kCompactionFloor = 256 * 1024;
constexpr std::size_t kCompactionFactor = 4;
constexpr std::size_t kJournalBytesMax = std::size_t{1} << 30;

void put_word(std::string& bytes, std::size_t at, std::uint32_t word) {
    std::memcpy(bytes.data() + at, &word, sizeof word);
}

std::uint32_t get_word(std::string_view bytes, std::size_t at) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}

void encode(const core::Record& record, std::string& out) {
    ByteWriter writer;
    writer.flag(record.erased);
    writer.text(record.key);
    writer.text(record.value);
    const std::string rest = writer.take();
    const std::size_t at = out.size();
    out.resize(at + kHeaderBytes);
    put_word(out, at, crc32(rest));
    put_word(out, at + 4, static_cast<std::uint32_t>(rest.size()));
    out += rest;
}

core::Record decode(std::string_view bytes) {
    ByteReader reader(bytes);
    core::Record record;
    record.erased = reader.flag();
    record.key = reader.text();
    record.value = reader.text();
    return record;
}

/// The key of an encoded record: all that is read of the many that a later one replaces.
std::string_view key_of(std::string_view bytes) {
    ByteReader reader(bytes);
    reader.flag();
    const std::size_t size = reader.number();
    // The flag has a byte, the size one for each seven bits.
    const std::size_t begin = 1 + std::max<std::size_t>(1, (std::bit_width(size) + 6U) / 7);
    return begin < bytes.size() ? bytes.substr(begin, size) : std::string_view();
}

/// The whole file as it is in memory already: nothing is copied, and no page is faulted in by
/// itself.
class MappedFile {
public:
    static Result<MappedFile> map(int file) {
        const off_t size = ::lseek(file, 0, SEEK_END);
        if (size < 0) return system_error("look at the runtime journal");
        MappedFile mapped;
        mapped.size_ = static_cast<std::size_t>(size);
        if (mapped.size_ > kJournalBytesMax)
            return Error{"the runtime journal is longer than 1 GiB", EFBIG};
        if (mapped.size_ == 0) return mapped;
        void* const place =
            ::mmap(nullptr, mapped.size_, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
        if (place == MAP_FAILED) return system_error("map the runtime journal");
        mapped.place_ = place;
        return mapped;
    }
    MappedFile(MappedFile&& other) noexcept
        : place_(std::exchange(other.place_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile() {
        if (place_ != nullptr) ::munmap(place_, size_);
    }

    std::string_view bytes() const { return {static_cast<const char*>(place_), size_}; }

private:
    MappedFile() = default;

    void* place_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace

std::string journal_path(const std::string& run_dir) {
    struct statfs info {};
    if (::statfs(run_dir.c_str(), &info) != 0) return {};
    if (info.f_type != TMPFS_MAGIC && info.f_type != RAMFS_MAGIC) return {};
    // A journal is meaningless after a reboot.
    return run_dir + "/journal-" + os::boot_id();
}

Result<Journal> Journal::create(const std::string& path) {
    if (path.empty()) return Journal(TRY(os::make_memory_file("reeve-journal")));
    Journal journal(TRY(os::open_file(path + ".new", O_RDWR | O_CREAT | O_TRUNC, 0600)));
    journal.path_ = path;
    return journal;
}

Result<void> Journal::publish() {
    if (path_.empty()) return {};
    if (::rename((path_ + ".new").c_str(), path_.c_str()) != 0)
        return system_error("rename " + path_);
    return {};
}

Result<Journal> Journal::resume(os::UniqueFd file, std::vector<core::Record>& records) {
    Journal journal(std::move(file));
    const MappedFile mapped = TRY(MappedFile::map(journal.file_.get()));
    const std::string_view bytes = mapped.bytes();
    std::vector<std::string_view> latest;
    std::unordered_map<std::string_view, std::size_t> places;  // by key
    while (journal.size_ + kHeaderBytes <= bytes.size()) {
        const std::size_t size = get_word(bytes, journal.size_ + 4);
        // A hole reads as records of size 0, whose checksum would be right.
        if (size == 0 || journal.size_ + kHeaderBytes + size > bytes.size()) break;
        const std::string_view rest(bytes.data() + journal.size_ + kHeaderBytes, size);
        if (crc32(rest) != get_word(bytes, journal.size_)) break;
        const auto [place, is_new] = places.try_emplace(key_of(rest), latest.size());
        if (is_new) {
            latest.push_back(rest);
        } else {
            latest[place->second] = rest;
        }
        journal.size_ += kHeaderBytes + size;
    }
    records.reserve(latest.size());
    for (const std::string_view rest : latest) {
        core::Record record = decode(rest);
        if (!record.erased) records.push_back(std::move(record));
    }
    if (::ftruncate(journal.file_.get(), static_cast<off_t>(journal.size_)) != 0) {
        return system_error("cut off the torn end of the runtime journal");
    }
    journal.size_when_compact_ = journal.size_;
    return journal;
}

Result<void> Journal::append(const std::vector<core::Record>& records) {
    std::string bytes;
    for (const core::Record& record : records)
        encode(record, bytes);
    const ssize_t wrote =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (wrote != static_cast<ssize_t>(bytes.size())) {
        const Error error = system_error("write the runtime journal");
        (void)!::ftruncate(file_.get(),
                           static_cast<off_t>(size_));  // torn records are left out anyway
        return error;
    }
    size_ += bytes.size();
    if (size_when_compact_ == 0) size_when_compact_ = size_;
    return {};
}

bool Journal::wants_compaction() const {
    return size_ > kCompactionFloor && size_ > size_when_compact_ * kCompactionFactor;
}

}  // namespace reeve::drivers
