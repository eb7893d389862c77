#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "drivers/file_events.h"
#include "drivers/loop.h"
#include "formats/diagnostic.h"

namespace reeve::daemon {

class Daemon;

/// Follows the files that Upstart's jobs were read from: a moment after the last change they are
/// read again, and loaded. Nothing is started or stopped by that; what runs keeps what it has until
/// its next start. A file that is wrong takes its job away, and the log says what is wrong with it.
/// Source: upstart init/conf.c.
class JobFiles {
public:
    /// `daemon` must outlive this.
    static Result<std::unique_ptr<JobFiles>> create(Daemon& daemon);

    /// Watches the files of the app that is loaded now, and no others.
    void follow();

    /// Reads the files now, and loads what has changed: also when somebody asks for it by SIGHUP.
    void read_again();

private:
    explicit JobFiles(Daemon& daemon) : daemon_(daemon) {}
    void changed();
    /// Logs what is wrong with the files, and was not at the last reading.
    void tell(const std::vector<formats::Diagnostic>& diagnostics);

    Daemon& daemon_;
    std::unique_ptr<drivers::Alarm> alarm_;
    std::optional<drivers::FileEvents> events_;  // none: nothing is watched
    std::set<std::string> watched_;
    std::set<std::string> told_;
};

}  // namespace reeve::daemon
