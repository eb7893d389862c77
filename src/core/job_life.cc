#include "core/job_life.h"

#include "spec/job_variables.h"

namespace reeve::core {
namespace {

const std::string* find_in(const spec::Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : &found->second;
}

/// `TERM`, or the number of a signal without a name.
std::string short_signal(int signal) {
    const std::string name = status::signal_name(signal);
    return name.starts_with("SIG") ? name.substr(3) : std::to_string(signal);
}

void add_result(spec::Variables& variables, const Rare<LifeFailure>& failure) {
    variables.push_back({"RESULT", failure ? "failed" : "ok"});
    if (!failure) return;
    variables.push_back({"PROCESS", failure->process});
    if (!failure->exit) return;
    if (const auto* code = std::get_if<status::ExitCode>(&*failure->exit)) {
        variables.push_back({"EXIT_STATUS", std::to_string(code->code)});
    } else if (const auto* signal = std::get_if<status::ExitSignal>(&*failure->exit)) {
        variables.push_back({"EXIT_SIGNAL", short_signal(signal->signal)});
    }
}

}  // namespace

const std::string* find_job_variable(const spec::Service& service, const spec::App& app,
                                     const JobLife& life, const std::string& name) {
    if (const std::string* value = spec::find_variable(life.variables, name)) return value;
    if (const std::string* value = find_in(service.environment, name)) return value;
    return find_in(app.environment, name);
}

spec::NamedEvent life_event(const std::string& moment, const spec::Service& service,
                            const spec::App& app, const std::string& key, const JobLife& life) {
    spec::NamedEvent event{moment, {{"JOB", service.name}, {"INSTANCE", key}}};
    const bool at_the_end = moment == "stopping" || moment == "stopped";
    if (at_the_end) add_result(event.variables, life.failure);
    for (const std::string& name : service.job->exports) {
        const std::string* value = find_job_variable(service, app, life, name);
        const bool is_taken = spec::find_variable(event.variables, name) != nullptr;
        if (value != nullptr && !is_taken) event.variables.push_back({name, *value});
    }
    return event;
}

spec::Variables run_variables(const spec::Service& service, const spec::App& app,
                              const std::string& key, RunRole role, const JobLife& life) {
    spec::Variables variables = life.variables;
    if (role == RunRole::PreStop || role == RunRole::PostStop) {
        for (const spec::Variable& variable : life.stop_variables)
            spec::set_variable(variables, variable);
    }
    const std::string prefix = spec::variable_prefix(app);
    spec::set_variable(variables, {prefix + "JOB", service.name});
    spec::set_variable(variables, {prefix + "INSTANCE", key});
    return variables;
}

void write_variables(ByteWriter& writer, const spec::Variables& variables) {
    writer.number(variables.size());
    for (const spec::Variable& variable : variables) {
        writer.text(variable.name);
        writer.text(variable.value);
    }
}

spec::Variables read_variables(ByteReader& reader) {
    spec::Variables variables;
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        std::string name = reader.text();
        variables.push_back({std::move(name), reader.text()});
    }
    return variables;
}

}  // namespace reeve::core
