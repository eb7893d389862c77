#pragma once

#include <map>
#include <string>
#include <vector>

namespace reeve::spec {

/// What has to be ready before an instance is started. A need of something that is not loaded
/// waits for it to be loaded.
struct Need {
    std::string app;      // empty: the own one
    std::string service;  // empty: every service of that app that is meant to be up
    friend bool operator==(const Need&, const Need&) = default;
};

/// `db`, `shop/db`, `shop`, as in a service of the app `app`.
std::string to_text(const Need& need);

/// Who needs whom, by name. A name that is needed and has no needs of its own may be missing.
using NeedGraph = std::map<std::string, std::vector<std::string>>;

/// The first cycle in the order of the names, `a needs b needs a`; empty: there is none.
std::string find_cycle(const NeedGraph& graph);

}  // namespace reeve::spec
