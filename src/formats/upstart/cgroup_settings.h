#pragma once

#include <string>

#include "spec/limits.h"

namespace reeve::formats::upstart {

/// Takes a `cgroup` stanza (`CONTROLLER [NAME] [KEY VALUE]`, its words with a blank between them)
/// into the limits of the job's own group: `memory limit_in_bytes`, `cpu shares`, `pids max`.
/// False: reeve does not know the setting, or the stanza names a group that is not the job's own.
/// Source: upstart init.5, `cgroup`; Linux cgroup-v1, cgroup-v2.
bool take_cgroup_setting(const std::string& stanza, spec::GroupLimits& limits);

}  // namespace reeve::formats::upstart
