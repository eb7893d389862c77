#pragma once

#include <string>
#include <string_view>

#include "api/json_writer.h"
#include "api/request.h"
#include "base/result.h"

// The operations about events and jobs, as JSON: a part of api/request.cc.
namespace reeve::api {

/// `job-start`.
const char* name(JobCommand::What what);

void write_emit(JsonWriter& json, const Emit& emit);
void write_job_command(JsonWriter& json, const JobCommand& command);
void write_set_variables(JsonWriter& json, const SetVariables& set);

/// Whether the verb is one of these.
bool is_job_verb(std::string_view verb);

/// Reads an operation of such a verb from its JSON object.
Result<Verb> read_job_verb(std::string_view verb, const std::string& object);

}  // namespace reeve::api
