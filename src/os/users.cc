#include "os/users.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "os/clock.h"
#include "os/subprocess.h"

namespace reeve::os {
namespace {

constexpr std::size_t kGroupsMax = 1024;
constexpr const char* kDefaultLang = "C.UTF-8";
constexpr const char* kAppUser = "reeve-app";
constexpr const char* kGetent = "/usr/bin/getent";
/// How long a directory service may take to say who somebody is, and how long nobody asks again
/// when it took longer.
constexpr Duration kGetentPatience = 5s;
constexpr Duration kSilencePause = 30s;
/// What getent(1) ends with that knows nothing of a key.
constexpr int kGetentKnowsNothing = 2;
/// What setresuid(2) takes for "as it is" is nobody's number.
constexpr std::int64_t kIdMax = 0xFFFF'FFFE;

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

Error no_answer(const char* database, const std::string& key, int error,
                const std::string& said = {}) {
    const std::string more = trim(said).empty() ? "" : " (" + std::string(trim(said)) + ")";
    return system_error("ask getent for " + key + " in " + database + more, error);
}

/// What the system's other sources know of `key`, as a line of its database; empty: nothing. Fails
/// where they do not say. A program asks them: one may hang, and the libraries that they are made
/// of stay loaded.
Result<std::string> ask_other_sources(const char* database, const std::string& key) {
    static TimePoint silent_until;
    if (steady_now() < silent_until) return no_answer(database, key, ETIMEDOUT);
    Result<Subprocess> getent = Subprocess::start({kGetent, database, "--", key});
    if (!getent && getent.error().code == ENOENT) return std::string();  // a system without
    if (!getent) return no_answer(database, key, getent.error().code, getent.error().message);
    if (!wait_for_end(*getent)) {
        silent_until = steady_now() + kSilencePause;
        return no_answer(database, key, ETIMEDOUT);
    }
    const int status = getent->reap().value_or(-1);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kGetentKnowsNothing) return std::string();
    getent->read_output();
    if (status != 0) return no_answer(database, key, EIO, getent->said());
    return getent->said();
}

std::optional<unsigned> id_of(std::string_view text) {
    const Result<std::int64_t> number = parse_integer(text);
    if (!number || *number < 0 || *number > kIdMax) return std::nullopt;
    return static_cast<unsigned>(*number);
}

/// A number that nobody can have; other sources would take some other number for it.
bool is_nobodys(std::string_view text) {
    return !id_of(text) && text.find_first_not_of("-0123456789") == std::string_view::npos;
}

std::unique_ptr<FILE, int (*)(FILE*)> open_text(std::string& text) {
    return {text.empty() ? nullptr : ::fmemopen(text.data(), text.size(), "r"), ::fclose};
}

/// The number itself where no database knows it.
Result<User> unknown_user(const std::string& name_or_number, const std::string& where) {
    const std::optional<unsigned> id = id_of(name_or_number);
    if (!id)
        return Error{"find user " + name_or_number + where + ": there is no such user", ENOENT};
    return User{name_or_number, "/", "/bin/sh", *id, *id};
}

std::optional<User> user_in_file(const std::string& root, const std::string& name_or_number) {
    const std::optional<unsigned> id = id_of(name_or_number);
    const auto file = open_database(root + "/etc/passwd");
    while (const passwd* entry = file ? ::fgetpwent(file.get()) : nullptr) {
        if (entry->pw_name == name_or_number || (id && entry->pw_uid == *id))
            return to_user(*entry);
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
    if (const std::optional<unsigned> id = id_of(name_or_number)) return *id;
    return Error{"find group " + name_or_number + " below " + root_ + ": there is no such group",
                 ENOENT};
}

Result<std::vector<gid_t>> UserDatabase::groups_of(const std::string& user, gid_t gid) const {
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
    if (is_nobodys(name_or_number)) return unknown_user(name_or_number, "");
    std::string line = TRY(ask_other_sources("passwd", name_or_number));
    const auto file = open_text(line);
    const passwd* entry = file ? ::fgetpwent(file.get()) : nullptr;
    return entry != nullptr ? to_user(*entry) : unknown_user(name_or_number, "");
}

User current_user() {
    const unsigned id = ::geteuid();
    const Result<User> found = find_user(std::to_string(id));
    return found ? *found : User{std::to_string(id), "/", "/bin/sh", id, ::getegid()};
}

Result<User> default_app_user() {
    static std::optional<User> known;
    if (known) return *known;
    if (::geteuid() != 0) return *(known = current_user());
    Result<User> app_user = find_user(kAppUser);
    // Not knowing whether there is one makes nobody root.
    if (!app_user && app_user.error().code != ENOENT) return app_user;
    return *(known = app_user ? *app_user : current_user());
}

std::map<std::string, std::string> login_environment(const User& user) {
    return {{"PATH", kDefaultPath}, {"LANG", kDefaultLang}, {"HOME", user.home},
            {"USER", user.name},    {"LOGNAME", user.name}, {"SHELL", user.shell}};
}

Result<gid_t> find_group(const std::string& name_or_number) {
    if (const auto in_file = UserDatabase("/").find_group(name_or_number)) return in_file;
    std::string line;
    if (!is_nobodys(name_or_number)) line = TRY(ask_other_sources("group", name_or_number));
    const auto file = open_text(line);
    const group* entry = file ? ::fgetgrent(file.get()) : nullptr;
    if (entry != nullptr) return entry->gr_gid;
    return Error{"find group " + name_or_number + ": there is no such group", ENOENT};
}

Result<gid_t> operators_group() {
    static std::optional<Result<gid_t>> known;
    if (known) return *known;
    Result<gid_t> found = find_group(kOperatorsGroup);
    if (found || found.error().code == ENOENT) known = found;
    return found;
}

Result<gid_t> operators_group_in_file() {
    return UserDatabase("/").find_group(kOperatorsGroup);
}

Result<std::vector<gid_t>> groups_of(const std::string& user, gid_t gid) {
    std::vector<gid_t> groups = TRY(UserDatabase("/").groups_of(user, gid));
    const std::string line = TRY(ask_other_sources("initgroups", user));
    std::string_view rest = line;
    rest.remove_prefix(std::min(rest.size(), user.size()));
    for (const std::string_view word : words(rest)) {
        const std::optional<unsigned> group = id_of(word);
        if (!group || groups.size() >= kGroupsMax) continue;
        if (std::find(groups.begin(), groups.end(), *group) == groups.end())
            groups.push_back(*group);
    }
    return groups;
}

}  // namespace reeve::os
