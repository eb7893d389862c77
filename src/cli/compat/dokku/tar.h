#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace reeve::cli::compat::dokku {

/// An archive of files by name and content, readable by their owner only, in tar's format of POSIX
/// (ustar). Fails for a name of more than 100 bytes.
Result<std::string> tar_archive(const std::map<std::string, std::string>& files);

}  // namespace reeve::cli::compat::dokku
