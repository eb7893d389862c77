#pragma once

#include <span>
#include <vector>

#include "formats/diagnostic.h"
#include "formats/upstart/job_class.h"
#include "formats/upstart/remark.h"

namespace reeve::formats::upstart {

/// What in a job that is read without a mistake is probably not what its author means: the pitfalls
/// of the language that people fall into (docs/compatibility/upstart.md, "Lints"). `texts` are the
/// job's file and then its override.
std::vector<Diagnostic> lint(const JobClass& job, std::span<const MarkedText> texts);

}  // namespace reeve::formats::upstart
