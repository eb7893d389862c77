#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/bluepill_words.h"
#include "base/result.h"

namespace reeve::cli::compat::bluepill {

/// A transition as the API writes it, read back.
struct ToldChange {
    std::string time;  // `2026-11-20T12:17:24.000000Z`
    std::string app;
    std::string service;
    std::string cause_id;
    api::bluepill::Change change;
};

/// Reads the answer of `GET /v1/why`.
Result<std::vector<ToldChange>> read_history(std::string_view why_json);

/// Reads one line of `GET /v1/events`; an error for a line that tells of no transition.
Result<ToldChange> read_event(std::string_view line);

/// The newest ten events of one process, newest first, below `event history:`; empty without any.
std::string render_history(const std::vector<ToldChange>& changes);

/// `2026-11-20T12:17:24.123456Z` in local time, in the format of strftime(3); `%6N` stands for the
/// microseconds. The text itself where it is no time.
std::string local_time(std::string_view time, std::string format);

}  // namespace reeve::cli::compat::bluepill
