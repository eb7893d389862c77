#pragma once

#include <span>
#include <string>
#include <string_view>

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

/// Objections for common kinds of values.
std::string not_a_boolean(std::string_view value);
std::string not_a_count(std::string_view value);
std::string not_a_relative_path(std::string_view value);

}  // namespace reeve::cli::compat::dokku
