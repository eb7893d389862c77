#pragma once

#include <string>

#include "base/result.h"
#include "cli/context.h"

// `git push` to an app: over the user's own ssh to a bare repository of their own, whose hook hands
// what was pushed to reeve as a tar file. reeve itself runs no git there.
namespace reeve::cli {

/// Makes a bare repository at `path` with that hook, as the calling user; its absolute path. An
/// existing repository gets the hook only.
Result<std::string> make_push_repository(const Context& context, const std::string& app,
                                         const std::string& path);

/// A file that goes with this.
class SpooledFile {
public:
    explicit SpooledFile(std::string path) : path_(std::move(path)) {}
    ~SpooledFile();
    SpooledFile(SpooledFile&& other) noexcept : path_(std::move(other.path_)) {
        other.path_.clear();
    }
    SpooledFile& operator=(SpooledFile&&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Everything on stdin, as a file of the calling user; at most kSpoolBytesMax.
Result<SpooledFile> spool_stdin();

inline constexpr std::size_t kSpoolBytesMax = std::size_t{4} << 30;

/// The hook's text. `program` is the path of `reeve`.
std::string push_hook(const std::string& program, const std::string& root, const std::string& app);

}  // namespace reeve::cli
