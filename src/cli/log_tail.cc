#include "cli/log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "os/fd.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;
constexpr std::size_t kTailBytesMax = std::size_t{64} << 20;
constexpr std::size_t kTimeSize = 27;

Result<std::string> read_block(int fd, const std::string& path, std::uint64_t at,
                               std::size_t size) {
    std::string block(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        const ssize_t now =
            ::pread(fd, block.data() + got, size - got, static_cast<off_t>(at + got));
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) return system_error("read " + path);
        if (now == 0) break;
        got += static_cast<std::size_t>(now);
    }
    block.resize(got);
    return block;
}

/// The last lines of one file, without a look at what rotation has set aside.
Result<Tail> read_file_tail(const std::string& path, std::size_t count) {
    auto opened = os::open_file(path, O_RDONLY | O_NONBLOCK, 0);
    if (!opened && opened.error().code == ENOENT) return Tail{};
    if (!opened) return opened.error();
    struct stat found {};
    if (::fstat(opened->get(), &found) < 0) return system_error("look at " + path);
    const std::uint64_t size = static_cast<std::uint64_t>(found.st_size);
    std::string text;
    std::uint64_t begin = size;
    const auto lines_in = [&] { return std::count(text.begin(), text.end(), '\n'); };
    // One more end of line than lines: the one before the first of them.
    while (begin > 0 && static_cast<std::size_t>(lines_in()) <= count &&
           text.size() < kTailBytesMax) {
        // Doubled each time: the text is copied with each block.
        const std::size_t block = static_cast<std::size_t>(
            std::min<std::uint64_t>(std::max(kBlockBytes, text.size()), begin));
        begin -= block;
        text = TRY(read_block(opened->get(), path, begin, block)) + text;
    }
    Tail tail;
    std::size_t at = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
        tail.lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    tail.offset = begin + at;
    if (tail.lines.size() > count) {
        tail.lines.erase(tail.lines.begin(), tail.lines.end() - static_cast<std::ptrdiff_t>(count));
    }
    return tail;
}

}  // namespace

Result<Tail> read_tail(const std::string& path, std::size_t count) {
    Tail tail = TRY(read_file_tail(path, count));
    if (tail.lines.size() >= count) return tail;
    const auto older = read_file_tail(path + ".1", count - tail.lines.size());
    if (!older) return tail;  // what is there is shown even where the older file is not readable
    tail.lines.insert(tail.lines.begin(), older->lines.begin(), older->lines.end());
    return tail;
}

LogLine parse_log_line(std::string_view line) {
    const bool has_time = line.size() > kTimeSize && line[kTimeSize] == ' ' && line[4] == '-' &&
                          line[10] == 'T' && line[kTimeSize - 1] == 'Z';
    if (!has_time) return {{}, line};
    return {line.substr(0, kTimeSize), line.substr(kTimeSize + 1)};
}

}  // namespace reeve::cli
