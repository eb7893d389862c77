#include "drivers/scribe_client.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "drivers/scribe_client_impl.h"

// The client's link and its logs; intent and ledger are in scribe_client_records.cc.
namespace reeve::drivers {
namespace {

/// Messages of the scribe that are taken in one turn of the loop.
constexpr int kMessagesPerTurn = 256;

}  // namespace

ScribeClient::Impl::Impl(event_base* loop, std::uint64_t identity, OnTrouble on_trouble)
    : loop_(loop),
      identity_(identity),
      on_trouble_(std::move(on_trouble)),
      soon_(make_timer(on_soon, this)),
      retry_timer_(make_timer(on_retry, this)) {}

void ScribeClient::Impl::on_soon(evutil_socket_t, short, void* self) {
    std::deque<std::function<void()>> calls;
    calls.swap(static_cast<Impl*>(self)->deferred_);
    for (const std::function<void()>& call : calls)
        call();
}

void ScribeClient::Impl::on_retry(evutil_socket_t, short, void* self) {
    static_cast<Impl*>(self)->retry_failed_intents();
}

EventPtr ScribeClient::Impl::make_timer(event_callback_fn on_time, void* argument) {
    EventPtr timer(evtimer_new(loop_, on_time, argument));
    CHECK(timer != nullptr);
    return timer;
}

void ScribeClient::Impl::defer(std::function<void()> call) {
    deferred_.push_back(std::move(call));
    ::event_active(soon_.get(), EV_TIMEOUT, 0);
}

void ScribeClient::Impl::tell(link::TroubleKind kind, link::TroubleStage stage, std::uint64_t lost,
                              const std::string& message) {
    link::Trouble trouble;
    trouble.kind = kind;
    trouble.stage = stage;
    trouble.lost_lines = lost;
    trouble.message = message;
    defer([this, trouble] { on_trouble_(trouble); });
}

// ---- The link.

void ScribeClient::Impl::attach(os::UniqueFd fd) {
    detach();
    channel_ = link::Channel(std::move(fd));
    readable_ = Watch(loop_, channel_.fd(), Watch::For::Reading, [this] { on_readable(); });
    draft_everything();
    send_what_waits();
}

void ScribeClient::Impl::detach() {
    readable_ = Watch();
    writable_ = Watch();
    channel_ = link::Channel();
    scribe_.reset();
    told_early_.clear();
    drafts_.clear();
    intent_keys_.clear();
}

void ScribeClient::Impl::enqueue(Draft draft) {
    if (!attached()) return;  // `attach` drafts everything
    drafts_.push_back(std::move(draft));
    send_what_waits();
}

/// Hands over one message after the other as long as the kernel takes them: what waits stays here,
/// where newer values replace older ones, and not in the link.
void ScribeClient::Impl::send_what_waits() {
    if (drafts_.size() > kDraftsMax) {
        drafts_.clear();
        draft_everything();
    }
    while (attached() && !drafts_.empty() && !channel_.wants_write()) {
        const Draft draft = std::move(drafts_.front());
        drafts_.pop_front();
        std::optional<link::ScribeRequest> request = draft();
        if (!request) continue;
        const Result<void> sent = channel_.send(link::encode(std::move(*request)));
        if (!sent) return;  // the scribe has gone, which shows when the link is read
    }
    if (!attached() || !channel_.wants_write() || writable_.active()) return;
    writable_ = Watch(loop_, channel_.fd(), Watch::For::Writing, [this] { on_writable(); });
}

void ScribeClient::Impl::on_writable() {
    writable_ = Watch();
    if (!channel_.flush()) return;  // likewise
    send_what_waits();
}

void ScribeClient::Impl::on_readable() {
    link::Message message;
    for (int i = 0; i < kMessagesPerTurn; ++i) {
        switch (channel_.receive(message)) {
            case link::Channel::Received::Nothing:
                return;
            case link::Channel::Received::Closed:
                detach();
                return;
            case link::Channel::Received::Message:
                break;
        }
        Result<link::ScribeReply> reply = link::decode_reply(message);
        if (!reply) {
            log::error("reason=\"" + reply.error().message + "\"");
            continue;
        }
        std::visit([this](auto& content) { handle(content); }, *reply);
    }
}

void ScribeClient::Impl::draft_everything() {
    told_early_.clear();
    drafts_.push_back([] { return link::ScribeRequest(link::ScribeHello{}); });
    if (scribe_) draft_logs();
    for (auto& [key, intent] : intents_) {
        intent.failed = false;
        draft_intent(key);
    }
    for (auto& [request, load] : loads_) {
        load.entries.clear();
        draft_load(request);
    }
    for (const auto& [sequence, rows] : batches_)
        draft_batch(sequence);
    for (auto& [request, query] : queries_) {
        query->rows.clear();
        draft_query(request);
    }
}

/// A scribe that has outlived the last reeved has the pipes open: names are enough for it.
void ScribeClient::Impl::draft_logs() {
    const bool has_pipes = scribe_->version >= link::kNameLogsSince && scribe_->logs > 0;
    link::NameLogs names;
    const auto draft = [&](link::LogId log) {
        if (told_early_.contains(log)) return;
        std::optional<OpenedLog> opened;
        if (has_pipes) opened = logs_->find_log(log);
        if (!opened || opened->age == link::PipeAge::Fresh) return draft_open(log);
        names.logs.push_back({log, std::move(opened->settings)});
        if (names.logs.size() == link::kLogsNamedAtOnce) draft_names(std::exchange(names, {}));
    };
    if (logs_ != nullptr) logs_->visit_logs(draft);
    if (!names.logs.empty()) draft_names(std::move(names));
    for (const auto& [id, log] : closing_logs_) {
        if (!told_early_.contains(id)) draft_close(id);
    }
    told_early_.clear();
    if (all_logs_named_) {
        drafts_.push_back([] { return link::ScribeRequest(link::AllLogsNamed{}); });
    }
}

void ScribeClient::Impl::handle(const link::ScribeHello& hello) {
    scribe_ = hello;
    draft_logs();
    send_what_waits();
    if (hello.version == link::kScribeProtocolVersion) return;
    log::info("version=" + std::to_string(hello.version) +
              " reason=\"the scribe speaks another version\"");
}

void ScribeClient::Impl::handle(link::Trouble& trouble) {
    defer([this, trouble] { on_trouble_(trouble); });
}

// ---- Logs.

void ScribeClient::Impl::open_log(link::LogId log) {
    if (!attached()) return;
    if (!scribe_) told_early_.insert(log);
    draft_open(log);
    send_what_waits();
}

void ScribeClient::Impl::continue_log(link::LogId log) {
    if (!scribe_) return;
    draft_open(log);
    send_what_waits();
}

void ScribeClient::Impl::draft_names(link::NameLogs names) {
    drafts_.push_back(
        [names = std::move(names)]() mutable { return link::ScribeRequest(std::move(names)); });
}

void ScribeClient::Impl::handle(const link::LogsUnknown& unknown) {
    for (const link::LogId log : unknown.logs)
        draft_open(log);
    send_what_waits();
}

void ScribeClient::Impl::draft_open(link::LogId log) {
    drafts_.push_back([this, log]() -> std::optional<link::ScribeRequest> {
        std::optional<OpenedLog> opened = logs_->find_log(log);
        if (!opened) return std::nullopt;
        Result<os::UniqueFd> pipe = logs_->open_pipe(log);
        if (!pipe) {
            tell(link::TroubleKind::Log, link::TroubleStage::Note, 0,
                 opened->settings.path + ": " + pipe.error().message);
            return std::nullopt;
        }
        logs_->note_told(log);
        return link::ScribeRequest(
            link::OpenLog{log, std::move(opened->settings), opened->age, std::move(*pipe)});
    });
}

void ScribeClient::Impl::close_log(link::LogId log, link::LogSettings settings, os::UniqueFd pipe,
                                   OnClosed on_closed) {
    closing_logs_[log] = ClosingLog{std::move(settings), std::move(pipe), std::move(on_closed)};
    if (!attached()) return;
    if (!scribe_) told_early_.insert(log);
    draft_close(log);
    send_what_waits();
}

/// Opening comes first, for a scribe that does not know the log.
void ScribeClient::Impl::draft_close(link::LogId log) {
    drafts_.push_back([this, log]() -> std::optional<link::ScribeRequest> {
        const auto found = closing_logs_.find(log);
        if (found == closing_logs_.end() || !found->second.pipe) return std::nullopt;
        Result<os::UniqueFd> pipe = os::duplicate(found->second.pipe.get());
        if (!pipe) return std::nullopt;
        return link::ScribeRequest(
            link::OpenLog{log, found->second.settings, link::PipeAge::Continued, std::move(*pipe)});
    });
    drafts_.push_back([log] { return link::ScribeRequest(link::CloseLog{log}); });
}

void ScribeClient::Impl::all_logs_named() {
    all_logs_named_ = true;
    if (scribe_) enqueue([] { return link::ScribeRequest(link::AllLogsNamed{}); });
}

void ScribeClient::Impl::handle(const link::LogClosed& closed) {
    const auto found = closing_logs_.find(closed.log);
    if (found == closing_logs_.end()) return;
    if (found->second.on_closed) defer(std::move(found->second.on_closed));
    closing_logs_.erase(found);
}

// ---- The door.

ScribeClient::ScribeClient(event_base* loop, std::uint64_t identity, OnTrouble on_trouble)
    : impl_(std::make_unique<Impl>(loop, identity, std::move(on_trouble))) {}
ScribeClient::~ScribeClient() = default;

void ScribeClient::attach(os::UniqueFd link) {
    impl_->attach(std::move(link));
}
void ScribeClient::detach() {
    impl_->detach();
}
bool ScribeClient::attached() const {
    return impl_->attached();
}
void ScribeClient::serve_logs(OpenLogs& logs) {
    impl_->serve_logs(logs);
}
void ScribeClient::open_log(link::LogId log) {
    impl_->open_log(log);
}
void ScribeClient::continue_log(link::LogId log) {
    impl_->continue_log(log);
}
void ScribeClient::close_log(link::LogId log, link::LogSettings settings, os::UniqueFd pipe,
                             OnClosed on_closed) {
    impl_->close_log(log, std::move(settings), std::move(pipe), std::move(on_closed));
}
void ScribeClient::all_logs_named() {
    impl_->all_logs_named();
}
void ScribeClient::put_intent(std::string key, std::string value, OnDurable on_durable) {
    impl_->change_intent(std::move(key), std::move(value), std::move(on_durable));
}
void ScribeClient::erase_intent(std::string key, OnDurable on_durable) {
    impl_->change_intent(std::move(key), std::nullopt, std::move(on_durable));
}
void ScribeClient::load_intent(OnIntent on_loaded) {
    impl_->load_intent(std::move(on_loaded));
}
void ScribeClient::append_transitions(const std::vector<status::Transition>& transitions) {
    impl_->append_transitions(transitions);
}
void ScribeClient::query_ledger(link::LedgerQuery query, OnTransitions on_rows) {
    impl_->query_ledger(std::move(query), std::move(on_rows));
}
std::size_t ScribeClient::unacknowledged() const {
    return impl_->unacknowledged();
}

}  // namespace reeve::drivers
