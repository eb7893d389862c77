#include "spec/target.h"

#include <algorithm>

#include "base/text.h"

namespace reeve::spec {
namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

bool is_glob(const std::string& pattern) {
    return pattern.find_first_of("*?[\\") != std::string::npos;
}

// A pattern that is the very name matches it, even where the name looks like a glob.
bool part_matches(const std::string& pattern, const std::string& name) {
    return pattern == name || (is_glob(pattern) && glob_matches(pattern, name));
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    if (text.empty()) return Error{"a target is empty; write APP, APP/SERVICE or APP/SERVICE.N"};
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return Error{"a target contains a control character"};
    }
    const std::string quoted = "target \"" + std::string(text) + "\"";
    const std::size_t slash = text.find('/');
    Target target;
    target.app = std::string(text.substr(0, slash));
    if (target.app.empty()) return Error{quoted + " has no app before the \"/\""};
    if (slash == std::string_view::npos) return target;
    target.instance = std::string(text.substr(slash + 1));
    if (target.instance.empty()) return Error{quoted + " has no service after the \"/\""};
    if (target.instance.front() == '.') return Error{quoted + " has no service before the \".\""};
    if (target.instance.back() == '.') return Error{quoted + " has no number after the \".\""};
    return target;
}

std::string to_text(const Target& target) {
    return target.instance.empty() ? target.app : target.app + "/" + target.instance;
}

bool matches(const Target& target, const InstanceName& name) {
    if (!target.app.empty() && !part_matches(target.app, name.app)) return false;
    return target.instance.empty() || part_matches(target.instance, name.service) ||
           part_matches(target.instance, instance_text(name));
}

}  // namespace reeve::spec
