#pragma once

#include <string>
#include <vector>

#include "formats/upstart/job_class.h"
#include "formats/upstart/remark.h"
#include "spec/service.h"

namespace reeve::formats::upstart {

/// What the words of a job mean on this machine.
struct Surroundings {
    /// The daemon is a user's own: processes keep its umask, and its whole environment is theirs.
    bool user_mode = false;
    /// Of whoever loads the jobs: `env KEY` copies from it; in user mode jobs get all of it.
    spec::Environment environment;
    /// Where a job without `chdir` runs.
    std::string working_directory = "/";
    /// Where logs are kept: `NAME.log`, `NAME-INSTANCE.log`.
    std::string log_directory = "/var/log/upstart";
    Console console = Console::Log;  // of a job without `console`
    /// Where `initctl`, `start`, `stop` and the others are: the last directory of a job's PATH, as
    /// jobs start and stop each other by these names. Empty: nowhere.
    std::string command_directory;
};

/// A job as a service, and what cannot be had here.
struct Lowered {
    spec::Service service;
    std::vector<Remark> remarks;
};

/// What the engine is to do for a job. Upstart's defaults become values: whatever the core knows of
/// a job stands in the service. Source: upstart init/job_process.c, init/job_class.c.
Lowered lower(const JobClass& job, const Surroundings& surroundings);

/// The environment that every job begins with: PATH and TERM; in user mode all of the loader's. A
/// reeve with a root of its own tells jobs of it, so that their commands find it.
spec::Environment base_environment(const Surroundings& surroundings);

}  // namespace reeve::formats::upstart
