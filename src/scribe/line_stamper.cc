#include "scribe/line_stamper.h"

#include <string.h>

#include <algorithm>
#include <string>

namespace reeve::scribe {

std::string_view Stamp::at(WallTime time) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    constexpr std::size_t kMicrosEnd = 26;
    const std::int64_t second = time.nanoseconds / kSecond;
    if (second != second_) {
        const std::string text = to_text(time) + " ";
        std::copy_n(text.begin(), std::min(text.size(), kStampBytes), text_.begin());
        second_ = second;
    }
    std::int64_t micros = time.nanoseconds % kSecond / 1000;
    for (std::size_t i = 0; i < 6; ++i, micros /= 10) {
        text_[kMicrosEnd - 1 - i] = static_cast<char>('0' + micros % 10);
    }
    return {text_.data(), text_.size()};
}

std::size_t LineStamper::stamp(std::string_view in, std::string_view stamp, OutputBuffer& out) {
    std::size_t taken = 0;
    while (taken < in.size()) {
        if (line_bytes_ == kLineBytesMax) {  // ends here, whether or not the stream says so
            if (out.room() == 0) break;
            out.append("\n");
            if (in[taken] == '\n') ++taken;
            line_bytes_ = 0;
            continue;
        }
        const std::string_view prefix = line_bytes_ == 0 ? stamp : std::string_view();
        if (out.room() <= prefix.size()) break;
        const std::size_t most =
            std::min({in.size() - taken, out.room() - prefix.size(), kLineBytesMax - line_bytes_});
        const char* begin = in.data() + taken;
        const void* newline = ::memchr(begin, '\n', most);
        const std::size_t size =
            newline == nullptr
                ? most
                : static_cast<std::size_t>(static_cast<const char*>(newline) - begin) + 1;
        if (!prefix.empty()) out.append(prefix);
        out.append({begin, size});
        taken += size;
        line_bytes_ = newline == nullptr ? line_bytes_ + size : 0;
    }
    return taken;
}

}  // namespace reeve::scribe
