#include "spec/objections.h"

namespace reeve::spec {
namespace {

constexpr std::size_t kObjectionsMax = 100;

}  // namespace

bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        // U+0080 to U+009F: a terminal takes them for commands, too.
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

bool has_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

bool is_sendable(int signal) {
    return signal >= 1 && signal <= kSignalMax && signal != 32 && signal != 33;
}

void Objections::require(bool fine, std::string_view objection) {
    if (fine) return;
    ++count_;
    if (count_ > kObjectionsMax) return;
    if (!text_.empty()) text_ += '\n';
    text_ += subject_;
    text_ += ": ";
    text_ += objection;
}

void Objections::require_wait(Duration wait, std::string_view what) {
    require(wait >= 0ns && wait <= kLongestWait,
            std::string(what) + " must be between 0 and 366 days");
}

Result<void> Objections::result() const {
    if (count_ == 0) return {};
    if (count_ <= kObjectionsMax) return Error{text_};
    return Error{text_ + "\n… and " + std::to_string(count_ - kObjectionsMax) + " more"};
}

}  // namespace reeve::spec
