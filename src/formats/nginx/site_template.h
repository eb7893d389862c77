#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/nginx/site.h"

namespace reeve::formats::nginx {

/// The configuration of the site as the app's own `nginx.conf.sigil` has it. `root` stands for
/// DOKKU_ROOT. What cannot be rendered is named, with its line.
///
/// A template writes an instance's address as its IP and a port of the container. Each instance
/// has such an address here, too, for as long as the template is rendered; `server ADDRESS;` then
/// becomes one line for each of its two ports. Elsewhere than in an `upstream`, an address would be
/// wrong after a restart, and is refused.
Result<std::string> config_of_template(const Site& site, std::string_view text,
                                       const std::string& root);

}  // namespace reeve::formats::nginx
