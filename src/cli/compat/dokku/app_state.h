#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/compat/dokku/session.h"

namespace reeve::cli::compat::dokku {

/// What is seen of one instance.
struct InstanceState {
    std::string service;
    std::string name;   // `web.1`
    std::string state;  // reeve's word: `running`
    std::string goal;
    std::string reason;
    std::string run;  // of the main process, in hexadecimal; empty: none
    std::string since;
    std::string log;
    int pid = 0;
    int port = 0;
    std::int64_t restarts = 0;
};

/// How many instances of a type there are to be.
struct TypeState {
    std::string name;
    std::uint32_t wanted = 0;
    std::uint32_t running = 0;
};

/// What is seen of an app that has code; without any it is not deployed.
struct AppState {
    bool deployed = false;
    bool scale_is_fixed = false;  // by its app.json
    std::string directory;
    std::vector<TypeState> types;
    std::vector<InstanceState> instances;

    const TypeState* find_type(std::string_view name) const;
    /// `true`, `false` or `mixed`, as Dokku counts.
    std::string running() const;
};

/// Reads the answer to `/v1/status`, of one app.
Result<AppState> app_state_from_json(std::string_view json, const std::string& app);

Result<AppState> fetch_app_state(const Session& session, const std::string& app);

/// Docker's word for a state: `running`, `exited`, `restarting`, `created`, `dead`.
std::string docker_word(const InstanceState& instance);

}  // namespace reeve::cli::compat::dokku
