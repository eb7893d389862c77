#include "scribe/archive.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace reeve::scribe {
namespace {

/// Roughly what one message with rows carries.
constexpr std::size_t kPartBytes = 256 * 1024;

}  // namespace

Archive::Archive(const std::string& state_dir, Send send)
    : send_(std::move(send)),
      reserve_(state_dir + "/reserve"),
      intents_(state_dir + "/intent.db", reserve_),
      ledger_(state_dir + "/ledger.db", kLedgerRowsKept) {}

void Archive::take(link::PutIntent request) {
    intent_requests_.push_back(
        {request.sequence, {std::move(request.entry.key), std::move(request.entry.value)}});
}

void Archive::take(link::EraseIntent request) {
    intent_requests_.push_back({request.sequence, {std::move(request.key), std::nullopt}});
}

void Archive::take(link::LoadIntent request) {
    loads_.push_back(request.request);
}

void Archive::take(link::AppendLedger request) {
    batches_.push_back(std::move(request));
}

void Archive::take(link::QueryLedger request) {
    if (queries_.size() >= kQueriesMax) {
        send_(
            link::LedgerRows{request.request, link::Part::Last, {}, "too many questions at once"});
        return;
    }
    const std::uint32_t rows = std::min(request.query.rows_max, link::kLedgerRowsMax);
    queries_.push_back({request.request, std::move(request.query), 0, rows});
}

void Archive::work(WallTime now, bool peer_reads_on) {
    if (!intent_requests_.empty()) write_intents(now);
    if (!loads_.empty()) load_intents(now);
    const std::int64_t waited = now.nanoseconds - ledger_tried_.nanoseconds;
    const bool again = owes_ledger() && (waited < 0 || waited >= kLedgerRetryPause.count());
    if (again || batches_.size() > batches_owed_) append_transitions(now);
    if (!queries_.empty() && peer_reads_on) answer_query(now);
    tell_notes();
}

void Archive::write_intents(WallTime now) {
    const std::vector<IntentRequest> requests = std::exchange(intent_requests_, {});
    std::vector<IntentChange> changes;
    for (const IntentRequest& request : requests)
        changes.push_back(request.change);
    const Result<void> together = intents_.write(changes, now);
    if (together || requests.size() == 1) {
        answer_intents(requests, together);
        return;
    }
    // One of them may be what is in the way of the others.
    for (const IntentRequest& request : requests) {
        answer_intents({request}, intents_.write({request.change}, now));
    }
}

void Archive::answer_intents(const std::vector<IntentRequest>& requests,
                             const Result<void>& written) {
    for (const IntentRequest& request : requests) {
        if (written) {
            send_(link::IntentDurable{request.sequence});
        } else {
            send_(link::IntentFailed{request.sequence, written.error().message});
        }
    }
    if (written.ok() != intent_fails_) return;
    intent_fails_ = !written.ok();
    if (intent_fails_) {
        tell(link::TroubleKind::Intent, link::TroubleStage::Begun, written.error().message);
    } else {
        tell(link::TroubleKind::Intent, link::TroubleStage::Over, "intent is written again");
    }
}

void Archive::load_intents(WallTime now) {
    for (const std::uint64_t request : std::exchange(loads_, {})) {
        std::string after;
        for (;;) {
            Result<std::vector<link::IntentEntry>> read = intents_.read(after, kPartBytes, now);
            if (!read) {
                send_(link::IntentRows{request, link::Part::Last, {}, read.error().message});
                break;
            }
            if (read->empty()) {
                send_(link::IntentRows{request, link::Part::Last, {}, ""});
                break;
            }
            after = read->back().key;
            send_(link::IntentRows{request, link::Part::More, std::move(*read), ""});
        }
    }
}

void Archive::append_transitions(WallTime now) {
    ledger_tried_ = now;
    const Result<void> appended = ledger_.append(batches_, now);
    if (!appended && !ledger_fails_) {
        tell(link::TroubleKind::Ledger, link::TroubleStage::Begun, appended.error().message);
    }
    if (appended && ledger_fails_) {
        const std::uint64_t lost = std::exchange(ledger_rows_lost_, 0);
        tell(link::TroubleKind::Ledger, link::TroubleStage::Over,
             lost == 0 ? "the ledger is written again"
                       : std::to_string(lost) + " transitions are missing from the ledger");
    }
    ledger_fails_ = !appended.ok();
    // A ledger that cannot be written must not hold up anything: what failed is owed from now on.
    for (std::size_t i = batches_owed_; i < batches_.size(); ++i)
        send_(link::LedgerStored{batches_[i].sequence});
    if (appended) {
        batches_.clear();
    } else {
        forget_surplus();
    }
    batches_owed_ = batches_.size();
}

void Archive::forget_surplus() {
    std::size_t rows = 0;
    for (const link::AppendLedger& batch : batches_)
        rows += batch.rows.size();
    auto kept = batches_.begin();
    for (; rows > kLedgerRowsOwedMax; ++kept) {
        rows -= kept->rows.size();
        ledger_rows_lost_ += kept->rows.size();
    }
    batches_.erase(batches_.begin(), kept);
}

void Archive::answer_query(WallTime now) {
    Query& query = queries_.front();
    Result<LedgerStore::Step> step = ledger_.step(query.query, query.next_id, now);
    if (!step) {
        send_(link::LedgerRows{query.request, link::Part::Last, {}, step.error().message});
        queries_.pop_front();
        return;
    }
    if (step->rows.size() > query.rows_left) step->rows.resize(query.rows_left);
    query.rows_left -= static_cast<std::uint32_t>(step->rows.size());
    query.next_id = step->next_id;
    const bool last = query.next_id == 0 || query.rows_left == 0;
    if (last || !step->rows.empty()) {
        send_(link::LedgerRows{query.request, last ? link::Part::Last : link::Part::More,
                               std::move(step->rows), ""});
    }
    if (last) queries_.pop_front();
}

void Archive::peer_replaced() {
    queries_.clear();
    loads_.clear();
    intent_fails_ = false;
    ledger_fails_ = false;
}

void Archive::keep_reserve(WallTime now) {
    const std::int64_t waited = now.nanoseconds - reserve_tried_.nanoseconds;
    if (reserve_.held() || (waited >= 0 && waited < kReservePause.count())) return;
    reserve_tried_ = now;
    const Result<void> taken = reserve_.take();
    if (!taken) log::debug("reason=\"" + taken.error().message + "\"");
}

void Archive::tell(link::TroubleKind kind, link::TroubleStage stage, const std::string& message) {
    log::warning("reason=\"" + message + "\"");
    link::Trouble trouble;
    trouble.kind = kind;
    trouble.stage = stage;
    trouble.message = message;
    send_(trouble);
}

void Archive::tell_notes() {
    const std::optional<std::string> intent = intents_.take_note();
    if (intent) tell(link::TroubleKind::Intent, link::TroubleStage::Note, *intent);
    const std::optional<std::string> ledger = ledger_.take_note();
    if (ledger) tell(link::TroubleKind::Ledger, link::TroubleStage::Note, *ledger);
}

}  // namespace reeve::scribe
