#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::link {

/// One message between two of reeve's processes: a type, bytes (base/bytes.h) and descriptors.
/// Types and their payloads are named in keeper_protocol.h and scribe_protocol.h.
struct Message {
    std::uint32_t type = 0;
    std::string payload;
    std::vector<os::UniqueFd> fds;  // at most kFdsMax
};

/// SCM_RIGHTS carries 253; fewer keep the control buffer small.
inline constexpr std::size_t kFdsMax = 16;
/// A longer payload travels in a memfd of its own.
inline constexpr std::size_t kInlinePayloadMax = 32 * 1024;
/// A peer that announces more is broken.
inline constexpr std::size_t kPayloadMax = 64 * 1024 * 1024;
/// Bytes that may wait for a peer that does not read.
inline constexpr std::size_t kQueuedBytesMax = 64 * 1024 * 1024;

/// One end of a message link: a non-blocking SOCK_SEQPACKET pair. Neither sending nor receiving
/// ever blocks: what the kernel does not take at once waits in a bounded queue. Passive: the
/// owner's loop calls `flush` when the descriptor is writable and `receive` when it is readable.
class Channel {
public:
    Channel() = default;
    /// Takes over `fd`; it is made non-blocking.
    explicit Channel(os::UniqueFd fd);

    int fd() const { return fd_.get(); }
    bool is_open() const { return static_cast<bool>(fd_); }

    /// Sends now, or queues. Fails when the peer has gone or the queue is full.
    Result<void> send(Message message);

    /// Sends what waits, as far as the kernel takes it. Fails when the peer has gone.
    Result<void> flush();

    /// Whether something waits, so that the loop must watch for writability.
    bool wants_write() const { return !queue_.empty(); }

    enum class Received { Message, Nothing, Closed };

    /// The next message into `message`. Closed: the peer has gone, or sent what no peer sends.
    Received receive(Message& message);

    /// Gives the descriptor away; what was queued is lost.
    os::UniqueFd release() { return std::move(fd_); }

private:
    enum class Sent { Yes, Later, PeerGone };
    Sent try_send(const Message& message);

    os::UniqueFd fd_;
    std::deque<Message> queue_;
    std::size_t queued_bytes_ = 0;
};

/// A connected pair of link ends, close-on-exec.
Result<std::pair<os::UniqueFd, os::UniqueFd>> make_link();

}  // namespace reeve::link
