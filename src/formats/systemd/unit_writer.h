#pragma once

#include "formats/written.h"
#include "spec/app.h"

namespace reeve::formats::systemd {

/// The app as systemd units: `APP-SERVICE.service` (`APP-SERVICE@.service` where it has several
/// instances) and `APP.target`, which wants them all. Every field that a unit cannot express is a
/// problem. Source: systemd.service(5), systemd.exec(5), systemd.kill(5).
WrittenFiles write_units(const spec::App& app);

}  // namespace reeve::formats::systemd
