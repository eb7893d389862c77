#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "drivers/loop.h"
#include "link/channel.h"
#include "link/held_fd.h"
#include "os/fd.h"

namespace reeve::drivers {

/// What the keeper says at the start.
struct KeeperGreeting {
    std::uint32_t version = 0;
    std::uint32_t epoch = 0;
    std::string boot_id;
    std::uint64_t reeved_deaths = 0;
    bool safe_mode = false;    // decide nothing, signal nothing
    std::string upgrade_note;  // what became of the last upgrade, if that is worth a word
    std::map<std::string, os::UniqueFd> stored;  // what earlier reeveds have stored
    /// The same as it can be opened, if the keeper says so. Of pipes no descriptor need be in
    /// `stored`.
    std::vector<link::HeldFd> held;
};

/// reeved's end of the link to the keeper, its parent.
class KeeperClient {
public:
    /// What the keeper tells of by itself. Called from the loop.
    struct Callbacks {
        /// A child of the keeper has ended and waits to be reaped; `status` as waitpid(2) gives it.
        std::function<void(pid_t pid, int status)> child_ended;
        /// A scribe is there; `pid` is 0 where the keeper does not say.
        std::function<void(os::UniqueFd link, pid_t pid)> scribe_link;
        std::function<void()> end_asked;
        std::function<void()> keeper_gone;
        std::function<void(std::string why)> upgrade_refused;
        std::function<void()> reload_asked = [] {};
        /// The keeper has a pipe that was stored: no copy is needed here.
        std::function<void(const link::HeldFd& pipe)> stored = [](const link::HeldFd&) {};
    };

    /// `keeper` is the process at the other end.
    KeeperClient(os::UniqueFd link, pid_t keeper);

    /// Waits for the greeting and everything that is stored; at most kGreetingPatience.
    Result<KeeperGreeting> receive_greeting();

    /// Begins to listen. `loop` must outlive the client.
    void serve(event_base* loop, Callbacks callbacks);

    /// Tells the keeper that this reeved has restored itself.
    void say_hello();

    /// Has the keeper hold a copy of `fd`, over the deaths of reeved.
    void store_fd(const std::string& name, int fd);
    void drop_fd(const std::string& name);

    /// Whether what the keeper holds can be opened by its number. Not everywhere: another user's
    /// processes are hidden, and so may be one's own.
    bool opens_held() const { return opens_held_; }
    /// Opens a pipe that the keeper holds. Fails with ENOENT where it holds another by now, or has
    /// gone.
    Result<os::UniqueFd> open_held(int number, std::uint64_t inode, int flags) const;

    /// Lets the ended child go: its status is recorded.
    void reap(pid_t pid);

    /// Asks whether the child has ended, and how; answered by `child_ended`, or not at all.
    void ask_ended(pid_t pid);

    /// Has reeve's own programs replaced by those in `directory`; this reeved ends soon after.
    void upgrade(const std::string& directory);

    /// The end of everything.
    void end(int exit_code);

private:
    Result<void> read_hello(ByteReader& reader, KeeperGreeting& greeting);
    void read_stored(ByteReader& reader, os::UniqueFd fd, KeeperGreeting& greeting);
    bool is_found(const link::HeldFd& held) const;
    void send(link::Message message);
    void receive();
    void handle(link::Message message);
    void watch_writability();

    link::Channel channel_;
    os::UniqueFd keeper_files_;  // /proc/KEEPER/fd
    bool opens_held_ = false;
    std::uint64_t stored_left_ = 0;  // of the greeting
    event_base* loop_ = nullptr;
    Callbacks callbacks_;
    Watch readable_;
    Watch writable_;
};

}  // namespace reeve::drivers
