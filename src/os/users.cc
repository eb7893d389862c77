#include "os/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include <memory>

#include "base/text.h"

namespace reeve::os {
namespace {

constexpr int kGroupsMax = 1024;
constexpr const char* kDefaultLang = "C.UTF-8";
constexpr const char* kAppUser = "reeve-app";

User to_user(const passwd& entry) {
    return {entry.pw_name, entry.pw_dir, entry.pw_shell, entry.pw_uid, entry.pw_gid};
}

/// A file of `/etc` below another root directory, as stdio wants it; null: there is none.
std::unique_ptr<FILE, int (*)(FILE*)> open_database(const std::string& path) {
    return {::fopen(path.c_str(), "re"), ::fclose};
}

/// The number itself where the database does not know it.
User unknown_user(const std::string& number, unsigned id) {
    return {number, "/", "/bin/sh", id, id};
}

}  // namespace

Result<User> UserDatabase::find_user(const std::string& name_or_number) const {
    if (root_.empty()) return os::find_user(name_or_number);
    const Result<std::int64_t> number = parse_integer(name_or_number);
    const auto file = open_database(root_ + "/etc/passwd");
    while (const passwd* entry = file ? ::fgetpwent(file.get()) : nullptr) {
        const bool same_number = number && entry->pw_uid == static_cast<uid_t>(*number);
        if (entry->pw_name == name_or_number || same_number) return to_user(*entry);
    }
    if (number && *number >= 0) {
        return unknown_user(name_or_number, static_cast<unsigned>(*number));
    }
    return Error{"find user " + name_or_number + " below " + root_ + ": there is no such user",
                 ENOENT};
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
    errno = 0;
    const passwd* entry = ::getpwnam(name_or_number.c_str());
    const Result<std::int64_t> number = parse_integer(name_or_number);
    if (entry == nullptr && number) entry = ::getpwuid(static_cast<uid_t>(*number));
    if (entry != nullptr) return to_user(*entry);
    if (number && *number >= 0) {
        return unknown_user(name_or_number, static_cast<unsigned>(*number));
    }
    return Error{"find user " + name_or_number + ": there is no such user", ENOENT};
}

User current_user() {
    const passwd* entry = ::getpwuid(::geteuid());
    if (entry != nullptr) return to_user(*entry);
    return {std::to_string(::geteuid()), "/", "/bin/sh", ::geteuid(), ::getegid()};
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
    const group* entry = ::getgrnam(name_or_number.c_str());
    if (entry != nullptr) return entry->gr_gid;
    const Result<std::int64_t> number = parse_integer(name_or_number);
    if (number && *number >= 0) return static_cast<gid_t>(*number);
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
    int count = kGroupsMax;
    std::vector<gid_t> groups(kGroupsMax);
    if (::getgrouplist(user.c_str(), gid, groups.data(), &count) < 0) return {gid};
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

}  // namespace reeve::os
