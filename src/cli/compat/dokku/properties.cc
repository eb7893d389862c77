#include "cli/compat/dokku/properties.h"

#include "base/text.h"
#include "cli/compat/dokku/proxied.h"

namespace reeve::cli::compat::dokku {
namespace {

std::string names_of(std::span<const Property> properties) {
    std::string names;
    for (const Property& property : properties)
        names += (names.empty() ? "" : ", ") + std::string(property.name);
    return names;
}

const Property* find_property(std::span<const Property> properties, std::string_view name) {
    for (const Property& property : properties) {
        if (property.name == name) return &property;
    }
    return nullptr;
}

}  // namespace

int set_property(Session& session, Words words, std::span<const Property> properties) {
    int code = kOk;
    const auto app = take_app_or_global(session, words, code);
    if (!app) return code;
    if (words.empty()) return fail("No property specified");
    const std::string name = words.front();
    std::string value;
    for (std::size_t i = 1; i < words.size(); ++i)
        value += (i > 1 ? " " : "") + words[i];
    const Property* property = find_property(properties, name);
    if (property == nullptr) {
        return fail("Invalid property specified, valid properties include: " +
                    names_of(properties));
    }
    if (*app == api::kGlobalApp && !property->may_be_global) {
        return fail("Property cannot be specified globally");
    }
    if (!value.empty() && property->objection != nullptr) {
        const std::string objection = property->objection(value);
        if (!objection.empty()) return fail(objection);
    }
    api::StoreChange change;
    change.app = *app;
    change.entries.push_back({std::string(property->key), std::nullopt});
    if (!value.empty()) change.entries.back().value = value;
    const Result<void> changed = change_store(session.context, change);
    if (!changed) return fail(session, changed.error());
    say_heading(value.empty() ? "Unsetting " + name : "Setting " + name + " to " + value);
    return kOk;
}

Result<std::vector<ReportLine>> property_lines(const Session& session, const std::string& app,
                                               const std::string& kind, const Property& property,
                                               std::string_view otherwise) {
    const std::string key(property.key);
    const std::string ends(property.name);
    std::vector<ReportLine> lines = {
        {"--" + kind + "-global-" + ends,
         TRY(fetch_value(session, std::string(api::kGlobalApp), key))},
        {"--" + kind + "-computed-" + ends, TRY(fetch_effective(session, app, key, otherwise))}};
    if (app == api::kGlobalApp) return lines;
    lines.push_back({"--" + kind + "-" + ends, TRY(fetch_value(session, app, key))});
    return lines;
}

int report_property(Session& session, const Words& words, const std::string& kind,
                    const Property& property, std::string_view otherwise) {
    return report_apps(session, words, kind, [&](const Session& asking, const std::string& app) {
        return property_lines(asking, app, kind, property, otherwise);
    });
}

std::string not_a_boolean(std::string_view value) {
    if (value == "true" || value == "false") return "";
    return "Invalid value specified, must be true or false";
}

std::string not_a_count(std::string_view value) {
    const auto number = parse_integer(value);
    if (number && *number >= 0) return "";
    return "Invalid value specified, must be a whole number that is not negative";
}

std::string not_a_relative_path(std::string_view value) {
    for (const std::string_view part : split(value, '/')) {
        if (part == "..") return "Invalid path specified, it must stay inside the source";
    }
    return "";
}

}  // namespace reeve::cli::compat::dokku
