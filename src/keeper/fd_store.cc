#include "keeper/fd_store.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/bytes.h"
#include "link/keeper_protocol.h"

namespace reeve::keeper {
namespace {

/// All of a memory file, without a descriptor more: none may be left.
Result<std::string> read_whole(int fd) {
    std::string bytes;
    char chunk[4096];
    for (;;) {
        const ssize_t got = ::pread(fd, chunk, sizeof chunk, static_cast<off_t>(bytes.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read the list of inherited descriptors");
        if (got == 0) return bytes;
        bytes.append(chunk, static_cast<std::size_t>(got));
    }
}

}  // namespace

link::HeldFd describe(const std::string& name, int fd) {
    struct stat info {};
    ::fstat(fd, &info);
    return {name, fd, static_cast<std::uint64_t>(info.st_ino)};
}

bool FdStore::put(const std::string& name, os::UniqueFd fd) {
    if (held_.size() >= link::kStoredFdsMax && held_.count(name) == 0) return false;
    held_[name] = std::move(fd);
    return true;
}

std::optional<link::HeldFd> FdStore::find_pipe(const std::string& name) const {
    const auto found = held_.find(name);
    struct statfs system {};
    if (found == held_.end() || ::fstatfs(found->second.get(), &system) != 0) return std::nullopt;
    if (system.f_type != PIPEFS_MAGIC) return std::nullopt;
    return describe(name, found->second.get());
}

void FdStore::visit(const std::function<void(const std::string&, int)>& visit) const {
    for (const auto& [name, fd] : held_)
        visit(name, fd.get());
}

os::UniqueFd FdStore::take(const std::string& name) {
    const auto found = held_.find(name);
    if (found == held_.end()) return {};
    os::UniqueFd fd = std::move(found->second);
    held_.erase(found);
    return fd;
}

Result<os::UniqueFd> FdStore::hand_over(const std::map<std::string, int>& more) const {
    std::map<std::string, int> all = more;
    for (const auto& [name, fd] : held_)
        all[name] = fd.get();
    ByteWriter list;
    list.number(all.size());
    for (const auto& [name, fd] : all) {
        list.text(name);
        list.signed_number(fd);
        TRY(os::set_close_on_exec(fd, false));
    }
    os::UniqueFd file = TRY(os::make_memory_file("reeve-inheritance"));
    const std::string& bytes = list.bytes();
    if (::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        return system_error("write the list of descriptors");
    TRY(os::set_close_on_exec(file.get(), false));
    return file;
}

Result<void> FdStore::take_over(int list_fd) {
    const os::UniqueFd list(list_fd);
    const std::string bytes = TRY(read_whole(list_fd));
    ByteReader reader(bytes);
    for (std::uint64_t left = reader.number(); left > 0 && reader.ok(); --left) {
        const std::string name = reader.text();
        const int fd = static_cast<int>(reader.signed_number());
        if (!reader.ok()) break;
        TRY(os::set_close_on_exec(fd, true));
        put(name, os::UniqueFd(fd));
    }
    if (!reader.ok()) return Error{"the list of inherited descriptors is cut short"};
    return {};
}

}  // namespace reeve::keeper
