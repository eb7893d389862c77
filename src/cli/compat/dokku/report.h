#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/compat/dokku/session.h"

// Dokku's reports: `apps:report`, `ps:report` and their kind.
namespace reeve::cli::compat::dokku {

/// One line: the flag that asks for it alone, and its value.
struct ReportLine {
    std::string flag;  // `--ps-restart-policy`
    std::string value;
};

/// What a report is asked for.
struct ReportQuery {
    std::string app;        // empty: every app; api::kGlobalApp: what holds for all
    std::string info_flag;  // empty: everything
    bool json = false;
};

/// Reads `[APP|--global] [--flag | --format stdout|json]`. The error is Dokku's message.
Result<ReportQuery> parse_report_query(const Words& words);

/// One app's report as text. `kind`: the word of the heading, `ps` in `=====> shop ps information`.
/// Lines are sorted by their flags; values stand behind 31 columns, or more where a flag needs it.
std::string report_text(const Session& session, const std::string& app, const std::string& kind,
                        std::vector<ReportLine> lines);

/// One app's report as a flat object of texts. Names are the flags without dashes in front.
std::string report_json(std::vector<ReportLine> lines);

/// Prints what was asked of one app: everything, one value, or JSON; and the exit code.
int print_report(const Session& session, const ReportQuery& query, const std::string& app,
                 const std::string& kind, const std::vector<ReportLine>& lines);

}  // namespace reeve::cli::compat::dokku
