#pragma once

#include <string>

#include "base/result.h"
#include "cli/compat/dokku/session.h"
#include "cli/one_off.h"
#include "spec/app.h"

namespace reeve::cli::compat::dokku {

/// An app with a release.
struct Deployed {
    api::Records records;
    spec::App release;  // as it was started
    std::string user;

    /// A command in its environment, with the config of now; its arguments are to be filled in.
    OneOff one_off(const std::string& dyno) const;
    api::Records global;  // what holds for all apps
};

/// The present release of an app. Without one: Dokku's message.
Result<Deployed> fetch_deployed(const Session& session, const std::string& app);

}  // namespace reeve::cli::compat::dokku
