#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace reeve::formats::nginx {

/// What an expression of a template is worth.
using TemplateValue = std::variant<std::string, bool, std::vector<std::string>>;

/// As Go sees it: empty texts, empty lists and false are not true.
bool is_true(const TemplateValue& value);

/// As it is printed: a list as `[a b]`.
std::string to_text(const TemplateValue& value);

/// Calls a function of templates; fails on one that there is not, and on wrong arguments.
Result<TemplateValue> call_function(std::string_view name,
                                    const std::vector<TemplateValue>& arguments);

}  // namespace reeve::formats::nginx
