#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/named_event.h"
#include "status/instance.h"

namespace reeve::status {

/// A `start on` or `stop on`, and what has come of it so far.
struct Hearing {
    std::string expression;
    std::vector<std::string> come;  // the events that are held: `runlevel RUNLEVEL=2`
    std::string missing;            // the part that is still needed: `started db`
};

/// One life of a job.
struct JobInstance {
    Instance seen;
    spec::Variables variables;       // of whatever started it
    spec::Variables environment;     // all its processes have; where one job was asked for
    std::optional<Hearing> stop_on;  // none: by hand only
    std::vector<std::string> holds;  // events that wait until it is where they sent it
};

/// A job, and its instances as far as they have a life (one without a name is always there).
struct Job {
    std::string app;
    std::string name;
    std::string description;
    std::string usage;
    std::string instance;  // what names of instances are made of; empty: there is one
    bool task = false;
    bool manual = false;
    std::optional<Hearing> start_on;
    std::vector<JobInstance> instances;
};

/// What is asked about jobs.
struct JobQuery {
    std::string app;            // empty: all
    std::string job;            // empty: all
    spec::Variables variables;  // name one instance of the job
    bool names_instance = false;
};

/// What is seen of the jobs that were asked for.
struct Jobs {
    std::vector<Job> jobs;
    std::optional<std::string> key;  // of the instance that was named, there or not
    spec::Variables variables;       // that operators set for all jobs of the app
};

}  // namespace reeve::status
