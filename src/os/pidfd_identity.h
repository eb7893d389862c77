#pragma once

#include <cstdint>
#include <optional>

namespace reeve::os {

/// What tells the process behind a pidfd from every other process of this boot: with it, a number
/// that was given anew is seen without a look into /proc. nullopt: the kernel has no such thing.
///
/// Source: Linux fs/pidfs.c: since 6.9 the inode number of a pidfd is never used again.
std::optional<std::uint64_t> identity_of(int pidfd);

}  // namespace reeve::os
