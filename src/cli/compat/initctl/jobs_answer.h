#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::cli::initctl {

/// A process of a job: `main` or the name of a hook.
struct JobProcess {
    std::string name;
    int pid = 0;
    friend bool operator==(const JobProcess&, const JobProcess&) = default;
};

/// One life of a job, as the daemon tells it.
struct JobInstance {
    std::string key;
    std::string goal;   // `start`
    std::string state;  // `pre-start`
    std::vector<JobProcess> processes;
    std::vector<std::string> environment;  // `KEY=VALUE`; where one job was asked for
};

struct Job {
    std::string name;
    std::string usage;
    std::vector<JobInstance> instances;
};

/// The daemon's answer about jobs.
struct JobsAnswer {
    std::vector<Job> jobs;
    std::optional<std::string> key;      // of the instance that was asked about
    std::vector<std::string> variables;  // that were set for all jobs
};

/// Reads the answer to `GET /v1/jobs` (docs/api.md).
Result<JobsAnswer> jobs_from_json(std::string_view text);

/// The directories of jobs of the app `init`, from the answer to `GET /v1/status`; empty: there is
/// no such app.
std::string jobs_source_from_json(std::string_view text);

}  // namespace reeve::cli::initctl
