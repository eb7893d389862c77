#include "drivers/boot_events.h"

#include <string>

#include "base/text.h"

namespace reeve::drivers {
namespace {

/// More would only keep jobs from starting.
constexpr std::size_t kMountsMax = 500;

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

/// `/mnt/a\040b` as `/mnt/a b`.
std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
                            is_octal(text[i + 2]) && is_octal(text[i + 3]);
        if (!escape) {
            result += text[i];
            continue;
        }
        const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
        result += static_cast<char>(value);
        i += 3;
    }
    return result;
}

}  // namespace

std::vector<spec::NamedEvent> mounted_events(std::string_view mountinfo) {
    std::vector<spec::NamedEvent> events;
    for (const std::string_view line : split(mountinfo, '\n')) {
        const std::vector<std::string_view> fields = words(line);
        std::size_t dash = 6;
        while (dash < fields.size() && fields[dash] != "-")
            ++dash;
        if (dash + 2 >= fields.size() || events.size() == kMountsMax) continue;
        events.push_back({"mounted",
                          {{"MOUNTPOINT", unescaped(fields[4])},
                           {"TYPE", std::string(fields[dash + 1])},
                           {"DEVICE", unescaped(fields[dash + 2])},
                           {"OPTIONS", std::string(fields[5])}}});
    }
    return events;
}

std::vector<spec::NamedEvent> boot_sequence(const std::vector<spec::NamedEvent>& mounted,
                                            const std::vector<spec::NamedEvent>& network) {
    std::vector<spec::NamedEvent> events = {{"startup", {}}};
    events.insert(events.end(), mounted.begin(), mounted.end());
    for (const char* name : {"virtual-filesystems", "local-filesystems", "remote-filesystems",
                             "all-swaps", "filesystem"}) {
        events.push_back({name, {}});
    }
    events.insert(events.end(), network.begin(), network.end());
    events.push_back({"runlevel", {{"RUNLEVEL", "2"}, {"PREVLEVEL", "N"}}});
    return events;
}

std::vector<spec::NamedEvent> farewell_events(bool user_mode) {
    std::vector<spec::NamedEvent> events = {{"runlevel", {{"RUNLEVEL", "0"}, {"PREVLEVEL", "2"}}}};
    if (user_mode) events.push_back({"session-end", {{"TYPE", "shutdown"}}});
    return events;
}

}  // namespace reeve::drivers
