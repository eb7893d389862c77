#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <event2/event.h>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/loop.h"
#include "drivers/scribe_client.h"
#include "link/channel.h"

namespace reeve::drivers {

struct EventDeleter {
    void operator()(event* owned) const { ::event_free(owned); }
};
/// A libevent event; it is pending no more at its end of life.
using EventPtr = std::unique_ptr<event, EventDeleter>;

/// Messages that wait for their turn; beyond, what waits is drafted anew from what is not
/// acknowledged, which is bounded itself.
inline constexpr std::size_t kDraftsMax = 100'000;

/// The inside of ScribeClient: everything that is not acknowledged stands in maps, and `drafts_`
/// says in which order it is sent. A link that is replaced is one case: all is drafted again.
class ScribeClient::Impl {
public:
    Impl(event_base* loop, std::uint64_t identity, OnTrouble on_trouble);

    void attach(os::UniqueFd fd);
    void detach();
    bool attached() const { return channel_.is_open(); }

    void serve_logs(OpenLogs& logs) { logs_ = &logs; }
    void open_log(link::LogId log);
    void continue_log(link::LogId log);
    void close_log(link::LogId log, link::LogSettings settings, os::UniqueFd pipe,
                   OnClosed on_closed);
    void all_logs_named();

    void change_intent(std::string key, std::optional<std::string> value, OnDurable on_durable);
    void load_intent(OnIntent on_loaded);

    void append_transitions(const std::vector<status::Transition>& transitions);
    void query_ledger(link::LedgerQuery query, OnTransitions on_rows);

    std::size_t unacknowledged() const { return intents_.size() + batches_.size(); }

private:
    struct ClosingLog {
        link::LogSettings settings;
        os::UniqueFd pipe;  // a later scribe needs it to write what is left in it
        OnClosed on_closed;
    };
    /// A caller that waits for an intent to be durable.
    struct Waiter {
        Impl* client = nullptr;
        std::string key;
        OnDurable on_durable;
        EventPtr timer;
    };
    /// The newest value of a key that is not durable yet.
    struct Intent {
        std::uint64_t sequence = 0;
        std::optional<std::string> value;  // nullopt: to be forgotten
        std::vector<std::unique_ptr<Waiter>> waiters;
        bool failed = false;  // waits for retry_timer_
    };
    struct Load {
        OnIntent on_loaded;
        std::vector<link::IntentEntry> entries;
    };
    struct Query {
        Impl* client = nullptr;
        std::uint64_t request = 0;
        link::LedgerQuery query;
        OnTransitions on_rows;
        std::vector<status::Transition> rows;
        EventPtr timer;
    };
    /// Makes a message when its turn comes; nullopt if it is no longer wanted.
    using Draft = std::function<std::optional<link::ScribeRequest>()>;

    static void on_soon(evutil_socket_t, short, void* self);
    static void on_retry(evutil_socket_t, short, void* self);
    EventPtr make_timer(event_callback_fn on_time, void* argument);
    void defer(std::function<void()> call);
    void tell(link::TroubleKind kind, link::TroubleStage stage, std::uint64_t lost,
              const std::string& message);

    void enqueue(Draft draft);
    void send_what_waits();
    void draft_everything();
    void draft_logs();
    void draft_names(link::NameLogs names);
    void draft_open(link::LogId log);
    void draft_close(link::LogId log);
    void draft_intent(const std::string& key);
    void draft_load(std::uint64_t request);
    void draft_batch(std::uint64_t sequence);
    void draft_query(std::uint64_t request);

    void on_readable();
    void on_writable();
    void retry_failed_intents();
    void answer_waiters(Intent& intent, bool durable, const std::string& why_not);

    // What the scribe says.
    void handle(const link::UnknownMessage&) {}
    void handle(const link::ScribeHello& hello);
    void handle(const link::LogClosed& closed);
    void handle(const link::LogsUnknown& unknown);
    void handle(const link::IntentDurable& durable);
    void handle(const link::IntentFailed& failed);
    void handle(link::IntentRows& rows);
    void handle(const link::LedgerStored& stored);
    void handle(link::LedgerRows& rows);
    void handle(link::Trouble& trouble);

    event_base* loop_;
    std::uint64_t identity_;
    OnTrouble on_trouble_;
    link::Channel channel_;
    Watch readable_;
    Watch writable_;  // active while something waits to be written
    EventPtr soon_;
    EventPtr retry_timer_;
    std::deque<std::function<void()>> deferred_;
    std::deque<Draft> drafts_;

    OpenLogs* logs_ = nullptr;
    std::optional<link::ScribeHello> scribe_;  // what it has said
    std::set<link::LogId> told_early_;         // before that
    std::map<link::LogId, ClosingLog> closing_logs_;
    bool all_logs_named_ = false;

    std::uint64_t last_sequence_ = 0;  // of intents and batches
    std::uint64_t last_request_ = 0;   // of loads and queries
    std::map<std::string, Intent> intents_;
    std::map<std::uint64_t, std::string> intent_keys_;  // by sequence, of those on their way
    std::map<std::uint64_t, Load> loads_;
    std::map<std::uint64_t, std::vector<link::LedgerRow>> batches_;  // by sequence
    std::size_t rows_waiting_ = 0;
    std::uint64_t rows_dropped_ = 0;  // since the last time that nothing waited
    std::map<std::uint64_t, std::unique_ptr<Query>> queries_;
};

}  // namespace reeve::drivers
