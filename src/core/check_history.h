#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "spec/check_spec.h"

namespace reeve::core {

/// Most bytes that are kept of what a sample says.
inline constexpr std::size_t kSampleTextMax = 240;

/// As one line of at most kSampleTextMax bytes, cut between two characters.
std::string one_line(std::string text);

/// One look at an instance.
struct Sample {
    bool passed = false;
    std::string text;  // `71MB`, `503 Service Unavailable`
    friend bool operator==(const Sample&, const Sample&) = default;
};

/// The latest samples of one check, as many as its window takes. Cleared at each change of the
/// instance's state. Source: bluepill lib/bluepill/condition_watch.rb.
class CheckHistory {
public:
    /// Takes in a sample; what no longer fits into the window leaves.
    void add(Sample sample, const spec::CheckTimes& times);

    /// Whether enough of them have failed. The window need not be full.
    bool fires(const spec::CheckTimes& times) const;

    const std::vector<Sample>& samples() const { return samples_; }

    /// `71MB*, 80MB*`: oldest first, failed ones with a star.
    std::string text() const;

    /// For the journal.
    void write(ByteWriter& writer) const;
    static CheckHistory read(ByteReader& reader);

private:
    std::vector<Sample> samples_;
};

}  // namespace reeve::core
