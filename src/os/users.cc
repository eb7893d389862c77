#include "os/users.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/text.h"
#include "os/clock.h"
#include "os/subprocess.h"

namespace reeve::os {
namespace {

constexpr std::size_t kGroupsMax = 1024;
constexpr const char* kDefaultLang = "C.UTF-8";
constexpr const char* kAppUser = "reeve-app";
constexpr const char* kGetent = "/usr/bin/getent";
/// How long a directory service may take to say who somebody is.
constexpr Duration kGetentPatience = 5s;

User to_user(const passwd& entry) {
    return {entry.pw_name, entry.pw_dir, entry.pw_shell, entry.pw_uid, entry.pw_gid};
}

/// A file of `/etc` below another root directory, as stdio wants it; null: there is none.
std::unique_ptr<FILE, int (*)(FILE*)> open_database(const std::string& path) {
    return {::fopen(path.c_str(), "re"), ::fclose};
}

/// Whether it ends in time; reads what it says meanwhile, which may be more than a pipe holds (a
/// group with thousands of members).
bool wait_for_end(Subprocess& child) {
    const TimePoint until = steady_now() + kGetentPatience;
    pollfd watched[] = {{child.pidfd(), POLLIN, 0}, {child.output_fd(), POLLIN, 0}};
    for (TimePoint now = steady_now(); now < until; now = steady_now()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        ::poll(watched, std::size(watched), static_cast<int>(left.count()));
        if ((watched[0].revents & POLLIN) != 0) return true;
        if ((watched[1].revents & POLLIN) != 0) child.read_output();
        if ((watched[1].revents & POLLHUP) != 0) watched[1].fd = -1;
    }
    return false;
}

/// What the system's other sources know of `key`, as a line of its database; empty: nothing. A
/// program asks them: one may hang, and the libraries that they are made of stay loaded.
std::string ask_other_sources(const char* database, const std::string& key) {
    Result<Subprocess> getent = Subprocess::start({kGetent, database, "--", key});
    if (!getent || !wait_for_end(*getent) || getent->reap() != 0) return {};
    getent->read_output();
    return getent->said();
}

std::unique_ptr<FILE, int (*)(FILE*)> open_text(std::string& text) {
    return {text.empty() ? nullptr : ::fmemopen(text.data(), text.size(), "r"), ::fclose};
}

/// The number itself where no database knows it.
Result<User> unknown_user(const std::string& name_or_number, const std::string& where) {
    const Result<std::int64_t> number = parse_integer(name_or_number);
    if (!number || *number < 0)
        return Error{"find user " + name_or_number + where + ": there is no such user", ENOENT};
    const auto id = static_cast<unsigned>(*number);
    return User{name_or_number, "/", "/bin/sh", id, id};
}

std::optional<User> user_in_file(const std::string& root, const std::string& name_or_number) {
    const Result<std::int64_t> number = parse_integer(name_or_number);
    const auto file = open_database(root + "/etc/passwd");
    while (const passwd* entry = file ? ::fgetpwent(file.get()) : nullptr) {
        const bool same_number = number && entry->pw_uid == static_cast<uid_t>(*number);
        if (entry->pw_name == name_or_number || same_number) return to_user(*entry);
    }
    return std::nullopt;
}

}  // namespace

Result<User> UserDatabase::find_user(const std::string& name_or_number) const {
    if (root_.empty()) return os::find_user(name_or_number);
    if (auto found = user_in_file(root_, name_or_number)) return *std::move(found);
    return unknown_user(name_or_number, " below " + root_);
}

Result<gid_t> UserDatabase::find_group(const std::string& name_or_number) const {
    if (root_.empty()) return os::find_group(name_or_number);
    const auto file = open_database(root_ + "/etc/group");
    while (const group* entry = file ? ::fgetgrent(file.get()) : nullptr) {
        if (entry->gr_name == name_or_number) return entry->gr_gid;
    }
    const Result<std::int64_t> number = parse_integer(name_or_number);
    if (number && *number >= 0) return static_cast<gid_t>(*number);
    return Error{"find group " + name_or_number + " below " + root_ + ": there is no such group",
                 ENOENT};
}

std::vector<gid_t> UserDatabase::groups_of(const std::string& user, gid_t gid) const {
    if (root_.empty()) return os::groups_of(user, gid);
    std::vector<gid_t> groups = {gid};
    const auto file = open_database(root_ + "/etc/group");
    while (const group* entry = file ? ::fgetgrent(file.get()) : nullptr) {
        for (char** member = entry->gr_mem; *member != nullptr; ++member) {
            if (*member == user && entry->gr_gid != gid) groups.push_back(entry->gr_gid);
        }
    }
    return groups;
}

Result<User> find_user(const std::string& name_or_number) {
    if (auto found = user_in_file("", name_or_number)) return *std::move(found);
    std::string line = ask_other_sources("passwd", name_or_number);
    const auto file = open_text(line);
    const passwd* entry = file ? ::fgetpwent(file.get()) : nullptr;
    return entry != nullptr ? to_user(*entry) : unknown_user(name_or_number, "");
}

User current_user() {
    const unsigned id = ::geteuid();
    const Result<User> found = find_user(std::to_string(id));
    return found ? *found : User{std::to_string(id), "/", "/bin/sh", id, ::getegid()};
}

const User& default_app_user() {
    static const User found = [] {
        const Result<User> app_user = ::geteuid() == 0 ? find_user(kAppUser) : Error{"not root"};
        return app_user ? *app_user : current_user();
    }();
    return found;
}

std::map<std::string, std::string> login_environment(const User& user) {
    return {{"PATH", kDefaultPath}, {"LANG", kDefaultLang}, {"HOME", user.home},
            {"USER", user.name},    {"LOGNAME", user.name}, {"SHELL", user.shell}};
}

Result<gid_t> find_group(const std::string& name_or_number) {
    if (const auto in_file = UserDatabase("/").find_group(name_or_number)) return in_file;
    std::string line = ask_other_sources("group", name_or_number);
    const auto file = open_text(line);
    const group* entry = file ? ::fgetgrent(file.get()) : nullptr;
    if (entry != nullptr) return entry->gr_gid;
    return Error{"find group " + name_or_number + ": there is no such group", ENOENT};
}

const Result<gid_t>& operators_group() {
    static const Result<gid_t> found = find_group(kOperatorsGroup);
    return found;
}

Result<gid_t> operators_group_in_file() {
    return UserDatabase("/").find_group(kOperatorsGroup);
}

std::vector<gid_t> groups_of(const std::string& user, gid_t gid) {
    std::vector<gid_t> groups = UserDatabase("/").groups_of(user, gid);
    const std::string line = ask_other_sources("initgroups", user);
    std::string_view rest = line;
    rest.remove_prefix(std::min(rest.size(), user.size()));
    for (const std::string_view word : words(rest)) {
        const Result<std::int64_t> number = parse_integer(word);
        if (!number || groups.size() >= kGroupsMax) continue;
        const auto group = static_cast<gid_t>(*number);
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    }
    return groups;
}

}  // namespace reeve::os
