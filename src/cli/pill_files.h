#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "formats/pill/pill_reader.h"

namespace reeve::cli {

/// Evaluates and reads the pill at `path`, as the user who calls; a file with evaluated JSON is
/// read as it is. Fails where there is no Ruby, or where the pill itself failed (Ruby has said
/// why).
Result<formats::Reading<std::vector<formats::pill::PillApp>>> read_pill_at(const Context& context,
                                                                           const std::string& path);

/// Whether somebody else than root and the caller may change the file.
bool may_others_write(const std::string& path);

/// Gets ready for loading what was read from `path`, and says what an operator should know: others
/// who may write to a pill that is executed, a directory of pid files that cannot be made. That
/// directory is open to everybody, as Bluepill makes it, since processes write their own files.
/// Nothing for other formats.
std::vector<std::string> warnings_about(const std::string& path,
                                        const std::vector<spec::App>& apps);

}  // namespace reeve::cli
