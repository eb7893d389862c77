#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "link/held_fd.h"
#include "os/fd.h"

namespace reeve::keeper {

/// A descriptor of this process, as others can open it.
link::HeldFd describe(const std::string& name, int fd);

/// The descriptors that must outlive reeved and the scribe, under names that reeved chooses.
class FdStore {
public:
    /// Holds `fd` under `name`; what was held under it before is closed. False: refused, as it is
    /// full.
    bool put(const std::string& name, os::UniqueFd fd);
    void drop(const std::string& name) { held_.erase(name); }

    /// Calls `visit(name, fd)` for each.
    void visit(const std::function<void(const std::string&, int)>& visit) const;

    /// The pipe that is held under `name`, as others can open it. nullopt: nothing is, or something
    /// else, or a pipe that has a name in a file system.
    std::optional<link::HeldFd> find_pipe(const std::string& name) const;

    /// What is held under `name`, which is given up; nothing: an empty one.
    os::UniqueFd take(const std::string& name);

    /// Writes the list that `take_over` reads: everything that is held, and `more` besides. All of
    /// it survives an exec from then on.
    Result<os::UniqueFd> hand_over(const std::map<std::string, int>& more) const;

    /// Takes over the descriptors that a dying predecessor listed in the memory file `list_fd`
    /// (count, then name and number of each), and makes them close-on-exec again.
    Result<void> take_over(int list_fd);

private:
    std::map<std::string, os::UniqueFd> held_;
};

}  // namespace reeve::keeper
