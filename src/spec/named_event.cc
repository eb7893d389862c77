#include "spec/named_event.h"

#include <algorithm>

namespace reeve::spec {

Result<Variable> parse_variable(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return Error{"Env must be KEY=VALUE pairs"};
    }
    return Variable{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<void> validate(const Variables& variables) {
    if (variables.size() > kEventVariablesMax) {
        return Error{"more than " + std::to_string(kEventVariablesMax) + " variables"};
    }
    std::size_t bytes = 0;
    for (const Variable& variable : variables) {
        bytes += variable.name.size() + variable.value.size();
        const bool has_nul = variable.name.find('\0') != std::string::npos ||
                             variable.value.find('\0') != std::string::npos;
        if (variable.name.empty() || has_nul || variable.name.find('=') != std::string::npos) {
            return Error{"Env must be KEY=VALUE pairs"};
        }
    }
    if (bytes > kEventBytesMax) {
        return Error{"variables of more than " + std::to_string(kEventBytesMax) + " bytes"};
    }
    return {};
}

Result<void> validate(const NamedEvent& event) {
    // Source: upstart init/control.c.
    if (event.name.empty()) return Error{"Name may not be empty string"};
    if (event.name.size() > kEventBytesMax || event.name.find('\0') != std::string::npos) {
        return Error{"an event's name is too long, or has a NUL byte in it"};
    }
    return validate(event.variables);
}

const std::string* find_variable(const Variables& variables, std::string_view name) {
    const auto found = std::find_if(variables.begin(), variables.end(),
                                    [&](const Variable& v) { return v.name == name; });
    return found == variables.end() ? nullptr : &found->value;
}

void set_variable(Variables& variables, const Variable& variable) {
    const auto found = std::find_if(variables.begin(), variables.end(),
                                    [&](const Variable& v) { return v.name == variable.name; });
    if (found == variables.end()) {
        variables.push_back(variable);
    } else {
        found->value = variable.value;
    }
}

}  // namespace reeve::spec
