#include "link/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>

namespace reeve::link {
namespace {

/// What stands in front of each payload on the wire.
struct Header {
    std::uint32_t type = 0;
    std::uint32_t in_memory_file = 0;  // 1: the payload is the last descriptor's content
    std::uint64_t payload_size = 0;
};

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * (kFdsMax + 1));

/// Moves the payload of a long message into a memfd, which becomes its last descriptor.
Result<void> move_to_memory_file(Message& message, Header& header) {
    os::UniqueFd file = TRY(os::make_memory_file("reeve-message"));
    std::string_view rest = message.payload;
    while (!rest.empty()) {
        const ssize_t wrote = ::write(file.get(), rest.data(), rest.size());
        if (wrote < 0) return system_error("write a long message");
        rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
    header.in_memory_file = 1;
    message.payload.clear();
    message.fds.push_back(std::move(file));
    return {};
}

/// Reads back what `move_to_memory_file` wrote.
bool read_memory_file(Message& message, std::uint64_t size) {
    if (message.fds.empty() || size > kPayloadMax) return false;
    const os::UniqueFd file = std::move(message.fds.back());
    message.fds.pop_back();
    message.payload.resize(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(file.get(), message.payload.data() + done, size - done,
                                    static_cast<off_t>(done));
        if (got <= 0) return false;
        done += static_cast<std::size_t>(got);
    }
    return true;
}

void take_descriptors(msghdr& header, Message& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        std::array<int, kFdsMax + 1> fds{};
        ::memcpy(fds.data(), CMSG_DATA(part), count * sizeof(int));
        for (std::size_t i = 0; i < count; ++i)
            message.fds.emplace_back(fds[i]);
    }
}

void put_descriptors(const Message& message, msghdr& header, char* control) {
    if (message.fds.empty()) return;
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(sizeof(int) * message.fds.size());
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * message.fds.size());
    std::array<int, kFdsMax + 1> fds{};
    for (std::size_t i = 0; i < message.fds.size(); ++i)
        fds[i] = message.fds[i].get();
    ::memcpy(CMSG_DATA(part), fds.data(), sizeof(int) * message.fds.size());
}

/// The size of a payload that was moved to a memfd, for the header of a queued message.
std::uint64_t memory_file_size(const Message& message) {
    struct stat info {};
    if (message.fds.empty() || ::fstat(message.fds.back().get(), &info) != 0) return 0;
    return static_cast<std::uint64_t>(info.st_size);
}

/// Marks a type whose payload was moved to a memfd; real types are small.
constexpr std::uint32_t kInMemoryFile = 1U << 31;

}  // namespace

Channel::Channel(os::UniqueFd fd) : fd_(std::move(fd)) {
    const int flags = ::fcntl(fd_.get(), F_GETFL);
    ::fcntl(fd_.get(), F_SETFL, flags | O_NONBLOCK);
}

Channel::Sent Channel::try_send(const Message& message) {
    Header header;
    header.type = message.type & ~kInMemoryFile;
    header.in_memory_file = (message.type & kInMemoryFile) != 0 ? 1 : 0;
    header.payload_size =
        header.in_memory_file != 0 ? memory_file_size(message) : message.payload.size();
    iovec parts[2] = {{&header, sizeof header},
                      {const_cast<char*>(message.payload.data()), message.payload.size()}};
    alignas(cmsghdr) char control[kControlSize];
    msghdr envelope{};
    envelope.msg_iov = parts;
    envelope.msg_iovlen = 2;
    put_descriptors(message, envelope, control);
    for (;;) {
        if (::sendmsg(fd_.get(), &envelope, MSG_NOSIGNAL) >= 0) return Sent::Yes;
        if (errno == EINTR) continue;
        // ENOBUFS and ETOOMANYREFS pass as the peer reads on.
        if (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS || errno == ENOMEM) {
            return Sent::Later;
        }
        return Sent::PeerGone;
    }
}

Result<void> Channel::send(Message message) {
    if (!fd_) return Error{"the link is closed", EPIPE};
    CHECK(message.fds.size() <= kFdsMax);
    if (message.payload.size() > kInlinePayloadMax) {
        Header header;
        const Result<void> moved = move_to_memory_file(message, header);
        if (!moved) return moved.error();
        message.type |= kInMemoryFile;
    }
    if (queue_.empty()) {
        const Sent sent = try_send(message);
        if (sent == Sent::Yes) return {};
        if (sent == Sent::PeerGone) return Error{"the other end of the link has gone", EPIPE};
    }
    queued_bytes_ += message.payload.size() + sizeof(Message);
    if (queued_bytes_ > kQueuedBytesMax) return Error{"the queue of the link is full", ENOBUFS};
    queue_.push_back(std::move(message));
    return {};
}

Result<void> Channel::flush() {
    while (!queue_.empty()) {
        const Sent sent = try_send(queue_.front());
        if (sent == Sent::Later) return {};
        if (sent == Sent::PeerGone) return Error{"the other end of the link has gone", EPIPE};
        queued_bytes_ -= queue_.front().payload.size() + sizeof(Message);
        queue_.pop_front();
    }
    return {};
}

Channel::Received Channel::receive(Message& message) {
    message = Message{};
    Header header;
    char payload[kInlinePayloadMax];
    iovec parts[2] = {{&header, sizeof header}, {payload, sizeof payload}};
    alignas(cmsghdr) char control[kControlSize];
    msghdr envelope{};
    envelope.msg_iov = parts;
    envelope.msg_iovlen = 2;
    envelope.msg_control = control;
    envelope.msg_controllen = sizeof control;
    ssize_t got = 0;
    do {
        got = ::recvmsg(fd_.get(), &envelope, MSG_CMSG_CLOEXEC);
        // ECONNRESET says, once, that the peer ended without reading all; what it sent comes after.
    } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0 && errno == EAGAIN) return Received::Nothing;
    if (got < static_cast<ssize_t>(sizeof header)) return Received::Closed;
    take_descriptors(envelope, message);
    const std::size_t inline_size = static_cast<std::size_t>(got) - sizeof header;
    if ((envelope.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return Received::Closed;
    message.type = header.type;
    if (header.in_memory_file != 0) {
        return read_memory_file(message, header.payload_size) ? Received::Message
                                                              : Received::Closed;
    }
    message.payload.assign(payload, inline_size);
    return Received::Message;
}

Result<std::pair<os::UniqueFd, os::UniqueFd>> make_link() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
        return system_error("create a link");
    }
    return std::pair(os::UniqueFd(ends[0]), os::UniqueFd(ends[1]));
}

}  // namespace reeve::link
