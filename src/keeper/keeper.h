#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "keeper/fd_store.h"
#include "keeper/programs.h"
#include "link/channel.h"
#include "os/paths.h"

namespace reeve::keeper {

/// Holds: the parent of every run, and of reeved and the scribe, which may die at any instant.
///
/// A run that ended stays a zombie until reeved has recorded its status and asks to reap it: the
/// zombie is the queue, so no status is lost while reeved is dead. The keeper starts reeved and the
/// scribe again whenever they end, hands the stored descriptors to the new one, and ends only when
/// reeved says so. It knows no service, no configuration and no policy.
class Keeper {
public:
    Keeper(os::Paths paths, std::uint32_t epoch);

    /// Takes the lock on the run directory: there is one keeper for each. With `inherited` set, the
    /// descriptors (the lock among them) come from a reeved that outlived the keeper before.
    Result<void> prepare(std::optional<int> inherited);

    /// Serves until the end; returns the exit code.
    int run();

private:
    /// One of the two programs that the keeper keeps alive.
    struct OwnChild {
        const char* name;
        pid_t pid = 0;
        link::Channel link;
        TimePoint start_at;            // not before
        std::uint32_t early_ends = 0;  // since it last said hello, or lived for a while
        TimePoint started_at{};
    };

    void start_due_children();
    void start_reeved();
    void start_scribe();
    Result<void> greet_reeved();
    Result<void> hand_to_reeved(const link::HeldFd& held);
    Result<os::UniqueFd> copy_for_reeved(int fd);
    void give_scribe_link();
    void take_back_reeved(const Error& why);
    void note_own_end(OwnChild& child);
    static Duration pause_before_next(const OwnChild& child);
    void read_signals();
    void read_reeved();
    void handle(const link::Message& message, int stored_fd);
    void tell_what_was_stored();
    void report_ended_children();
    void send_to_reeved(link::Message message);
    void report_child(pid_t pid);
    void finish_scribe();
    int poll_timeout() const;

    // keeper_upgrade.cc
    Result<void> take_over_programs();
    void begin_upgrade(const std::string& directory);
    void end_own_children();
    Error hand_over(const Program& keeper, std::map<std::string, int> more);
    void go_back(const std::string& why);
    void note_hello(std::uint64_t version);
    void judge_death(OwnChild& child);
    void watch_trial();
    Deadline trial_deadline() const;

    os::Paths paths_;
    std::uint32_t epoch_;
    FdStore store_;
    os::UniqueFd signals_;
    OwnChild reeved_{"reeved", 0, {}, {}, 0, {}};
    OwnChild scribe_{"reeve-scribe", 0, {}, {}, 0, {}};
    os::UniqueFd scribe_link_;  // reeved's end, until reeved gets it
    std::uint64_t reeved_deaths_ = 0;
    bool reeved_opens_pipes_ = false;       // the last that said hello: it needs no copies
    std::vector<std::string> just_stored_;  // what reeved is to be told of
    pid_t reported_ = 0;                    // the ended child that reeved was told of
    Deadline look_for_ended_at_;

    /// While a new version has to prove itself, and so long as one that came back has to.
    struct Trial {
        TimePoint ends_at;
        Deadline hello_by;    // of the reeved that runs, until it said hello
        unsigned deaths = 0;  // of reeved
        unsigned scribe_deaths = 0;
    };
    Programs programs_;                 // those that run
    std::optional<Programs> previous_;  // to go back to
    std::optional<Trial> trial_;
    std::string upgrade_note_;  // what became of the last upgrade, where that is worth a word
    bool safe_mode_ = false;
    std::optional<int> exit_code_;
};

}  // namespace reeve::keeper
