#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context.h"
#include "formats/upstart/app_reader.h"

namespace reeve::cli {

/// The directories of jobs that Upstart reads, the most important one first; those that are not
/// there are left out. UPSTART_CONFDIR replaces /etc/init; a user has their own ones.
/// Source: init(5), init(8).
std::vector<std::string> upstart_directories(const Context& context);

/// The job files of a directory and of those below it.
Result<formats::upstart::ConfDirectory> read_conf_directory(const std::string& path);

/// What jobs find on this machine.
formats::upstart::Surroundings upstart_surroundings(const Context& context);

/// The texts of directories, or of single jobs (`NAME.conf`, with its override). One that cannot be
/// read is an error.
Result<formats::upstart::AppTexts> read_upstart_texts(const Context& context,
                                                      const std::vector<std::string>& paths);

}  // namespace reeve::cli
