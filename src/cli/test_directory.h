#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/check.h"

namespace reeve::cli {

/// A directory for one test, removed with it.
class TestDirectory {
public:
    TestDirectory() {
        std::string name = "/tmp/reeve-cli-test-XXXXXX";
        CHECK(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TestDirectory() { std::filesystem::remove_all(path_); }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;

    const std::string& path() const { return path_; }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path_ + "/" + name, std::ios::trunc) << text;
    }
    void append(const std::string& name, std::string_view text) const {
        std::ofstream(path_ + "/" + name, std::ios::app) << text;
    }
    void rename(const std::string& from, const std::string& to) const {
        std::filesystem::rename(path_ + "/" + from, path_ + "/" + to);
    }

private:
    std::string path_;
};

}  // namespace reeve::cli
