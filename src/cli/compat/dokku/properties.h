#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/compat/dokku/report.h"
#include "cli/compat/dokku/session.h"

// Dokku's `X:set <app>|--global <key> [<value>]`.
namespace reeve::cli::compat::dokku {

/// One property that can be set.
struct Property {
    std::string_view name;  // as it is typed
    std::string_view key;   // under which it is kept; an alias has that of another
    bool may_be_global;
    /// Why this value is none; empty: it is good. Null: any text is.
    std::string (*objection)(std::string_view value);
};

/// Carries out a whole `X:set`: words as they were typed, properties in the order of their names.
/// Source: dokku plugins/common CommandPropertySet.
int set_property(Session& session, Words words, std::span<const Property> properties);

/// A report's lines about one property: its own value, the one for all apps, and the one that
/// counts (`otherwise` where there is neither). `kind` is the X of its flags.
Result<std::vector<ReportLine>> property_lines(const Session& session, const std::string& app,
                                               const std::string& kind, const Property& property,
                                               std::string_view otherwise);

/// Carries out a whole `X:report` of one property.
int report_property(Session& session, const Words& words, const std::string& kind,
                    const Property& property, std::string_view otherwise);

/// Objections for common kinds of values.
std::string not_a_boolean(std::string_view value);
std::string not_a_count(std::string_view value);
std::string not_a_relative_path(std::string_view value);

}  // namespace reeve::cli::compat::dokku
