#include "cli/compat/dokku/report.h"

#include <algorithm>

#include "api/json_writer.h"
#include "cli/context.h"

namespace reeve::cli::compat::dokku {
namespace {

constexpr std::size_t kKeyWidth = 31;

void sort_lines(std::vector<ReportLine>& lines) {
    std::sort(lines.begin(), lines.end(),
              [](const ReportLine& a, const ReportLine& b) { return a.flag < b.flag; });
}

/// `--ps-restart-policy` to `Ps restart policy:`.
std::string title_of(const std::string& flag) {
    std::string title = flag.substr(std::min<std::size_t>(2, flag.size()));
    std::replace_if(
        title.begin(), title.end(), [](char c) { return c == '-' || c == '.'; }, ' ');
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') {
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
    }
    return title + ":";
}

}  // namespace

Result<ReportQuery> parse_report_query(const Words& words) {
    ReportQuery query;
    bool format_given = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--format" || word.starts_with("--format=")) {
            const bool inside = word != "--format";
            if (!inside && i + 1 == words.size()) return Error{"flag needs an argument: --format"};
            const std::string format = inside ? word.substr(word.find('=') + 1) : words[++i];
            if (format != "json" && format != "stdout") {
                return Error{"Format must be \"stdout\" or \"json\": \"" + format + "\""};
            }
            query.json = format == "json";
            format_given = true;
        } else if (word.starts_with("--") && word != api::kGlobalApp) {
            if (!query.info_flag.empty()) return Error{"command allows only a single flag"};
            query.info_flag = word;
        } else if (query.app.empty()) {
            query.app = word;
        } else {
            return Error{"too many arguments: " + word};
        }
    }
    if (format_given && !query.info_flag.empty()) {
        return Error{"--format flag cannot be specified when specifying an info flag"};
    }
    return query;
}

std::string report_text(const Session& session, const std::string& app, const std::string& kind,
                        std::vector<ReportLine> lines) {
    sort_lines(lines);
    std::size_t width = kKeyWidth;
    for (const ReportLine& line : lines)
        width = std::max(width, line.flag.size());
    std::string text;
    if (!session.quiet) text = "=====> " + app + " " + kind + " information\n";
    for (const ReportLine& line : lines) {
        std::string title = title_of(line.flag);
        if (!line.value.empty()) title.resize(std::max(width, title.size() + 1), ' ');
        text += "       " + title + line.value + "\n";
    }
    return text;
}

std::string report_json(std::vector<ReportLine> lines) {
    sort_lines(lines);
    api::JsonWriter json;
    std::string text = "{";
    for (const ReportLine& line : lines) {
        json.text(line.flag.substr(2));
        text += (text.size() > 1 ? "," : "") + json.take();
        json = {};
        json.text(line.value);
        text += ":" + json.take();
        json = {};
    }
    return text + "}\n";
}

int print_report(const Session& session, const ReportQuery& query, const std::string& app,
                 const std::string& kind, const std::vector<ReportLine>& lines) {
    if (query.json) {
        print(report_json(lines));
        return kOk;
    }
    if (query.info_flag.empty()) {
        print(report_text(session, app, kind, lines));
        return kOk;
    }
    std::vector<ReportLine> sorted = lines;
    sort_lines(sorted);
    std::string valid;
    for (const ReportLine& line : sorted) {
        if (line.flag == query.info_flag) {
            print(line.value + "\n");
            return kOk;
        }
        valid += (valid.empty() ? "" : ", ") + line.flag;
    }
    return fail("Invalid flag passed, valid flags: " + valid);
}

}  // namespace reeve::cli::compat::dokku
