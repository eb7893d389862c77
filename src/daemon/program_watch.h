#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/file_events.h"
#include "drivers/loop.h"
#include "spec/instance_name.h"

namespace reeve::daemon {

/// What was given up since its program is missing, or is no good, is worth another try when that
/// file comes or changes: this looks for it.
class ProgramWatch {
public:
    /// `loop` must outlive it. `changed` is called from the loop, with the file: the instance may
    /// be started again. It is not awaited any longer then.
    ProgramWatch(event_base* loop,
                 std::function<void(const spec::InstanceName&, const std::string&)> changed);

    /// From now on; `programs` are absolute paths, the instance wants any of them.
    void await(const spec::InstanceName& instance, const std::vector<std::string>& programs);

    /// It was started or stopped, or is no more.
    void forget(const spec::InstanceName& instance);

private:
    void follow();
    void hear(const std::string& path);

    event_base* loop_;
    std::function<void(const spec::InstanceName&, const std::string&)> changed_;
    std::map<spec::InstanceName, std::set<std::string>> awaited_;
    std::optional<drivers::FileEvents> files_;  // while something is awaited
};

}  // namespace reeve::daemon
