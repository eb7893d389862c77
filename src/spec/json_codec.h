#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

// What the lists of fields are made of (spec/json_fields.h).
namespace reeve::spec::json {

/// T, or const T: the writer visits constants.
template <typename T, typename U>
concept Of = std::same_as<std::remove_const_t<T>, U>;

/// The words for an enumerator, in the order of the enumerators.
template <typename Enum>
struct Words;

/// The word for an alternative of a variant, its `kind`.
template <typename Alternative>
inline constexpr std::string_view kKind = "";
}  // namespace reeve::spec::json
