#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "formats/json/jsonc.h"
#include "formats/pill/document.h"
#include "spec/app.h"

namespace reeve::formats::pill {

/// How the pill was loaded.
struct LoaderFacts {
    std::string user;       // who processes without a `uid` run as
    std::string directory;  // the loader's working directory
    std::optional<mode_t> umask;
};

/// What a process shares with the others of its application.
struct AppFacts {
    const spec::App& app;  // its name and environment are complete, HOME included
    const LoaderFacts& loader;
    std::set<std::string> shared_names;  // of processes in more than one group
    std::uint32_t position = 0;          // of the process in the pill
};

/// A process, and whether it has checks that only Ruby can run, or children to look after.
struct LoweredProcess {
    spec::Service service;
    bool needs_host = false;
};

/// A process of an evaluated pill as a service, with Bluepill's defaults written out.
///
/// Processes get the loader's environment, but HOME of their own user where the pill names one.
LoweredProcess lower_process(Document& document, const json::Value& process, const AppFacts& facts);

}  // namespace reeve::formats::pill
