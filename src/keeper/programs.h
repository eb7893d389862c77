#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <string>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::keeper {

/// An executable that is held open: what replaces the file on disk changes nothing of it.
struct Program {
    std::string name;  // `reeved`
    std::string path;  // where it was
    os::UniqueFd file;
};

inline constexpr const char* kKeeperName = "reeve-keeper";
inline constexpr const char* kReevedName = "reeved";
inline constexpr const char* kScribeName = "reeve-scribe";

/// reeve's own programs of one version.
class Programs {
public:
    /// Those in a directory; fails where one is missing or cannot be executed.
    static Result<Programs> open(const std::string& directory);

    const Program& find(const std::string& name) const;
    /// Where the keeper among them was.
    std::string directory() const;

    void visit(const std::function<void(const Program&)>& visit) const;
    /// Takes an inherited executable in.
    void adopt(const std::string& name, os::UniqueFd file);
    /// Whether all three are there.
    bool complete() const;

private:
    std::array<Program, 3> programs_ = {Program{kKeeperName, {}, {}}, Program{kReevedName, {}, {}},
                                        Program{kScribeName, {}, {}}};
};

/// Starts a program with `link` as its descriptor kKeeperLinkFd, no other descriptor above stderr,
/// and no blocked signal. Returns its pid.
Result<pid_t> start_program(const Program& program, const os::UniqueFd& link);

/// Executes a program in this process, as NAME ARGUMENT VALUE. Comes back only with the reason why
/// it cannot.
Error execute(const Program& program, const char* argument, const std::string& value);

/// Whether `NAME --version` ends well within a bounded time: it can be executed on this machine.
Result<void> try_program(const Program& program);

/// The directory of the running executable.
Result<std::string> executable_directory();

}  // namespace reeve::keeper
