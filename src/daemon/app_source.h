#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

// What the daemon itself reads of an app's source. The files belong to somebody else: no link is
// followed, nothing but a regular file is read, and its size is bounded.
namespace reeve::daemon {

/// The text of a file below `directory`; nullopt where there is none.
Result<std::optional<std::string>> read_source_file(const std::string& directory,
                                                    const std::string& relative_path);

/// Who owns a file or directory.
Result<uid_t> owner_of(const std::string& path);

/// The name of a user; its number in decimal where it has none.
std::string name_of_user(uid_t uid);

/// Makes a directory that belongs to the user, with this mode; an existing one must be a directory
/// of that user.
Result<void> make_own_directory(const std::string& path, uid_t uid, gid_t gid, mode_t mode);

}  // namespace reeve::daemon
