#pragma once

#include <string>
#include <vector>

namespace reeve::formats::native {

/// docs/reference/reeve.toml.md: every key of reeve.toml, out of the table and the spec.
std::string write_reference();

/// The fields of the spec that have no row in the table, as `Service.chroot`.
std::vector<std::string> fields_without_row();

}  // namespace reeve::formats::native
