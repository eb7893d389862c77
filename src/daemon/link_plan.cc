#include "daemon/link_plan.h"

#include <string>

#include "base/text.h"
#include "spec/link.h"

namespace reeve::daemon {
namespace {

/// An address that does not answer for so long is missing.
constexpr int kAddressTries = 20;
/// Longer than all of the tries.
constexpr Duration kLinksPatience = 120s;

/// Nothing in it ends single quotes: spec::Link has seen to that.
std::string quoted(const std::string& text) {
    return "'" + text + "'";
}

std::string wait_for(const spec::Link& link) {
    const std::string address = quoted("/dev/tcp/" + link.name + "/" + std::to_string(link.port));
    return "n=0; until timeout 2 bash -c 'exec 3<>\"$1\"' bash " + address +
           " 2>/dev/null; do n=$((n+1)); if [ $n -ge " + std::to_string(kAddressTries) +
           " ]; then echo " +
           quoted("the linked address " + link.name + ":" + std::to_string(link.port) +
                  " accepts no connection") +
           " >&2; exit 1; fi; sleep 0.5; done\n";
}

std::string start_unit(const spec::Link& link) {
    const std::string unit = quoted(link.name);
    return "systemctl is-active --quiet " + unit + " || systemctl --no-ask-password start " + unit +
           " || { echo " + quoted("the linked systemd unit " + link.name + " does not run") +
           " >&2; exit 1; }\n";
}

}  // namespace

LinkPlan plan_links(std::string_view links) {
    LinkPlan plan;
    std::string script;
    for (const std::string_view word : words(links)) {
        const Result<spec::Link> link = spec::parse_link(word);
        if (!link) continue;  // `links:add` takes none of these
        switch (link->kind) {
            case spec::LinkKind::App:
                plan.needs.push_back({link->name, link->service});
                break;
            case spec::LinkKind::Unit:
                script += start_unit(*link);
                break;
            case spec::LinkKind::Address:
                script += wait_for(*link);
                break;
        }
    }
    if (script.empty()) return plan;
    spec::Hook hook;
    hook.command = spec::ShellCommand{script, spec::Shell::Bash};
    hook.timeout = kLinksPatience;
    plan.before_start = std::move(hook);
    return plan;
}

}  // namespace reeve::daemon
