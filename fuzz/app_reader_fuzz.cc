#include <string>

#include "formats/procfile/app_reader.h"
#include "fuzz/target.h"

// The input is a Procfile, a .env and an app.json, divided by lines of `%%`.
FUZZ_TARGET(app_reader) {
    using namespace reeve::formats;
    const std::string_view text = reeve::fuzz::as_text(data, size);
    constexpr std::string_view kDivider = "%%\n";
    const std::size_t first = text.find(kDivider);
    const std::size_t second =
        first == std::string_view::npos ? first : text.find(kDivider, first + kDivider.size());
    procfile::AppTexts texts;
    texts.directory = "/srv/shop";
    texts.procfile_path = "Procfile";
    texts.procfile = std::string(text.substr(0, first));
    if (first != std::string_view::npos) {
        const std::size_t begin = first + kDivider.size();
        texts.dotenv = std::string(text.substr(begin, second - begin));
    }
    if (second != std::string_view::npos) {
        texts.app_json = std::string(text.substr(second + kDivider.size()));
    }
    const auto reading = procfile::read_app(texts);
    // What is read without an error, the engine runs, and it survives the way to the daemon.
    if (reading.ok()) {
        CHECK(reeve::spec::validate(reading.value).ok());
        const auto sent = reeve::spec::app_from_json(reeve::spec::to_json(reading.value));
        CHECK(sent.ok() && *sent == reading.value);
    }
    return 0;
}
