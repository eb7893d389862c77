#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/check.h"

namespace reeve {

/// A directory for one test, removed with all its content.
class TestDirectory {
public:
    TestDirectory() {
        std::string name = std::filesystem::temp_directory_path() / "reeve-test-XXXXXX";
        CHECK(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TestDirectory() { std::filesystem::remove_all(path_); }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;

    const std::string& path() const { return path_; }
    std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path(name), std::ios::trunc) << text;
    }
    void append(const std::string& name, std::string_view text) const {
        std::ofstream(path(name), std::ios::app) << text;
    }
    void rename(const std::string& from, const std::string& to) const {
        std::filesystem::rename(path(from), path(to));
    }

private:
    std::string path_;
};

/// The whole content of a file; empty for one that does not exist.
inline std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace reeve
