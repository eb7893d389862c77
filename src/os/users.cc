#include "os/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/text.h"

namespace reeve::os {
namespace {

constexpr int kGroupsMax = 1024;
constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kDefaultLang = "C.UTF-8";
constexpr const char* kAppUser = "reeve-app";

User to_user(const passwd& entry) {
    return {entry.pw_name, entry.pw_dir, entry.pw_shell, entry.pw_uid, entry.pw_gid};
}

}  // namespace

Result<User> find_user(const std::string& name_or_number) {
    errno = 0;
    const passwd* entry = ::getpwnam(name_or_number.c_str());
    const Result<std::int64_t> number = parse_integer(name_or_number);
    if (entry == nullptr && number) entry = ::getpwuid(static_cast<uid_t>(*number));
    if (entry != nullptr) return to_user(*entry);
    if (number && *number >= 0) {
        const auto id = static_cast<unsigned>(*number);
        return User{name_or_number, "/", "/bin/sh", id, id};
    }
    return Error{"find user " + name_or_number + ": there is no such user", ENOENT};
}

User current_user() {
    const passwd* entry = ::getpwuid(::geteuid());
    if (entry != nullptr) return to_user(*entry);
    return {std::to_string(::geteuid()), "/", "/bin/sh", ::geteuid(), ::getegid()};
}

User default_app_user() {
    if (::geteuid() == 0) {
        const Result<User> app_user = find_user(kAppUser);
        if (app_user) return *app_user;
    }
    return current_user();
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

std::vector<gid_t> groups_of(const std::string& user, gid_t gid) {
    int count = kGroupsMax;
    std::vector<gid_t> groups(kGroupsMax);
    if (::getgrouplist(user.c_str(), gid, groups.data(), &count) < 0) return {gid};
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

}  // namespace reeve::os
