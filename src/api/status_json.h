#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/backend.h"
#include "api/json_writer.h"
#include "status/instance.h"
#include "status/transition.h"

// The JSON shapes of docs/api.md. Stable: members are added, none are taken away.
namespace reeve::api {

/// A steady time as wall time, seen from `now`.
WallTime wall_time(TimePoint time, const Moment& now);

/// `app`, `service`, `instance` and `index` or `key`, into an object that is open.
void write_instance_name(JsonWriter& json, const spec::InstanceName& name);

/// One element of `instances`.
void write_instance(JsonWriter& json, const status::Instance& instance, std::string_view log,
                    const Moment& now);

/// What the targets name, in the order of their names.
std::vector<status::Instance> instances_of(const Backend& backend,
                                           const std::vector<spec::Target>& targets);

/// The whole answer to `status`: `instances` are those of the targets.
std::string status_json(const Backend& backend, const std::vector<spec::Target>& targets,
                        const std::vector<status::Instance>& instances);

/// One transition, as lines of `events` and elements of `why`.
void write_transition(JsonWriter& json, const status::Transition& transition);

std::string history_json(const std::vector<status::Transition>& transitions);
std::string doctor_json(const std::vector<Finding>& findings);
std::string version_json(const DaemonInfo& info);

/// The logs of the instances that are meant: `{"logs": [{app, service, instance, path}]}`.
std::string logs_json(const Backend& backend, const std::vector<spec::Target>& targets);

/// `ok`, `warning`.
std::string_view to_text(Finding::Level level);

/// Whether a target names the app, or something of it.
bool names_app(const std::vector<spec::Target>& targets, const std::string& app);

}  // namespace reeve::api
