#pragma once

#include <map>
#include <string>

#include "spec/app.h"

namespace reeve::daemon {

/// `<base>/pids/APP.pid`, where Bluepill has the pid of the app's own daemon and scripts look for
/// it: the pid of this process, for each Bluepill app. They go with it.
/// Source: bluepill 0.1.3 lib/bluepill/application.rb.
class BluepillPids {
public:
    BluepillPids() = default;
    BluepillPids(const BluepillPids&) = delete;
    BluepillPids& operator=(const BluepillPids&) = delete;
    ~BluepillPids();

    /// The app is known with this definition from now on, or (nullptr) no longer. `wanted`: whether
    /// there is to be a file. A failure is told in the log, and nothing else follows.
    void note_app(const std::string& app, const spec::App* definition, bool wanted);

private:
    std::map<std::string, std::string> files_;  // by app
};

}  // namespace reeve::daemon
