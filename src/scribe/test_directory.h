#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/check.h"

namespace reeve::scribe {

/// A directory of its own for one test, removed with all its content at the end.
class TestDirectory {
public:
    TestDirectory() {
        std::string pattern = std::filesystem::temp_directory_path() / "reeve-test-XXXXXX";
        CHECK(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~TestDirectory() { std::filesystem::remove_all(path_); }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// The whole content of a file; empty for one that does not exist.
inline std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace reeve::scribe
