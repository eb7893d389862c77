#include <string>

#include "fuzz/target.h"
#include "spec/expansion.h"

/// Any text is expanded or refused within the bounds; without a `$` it stays as it is.
FUZZ_TARGET(expansion) {
    using namespace reeve::spec;
    const std::string text(reeve::fuzz::as_text(data, size));
    const std::string value = "value";
    const auto expanded = expand(
        text, [&](const std::string& name) { return name.size() % 2 == 0 ? nullptr : &value; });
    if (!expanded.ok()) {
        CHECK(!expanded.error().message.empty());
        return 0;
    }
    const bool is_plain = text.find('$') == std::string::npos;
    CHECK(!is_plain || *expanded == text);
    CHECK(expanded->size() <= kExpansionBytesMax + value.size() * size);
    return 0;
}
