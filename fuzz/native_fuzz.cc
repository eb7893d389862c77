#include <string>

#include "formats/native/reader.h"
#include "formats/native/writer.h"
#include "fuzz/target.h"

// Any text as a reeve.toml and as reeve's own settings. What is read without an error, the engine
// runs, and it survives the way to the daemon and through a file that reeve writes.
FUZZ_TARGET(native) {
    using namespace reeve::formats;
    const std::string text(reeve::fuzz::as_text(data, size));
    native::AppTexts texts{"/srv/shop/reeve.toml", text, "/srv/shop", "", ""};
    const auto reading = native::read_app(texts);
    reeve::fuzz::check_diagnostics(reading.diagnostics, without_bom(text));
    const auto settings = native::read_configuration("/etc/reeve/reeve.toml", text);
    reeve::fuzz::check_diagnostics(settings.diagnostics, without_bom(text));
    if (!reading.ok()) return 0;
    CHECK(reeve::spec::validate(reading.value).ok());
    const auto sent = reeve::spec::app_from_json(reeve::spec::to_json(reading.value));
    CHECK(sent.ok() && *sent == reading.value);
    const WrittenFiles written = native::write_app(reading.value);
    texts.text = written.files.at(0).text;
    const auto again = native::read_app(texts);
    CHECK(again.ok() || texts.text.size() > kConfigBytesMax);
    CHECK(!again.ok() || again.value == reading.value);
    return 0;
}
