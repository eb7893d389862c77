#pragma once

#include <string>
#include <vector>

namespace reeve::formats {

/// One file of an app in some format.
struct WrittenFile {
    std::string name;  // without a directory: `reeve.toml`, `shop-web.service`
    std::string text;
};

/// An app in some format, and what of it that format does not say.
struct WrittenFiles {
    std::vector<WrittenFile> files;
    std::vector<std::string> problems;  // one sentence each
};

}  // namespace reeve::formats
