#pragma once

#include <string>
#include <vector>

#include "api/backend.h"
#include "api/table.h"
#include "status/instance.h"
#include "status/transition.h"

// What people read: the same facts as status_json.h, as text for a terminal.
namespace reeve::api {

/// The colour that a state is shown in.
Color color_of(status::State state);

/// One line for each instance, and the daemon's warnings.
std::string status_table(const Backend& backend, const std::vector<status::Instance>& instances,
                         const TextStyle& style);

/// All that is known of one instance.
std::string status_page(const Backend& backend, const status::Instance& instance,
                        const TextStyle& style);

/// How many instances of each service are wanted, and how many run.
std::string formation_table(const std::vector<status::App>& apps, const TextStyle& style);

/// Transitions under the causes that led to them, oldest first.
std::string history_text(const std::vector<status::Transition>& transitions,
                         const TextStyle& style);

/// One transition on one line, without its end; the further lines of its reason, if it has some,
/// follow on lines of their own, which begin with a blank.
std::string transition_line(const status::Transition& transition, const TextStyle& style);

std::string doctor_text(const std::vector<Finding>& findings, const TextStyle& style);

/// A wall time for people: `2026-11-20 12:17:24Z`.
std::string short_time(WallTime time);

/// `512 B`, `12.3 MB`: powers of 1000.
std::string bytes_text(std::uint64_t bytes);

}  // namespace reeve::api
