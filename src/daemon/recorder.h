#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/recording.h"
#include "os/fd.h"

namespace reeve::daemon {

/// Appends to the recording that `reeve daemon --record FILE` asks for (by REEVE_RECORD, which the
/// keeper passes on), readable by its owner only; a daemon that takes over goes on in the same
/// file. A recording that cannot be written, or is full, is ended with a word in the log: nothing
/// else depends on it.
class Recorder {
public:
    /// One that records nothing where nobody asked.
    static Recorder from_environment();

    bool is_recording() const { return file_.has_value(); }
    void note(const core::RecordedStart& start);
    void note(const core::Event& event, TimePoint now);

private:
    void append(std::string_view entry);

    std::optional<os::UniqueFd> file_;
    std::string path_;
    std::size_t bytes_ = 0;
};

}  // namespace reeve::daemon
