#include "core/check_history.h"

#include <algorithm>
#include <utility>

namespace reeve::core {

std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    if (text.size() <= kSampleTextMax) return text;
    std::size_t end = kSampleTextMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    text.resize(end);
    return text + "…";
}

void CheckHistory::add(Sample sample, const spec::CheckTimes& times) {
    sample.text = one_line(std::move(sample.text));
    samples_.push_back(std::move(sample));
    while (samples_.size() > std::max<std::size_t>(times.of, 1))
        samples_.erase(samples_.begin());
}

bool CheckHistory::fires(const spec::CheckTimes& times) const {
    const auto failures = std::count_if(samples_.begin(), samples_.end(),
                                        [](const Sample& sample) { return !sample.passed; });
    return static_cast<std::size_t>(failures) >= std::max<std::size_t>(times.failures, 1);
}

std::string CheckHistory::text() const {
    std::string text;
    for (const Sample& sample : samples_) {
        if (!text.empty()) text += ", ";
        text += sample.text;
        if (!sample.passed) text += '*';
    }
    return text;
}

void CheckHistory::write(ByteWriter& writer) const {
    writer.number(samples_.size());
    for (const Sample& sample : samples_) {
        writer.flag(sample.passed);
        writer.text(sample.text);
    }
}

CheckHistory CheckHistory::read(ByteReader& reader) {
    CheckHistory history;
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < spec::kCheckWindowMax && reader.ok(); ++i) {
        const bool passed = reader.flag();
        history.samples_.push_back(Sample{passed, reader.text()});
    }
    return history;
}

}  // namespace reeve::core
