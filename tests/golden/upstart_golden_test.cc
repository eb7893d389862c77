#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "formats/upstart/conf_reader.h"
#include "formats/upstart/lint.h"
#include "formats/upstart/show_config.h"

// For each `NAME.conf` below tests/golden/upstart, `NAME.golden` holds what is said of it and what
// it shows; REWRITE=1 writes these files anew. Beside them, the verdicts of the real program over
// a thousand jobs of real packages are compared where that corpus is.
namespace reeve::formats::upstart {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::vector<fs::path> confs_in(const fs::path& directory) {
    std::vector<fs::path> all;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
        if (entry.path().extension() == ".conf") all.push_back(entry.path());
    }
    std::sort(all.begin(), all.end());
    return all;
}

Conf read_job(const fs::path& path, const std::string& text) {
    JobClass base;
    base.name = path.stem().string();
    return read_conf(path.filename().string(), text, base);
}

std::string outcome_of(const fs::path& path) {
    const std::string text = read_file(path);
    const Conf conf = read_job(path, text);
    if (conf.mistake) return to_text(*conf.mistake, Colour::No);
    const std::string name = path.filename().string();
    std::string outcome;
    const MarkedText marked{SourceText(name, text), conf.marks};
    for (const Diagnostic& diagnostic : lint(conf.job, {&marked, 1}))
        outcome += to_text(diagnostic, Colour::No);
    return outcome + show_config(conf.job) + show_config_enumerated(conf.job);
}

class UpstartGoldenTest : public testing::TestWithParam<fs::path> {};

TEST_P(UpstartGoldenTest, ComesOutAsBefore) {
    const std::string outcome = outcome_of(GetParam());
    const fs::path golden = fs::path(GetParam()).replace_extension(".golden");
    if (::getenv("REWRITE") != nullptr) std::ofstream(golden, std::ios::binary) << outcome;
    EXPECT_EQ(outcome, read_file(golden));
}

std::string test_name(const testing::TestParamInfo<fs::path>& info) {
    std::string name = info.param.stem().string();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Files, UpstartGoldenTest,
                         testing::ValuesIn(confs_in(fs::path(GOLDEN_DIR) / "upstart")), test_name);

// `initctl show-config`: a line without indentation begins a job, in any order.
std::map<std::string, std::string> jobs_of(const std::string& text) {
    std::map<std::string, std::string> jobs;
    std::istringstream lines(text);
    std::string* job = nullptr;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(' '))
            job = &jobs[line];
        else if (job != nullptr)
            *job += line + '\n';
    }
    return jobs;
}

TEST(UpstartCorpusTest, SaysOfRealJobsWhatUpstartSays) {
    const fs::path corpus = fs::path(GOLDEN_DIR) / "../../../shared/corpus/upstart";
    if (!fs::exists(corpus)) GTEST_SKIP() << "there is no " << corpus;
    std::string mistakes;
    std::string shown;
    std::string enumerated;
    for (const fs::path& path : confs_in(corpus / "confs")) {
        const Conf conf = read_job(path, read_file(path));
        if (conf.mistake) {
            mistakes += path.filename().string() + ":" + std::to_string(conf.mistake->line) + ": " +
                        conf.mistake->message + "\n";
            continue;
        }
        shown += show_config(conf.job);
        enumerated += show_config_enumerated(conf.job);
    }
    EXPECT_EQ(mistakes, read_file(corpus / "expected-parse-errors.txt"));
    EXPECT_EQ(jobs_of(shown), jobs_of(read_file(corpus / "expected-show-config.txt")));
    EXPECT_EQ(jobs_of(enumerated), jobs_of(read_file(corpus / "expected-show-config-e.txt")));
}

}  // namespace
}  // namespace reeve::formats::upstart
