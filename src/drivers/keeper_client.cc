#include "drivers/keeper_client.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

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

Result<KeeperGreeting> KeeperClient::receive_greeting() {
    KeeperGreeting greeting;
    std::uint64_t stored_left = 1;  // the greeting itself
    bool greeted = false;
    while (stored_left > 0) {
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
        if (!greeted) {
            greeting.version = static_cast<std::uint32_t>(reader.number());
            greeting.epoch = static_cast<std::uint32_t>(reader.number());
            greeting.boot_id = reader.text();
            stored_left = reader.number();
            greeting.reeved_deaths = reader.number();
            if (!reader.ok()) return Error{"the keeper's greeting is malformed"};
            if (!link::is_understood(greeting.version)) {
                return Error{"the keeper speaks version " + std::to_string(greeting.version) +
                             " of the protocol, this reeved " +
                             std::to_string(link::kKeeperProtocolVersion)};
            }
            // A keeper of the first version says no more; what is missing is read as zero.
            greeting.safe_mode = reader.number() == static_cast<std::uint64_t>(link::SafeMode::On);
            greeting.upgrade_note = reader.text();
            greeted = true;
            continue;
        }
        --stored_left;
        if (!message.fds.empty()) {
            greeting.stored[reader.text()] = std::move(message.fds.front());
        }
    }
    return greeting;
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
            if (!message.fds.empty()) callbacks_.scribe_link(std::move(message.fds.front()));
            return;
        case link::FromKeeper::EndAsked:
            return callbacks_.end_asked();
        case link::FromKeeper::UpgradeRefused:
            return callbacks_.upgrade_refused(std::string(reader.text()));
        case link::FromKeeper::ReloadAsked:
            return callbacks_.reload_asked();
    }
}

}  // namespace reeve::drivers
