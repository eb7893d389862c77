#include "formats/appjson/app_json.h"
#include "fuzz/target.h"

FUZZ_TARGET(app_json) {
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const auto reading = reeve::formats::appjson::parse("f", text);
    reeve::fuzz::check_diagnostics(reading.diagnostics, text);
    const auto again = reeve::formats::appjson::parse("f", text);
    CHECK(again.diagnostics == reading.diagnostics);
    return 0;
}
