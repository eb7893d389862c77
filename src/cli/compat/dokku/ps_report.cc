#include <algorithm>

#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"
#include "cli/compat/dokku/report.h"

// ps:report. Keys: those of Dokku's page on process management, and the newer ones beside them.
namespace reeve::cli::compat::dokku {
namespace {

/// A property as a report shows it: of the app, of all apps, and what follows from both.
struct Shown {
    std::string raw;
    std::string global;
    std::string computed;
};

class Reader {
public:
    Reader(api::Records own, api::Records global)
        : own_(std::move(own)), global_(std::move(global)) {}

    Shown read(const std::string& name, const std::string& otherwise) const {
        Shown shown{find(own_, "ps/" + name), find(global_, "ps/" + name), ""};
        shown.computed = !shown.raw.empty()      ? shown.raw
                         : !shown.global.empty() ? shown.global
                                                 : otherwise;
        return shown;
    }

private:
    static std::string find(const api::Records& records, const std::string& key) {
        const auto found = records.find(key);
        return found == records.end() ? "" : found->second;
    }

    api::Records own_;
    api::Records global_;
};

Result<Reader> reader_of(const Session& session, const std::string& app) {
    const std::string all(api::kGlobalApp);
    api::Records global = TRY(fetch_records(session.context, all)).records;
    if (app == all) return Reader({}, std::move(global));
    return Reader(TRY(fetch_records(session.context, app)).records, std::move(global));
}

/// Where nothing is set, the Procfile's own name stands for it, as in Dokku's samples.
std::string global_procfile(const Shown& shown) {
    return shown.global.empty() ? kDefaultProcfile : shown.global;
}

std::vector<ReportLine> global_lines(const Reader& reader) {
    const Shown procfile = reader.read("procfile-path", kDefaultProcfile);
    const Shown policy = reader.read("restart-policy", kDefaultRestartPolicy);
    const Shown skip = reader.read("skip-deploy", "false");
    const Shown timeout = reader.read("stop-timeout-seconds", kDefaultStopTimeout);
    return {{"--ps-computed-procfile-path", procfile.computed},
            {"--ps-computed-restart-policy", policy.computed},
            {"--ps-computed-skip-deploy", skip.computed},
            {"--ps-computed-stop-timeout-seconds", timeout.computed},
            {"--ps-global-procfile-path", global_procfile(procfile)},
            {"--ps-global-restart-policy", policy.global},
            {"--ps-global-skip-deploy", skip.global},
            {"--ps-global-stop-timeout-seconds", timeout.global}};
}

void add_properties(const Reader& reader, std::vector<ReportLine>& lines) {
    const Shown procfile = reader.read("procfile-path", kDefaultProcfile);
    const Shown policy = reader.read("restart-policy", kDefaultRestartPolicy);
    const Shown skip = reader.read("skip-deploy", "false");
    const Shown timeout = reader.read("stop-timeout-seconds", kDefaultStopTimeout);
    const Shown start = reader.read("start-cmd", "");
    const Shown dockerfile = reader.read("dockerfile-start-cmd", "");
    const std::vector<ReportLine> more = {
        {"--ps-computed-dockerfile-start-cmd", dockerfile.computed},
        {"--ps-computed-start-cmd", start.computed},
        {"--ps-dockerfile-start-cmd", dockerfile.raw},
        {"--ps-procfile-path", procfile.raw},
        // The one that is in force, as in Dokku's samples; JSON has the raw one, too.
        {"--ps-restart-policy", policy.computed},
        {"--ps-skip-deploy", skip.raw},
        {"--ps-start-cmd", start.raw},
        {"--ps-stop-timeout-seconds", timeout.raw},
        {"--restore", reader.read("restore", "true").computed}};
    lines.insert(lines.end(), more.begin(), more.end());
}

void add_state(const AppState& state, std::vector<ReportLine>& lines) {
    lines.push_back({"--deployed", state.deployed ? "true" : "false"});
    lines.push_back({"--processes", std::to_string(state.instances.size())});
    lines.push_back({"--ps-can-scale", state.scale_is_fixed ? "false" : "true"});
    lines.push_back({"--running", state.running()});
    for (const InstanceState& one : state.instances) {
        constexpr std::size_t kShort = 11;
        // The end of a run's id tells it from others.
        const std::size_t skipped = std::max(one.run.size(), kShort) - kShort;
        const std::string id = one.run.empty() ? one.state : one.run.substr(skipped);
        lines.push_back({"--status-" + one.name, docker_word(one) + " (CID: " + id + ")"});
    }
}

/// Both spellings of every key: `ps-stop-timeout-seconds` and `stop-timeout-seconds`.
void add_json_keys(const Reader& reader, std::vector<ReportLine>& lines) {
    std::vector<ReportLine> stripped;
    for (const ReportLine& line : lines) {
        constexpr std::string_view kPrefix = "--ps-";
        if (!line.flag.starts_with(kPrefix)) continue;
        stripped.push_back({"--" + line.flag.substr(kPrefix.size()), line.value});
    }
    lines.insert(lines.end(), stripped.begin(), stripped.end());
    lines.push_back({"--ps-raw-restart-policy", reader.read("restart-policy", "").raw});
}

/// The flags of Dokku 0.36, which stood without `ps`.
std::string newer_flag(const std::string& flag) {
    for (const char* old : {"--global-stop-timeout-seconds", "--computed-stop-timeout-seconds",
                            "--stop-timeout-seconds"}) {
        if (flag == old) return "--ps-" + flag.substr(2);
    }
    return flag;
}

}  // namespace

int ps_report(Session& session, const Words& words) {
    Words typed;
    bool json = false;
    for (const std::string& word : words) {
        typed.push_back(newer_flag(word));
        json = json || word == "json" || word == "--format=json";
    }
    return report_apps(
        session, typed, "ps",
        [json](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            const Reader reader = TRY(reader_of(asking, app));
            std::vector<ReportLine> lines = global_lines(reader);
            if (app != api::kGlobalApp) {
                add_properties(reader, lines);
                add_state(TRY(fetch_app_state(asking, app)), lines);
            }
            if (json) add_json_keys(reader, lines);
            return lines;
        });
}

}  // namespace reeve::cli::compat::dokku
