#include "link/held_fd.h"

#include <limits.h>

namespace reeve::link {

void write_held_fd(ByteWriter& out, const HeldFd& held) {
    out.text(held.name);
    out.signed_number(held.number);
    out.number(held.inode);
}

HeldFd read_held_fd(ByteReader& in) {
    HeldFd held;
    held.name = in.text();
    const std::int64_t number = in.signed_number();
    held.inode = in.number();
    const bool is_said = in.ok() && number >= 0 && number <= INT_MAX;
    held.number = is_said ? static_cast<int>(number) : -1;
    return held;
}

void write_held_fds(ByteWriter& out, const std::vector<HeldFd>& held) {
    out.number(held.size());
    for (const HeldFd& one : held)
        write_held_fd(out, one);
}

std::vector<HeldFd> read_held_fds(ByteReader& in) {
    std::vector<HeldFd> held;
    for (std::uint64_t left = in.number(); left > 0; --left) {
        HeldFd one = read_held_fd(in);
        if (!in.ok()) break;  // cut short: so a false count costs nothing
        held.push_back(std::move(one));
    }
    return held;
}

}  // namespace reeve::link
