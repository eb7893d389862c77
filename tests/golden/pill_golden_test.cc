#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "formats/pill/pill_reader.h"
#include "spec/app.h"
#include "status/exit.h"

// For each `NAME.json` below tests/golden/pill (what pill_test.py makes of NAME.pill),
// `NAME.golden` holds the diagnostics and the apps that come out of it. REWRITE=1 writes these
// files anew; read the difference then.
namespace reeve::formats {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::string command_text(const spec::Command& command) {
    const char* how = std::holds_alternative<spec::ShellCommand>(command) ? "sh " : "exec ";
    return how + spec::to_text(command);
}

std::string output_text(const spec::OutputFile& file) {
    if (const auto* path = std::get_if<spec::PathFile>(&file)) return path->path;
    return std::holds_alternative<spec::NullFile>(file) ? "null" : "log";
}

std::string stop_text(const spec::StopSpec& stop) {
    std::string out;
    if (stop.command) {
        out += command_text(*stop.command) + " (" + reeve::to_text(stop.command_timeout) + "), ";
    }
    for (const spec::StopStep& step : stop.steps)
        out += status::signal_name(step.signal) + " " + reeve::to_text(step.wait) + ", ";
    return out + "SIGKILL";
}

std::string step_text(const spec::CheckStep& step) {
    if (std::holds_alternative<spec::CheckRestart>(step.action)) return " restart";
    if (std::holds_alternative<spec::CheckStop>(step.action)) return " stop";
    if (std::holds_alternative<spec::CheckStart>(step.action)) return " start";
    return std::holds_alternative<spec::CheckUnmonitor>(step.action) ? " unmonitor" : " other";
}

void render_checks(std::ostringstream& out, const std::vector<spec::Check>& checks) {
    for (const spec::Check& check : checks) {
        out << "    check " << check.name << ": " << spec::to_text(check.probe) << " every "
            << reeve::to_text(check.every) << ", " << check.times.failures << " of "
            << check.times.of << ":";
        for (const spec::CheckStep& step : check.steps)
            out << step_text(step);
        out << "\n";
    }
}

void render_tracking(std::ostringstream& out, const spec::Service& service) {
    const auto* tracking = std::get_if<spec::TrackPidFile>(&service.tracking);
    if (tracking == nullptr) return;
    const bool ours = tracking->writer == spec::PidFileWriter::Reeve;
    out << "    pid file " << tracking->path << (ours ? ", daemonised" : ", its own") << ", grace "
        << reeve::to_text(tracking->start_grace) << (tracking->look_again ? ", looked up anew" : "")
        << "\n";
    if (tracking->pid_command) out << "    pid " << command_text(*tracking->pid_command) << "\n";
}

void render_service(std::ostringstream& out, const spec::Service& service) {
    out << service.name;
    if (!service.listing.group.empty()) out << " in " << service.listing.group;
    out << ": " << command_text(service.command) << "\n";
    out << "    as " << service.credentials.user << ":" << service.credentials.group << " in "
        << service.working_dir << (service.sets_pwd ? " (PWD)" : "")
        << (service.auto_start ? "" : ", not started") << "\n";
    for (const std::string& group : service.credentials.supplementary_groups)
        out << "    group " << group << "\n";
    for (const auto& [name, value] : service.environment)
        out << "    env " << name << "=" << spec::to_text(spec::DirectCommand{{value}}) << "\n";
    render_tracking(out, service);
    out << "    output " << output_text(service.stdio.output) << ", error "
        << output_text(service.stdio.error) << "\n";
    if (service.hooks.pre_start) {
        out << "    before " << command_text(service.hooks.pre_start->command) << "\n";
    }
    out << "    stop " << stop_text(service.stop) << "\n";
    if (service.restart_command) {
        out << "    restart " << command_text(service.restart_command->command) << " ("
            << reeve::to_text(service.restart_command->timeout) << ")\n";
    }
    const auto* restart = std::get_if<spec::BluepillRestart>(&service.restart);
    if (restart != nullptr && restart->flapping) {
        out << "    flapping " << restart->flapping->times << " in "
            << reeve::to_text(restart->flapping->within) << ", again in "
            << reeve::to_text(restart->flapping->retry_in) << "\n";
    }
    render_checks(out, service.checks);
    if (!service.monitor_children) return;
    out << "    children stop " << stop_text(service.monitor_children->stop) << "\n";
    render_checks(out, service.monitor_children->checks);
}

std::string outcome_of(const fs::path& json) {
    const auto reading = pill::read_pill({json.stem().string() + ".pill", read_file(json), "root",
                                          "/usr/lib/reeve/ruby", "/run/reeve/reeve.sock"});
    std::ostringstream out;
    for (const Diagnostic& diagnostic : reading.diagnostics)
        out << to_text(diagnostic, Colour::No);
    if (!reading.ok()) return out.str();
    for (const pill::PillApp& pill : reading.value) {
        out << "app " << pill.app.name << (pill.foreground ? ", in the foreground" : "") << "\n";
        for (const auto& [name, value] : pill.app.environment)
            out << "env " << name << "=" << spec::to_text(spec::DirectCommand{{value}}) << "\n";
        for (const spec::Service& service : pill.app.services)
            render_service(out, service);
        const Result<void> valid = spec::validate(pill.app);
        if (!valid.ok()) out << "invalid: " << valid.error().message << "\n";
    }
    return out.str();
}

std::vector<fs::path> inputs() {
    std::vector<fs::path> all;
    for (const fs::directory_entry& entry : fs::directory_iterator(GOLDEN_DIR "/pill")) {
        const bool failed = entry.path().filename().string().starts_with("fails-");
        if (entry.path().extension() == ".json" && !failed) all.push_back(entry.path());
    }
    std::sort(all.begin(), all.end());
    return all;
}

class PillGoldenTest : public testing::TestWithParam<fs::path> {};

TEST_P(PillGoldenTest, ComesOutAsBefore) {
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

INSTANTIATE_TEST_SUITE_P(Pills, PillGoldenTest, testing::ValuesIn(inputs()), test_name);

}  // namespace
}  // namespace reeve::formats
