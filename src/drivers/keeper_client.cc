#include "drivers/keeper_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "link/keeper_protocol.h"

namespace reeve::drivers {
namespace {

constexpr int kGreetingPatienceMilliseconds = 10'000;

link::Message message_of(link::ToKeeper type, ByteWriter payload) {
    link::Message message;
    message.type = static_cast<std::uint32_t>(type);
    message.payload = payload.take();
    return message;
}

link::Message about_pid(link::ToKeeper type, pid_t pid) {
    ByteWriter payload;
    payload.number(static_cast<std::uint64_t>(pid));
    return message_of(type, std::move(payload));
}

/// siginfo's two numbers as one waitpid(2) status.
int wait_status(int code, int status) {
    if (code == CLD_EXITED) return W_EXITCODE(status & 0xFF, 0);
    return status | (code == CLD_DUMPED ? WCOREFLAG : 0);
}

}  // namespace

KeeperClient::KeeperClient(os::UniqueFd link, pid_t keeper) : channel_(std::move(link)) {
    Result<os::UniqueFd> files =
        os::open_file("/proc/" + std::to_string(keeper) + "/fd", O_PATH | O_DIRECTORY);
    if (files) keeper_files_ = std::move(*files);
}

Result<KeeperGreeting> KeeperClient::receive_greeting() {
    KeeperGreeting greeting;
    bool is_greeted = false;
    while (!is_greeted || stored_left_ > 0) {
        link::Message message;
        const link::Channel::Received received = channel_.receive(message);
        if (received == link::Channel::Received::Closed) return Error{"the keeper has gone"};
        if (received == link::Channel::Received::Nothing) {
            pollfd watched{channel_.fd(), POLLIN, 0};
            if (::poll(&watched, 1, kGreetingPatienceMilliseconds) <= 0) {
                return Error{"the keeper does not greet"};
            }
            continue;
        }
        ByteReader reader(message.payload);
        if (!std::exchange(is_greeted, true)) {
            TRY(read_hello(reader, greeting));
            continue;
        }
        --stored_left_;
        if (message.fds.empty()) continue;
        read_stored(reader, std::move(message.fds.front()), greeting);
    }
    if (!greeting.held.empty() && !opens_held_) {
        const bool all_are_here = std::all_of(
            greeting.held.begin(), greeting.held.end(),
            [&](const link::HeldFd& pipe) { return greeting.stored.contains(pipe.name); });
        // The keeper sends them to one that ended before it said hello.
        if (!all_are_here) return Error{"what the keeper holds cannot be opened"};
    }
    return greeting;
}

Result<void> KeeperClient::read_hello(ByteReader& reader, KeeperGreeting& greeting) {
    greeting.version = static_cast<std::uint32_t>(reader.number());
    greeting.epoch = static_cast<std::uint32_t>(reader.number());
    greeting.boot_id = reader.text();
    stored_left_ = reader.number();
    greeting.reeved_deaths = reader.number();
    if (!reader.ok()) return Error{"the keeper's greeting is malformed"};
    if (!link::is_understood(greeting.version)) {
        return Error{"the keeper speaks version " + std::to_string(greeting.version) +
                     " of the protocol, this reeved " +
                     std::to_string(link::kKeeperProtocolVersion)};
    }
    // An earlier keeper says no more; what is missing is read as zero.
    greeting.safe_mode = reader.number() == static_cast<std::uint64_t>(link::SafeMode::On);
    greeting.upgrade_note = reader.text();
    greeting.held = link::read_held_fds(reader);
    return {};
}

void KeeperClient::read_stored(ByteReader& reader, os::UniqueFd fd, KeeperGreeting& greeting) {
    link::HeldFd held = link::read_held_fd(reader);
    if (held.number >= 0 && !opens_held_) opens_held_ = is_found(held);
    greeting.stored[held.name] = std::move(fd);
    if (held.number >= 0) greeting.held.push_back(std::move(held));
}

/// Looking needs the same rights as opening.
bool KeeperClient::is_found(const link::HeldFd& held) const {
    struct stat info {};
    const std::string name = std::to_string(held.number);
    return ::fstatat(keeper_files_.get(), name.c_str(), &info, 0) == 0 &&
           static_cast<std::uint64_t>(info.st_ino) == held.inode;
}

Result<os::UniqueFd> KeeperClient::open_held(int number, std::uint64_t inode, int flags) const {
    os::UniqueFd pipe = TRY(os::open_file_at(keeper_files_.get(), std::to_string(number), flags));
    struct stat info {};
    if (::fstat(pipe.get(), &info) != 0 || static_cast<std::uint64_t>(info.st_ino) != inode)
        return Error{"the keeper holds another pipe by now", ENOENT};
    return pipe;
}

void KeeperClient::serve(event_base* loop, Callbacks callbacks) {
    loop_ = loop;
    callbacks_ = std::move(callbacks);
    readable_ = Watch(loop, channel_.fd(), Watch::For::Reading, [this] { receive(); });
}

void KeeperClient::say_hello() {
    ByteWriter payload;
    payload.number(link::kKeeperProtocolVersion);
    payload.text(REEVE_VERSION);
    payload.number(
        static_cast<std::uint64_t>(opens_held_ ? link::OpensPipes::Yes : link::OpensPipes::No));
    send(message_of(link::ToKeeper::Hello, std::move(payload)));
}

void KeeperClient::store_fd(const std::string& name, int fd) {
    ByteWriter payload;
    payload.text(name);
    link::Message message = message_of(link::ToKeeper::StoreFd, std::move(payload));
    Result<os::UniqueFd> copy = os::duplicate(fd);
    if (!copy) return log::error("reason=\"store " + name + ": " + copy.error().message + "\"");
    message.fds.push_back(std::move(copy).value());
    send(std::move(message));
}

void KeeperClient::drop_fd(const std::string& name) {
    ByteWriter payload;
    payload.text(name);
    send(message_of(link::ToKeeper::DropFd, std::move(payload)));
}

void KeeperClient::reap(pid_t pid) {
    send(about_pid(link::ToKeeper::Reap, pid));
}

void KeeperClient::ask_ended(pid_t pid) {
    send(about_pid(link::ToKeeper::AskEnded, pid));
}

void KeeperClient::upgrade(const std::string& directory) {
    ByteWriter payload;
    payload.text(directory);
    send(message_of(link::ToKeeper::Upgrade, std::move(payload)));
}

void KeeperClient::end(int exit_code) {
    ByteWriter payload;
    payload.signed_number(exit_code);
    send(message_of(link::ToKeeper::End, std::move(payload)));
}

void KeeperClient::send(link::Message message) {
    (void)channel_.send(std::move(message));  // a keeper that has gone is noticed by its silence
    watch_writability();
}

void KeeperClient::watch_writability() {
    if (!channel_.wants_write()) {
        writable_ = Watch();
        return;
    }
    if (writable_.active() || loop_ == nullptr) return;
    writable_ = Watch(loop_, channel_.fd(), Watch::For::Writing, [this] {
        (void)channel_.flush();  // likewise
        watch_writability();
    });
}

void KeeperClient::receive() {
    for (;;) {
        link::Message message;
        switch (channel_.receive(message)) {
            case link::Channel::Received::Nothing:
                return;
            case link::Channel::Received::Closed:
                readable_ = Watch();
                return callbacks_.keeper_gone();
            case link::Channel::Received::Message:
                handle(std::move(message));
        }
    }
}

void KeeperClient::handle(link::Message message) {
    ByteReader reader(message.payload);
    switch (static_cast<link::FromKeeper>(message.type)) {
        case link::FromKeeper::Hello:
        case link::FromKeeper::StoredFd:
            return;
        case link::FromKeeper::ChildEnded: {
            const auto pid = static_cast<pid_t>(reader.number());
            const auto code = static_cast<int>(reader.signed_number());
            const auto status = static_cast<int>(reader.signed_number());
            if (reader.ok()) callbacks_.child_ended(pid, wait_status(code, status));
            return;
        }
        case link::FromKeeper::ScribeLink:
            if (!message.fds.empty()) {
                callbacks_.scribe_link(std::move(message.fds.front()),
                                       static_cast<pid_t>(reader.number()));
            }
            return;
        case link::FromKeeper::EndAsked:
            return callbacks_.end_asked();
        case link::FromKeeper::UpgradeRefused:
            return callbacks_.upgrade_refused(std::string(reader.text()));
        case link::FromKeeper::ReloadAsked:
            return callbacks_.reload_asked();
        case link::FromKeeper::Stored:
            for (const link::HeldFd& pipe : link::read_held_fds(reader))
                callbacks_.stored(pipe);
            return;
    }
}

}  // namespace reeve::drivers
