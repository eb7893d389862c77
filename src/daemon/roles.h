#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "api/backend.h"
#include "spec/configuration.h"

namespace reeve::daemon {

/// The configuration file, which is looked at again when it changed: who may do what, and the rest.
class Roles {
public:
    /// `path`: the configuration file, which need not exist.
    explicit Roles(std::string path);

    /// Whether the peer may do that to the app; an empty name: to some app.
    bool permits(const api::Peer& peer, api::Access access, const std::string& app);

    /// What the file says; all defaults where there is none, or it is wrong.
    const spec::Configuration& configuration();

    /// What is wrong with the file; empty: nothing. Then nobody but root is let in.
    const std::string& problem();

    /// Users and groups of the rules that do not exist, one line each: nobody is let in for them.
    const std::vector<std::string>& unknown_names();

private:
    /// A rule with its users and groups as numbers.
    struct Rule {
        spec::Role role;
        std::vector<uid_t> users;
        std::vector<gid_t> groups;
        std::vector<std::string> apps;
    };

    void refresh();
    void read();
    void add(const spec::AccessRule& rule);
    void let_operators_in();
    void note_unknown(const std::string& who, const Error& why);

    std::string path_;
    std::optional<struct stat> seen_;
    spec::Configuration configuration_;
    std::vector<Rule> rules_;
    std::string problem_;
    std::vector<std::string> unknown_names_;
    bool lets_operators_in_ = false;  // and their group was not looked up yet
};

}  // namespace reeve::daemon
