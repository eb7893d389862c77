#pragma once

#include <string>

#include "formats/json/jsonc.h"
#include "formats/pill/document.h"
#include "spec/check_spec.h"

namespace reeve::formats::pill {

/// The options of `checks :http` as a probe; nullopt: they make none, and it was said.
/// Source: bluepill lib/bluepill/process_conditions/http.rb.
std::optional<spec::HttpProbe> lower_http(Document& document, const Place& place,
                                          const json::Value& options);

/// How long an answer may take: the options `timeout`, `open_timeout` and `read_timeout`.
Duration http_timeout(const json::Value& options);

}  // namespace reeve::formats::pill
