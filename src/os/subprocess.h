#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::os {

/// A helper program beside the loop, a child of this process: it is run to its end, and what it
/// says is kept, up to a limit. The owner's loop watches `output_fd` and `pidfd`. One that is still
/// there at the end of the object's life is killed.
class Subprocess {
public:
    /// Starts `argv[0]`, which must be a path, with no environment but PATH and LANG, stdin from
    /// /dev/null, and stdout and stderr together.
    static Result<Subprocess> start(const std::vector<std::string>& argv);
    ~Subprocess();
    Subprocess(Subprocess&&) noexcept;
    Subprocess& operator=(Subprocess&&) = delete;

    /// Readable when the program has said something.
    int output_fd() const { return output_.get(); }
    /// Readable when the program has ended.
    int pidfd() const { return pidfd_.get(); }

    /// Takes in what the program has said; does not wait.
    void read_output();
    const std::string& said() const { return said_; }

    /// How it ended, as waitpid(2) gives it; nullopt: it has not. Reaps it.
    std::optional<int> reap();

private:
    Subprocess() = default;
    pid_t pid_ = 0;
    UniqueFd pidfd_;
    UniqueFd output_;
    std::string said_;
};

/// Most that is kept of what a subprocess says; the rest is read and dropped.
inline constexpr std::size_t kSubprocessOutputMax = std::size_t{64} * 1024;

}  // namespace reeve::os
