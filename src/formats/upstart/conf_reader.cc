#include "formats/upstart/conf_reader.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "formats/upstart/scanner.h"
#include "formats/upstart/stanza_reader.h"

namespace reeve::formats::upstart {
namespace {

constexpr std::int64_t kHookTimeoutMax = 86'400;

// `respawn` and `respawn limit` are two stanzas for whoever reads the marks.
std::string with_second_word(const std::string& name, Scanner scanner) {
    for (const char* first : {"respawn", "start", "stop", "kill", "oom", "apparmor"}) {
        if (name != first || !scanner.has_word()) continue;
        const Result<std::string> second = scanner.word(kArgumentEnd, Quoting::Raw);
        if (second && second->find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos)
            return name + ' ' + *second;
    }
    return name;
}

class ConfReader {
public:
    ConfReader(std::string_view file, std::string_view text, const JobClass& base)
        : source_(file, text), scanner_(text) {
        conf_.job = base;
    }

    Conf read() {
        if (source_.text().size() > kConfigBytesMax) {
            conf_.mistake = source_.error("the file is longer than 1 MiB", "");
            return std::move(conf_);
        }
        for (;;) {
            scanner_.skip_blanks();
            if (scanner_.at_end()) return std::move(conf_);
            if (!scanner_.has_word()) {
                take_setting();
                scanner_.skip_comment();
                continue;
            }
            const Result<void> taken = take_stanza();
            if (taken) continue;
            conf_.mistake = source_.error_at(scanner_.mistake_offset(), taken.error().message, "");
            return std::move(conf_);
        }
    }

private:
    Result<void> take_stanza() {
        const std::size_t begin = scanner_.offset();
        const std::string name = TRY(scanner_.word(kArgumentEnd, Quoting::Raw));
        const StanzaReader reader = find_stanza(name);
        if (reader == nullptr) return scanner_.mistake(begin, "Unknown stanza");
        conf_.marks.push_back({with_second_word(name, scanner_), begin});
        return reader({scanner_, conf_.job});
    }

    // A comment that speaks to reeve, on a line of its own.
    void take_setting() {
        constexpr std::string_view kMark = "#:";
        const std::size_t begin = scanner_.offset();
        const std::string_view rest = source_.text().substr(begin);
        if (!rest.starts_with(kMark)) return;
        conf_.marks.push_back({std::string(kMark), begin});
        const std::string_view line =
            trim(rest.substr(kMark.size(), rest.find('\n') - kMark.size()));
        const std::vector<std::string_view> parts = words(line);
        const bool is_timeout = parts.size() == 3 && parts[0] == "hook" && parts[1] == "timeout";
        const auto seconds = is_timeout ? parse_integer(parts[2]) : Result<std::int64_t>(0);
        if (seconds && *seconds > 0 && *seconds <= kHookTimeoutMax)
            conf_.job.hook_timeout_seconds = static_cast<std::uint32_t>(*seconds);
        else
            conf_.job.unknown_settings.emplace_back(line);
    }

    SourceText source_;
    Scanner scanner_;
    Conf conf_;
};

}  // namespace

Conf read_conf(std::string_view file, std::string_view text, const JobClass& base) {
    return ConfReader(file, text, base).read();
}

}  // namespace reeve::formats::upstart
