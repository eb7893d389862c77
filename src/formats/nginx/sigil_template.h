#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve::formats::nginx {

/// Largest template, and largest text that comes out of one.
inline constexpr std::size_t kTemplateBytesMax = std::size_t{256} * 1024;
inline constexpr std::size_t kRenderedBytesMax = std::size_t{1024} * 1024;

/// The value of a variable `.NAME`; nullopt: there is none, which is an error.
using TemplateVariables = std::function<std::optional<std::string>(std::string_view name)>;

/// Renders a template as apps for Dokku bring it for nginx: Go's templates with some of sigil's
/// functions. Understood are `if`, `else`, `range`, `with`, `end`, variables, comments, trimming,
/// pipelines, and the functions that such templates use. Everything else is refused by its name, as
/// `line 3: function "shell" is not supported`: nothing is guessed.
/// Source: Go text/template; gliderlabs/sigil.
Result<std::string> render_template(std::string_view text, const TemplateVariables& variables);

}  // namespace reeve::formats::nginx
