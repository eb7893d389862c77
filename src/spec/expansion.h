#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve::spec {

/// The value of a variable, or nullptr where it is not set.
using VariableLookup = std::function<const std::string*(const std::string& name)>;

/// How deep `${…${…}…}` may be nested, and how long the whole may become.
inline constexpr int kExpansionDepthMax = 32;
inline constexpr std::size_t kExpansionBytesMax = std::size_t{64} * 1024;

/// `text` with its variables filled in: `$NAME`, `${NAME}`, `${NAME-word}`, `${NAME:-word}`,
/// `${NAME+word}`, `${NAME:+word}`, names and words expanded in turn; `${}` and a `$` before
/// anything else stand for `$`. Fails on a variable that is not set: `Unknown parameter: NAME`.
/// Source: upstart init/environ.c, environ_expand.
Result<std::string> expand(std::string_view text, const VariableLookup& lookup);

}  // namespace reeve::spec
