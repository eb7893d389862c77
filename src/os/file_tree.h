#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::os {

/// Which files of a directory and of those below it are read.
struct TreeRules {
    bool (*takes_file)(std::string_view name) = nullptr;
    bool (*skips_directory)(std::string_view name) = nullptr;
    std::size_t bytes_max = 0;  // of one file; one with more is an error
};

/// A directory as it was read.
struct Tree {
    struct File {
        std::string path;  // below the directory
        std::string text;
    };
    std::vector<File> files;               // in the order of their paths
    std::vector<std::string> directories;  // it and those below it, whole paths
};

/// Most files, and how deep it goes.
inline constexpr std::size_t kTreeFilesMax = 20'000;
inline constexpr int kTreeDepthMax = 16;

/// Reads a directory. Symbolic links are followed, down to the depth.
Result<Tree> read_tree(const std::string& directory, const TreeRules& rules);

/// Whether a path is a directory.
bool is_directory(const std::string& path);

}  // namespace reeve::os
