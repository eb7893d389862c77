#include "api/job_request.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace reeve::api {
namespace {

using Json = nlohmann::json;

constexpr JobCommand::What kAll[] = {JobCommand::What::Start, JobCommand::What::Stop,
                                     JobCommand::What::Restart, JobCommand::What::Reload};

void write_variables(JsonWriter& json, std::string_view key, const spec::Variables& variables) {
    json.key(key);
    json.begin_list();
    for (const spec::Variable& variable : variables)
        json.text(variable.name + "=" + variable.value);
    json.end_list();
}

Error wrong(const std::string& field, const std::string& what) {
    return Error{field + ": " + what};
}

Result<std::string> text_of(const Json& value, const std::string& field) {
    if (!value.is_string()) return wrong(field, "a text is needed");
    if (value.get_ref<const std::string&>().size() > spec::kEventBytesMax) {
        return wrong(field, "is too long");
    }
    return value.get<std::string>();
}

/// The text; empty where it is left out.
Result<std::string> text_or_empty(const Json& object, const std::string& field) {
    const auto found = object.find(field);
    return found == object.end() ? Result<std::string>(std::string()) : text_of(*found, field);
}

Result<bool> read_flag(const Json& object, const std::string& field) {
    const auto found = object.find(field);
    if (found == object.end()) return false;
    if (!found->is_boolean()) return wrong(field, "true or false is needed");
    return found->get<bool>();
}

Result<std::vector<std::string>> read_texts(const Json& object, const std::string& field) {
    std::vector<std::string> texts;
    const auto found = object.find(field);
    if (found == object.end()) return texts;
    if (!found->is_array() || found->size() > spec::kEventVariablesMax) {
        return wrong(field, "a list of at most " + std::to_string(spec::kEventVariablesMax) +
                                " texts is needed");
    }
    for (const Json& item : *found)
        texts.push_back(TRY(text_of(item, field)));
    return texts;
}

Result<spec::Variables> read_variables(const Json& object, const std::string& field) {
    spec::Variables variables;
    for (const std::string& text : TRY(read_texts(object, field))) {
        variables.push_back(TRY(spec::parse_variable(text)));
    }
    TRY(spec::validate(variables));
    return variables;
}

Result<Verb> read_emit(const Json& object) {
    Emit emit;
    emit.event.name = TRY(text_or_empty(object, "event"));
    emit.event.variables = TRY(read_variables(object, "variables"));
    TRY(spec::validate(emit.event));
    return Verb(std::move(emit));
}

Result<Verb> read_job_command(const Json& object, JobCommand::What what) {
    JobCommand command;
    command.what = what;
    command.app = TRY(text_or_empty(object, "app"));
    command.job = TRY(text_or_empty(object, "job"));
    command.variables = TRY(read_variables(object, "variables"));
    if (object.contains("key")) command.key = TRY(text_or_empty(object, "key"));
    if (command.app.empty() || command.job.empty()) return wrong("job", "app and job are needed");
    return Verb(std::move(command));
}

Result<Verb> read_set_variables(const Json& object) {
    SetVariables command;
    command.app = TRY(text_or_empty(object, "app"));
    command.job = TRY(text_or_empty(object, "job"));
    command.key = TRY(text_or_empty(object, "key"));
    command.reset = TRY(read_flag(object, "reset"));
    command.keep_existing = TRY(read_flag(object, "keep_existing"));
    command.set = TRY(read_variables(object, "set"));
    command.unset = TRY(read_texts(object, "unset"));
    if (command.app.empty()) return wrong("app", "is needed");
    return Verb(std::move(command));
}

}  // namespace

const char* name(JobCommand::What what) {
    switch (what) {
        case JobCommand::What::Start:
            return "job-start";
        case JobCommand::What::Stop:
            return "job-stop";
        case JobCommand::What::Restart:
            return "job-restart";
        case JobCommand::What::Reload:
            return "job-reload";
    }
    CHECK(false);
}

void write_emit(JsonWriter& json, const Emit& emit) {
    json.member("event", emit.event.name);
    write_variables(json, "variables", emit.event.variables);
}

void write_job_command(JsonWriter& json, const JobCommand& command) {
    json.member("app", command.app);
    json.member("job", command.job);
    write_variables(json, "variables", command.variables);
    if (command.key) json.member("key", *command.key);
}

void write_set_variables(JsonWriter& json, const SetVariables& set) {
    json.member("app", set.app);
    json.member("job", set.job);
    json.member("key", set.key);
    json.member_flag("reset", set.reset);
    json.member_flag("keep_existing", set.keep_existing);
    write_variables(json, "set", set.set);
    json.key("unset");
    json.begin_list();
    for (const std::string& variable : set.unset)
        json.text(variable);
    json.end_list();
}

bool is_job_verb(std::string_view verb) {
    const bool is_of_a_job = std::any_of(std::begin(kAll), std::end(kAll),
                                         [&](JobCommand::What what) { return verb == name(what); });
    return is_of_a_job || verb == "emit" || verb == "set-variables";
}

Result<Verb> read_job_verb(std::string_view verb, const std::string& object) {
    const Json json = Json::parse(object, nullptr, false);
    if (!json.is_object()) return Error{"an object is needed"};
    if (verb == "emit") return read_emit(json);
    for (const JobCommand::What what : kAll) {
        if (verb == name(what)) return read_job_command(json, what);
    }
    return read_set_variables(json);
}

}  // namespace reeve::api
