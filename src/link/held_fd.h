#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace reeve::link {

/// A descriptor that the keeper holds, as others can open it: /proc/KEEPER/fd/NUMBER.
struct HeldFd {
    std::string name;
    int number = -1;          // -1: the keeper does not say
    std::uint64_t inode = 0;  // of the open file, to know it by
    friend bool operator==(const HeldFd&, const HeldFd&) = default;
};

void write_held_fd(ByteWriter& out, const HeldFd& held);
/// A keeper that does not know of numbers writes the name only.
HeldFd read_held_fd(ByteReader& in);

/// A list, as one field of a message. A message without it has an empty one.
void write_held_fds(ByteWriter& out, const std::vector<HeldFd>& held);
std::vector<HeldFd> read_held_fds(ByteReader& in);

}  // namespace reeve::link
