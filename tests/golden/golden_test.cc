#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "formats/native/reader.h"
#include "formats/native/writer.h"
#include "formats/procfile/app_reader.h"
#include "formats/procfile/app_writer.h"
#include "spec/app.h"
#include "spec/changes.h"

// For each `NAME.procfile` below tests/golden, with `NAME.env` and `NAME.app.json` beside it where
// they matter, `NAME.golden` holds the diagnostics and the app that come out of it. REWRITE=1
// writes these files anew; read the difference then.
namespace reeve::formats {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return std::nullopt;
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::string command_text(const spec::Command& command) {
    const char* how = std::holds_alternative<spec::ShellCommand>(command) ? "bash " : "exec ";
    return how + spec::to_text(command);
}

void render_service(std::ostringstream& out, const spec::Service& service) {
    out << service.name << " x" << service.instances << ": " << command_text(service.command)
        << "\n";
    if (service.wants_port) out << "    port\n";
    if (service.rollout.order == spec::ReplaceOrder::StartFirst) out << "    start first\n";
    if (service.rollout.max_unavailable != 1) {
        out << "    " << service.rollout.max_unavailable << " at a time\n";
    }
}

std::string render(const Reading<spec::App>& reading) {
    std::ostringstream out;
    for (const Diagnostic& diagnostic : reading.diagnostics)
        out << to_text(diagnostic, Colour::No);
    if (!reading.ok()) return out.str();
    const spec::App& app = reading.value;
    out << "app " << app.name << (app.formation_fixed ? ", formation fixed" : "") << "\n";
    for (const auto& [name, value] : app.environment)
        out << "env " << name << "=" << spec::to_text(spec::DirectCommand{{value}}) << "\n";
    if (app.release_command) out << "release: " << command_text(*app.release_command) << "\n";
    for (const spec::Service& service : app.services)
        render_service(out, service);
    return out.str();
}

Reading<spec::App> read_procfile(fs::path procfile) {
    procfile::AppTexts texts;
    texts.directory = "/srv/" + procfile.stem().string();
    texts.procfile_path = "Procfile";
    texts.procfile = read_file(procfile).value_or("");
    texts.dotenv = read_file(fs::path(procfile).replace_extension(".env"));
    texts.app_json = read_file(fs::path(procfile).replace_extension(".app.json"));
    const bool strict = procfile.stem().string().starts_with("strict-");
    texts.grammar = strict ? procfile::Grammar::Strict : procfile::Grammar::Relaxed;
    return procfile::read_app(texts);
}

Reading<spec::App> read_native(const fs::path& path) {
    native::AppTexts texts;
    texts.directory = "/srv/" + path.stem().string();
    texts.path = "reeve.toml";
    texts.text = read_file(path).value_or("");
    return native::read_app(texts);
}

std::string outcome_of(const fs::path& path) {
    if (path.extension() == ".procfile") return render(read_procfile(path));
    const Reading<spec::App> reading = read_native(path);
    std::string text = render(reading);
    // Every field, as the writer shows it.
    if (reading.ok()) text += "\n" + native::write_app(reading.value).files.at(0).text;
    return text;
}

std::vector<fs::path> inputs() {
    std::vector<fs::path> all;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(GOLDEN_DIR)) {
        const fs::path extension = entry.path().extension();
        if (extension == ".procfile" || extension == ".toml") all.push_back(entry.path());
    }
    std::sort(all.begin(), all.end());
    return all;
}

class GoldenTest : public testing::TestWithParam<fs::path> {};

TEST_P(GoldenTest, ComesOutAsBefore) {
    const std::string outcome = outcome_of(GetParam());
    const fs::path golden = fs::path(GetParam()).replace_extension(".golden");
    if (::getenv("REWRITE") != nullptr) std::ofstream(golden, std::ios::binary) << outcome;
    EXPECT_EQ(outcome, read_file(golden).value_or("(there is no golden file; use REWRITE=1)"));
}

TEST_P(GoldenTest, SurvivesTheWayThroughReevesOwnFormat) {
    const fs::path& path = GetParam();
    const Reading<spec::App> reading =
        path.extension() == ".toml" ? read_native(path) : read_procfile(path);
    if (!reading.ok()) return;
    const WrittenFiles written = native::write_app(reading.value);
    EXPECT_EQ(written.problems, std::vector<std::string>{});
    native::AppTexts texts{reading.value.source, written.files.at(0).text, "/elsewhere", "", ""};
    Reading<spec::App> again = native::read_app(texts);
    again.value.format = reading.value.format;
    EXPECT_EQ(spec::to_json(again.value), spec::to_json(reading.value)) << written.files[0].text;
}

TEST_P(GoldenTest, LosesNothingUnsaidOnTheWayThroughAProcfile) {
    const fs::path& path = GetParam();
    const Reading<spec::App> reading =
        path.extension() == ".toml" ? read_native(path) : read_procfile(path);
    if (!reading.ok()) return;
    const WrittenFiles written = procfile::write_app(reading.value);
    if (!written.problems.empty()) return;
    procfile::AppTexts texts;
    texts.directory = reading.value.directory;
    texts.procfile_path = "Procfile";
    for (const WrittenFile& file : written.files) {
        if (file.name == "Procfile") texts.procfile = file.text;
        if (file.name == ".env") texts.dotenv = file.text;
        if (file.name == "app.json") texts.app_json = file.text;
    }
    texts.name = reading.value.name;
    const Reading<spec::App> again = procfile::read_app(texts);
    ASSERT_TRUE(again.ok());
    for (const spec::Service& service : reading.value.services) {
        const spec::Service* read = spec::find_service(again.value, service.name);
        ASSERT_NE(read, nullptr) << service.name;
        EXPECT_EQ(spec::changed_fields(service, *read), std::vector<std::string>{});
    }
}

std::string test_name(const testing::TestParamInfo<fs::path>& info) {
    std::string name = info.param.stem().string() + "_";
    name += info.param.extension().string().substr(1);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenTest, testing::ValuesIn(inputs()), test_name);

}  // namespace
}  // namespace reeve::formats
