#include "scribe/scribe.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/log.h"
#include "link/keeper_protocol.h"

namespace reeve::scribe {
namespace {

// What epoll says of a descriptor: one of these, or the address of a Log.
constexpr std::uint64_t kControl = 0;
constexpr std::uint64_t kLink = 1;
constexpr std::uint64_t kEndSignals = 2;
constexpr std::uint64_t kFirstAddress = 3;

constexpr int kEventsPerTurn = 64;
/// After so many messages, and so long after them, memory is given back.
constexpr int kMessagesPerTidy = 256;
constexpr Duration kTidyPause = 1s;

}  // namespace

Result<std::unique_ptr<Scribe>> Scribe::create(const Settings& settings, os::UniqueFd control,
                                               os::UniqueFd end_signals) {
    os::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return system_error("create an epoll descriptor");
    std::unique_ptr<Scribe> scribe(
        new Scribe(settings, std::move(epoll), std::move(control), std::move(end_signals)));
    if (!settings.in_flight_path.empty()) {
        scribe->bench_.in_flight = TRY(InFlight::open(settings.in_flight_path));
    }
    TRY(scribe->watch(scribe->control_.fd(), kControl, false, EPOLL_CTL_ADD));
    if (scribe->end_signals_) {
        TRY(scribe->watch(scribe->end_signals_.get(), kEndSignals, false, EPOLL_CTL_ADD));
    }
    return scribe;
}

Scribe::Scribe(const Settings& settings, os::UniqueFd epoll, os::UniqueFd control,
               os::UniqueFd end_signals)
    : clock_(settings.clock),
      epoll_(std::move(epoll)),
      control_(std::move(control)),
      end_signals_(std::move(end_signals)),
      logs_(epoll_.get(), bench_),
      archive_(settings.state_dir, [this](const link::ScribeReply& reply) { send(reply); }) {}

Result<void> Scribe::watch(int fd, std::uint64_t name, bool for_writing, int operation) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (for_writing) event.events |= EPOLLOUT;
    event.data.u64 = name;
    if (::epoll_ctl(epoll_.get(), operation, fd, &event) != 0) return system_error("watch a link");
    return {};
}

int Scribe::wait_milliseconds(Duration wait) const {
    if (archive_.has_answers_to_give() && !link_.wants_write()) return 0;
    if (logs_.any_losing()) wait = std::min<Duration>(wait, kWriteRetryPause);
    if (archive_.owes_ledger()) wait = std::min<Duration>(wait, kLedgerRetryPause);
    if (!archive_.reserve_held()) wait = std::min<Duration>(wait, kReservePause);
    if (wants_tidying()) wait = std::min<Duration>(wait, kTidyPause);
    if (wait == Duration::max()) return -1;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

void Scribe::run() {
    while (turn(Duration::max())) {
    }
}

bool Scribe::turn(Duration wait) {
    std::array<epoll_event, kEventsPerTurn> events;
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, wait_milliseconds(wait));
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == kEndSignals) end_asked_ = true;
        if (event.data.u64 == kControl) read_control();
        if (event.data.u64 == kLink) {
            flush_link();
            read_link(kMessagesPerTurn);
        }
    }
    if (wants_tidying()) tidy_memory();
    archive_.work(clock_(), !link_.wants_write());
    const std::uint64_t bytes_before = bench_.bytes_read;
    int logs_read = 0;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 < kFirstAddress) continue;
        logs_.pump(*static_cast<Log*>(event.data.ptr), clock_());
        ++logs_read;
    }
    if (logs_.any_losing()) logs_.retry(clock_());
    for (const link::LogId log : logs_.finish_closing(clock_()))
        send(link::LogClosed{log});
    logs_.take_reports([this](const link::Trouble& trouble) { send(trouble); });
    if (!archive_.reserve_held()) archive_.keep_reserve(clock_());
    update_link_watch();
    // A reeved that has lost its keeper takes the pipes from here; it closes its link after that.
    const bool is_alone = !control_.is_open() && !link_.is_open();
    if (!end_asked_ && !is_alone && !peer_stuck_) {
        if (logs_read > 0) gather(logs_read, bench_.bytes_read - bytes_before);
        return true;
    }
    finish();
    return false;
}

bool Scribe::wants_tidying() const {
    return messages_since_tidy_ >= kMessagesPerTidy;
}

void Scribe::count_message() {
    if (!wants_tidying() && ++messages_since_tidy_ == kMessagesPerTidy) crowd_at_ = clock_();
}

/// What a crowd of messages took and nobody needs any more, when it has been there for a while.
void Scribe::tidy_memory() {
    const std::int64_t since = clock_().nanoseconds - crowd_at_.nanoseconds;
    if (since >= 0 && since < kTidyPause.count()) return;  // a clock that was set back counts, too
    messages_since_tidy_ = 0;
    ::malloc_trim(0);
}

void Scribe::gather(int logs_read, std::uint64_t bytes) {
    const WallTime now = clock_();
    const std::int64_t since_last = now.nanoseconds - logs_read_at_.nanoseconds;
    logs_read_at_ = now;
    const bool is_busy = since_last >= 0 && since_last < kBusyWithin.count();
    if (!is_busy || bytes >= kLittlePerLog * static_cast<std::uint64_t>(logs_read)) return;
    // Only the pipes wait: the keeper and reeved do not.
    std::array<pollfd, 2> links = {pollfd{control_.fd(), POLLIN, 0}, pollfd{link_.fd(), POLLIN, 0}};
    const timespec pause{0, kGatherPause.count()};
    ::ppoll(links.data(), links.size(), &pause, nullptr);
}

void Scribe::read_control() {
    link::Message message;
    for (;;) {
        switch (control_.receive(message)) {
            case link::Channel::Received::Nothing:
                return;
            case link::Channel::Received::Closed:
                return let_keeper_go();
            case link::Channel::Received::Message:
                break;
        }
        const bool brings_link =
            message.type == static_cast<std::uint32_t>(link::KeeperToScribe::ReevedLink) &&
            message.fds.size() == 1;
        const bool is_last =
            message.type == static_cast<std::uint32_t>(link::KeeperToScribe::Finish);
        if (brings_link) replace_link(std::move(message.fds.front()));
        if (is_last) end_asked_ = true;
        if (!brings_link && !is_last)
            log::warning("reason=\"the keeper sent what is not understood\"");
    }
}

void Scribe::let_keeper_go() {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, control_.fd(), nullptr);
    control_ = link::Channel();
}

void Scribe::replace_link(os::UniqueFd fd) {
    if (link_.is_open()) {
        read_link(INT32_MAX);  // what the last reeved asked for is still done
        archive_.work(clock_(), false);
        close_link();
    }
    archive_.peer_replaced();
    link_ = link::Channel(std::move(fd));
    link_watched_for_writing_ = false;
    ++link_number_;
    const Result<void> watched = watch(link_.fd(), kLink, false, EPOLL_CTL_ADD);
    if (!watched) log::error("reason=\"" + watched.error().message + "\"");
    send(link::ScribeHello{link::kScribeProtocolVersion, logs_.size()});
}

void Scribe::read_link(int messages_max) {
    link::Message message;
    for (int i = 0; i < messages_max && link_.is_open(); ++i) {
        switch (link_.receive(message)) {
            case link::Channel::Received::Nothing:
                return;
            case link::Channel::Received::Closed:
                close_link();
                return;
            case link::Channel::Received::Message:
                break;
        }
        count_message();
        Result<link::ScribeRequest> request = link::decode_request(std::move(message));
        if (!request) {
            log::error("reason=\"" + request.error().message + "\"");
            continue;
        }
        std::visit([this](auto& content) { handle(content); }, *request);
    }
}

void Scribe::handle(link::OpenLog& request) {
    const link::LogId id = request.log;
    const Result<void> opened = logs_.open(std::move(request), link_number_, clock_());
    if (opened) return;
    log::error("log=" + std::to_string(id) + " reason=\"" + opened.error().message + "\"");
    link::Trouble trouble;
    trouble.log = id;
    trouble.message = opened.error().message;
    send(trouble);
}

void Scribe::handle(link::NameLogs& request) {
    link::LogsUnknown unknown;
    for (link::NamedLog& named : request.logs) {
        const link::LogId id = named.log;
        if (!logs_.name(std::move(named), link_number_)) unknown.logs.push_back(id);
    }
    if (!unknown.logs.empty()) send(unknown);
}

void Scribe::handle(const link::CloseLog& request) {
    logs_.close(request.log);
}

void Scribe::handle(const link::AllLogsNamed&) {
    logs_.close_unnamed(link_number_);
}

void Scribe::handle(const link::ScribeHello& hello) {
    if (hello.version == link::kScribeProtocolVersion) return;
    log::info("version=" + std::to_string(hello.version) +
              " reason=\"reeved speaks another version\"");
}

void Scribe::handle(const link::UnknownMessage& unknown) {
    log::warning("type=" + std::to_string(unknown.type) +
                 " reason=\"a message of a later version is ignored\"");
}

void Scribe::send(const link::ScribeReply& reply) {
    if (!link_.is_open()) return;
    const Result<void> sent = link_.send(link::encode(reply));
    // A peer that has gone shows when the link is read.
    if (!sent && sent.error().code == ENOBUFS) peer_stuck_ = true;
}

void Scribe::flush_link() {
    if (link_.is_open()) (void)link_.flush();  // likewise
}

void Scribe::close_link() {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, link_.fd(), nullptr);
    link_ = link::Channel();
    link_watched_for_writing_ = false;
}

void Scribe::update_link_watch() {
    if (!link_.is_open() || link_watched_for_writing_ == link_.wants_write()) return;
    const Result<void> watched = watch(link_.fd(), kLink, link_.wants_write(), EPOLL_CTL_MOD);
    if (watched) link_watched_for_writing_ = link_.wants_write();
}

void Scribe::finish() {
    if (peer_stuck_) log::error("reason=\"reeved does not read; starting anew\"");
    read_link(INT32_MAX);
    archive_.work(clock_(), false);
    logs_.pump_all(clock_());
    flush_link();
}

}  // namespace reeve::scribe
