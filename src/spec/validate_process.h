#pragma once

#include <cstddef>
#include <string_view>

#include "spec/objections.h"
#include "spec/service.h"

// The part of spec::validate that is about processes: what is executed, how, and how it ends.
namespace reeve::spec {

/// The kernel's MAX_ARG_STRLEN: one argument or one NAME=VALUE, with its final NUL.
inline constexpr std::size_t kExecStringBytesMax = 128 * 1024 - 1;

/// The longest script that a shell reads from a descriptor.
inline constexpr std::size_t kScriptBytesMax = 1024 * 1024;

void check_command(const Command& command, std::string_view what, Objections& objections);

/// How long the command is as an argument of execve(2).
std::size_t exec_bytes(const Command& command);

void check_stop(const StopSpec& stop, Objections& objections);

/// Credentials, directories, limits, standard files, tracking and what else a spawn takes.
void check_process_settings(const Service& service, Objections& objections);

}  // namespace reeve::spec
