#include "scribe/loss.h"

#include <algorithm>

namespace reeve::scribe {

void Loss::add(std::string_view text) {
    bytes_ += text.size();
    while (!text.empty()) {
        if (!mid_line_) ++lines_;
        const std::size_t newline = text.find('\n');
        mid_line_ = newline == std::string_view::npos;
        if (mid_line_) return;
        text.remove_prefix(newline + 1);
    }
}

void Loss::add_unwritten(std::string_view out, bool continues, std::size_t stamp_bytes,
                         std::size_t written) {
    std::size_t begin = 0;
    while (begin < out.size()) {
        const std::size_t newline = out.find('\n', begin);
        const std::size_t end = newline == std::string_view::npos ? out.size() : newline + 1;
        const std::size_t text = continues ? begin : begin + stamp_bytes;
        continues = false;
        if (end > written) {
            const std::size_t lost_from = std::max(text, written);
            add(out.substr(lost_from, end - lost_from));
        }
        begin = end;
    }
}

std::string Loss::note(std::string_view reason) const {
    return std::to_string(lines_) + (lines_ == 1 ? " line (" : " lines (") +
           std::to_string(bytes_) + (bytes_ == 1 ? " byte) " : " bytes) ") +
           (lines_ == 1 ? "was lost: " : "were lost: ") + std::string(reason);
}

}  // namespace reeve::scribe
