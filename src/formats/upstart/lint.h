#pragma once

#include <vector>

#include "formats/diagnostic.h"
#include "formats/upstart/conf_reader.h"

namespace reeve::formats::upstart {

/// What in a job that is read without a mistake is probably not what its author means: the pitfalls
/// of the language that people fall into (docs/compatibility/upstart.md, "Lints").
std::vector<Diagnostic> lint(const Conf& conf, const SourceText& source);

}  // namespace reeve::formats::upstart
