#include "spec/instance_name.h"

#include "base/text.h"

namespace reeve::spec {

std::string instance_text(const InstanceName& name) {
    if (!name.key.empty()) return name.service + " (" + name.key + ")";
    if (name.index == 0) return name.service;
    return name.service + "." + std::to_string(name.index);
}

std::string to_text(const InstanceName& name) {
    return name.app + "/" + instance_text(name);
}

std::string path_component(const InstanceName& name) {
    // `.N` ends every indexed name; `+` is never written by escape_name. So no two names meet.
    std::string component = escape_name(name.service);
    if (name.index > 0 && name.key.empty()) return component + "." + std::to_string(name.index);
    component += "+" + escape_name(name.key);
    if (name.index > 0) component += "+" + std::to_string(name.index);
    return component;
}

}  // namespace reeve::spec
