#include "formats/pill/pill_reader.h"
#include "fuzz/target.h"
#include "spec/app.h"

// An evaluated pill is untrusted: whatever it says, it is refused or becomes apps that survive
// being stored.
FUZZ_TARGET(pill_json) {
    using namespace reeve;
    formats::pill::PillText text;
    text.path = "f";
    text.json = fuzz::as_text(data, size);
    const auto reading = formats::pill::read_pill(text);
    for (const formats::Diagnostic& diagnostic : reading.diagnostics) {
        for (const char c : to_text(diagnostic, formats::Colour::No))
            CHECK(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
    }
    CHECK(formats::pill::read_pill(text).diagnostics == reading.diagnostics);
    if (!reading.ok()) return 0;
    for (const formats::pill::PillApp& pill : reading.value) {
        if (!spec::validate(pill.app).ok()) continue;
        const auto again = spec::app_from_json(spec::to_json(pill.app));
        CHECK(again.ok());
        CHECK(*again == pill.app);
    }
    return 0;
}
