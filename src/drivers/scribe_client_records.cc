#include <algorithm>
#include <utility>

#include "drivers/scribe_client_impl.h"

// What the client does for intent and ledger; links and logs are in scribe_client.cc.
namespace reeve::drivers {
namespace {

/// Transitions in one message to the scribe.
constexpr std::size_t kBatchRowsMax = 500;

timeval to_timeval(Duration duration) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return {static_cast<time_t>(micros / 1'000'000), static_cast<suseconds_t>(micros % 1'000'000)};
}

link::LedgerRow row_of(const status::Transition& transition) {
    link::LedgerRow row;
    row.wall = transition.wall;
    row.time = transition.time;
    row.app = transition.instance.app;
    row.service = transition.instance.service;
    row.index = transition.instance.index;
    row.key = transition.instance.key;
    row.from = static_cast<std::uint32_t>(transition.from);
    row.to = static_cast<std::uint32_t>(transition.to);
    row.reason = transition.reason;
    row.cause_kind = static_cast<std::uint32_t>(transition.cause.kind);
    row.cause_id = transition.cause.id;
    row.cause_text = transition.cause.text;
    row.pid = transition.pid;
    return row;
}

/// A number that a later version has written, and that has no name here, becomes `otherwise`.
template <typename Enum>
Enum to_enum(std::uint32_t number, Enum last, Enum otherwise) {
    return number <= static_cast<std::uint32_t>(last) ? static_cast<Enum>(number) : otherwise;
}

status::Transition transition_of(link::LedgerRow row) {
    status::Transition transition;
    transition.wall = row.wall;
    transition.time = row.time;
    transition.instance = {std::move(row.app), std::move(row.service), row.index,
                           std::move(row.key)};
    transition.from = to_enum(row.from, status::State::Stuck, status::State::Stuck);
    transition.to = to_enum(row.to, status::State::Stuck, status::State::Stuck);
    transition.reason = std::move(row.reason);
    transition.cause.kind =
        to_enum(row.cause_kind, status::CauseKind::Daemon, status::CauseKind::Daemon);
    transition.cause.id = row.cause_id;
    transition.cause.text = std::move(row.cause_text);
    transition.pid = row.pid;
    return transition;
}

}  // namespace

void ScribeClient::Impl::change_intent(std::string key, std::optional<std::string> value,
                                       OnDurable on_durable) {
    Intent& intent = intents_[key];
    intent.sequence = ++last_sequence_;
    intent.value = std::move(value);
    intent.failed = false;
    if (on_durable) {
        auto waiter = std::make_unique<Waiter>();
        waiter->client = this;
        waiter->key = key;
        waiter->on_durable = std::move(on_durable);
        waiter->timer = make_timer(
            [](evutil_socket_t, short, void* argument) {
                const auto* late = static_cast<Waiter*>(argument);
                Impl* client = late->client;
                auto& waiters = client->intents_.at(late->key).waiters;
                client->defer([call = late->on_durable] {
                    call(false, "it is not written after " + to_text(kDurableWait));
                });
                std::erase_if(waiters, [late](const auto& other) { return other.get() == late; });
            },
            waiter.get());
        const timeval wait = to_timeval(kDurableWait);
        ::event_add(waiter->timer.get(), &wait);
        intent.waiters.push_back(std::move(waiter));
    }
    if (!attached()) return;
    draft_intent(key);
    send_what_waits();
}

void ScribeClient::Impl::draft_intent(const std::string& key) {
    drafts_.push_back(
        [this, key, sequence = intents_.at(key).sequence]() -> std::optional<link::ScribeRequest> {
            const auto found = intents_.find(key);
            if (found == intents_.end() || found->second.sequence != sequence) return std::nullopt;
            intent_keys_[sequence] = key;
            const Intent& intent = found->second;
            if (!intent.value) return link::ScribeRequest(link::EraseIntent{sequence, key});
            return link::ScribeRequest(link::PutIntent{sequence, {key, *intent.value}});
        });
}

void ScribeClient::Impl::answer_waiters(Intent& intent, bool durable, const std::string& why_not) {
    for (const std::unique_ptr<Waiter>& waiter : intent.waiters) {
        defer([call = std::move(waiter->on_durable), durable, why_not] { call(durable, why_not); });
    }
    intent.waiters.clear();
}

void ScribeClient::Impl::handle(const link::IntentDurable& durable) {
    const auto key = intent_keys_.find(durable.sequence);
    if (key == intent_keys_.end()) return;
    const auto intent = intents_.find(key->second);
    intent_keys_.erase(key);
    // An older value than the one that is wanted by now says nothing.
    if (intent == intents_.end() || intent->second.sequence != durable.sequence) return;
    answer_waiters(intent->second, true, "");
    intents_.erase(intent);
}

void ScribeClient::Impl::handle(const link::IntentFailed& failed) {
    const auto key = intent_keys_.find(failed.sequence);
    if (key == intent_keys_.end()) return;
    const auto intent = intents_.find(key->second);
    intent_keys_.erase(key);
    if (intent == intents_.end() || intent->second.sequence != failed.sequence) return;
    intent->second.failed = true;
    answer_waiters(intent->second, false, failed.message);
    const timeval pause = to_timeval(kIntentRetryPause);
    if (!evtimer_pending(retry_timer_.get(), nullptr)) ::event_add(retry_timer_.get(), &pause);
}

void ScribeClient::Impl::retry_failed_intents() {
    for (auto& [key, intent] : intents_) {
        if (!intent.failed) continue;
        intent.failed = false;
        intent.sequence = ++last_sequence_;
        if (attached()) draft_intent(key);
    }
    send_what_waits();
}

void ScribeClient::Impl::load_intent(OnIntent on_loaded) {
    const std::uint64_t request = ++last_request_;
    loads_[request].on_loaded = std::move(on_loaded);
    if (!attached()) return;
    draft_load(request);
    send_what_waits();
}

void ScribeClient::Impl::draft_load(std::uint64_t request) {
    drafts_.push_back([request] { return link::ScribeRequest(link::LoadIntent{request}); });
}

void ScribeClient::Impl::handle(link::IntentRows& rows) {
    const auto found = loads_.find(rows.request);
    if (found == loads_.end()) return;
    Load& load = found->second;
    for (link::IntentEntry& entry : rows.entries)
        load.entries.push_back(std::move(entry));
    if (rows.part == link::Part::More) return;
    Result<std::vector<link::IntentEntry>> answer =
        Error{"load what is remembered: " + rows.failure};
    if (rows.failure.empty()) answer = std::move(load.entries);
    defer([call = std::move(load.on_loaded), answer = std::move(answer)] { call(answer); });
    loads_.erase(found);
}

void ScribeClient::Impl::append_transitions(const std::vector<status::Transition>& transitions) {
    for (std::size_t begin = 0; begin < transitions.size(); begin += kBatchRowsMax) {
        const std::size_t end = std::min(begin + kBatchRowsMax, transitions.size());
        const std::uint64_t sequence = ++last_sequence_;
        std::vector<link::LedgerRow>& rows = batches_[sequence];
        for (std::size_t i = begin; i < end; ++i)
            rows.push_back(row_of(transitions[i]));
        rows_waiting_ += rows.size();
        while (rows_waiting_ > kTransitionsWaitingMax) {
            const std::size_t dropped = batches_.begin()->second.size();
            if (rows_dropped_ == 0) {
                tell(link::TroubleKind::Ledger, link::TroubleStage::Begun, dropped,
                     "transitions are dropped: the scribe does not take them");
            }
            rows_dropped_ += dropped;
            rows_waiting_ -= dropped;
            batches_.erase(batches_.begin());
        }
        if (attached()) draft_batch(sequence);
    }
    send_what_waits();
}

void ScribeClient::Impl::draft_batch(std::uint64_t sequence) {
    drafts_.push_back([this, sequence]() -> std::optional<link::ScribeRequest> {
        const auto found = batches_.find(sequence);
        if (found == batches_.end()) return std::nullopt;
        return link::ScribeRequest(link::AppendLedger{identity_, sequence, found->second});
    });
}

void ScribeClient::Impl::handle(const link::LedgerStored& stored) {
    const auto found = batches_.find(stored.sequence);
    if (found == batches_.end()) return;
    rows_waiting_ -= found->second.size();
    batches_.erase(found);
    if (!batches_.empty() || rows_dropped_ == 0) return;
    tell(link::TroubleKind::Ledger, link::TroubleStage::Over, rows_dropped_,
         std::to_string(rows_dropped_) + " transitions are missing from the ledger");
    rows_dropped_ = 0;
}

void ScribeClient::Impl::query_ledger(link::LedgerQuery query, OnTransitions on_rows) {
    const std::uint64_t request = ++last_request_;
    auto asked = std::make_unique<Query>();
    asked->client = this;
    asked->request = request;
    asked->query = std::move(query);
    asked->on_rows = std::move(on_rows);
    asked->timer = make_timer(
        [](evutil_socket_t, short, void* argument) {
            auto* late = static_cast<Query*>(argument);
            late->client->defer([call = std::move(late->on_rows)] {
                call(Error{"ask the ledger: no answer after " + to_text(kQueryWait)});
            });
            late->client->queries_.erase(std::uint64_t{late->request});
        },
        asked.get());
    const timeval wait = to_timeval(kQueryWait);
    ::event_add(asked->timer.get(), &wait);
    queries_[request] = std::move(asked);
    if (!attached()) return;
    draft_query(request);
    send_what_waits();
}

void ScribeClient::Impl::draft_query(std::uint64_t request) {
    drafts_.push_back([this, request]() -> std::optional<link::ScribeRequest> {
        const auto found = queries_.find(request);
        if (found == queries_.end()) return std::nullopt;
        return link::ScribeRequest(link::QueryLedger{request, found->second->query});
    });
}

void ScribeClient::Impl::handle(link::LedgerRows& rows) {
    const auto found = queries_.find(rows.request);
    if (found == queries_.end()) return;
    Query& query = *found->second;
    for (link::LedgerRow& row : rows.rows)
        query.rows.push_back(transition_of(std::move(row)));
    if (rows.part == link::Part::More) return;
    Result<std::vector<status::Transition>> answer = Error{"ask the ledger: " + rows.failure};
    if (rows.failure.empty()) answer = std::move(query.rows);
    defer([call = std::move(query.on_rows), answer = std::move(answer)] { call(answer); });
    queries_.erase(found);
}

}  // namespace reeve::drivers
