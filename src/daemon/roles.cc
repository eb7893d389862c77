#include "daemon/roles.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "formats/native/reader.h"
#include "os/fd.h"
#include "os/users.h"

namespace reeve::daemon {
namespace {

spec::Role needed(api::Access access) {
    switch (access) {
        case api::Access::View:
            return spec::Role::View;
        case api::Access::Operate:
            return spec::Role::Operate;
        case api::Access::Deploy:
            return spec::Role::Deploy;
        case api::Access::Admin:
            return spec::Role::Admin;
    }
    return spec::Role::Admin;
}

bool is_same_file(const struct stat& a, const struct stat& b) {
    return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_mode == b.st_mode && a.st_uid == b.st_uid;
}

std::string on_one_line(const formats::Diagnostic& diagnostic) {
    std::string text = diagnostic.file;
    if (diagnostic.line != 0) text += ":" + std::to_string(diagnostic.line);
    if (diagnostic.column != 0) text += ":" + std::to_string(diagnostic.column);
    text += ": " + diagnostic.message;
    if (!diagnostic.hint.empty()) text += " (" + diagnostic.hint + ")";
    return text;
}

template <typename Number>
bool contains(const std::vector<Number>& numbers, Number number) {
    return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

Roles::Roles(std::string path) : path_(std::move(path)) {
    read();
}

bool Roles::permits(const api::Peer& peer, api::Access access, const std::string& app) {
    // A peer that the kernel does not name is nobody.
    if (peer.uid == static_cast<uid_t>(-1)) return false;
    if (peer.uid == 0 || peer.uid == ::geteuid()) return true;
    refresh();
    let_operators_in();
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        if (rule.role < needed(access)) return false;
        const bool is_meant = contains(rule.users, peer.uid) || contains(rule.groups, peer.gid) ||
                              std::any_of(peer.groups.begin(), peer.groups.end(), [&](gid_t group) {
                                  return contains(rule.groups, group);
                              });
        if (!is_meant) return false;
        // reeve itself is the app "*": only a rule for everything covers it.
        return app.empty() || std::any_of(rule.apps.begin(), rule.apps.end(), [&](const auto& one) {
                   return app == "*" ? one == "*" : glob_matches(one, app);
               });
    });
}

const std::string& Roles::problem() {
    refresh();
    return problem_;
}

const std::vector<std::string>& Roles::unknown_names() {
    refresh();
    return unknown_names_;
}

const spec::Configuration& Roles::configuration() {
    refresh();
    return configuration_;
}

void Roles::refresh() {
    struct stat found {};
    const bool exists = ::stat(path_.c_str(), &found) == 0;
    if (exists ? seen_ && is_same_file(*seen_, found) : !seen_) return;
    read();
}

/// A file that is wrong leaves nobody in but root: a mistake must not open anything.
void Roles::read() {
    configuration_ = {};
    rules_.clear();
    problem_.clear();
    unknown_names_.clear();
    lets_operators_in_ = false;
    seen_.reset();
    struct stat found {};
    if (::stat(path_.c_str(), &found) != 0) {
        if (errno == ENOENT) {
            lets_operators_in_ = true;
        } else {
            problem_ = system_error("look at " + path_).message;
        }
        return;
    }
    seen_ = found;
    if ((found.st_uid != 0 && found.st_uid != ::geteuid()) || (found.st_mode & 022U) != 0) {
        problem_ = path_ + " is not read: others may write to it, or own it";
    } else if (const auto text = os::read_file(path_, formats::kConfigBytesMax + 1); !text) {
        problem_ = text.error().message;
    } else {
        auto reading = formats::native::read_configuration(path_, *text);
        for (const formats::Diagnostic& diagnostic : reading.diagnostics) {
            if (diagnostic.severity == formats::Severity::Error && problem_.empty())
                problem_ = on_one_line(diagnostic);
        }
        if (reading.ok()) {
            configuration_ = std::move(reading.value);
            for (const spec::AccessRule& rule : configuration_.allow)
                add(rule);
            if (configuration_.allow.empty()) lets_operators_in_ = true;
        }
    }
    if (!problem_.empty()) log::warning("reason=\"" + problem_ + "\"");
}

void Roles::add(const spec::AccessRule& rule) {
    Rule resolved{rule.role, {}, {}, rule.apps};
    for (const std::string& name : rule.users) {
        const auto user = os::find_user(name);
        if (user)
            resolved.users.push_back(user->uid);
        else
            note_unknown("user " + name, user.error());
    }
    for (const std::string& name : rule.groups) {
        const auto group = os::find_group(name);
        if (group)
            resolved.groups.push_back(*group);
        else
            note_unknown("group " + name, group.error());
    }
    rules_.push_back(std::move(resolved));
}

/// Without a rule. A machine without that group has nobody to let in, which is no mistake. Looked
/// for when the first peer asks, in the file at least; in every other source once for all of
/// reeved.
void Roles::let_operators_in() {
    if (!lets_operators_in_) return;
    Result<gid_t> group = os::operators_group_in_file();
    if (!group) group = os::operators_group();
    // Where nobody says whether there is one, the next peer asks again.
    lets_operators_in_ = !group && group.error().code != ENOENT;
    if (group) rules_.push_back({spec::Role::Deploy, {}, {*group}, {"*"}});
}

void Roles::note_unknown(const std::string& who, const Error& why) {
    const std::string what =
        why.code == ENOENT ? "which does not exist" : "which was not found: " + why.message;
    unknown_names_.push_back(path_ + " has a rule for the " + who + ", " + what);
    log::warning("reason=\"" + unknown_names_.back() + "\"");
}

}  // namespace reeve::daemon
