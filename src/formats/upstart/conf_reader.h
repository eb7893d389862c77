#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "formats/diagnostic.h"
#include "formats/upstart/job_class.h"

namespace reeve::formats::upstart {

/// What one file said on top of a class.
struct Conf {
    JobClass job;
    std::vector<Mark> marks;            // of each stanza, in the order of the file
    std::optional<Diagnostic> mistake;  // the first error; then `job` is not to be used
};

/// Reads a job's file, or an override, on top of what was said so far (`base`): what a stanza says
/// last counts, lists grow. An error ends the reading, with the dialect's own message.
/// Source: upstart init/parse_job.c, init/parse_conf.c.
Conf read_conf(std::string_view file, std::string_view text, const JobClass& base);

}  // namespace reeve::formats::upstart
