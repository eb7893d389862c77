#include "drivers/listeners.h"

#include <dirent.h>
#include <limits.h>
#include <unistd.h>

#include <memory>

#include "base/text.h"
#include "os/fd.h"

namespace reeve::drivers {
namespace {

constexpr std::size_t kTableBytesMax = 16 * 1024 * 1024;
constexpr std::string_view kListen = "0A";

/// `0100007F`, as four-byte words in the machine's order; also `::1` and `::ffff:127.x`.
bool is_loopback(std::string_view address) {
    if (address.size() == 8) return address.ends_with("7F");
    if (address == "00000000000000000000000001000000") return true;
    return address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F");
}

}  // namespace

std::vector<Listener> parse_listeners(std::string_view text) {
    std::vector<Listener> found;
    for (const std::string_view line : split(text, '\n')) {
        const std::vector<std::string_view> fields = words(line);
        if (fields.size() < 10 || fields[3] != kListen) continue;
        const std::size_t colon = fields[1].find(':');
        if (colon == std::string_view::npos) continue;
        const Result<std::uint64_t> port = parse_hex(fields[1].substr(colon + 1));
        const Result<std::int64_t> inode = parse_integer(fields[9]);
        if (!port || *port > UINT16_MAX || !inode || *inode <= 0) continue;
        found.push_back(Listener{static_cast<std::uint16_t>(*port),
                                 is_loopback(fields[1].substr(0, colon)),
                                 static_cast<std::uint64_t>(*inode)});
    }
    return found;
}

std::vector<Listener> read_listeners() {
    std::vector<Listener> all;
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        const Result<std::string> text = os::read_file(path, kTableBytesMax);
        if (!text) continue;
        const std::vector<Listener> found = parse_listeners(*text);
        all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

std::set<std::uint64_t> sockets_of(const std::vector<pid_t>& pids) {
    constexpr std::string_view kPrefix = "socket:[";
    std::set<std::uint64_t> inodes;
    for (const pid_t pid : pids) {
        const std::string path = "/proc/" + std::to_string(pid) + "/fd";
        const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
        if (!directory) continue;
        while (const dirent* entry = ::readdir(directory.get())) {
            char target[64];
            const ssize_t size =
                ::readlink((path + "/" + entry->d_name).c_str(), target, sizeof target);
            if (size <= 0) continue;
            std::string_view text(target, static_cast<std::size_t>(size));
            if (!text.starts_with(kPrefix) || !text.ends_with(']')) continue;
            text.remove_prefix(kPrefix.size());
            text.remove_suffix(1);
            const Result<std::int64_t> inode = parse_integer(text);
            if (inode && *inode > 0) inodes.insert(static_cast<std::uint64_t>(*inode));
        }
    }
    return inodes;
}

}  // namespace reeve::drivers
