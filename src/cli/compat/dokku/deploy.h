#pragma once

#include <string>

#include "api/deploy_request.h"
#include "base/result.h"
#include "cli/compat/dokku/session.h"

// What the commands that deploy have in common.
namespace reeve::cli::compat::dokku {

/// Has the deploy carried out with its output on stdout; a failure is said as Dokku says it, with
/// the last lines of what failed. The exit code.
int carry_out_deploy(const Session& session, api::DeployRequest request);

/// Starts an app that runs anew with its present config: no build, no release command. Nothing
/// where it is not deployed or was stopped. The exit code.
int restart_with_config(const Session& session, const std::string& app);

/// Deploys what was changed of the app since its release: config, links, resources, properties.
/// False: nothing was, and nothing is done. What went wrong has been said.
Result<bool> deploy_changes(const Session& session, const std::string& app);

int ps_rebuild(Session& session, const Words& words);

}  // namespace reeve::cli::compat::dokku
