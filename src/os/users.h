#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace reeve::os {

/// A user as the system's databases know it.
struct User {
    std::string name;
    std::string home;
    std::string shell;
    uid_t uid = 0;
    gid_t gid = 0;
};

/// Whose members may use the API of root's reeve and read its logs.
inline constexpr const char* kOperatorsGroup = "reeve";

/// By name, or by number in decimal. Fails with ENOENT when there is none, with another error when
/// the system's sources of users do not say, which is not for ever.
Result<User> find_user(const std::string& name_or_number);

/// The user of this process.
User current_user();

/// The user of apps that name none: the system user `reeve-app` for root's reeve where there is
/// one, else the user of this process. Looked up until that is known: a look for who is not there
/// goes through every source of users that the system has. Fails as `find_user`, but not with
/// ENOENT.
Result<User> default_app_user();

/// What an environment starts with: PATH, LANG, and who the user is.
std::map<std::string, std::string> login_environment(const User& user);

/// Where programs are looked for when nobody has said it.
inline constexpr const char* kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The users and groups of this system, or of another root directory: there, those of its files
/// `/etc/passwd` and `/etc/group`.
class UserDatabase {
public:
    /// Empty: this system.
    explicit UserDatabase(std::string root) : root_(std::move(root)) {}

    /// As the functions of these names.
    Result<User> find_user(const std::string& name_or_number) const;
    Result<gid_t> find_group(const std::string& name_or_number) const;
    Result<std::vector<gid_t>> groups_of(const std::string& user, gid_t gid) const;

private:
    std::string root_;
};

/// A group's number, by name or by number in decimal. Fails as `find_user`.
Result<gid_t> find_group(const std::string& name_or_number);

/// That of kOperatorsGroup; looked up until it is known whether there is one.
Result<gid_t> operators_group();

/// The same where `/etc/group` names it, which is seen at once; no other source is asked.
Result<gid_t> operators_group_in_file();

/// The groups of a user, `gid` among them. Fails when the system's sources of groups do not say.
Result<std::vector<gid_t>> groups_of(const std::string& user, gid_t gid);

}  // namespace reeve::os
