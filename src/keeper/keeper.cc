#include "keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "keeper/notify.h"
#include "keeper/now.h"
#include "link/keeper_protocol.h"

namespace reeve::keeper {
namespace {

/// reeved learns of the end of its runs by itself and asks to reap them; only what is left after
/// this long are orphans that it does not know, worth a message.
constexpr Duration kOrphanPatience = 20ms;
/// A program that ends before it said hello is started again after 100 ms, doubling to this.
constexpr Duration kEarlyEndPauseMax = 5s;
/// After a start for which the machine was short of something.
constexpr Duration kShortagePause = 1s;
/// How long a reeved that is being greeted may take to read on.
constexpr int kGreetingMilliseconds = 2'000;
/// A scribe says no hello; one that lives less than this has ended early.
constexpr Duration kEarlyLife = 200ms;
/// How long the scribe may take to write what it has, at the end of everything.
constexpr Duration kScribeFarewell = 10s;
constexpr const char* kLockName = "lock";
/// So often may reeved end before it said hello; then it is started in safe mode.
constexpr std::uint32_t kEarlyEndsMax = 10;

void complain(const Error& error) {
    ::dprintf(STDERR_FILENO, "reeve-keeper: %s\n", error.message.c_str());
}

link::Message message_of(link::FromKeeper type, std::string payload) {
    link::Message message;
    message.type = static_cast<std::uint32_t>(type);
    message.payload = std::move(payload);
    return message;
}

}  // namespace

Keeper::Keeper(os::Paths paths, std::uint32_t epoch) : paths_(std::move(paths)), epoch_(epoch) {}

Result<void> Keeper::prepare(std::optional<int> inherited) {
    os::raise_open_files_limit();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t watched;
    ::sigemptyset(&watched);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
        ::sigaddset(&watched, signal);
    ::sigprocmask(SIG_BLOCK, &watched, nullptr);
    signals_.reset(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) return system_error("create a signalfd");

    if (inherited) {
        TRY(store_.take_over(*inherited));
        return take_over_programs();
    }
    const std::string directory = TRY(executable_directory());
    programs_ = TRY(Programs::open(directory));
    TRY(os::make_directories(paths_.run_dir, 0755));
    os::UniqueFd lock = TRY(os::open_file(paths_.run_dir + "/lock", O_RDWR | O_CREAT, 0600));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return system_error("another reeve runs in " + paths_.run_dir + ": lock");
    }
    // reeved holds the same open file, so that the lock outlives the keeper as long as reeved does.
    store_.put(kLockName, std::move(lock));
    return {};
}

int Keeper::run() {
    while (!exit_code_) {
        start_due_children();
        pollfd watched[3] = {
            {signals_.get(), POLLIN, 0},
            {reeved_.link.fd(),
             static_cast<short>(reeved_.link.wants_write() ? POLLIN | POLLOUT : POLLIN), 0},
            {scribe_.link.fd(), static_cast<short>(scribe_.link.wants_write() ? POLLOUT : 0), 0}};
        ::poll(watched, 3, poll_timeout());
        if ((watched[0].revents & POLLIN) != 0) read_signals();
        if (reeved_.link.is_open()) {
            (void)reeved_.link.flush();  // a peer that has gone is noticed by its end
            read_reeved();
        }
        if (scribe_.link.is_open()) (void)scribe_.link.flush();  // likewise
        note_own_end(reeved_);
        note_own_end(scribe_);
        watch_trial();
        if (look_for_ended_at_ && now() >= *look_for_ended_at_) report_ended_children();
    }
    finish_scribe();
    // Whoever waits for the end of reeve waits for the socket to go: nothing is left to do now.
    ::unlink(paths_.socket.c_str());
    return *exit_code_;
}

int Keeper::poll_timeout() const {
    Deadline next = earliest(look_for_ended_at_, trial_deadline());
    if (reeved_.pid == 0) next = earliest(next, reeved_.start_at);
    if (scribe_.pid == 0) next = earliest(next, scribe_.start_at);
    if (!next) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*next - now()).count();
    return static_cast<int>(std::max<long>(0, wait));
}

void Keeper::start_due_children() {
    const TimePoint time = now();
    // The one that everybody waits for goes first; it is told of the other one's link.
    if (reeved_.pid == 0 && time >= reeved_.start_at) start_reeved();
    if (scribe_.pid == 0 && time >= scribe_.start_at) start_scribe();
}

void Keeper::start_scribe() {
    auto control = link::make_link();
    auto to_reeved = link::make_link();
    scribe_.start_at = now() + kShortagePause;
    if (!control || !to_reeved) return complain((control ? to_reeved : control).error());
    const Result<pid_t> pid = start_program(programs_.find(kScribeName), control->second);
    if (!pid) return complain(pid.error());
    scribe_.pid = *pid;
    scribe_.started_at = now();
    scribe_.link = link::Channel(std::move(control->first));
    link::Message introduce;
    introduce.type = static_cast<std::uint32_t>(link::KeeperToScribe::ReevedLink);
    introduce.fds.push_back(std::move(to_reeved->first));
    (void)scribe_.link.send(std::move(introduce));  // a scribe that has gone is started again
    scribe_link_ = std::move(to_reeved->second);
    if (reeved_.pid != 0) give_scribe_link();
}

void Keeper::give_scribe_link() {
    ByteWriter scribe;
    scribe.number(static_cast<std::uint64_t>(scribe_.pid));
    link::Message tell = message_of(link::FromKeeper::ScribeLink, scribe.take());
    tell.fds.push_back(std::move(scribe_link_));
    send_to_reeved(std::move(tell));
}

void Keeper::start_reeved() {
    reeved_.start_at = now() + kShortagePause;
    auto ends = link::make_link();
    if (!ends) return complain(ends.error());
    const Result<pid_t> pid = start_program(programs_.find(kReevedName), ends->second);
    if (!pid) return complain(pid.error());
    reeved_.pid = *pid;
    reeved_.link = link::Channel(std::move(ends->first));
    const Result<void> greeted = greet_reeved();
    if (!greeted) return take_back_reeved(greeted.error());
    if (++reeved_.early_ends > kEarlyEndsMax) safe_mode_ = true;
    if (trial_) trial_->hello_by = now() + kHelloPatience;
    // Whatever ended in the meantime waits as a zombie.
    look_for_ended_at_ = now() + kOrphanPatience;
}

/// One that was not given all that is held would take runs for gone, and start them once more.
void Keeper::take_back_reeved(const Error& why) {
    complain(Error{"greet reeved: " + why.message + "; tried again"});
    ::kill(reeved_.pid, SIGKILL);
    ::waitpid(reeved_.pid, nullptr, 0);
    reeved_.pid = 0;
    reeved_.link = link::Channel();
    scribe_link_.reset();  // another one comes with the next greeting
}

/// A copy for the link to reeved. Where descriptors are short, those that wait in the link are let
/// go first.
Result<os::UniqueFd> Keeper::copy_for_reeved(int fd) {
    for (;;) {
        Result<os::UniqueFd> copy = os::duplicate(fd);
        if (copy || !reeved_.link.wants_write()) return copy;
        pollfd watched{reeved_.link.fd(), POLLOUT, 0};
        if (::poll(&watched, 1, kGreetingMilliseconds) <= 0) return copy;
        TRY(reeved_.link.flush());
    }
}

Result<void> Keeper::greet_reeved() {
    ByteWriter hello;
    hello.number(link::kKeeperProtocolVersion);
    hello.number(epoch_);
    const auto boot_id = os::read_file("/proc/sys/kernel/random/boot_id", 64);
    hello.text(boot_id ? boot_id->substr(0, 36) : "");
    // One that ended before it said hello may have been unable to open what it was told of.
    const bool opens_pipes = reeved_opens_pipes_ && reeved_.early_ends == 0;
    std::vector<link::HeldFd> to_open;
    std::vector<link::HeldFd> to_hand_over;
    store_.visit([&](const std::string& name, int fd) {
        std::optional<link::HeldFd> pipe;
        if (opens_pipes) pipe = store_.find_pipe(name);
        if (pipe) to_open.push_back(std::move(*pipe));
        if (!pipe) to_hand_over.push_back(describe(name, fd));
    });
    hello.number(to_hand_over.size());
    hello.number(reeved_deaths_);
    hello.number(static_cast<std::uint64_t>(safe_mode_ ? link::SafeMode::On : link::SafeMode::Off));
    hello.text(upgrade_note_);
    link::write_held_fds(hello, to_open);
    const auto sent = reeved_.link.send(message_of(link::FromKeeper::Hello, hello.take()));
    // What comes after it means nothing without it; one that has gone is noticed by its end.
    if (!sent && sent.error().code != EPIPE) return sent.error();
    for (const link::HeldFd& held : to_hand_over)
        TRY(hand_to_reeved(held));
    // A scribe that outlived the last reeved gets a link to the new one.
    if (scribe_.pid != 0 && !scribe_link_) {
        auto ends = TRY(link::make_link());
        link::Message introduce;
        introduce.type = static_cast<std::uint32_t>(link::KeeperToScribe::ReevedLink);
        introduce.fds.push_back(std::move(ends.first));
        (void)scribe_.link.send(std::move(introduce));  // a scribe that has gone is started again
        scribe_link_ = std::move(ends.second);
    }
    if (scribe_link_) give_scribe_link();
    return {};
}

Result<void> Keeper::hand_to_reeved(const link::HeldFd& held) {
    ByteWriter stored;
    link::write_held_fd(stored, held);
    link::Message message = message_of(link::FromKeeper::StoredFd, stored.take());
    message.fds.push_back(TRY(copy_for_reeved(held.number)));
    send_to_reeved(std::move(message));
    return {};
}

void Keeper::send_to_reeved(link::Message message) {
    (void)reeved_.link.send(std::move(message));  // a reeved that has gone is noticed by its end
}

void Keeper::read_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        if (info.ssi_signo == SIGCHLD) {
            if (!look_for_ended_at_) look_for_ended_at_ = now() + kOrphanPatience;
        } else {
            const bool reloads = info.ssi_signo == SIGHUP;
            send_to_reeved(message_of(
                reloads ? link::FromKeeper::ReloadAsked : link::FromKeeper::EndAsked, {}));
        }
    }
}

void Keeper::note_own_end(OwnChild& child) {
    if (child.pid == 0) return;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOHANG) != 0) return;
    if (info.si_pid == 0) return;
    ::dprintf(STDERR_FILENO, "reeve-keeper: %s (pid %d) ended (%s %d); starting it again\n",
              child.name, child.pid, info.si_code == CLD_EXITED ? "code" : "signal",
              info.si_status);
    child.pid = 0;
    if (&child == &reeved_) read_reeved();  // its last words: descriptors to hold
    child.link = link::Channel();
    if (&child == &scribe_)
        child.early_ends = now() - child.started_at < kEarlyLife ? child.early_ends + 1 : 0;
    child.start_at = now() + pause_before_next(child);
    if (&child == &reeved_) {
        reported_ = 0;
        ++reeved_deaths_;
    } else {
        scribe_link_.reset();
    }
    judge_death(child);
}

Duration Keeper::pause_before_next(const OwnChild& child) {
    if (child.early_ends <= 1) return 0s;
    return std::min<Duration>(100ms * (1U << std::min(child.early_ends, 10U)), kEarlyEndPauseMax);
}

void Keeper::read_reeved() {
    link::Message message;
    while (reeved_.link.receive(message) == link::Channel::Received::Message) {
        const int fd = message.fds.empty() ? -1 : message.fds.front().release();
        handle(message, fd);
    }
    tell_what_was_stored();
}

/// Once for all that came together.
void Keeper::tell_what_was_stored() {
    std::vector<link::HeldFd> stored;
    for (const std::string& name : std::exchange(just_stored_, {})) {
        std::optional<link::HeldFd> pipe = store_.find_pipe(name);
        if (pipe) stored.push_back(std::move(*pipe));
    }
    if (stored.empty()) return;
    ByteWriter list;
    link::write_held_fds(list, stored);
    send_to_reeved(message_of(link::FromKeeper::Stored, list.take()));
}

void Keeper::handle(const link::Message& message, int stored_fd) {
    os::UniqueFd fd(stored_fd);
    ByteReader reader(message.payload);
    switch (static_cast<link::ToKeeper>(message.type)) {
        case link::ToKeeper::Hello: {
            reeved_.early_ends = 0;
            notify_ready();
            const std::uint64_t version = reader.number();
            (void)reader.text();  // for people who trace the link
            reeved_opens_pipes_ =
                reader.number() == static_cast<std::uint64_t>(link::OpensPipes::Yes);
            return note_hello(version);
        }
        case link::ToKeeper::StoreFd: {
            std::string name = reader.text();
            if (fd && store_.put(name, std::move(fd))) just_stored_.push_back(std::move(name));
            return;
        }
        case link::ToKeeper::DropFd:
            store_.drop(reader.text());
            return;
        case link::ToKeeper::Reap: {
            const pid_t pid = static_cast<pid_t>(reader.number());
            if (pid <= 0 || pid == scribe_.pid || pid == reeved_.pid) return;
            ::waitpid(pid, nullptr, WNOHANG);
            if (pid != reported_) return;
            reported_ = 0;
            look_for_ended_at_ = now();
            return;
        }
        case link::ToKeeper::AskEnded:
            return report_child(static_cast<pid_t>(reader.number()));
        case link::ToKeeper::End:
            exit_code_ = static_cast<int>(reader.signed_number());
            return;
        case link::ToKeeper::Upgrade:
            return begin_upgrade(reader.text());
    }
}

/// The kernel shows the first of the ended children only; the next is seen when it was reaped.
void Keeper::report_ended_children() {
    look_for_ended_at_.reset();
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    if (info.si_pid == reeved_.pid || info.si_pid == scribe_.pid) return;
    if (info.si_pid == reported_ || reeved_.pid == 0) return;
    reported_ = info.si_pid;
    report_child(info.si_pid);
}

void Keeper::report_child(pid_t pid) {
    siginfo_t info{};
    if (pid <= 0) return;
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return;
    if (info.si_pid == 0) return;
    ByteWriter ended;
    ended.number(static_cast<std::uint64_t>(pid));
    ended.signed_number(info.si_code);
    ended.signed_number(info.si_status);
    send_to_reeved(message_of(link::FromKeeper::ChildEnded, ended.take()));
}

/// The scribe ends by itself, after it has written what it has.
void Keeper::finish_scribe() {
    link::Message finish;
    finish.type = static_cast<std::uint32_t>(link::KeeperToScribe::Finish);
    if (scribe_.link.is_open()) (void)scribe_.link.send(std::move(finish));  // or it has gone
    scribe_.link = link::Channel();
    scribe_link_.reset();
    const TimePoint patience_ends = now() + kScribeFarewell;
    while (scribe_.pid != 0 && now() < patience_ends) {
        pollfd watched{signals_.get(), POLLIN, 0};
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(scribe_.pid), &info, WEXITED | WNOHANG);
        if (info.si_pid != 0) {
            scribe_.pid = 0;
            return;
        }
        ::poll(&watched, 1, 100);
        signalfd_siginfo ignored{};
        while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
        }
    }
}

}  // namespace reeve::keeper
