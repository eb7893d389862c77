#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "spec/app.h"

namespace reeve::formats {

/// What the operating system says about a path that was given to `load`, `run` or `check`.
struct PathFacts {
    std::string path;  // absolute
    bool is_directory = false;
    std::vector<std::string> entries;  // the names in the directory
};

/// Which files make an app, and in which language they are.
struct AppFiles {
    spec::Format format = spec::Format::Procfile;
    std::string main_file;  // `/srv/shop/Procfile`; a directory of jobs: the directory
    std::string directory;  // `/srv/shop`
};

/// Finds out what a path holds, by its name and by what is in it; else says what was looked for.
Result<AppFiles> detect(const PathFacts& facts);

}  // namespace reeve::formats
