#include <string>

#include "formats/dotenv/dotenv.h"
#include "fuzz/target.h"

namespace {

namespace dotenv = reeve::formats::dotenv;

// Single quotes keep a value as it is, unless it has one itself.
void check_printed(const std::vector<dotenv::Variable>& variables) {
    std::string text;
    std::vector<dotenv::Variable> printed;
    for (const dotenv::Variable& variable : variables) {
        if (variable.value.find_first_of("'\\\r") != std::string::npos) continue;
        text += variable.name + "='" + variable.value + "'\n";
        printed.push_back(variable);
    }
    const auto again = dotenv::parse("f", text);
    CHECK(again.ok() && again.value.size() == printed.size());
    for (std::size_t i = 0; i < printed.size(); ++i) {
        CHECK(again.value[i].name == printed[i].name);
        CHECK(again.value[i].value == printed[i].value);
    }
}

}  // namespace

FUZZ_TARGET(dotenv) {
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const auto reading = dotenv::parse("f", text);
    reeve::fuzz::check_diagnostics(reading.diagnostics, text);
    if (reading.ok() && size < 500'000) check_printed(reading.value);
    return 0;
}
