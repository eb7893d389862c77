#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "link/scribe_protocol.h"
#include "scribe/intent_store.h"
#include "scribe/ledger_store.h"
#include "scribe/reserve_file.h"

namespace reeve::scribe {

/// Questions to the ledger at one time; more are refused.
inline constexpr std::size_t kQueriesMax = 64;
/// How long the lost reserve is done without before it is taken again.
inline constexpr Duration kReservePause = 10s;
/// Transitions that a ledger which cannot be written owes; beyond, the oldest are lost.
inline constexpr std::size_t kLedgerRowsOwedMax = 10'000;
/// How long such a ledger is left alone, unless there is something new for it.
inline constexpr Duration kLedgerRetryPause = 1s;

/// The two databases and the requests that are about them. Requests are collected during a turn of
/// the loop and carried out together by `work`: one commit for all of them.
class Archive {
public:
    using Send = std::function<void(const link::ScribeReply&)>;

    /// `send` hands a reply to the reeved of the moment.
    Archive(const std::string& state_dir, Send send);

    void take(link::PutIntent request);
    void take(link::EraseIntent request);
    void take(link::LoadIntent request);
    void take(link::AppendLedger request);
    void take(link::QueryLedger request);

    /// Carries out what was taken. Answers of any length are given in parts: while
    /// `peer_reads_on`, one part of one answer for each call.
    void work(WallTime now, bool peer_reads_on);
    /// Whether `work` would have something to do even if nothing new is taken.
    bool has_answers_to_give() const { return !queries_.empty(); }
    /// Whether `work` should be called again after kLedgerRetryPause, whatever happens.
    bool owes_ledger() const { return batches_owed_ > 0; }

    /// Another reeved is there: it has asked nothing yet, and has been told of nothing.
    void peer_replaced();

    /// Takes the reserve on disk again, if it was given up long enough ago. Call now and then
    /// while it is not held.
    void keep_reserve(WallTime now);
    bool reserve_held() const { return reserve_.held(); }

private:
    struct IntentRequest {
        std::uint64_t sequence = 0;
        IntentChange change;
    };
    struct Query {
        std::uint64_t request = 0;
        link::LedgerQuery query;
        std::int64_t next_id = 0;
        std::uint32_t rows_left = 0;
    };

    void write_intents(WallTime now);
    void answer_intents(const std::vector<IntentRequest>& requests, const Result<void>& written);
    void load_intents(WallTime now);
    void append_transitions(WallTime now);
    void forget_surplus();
    void answer_query(WallTime now);
    void tell(link::TroubleKind kind, link::TroubleStage stage, const std::string& message);
    void tell_notes();

    Send send_;
    ReserveFile reserve_;
    IntentStore intents_;
    LedgerStore ledger_;
    std::vector<IntentRequest> intent_requests_;
    std::vector<std::uint64_t> loads_;
    std::vector<link::AppendLedger> batches_;  // to be stored
    std::size_t batches_owed_ = 0;             // the first of these: they have failed before
    WallTime ledger_tried_;
    std::deque<Query> queries_;
    bool intent_fails_ = false;  // so that a trouble is told once
    bool ledger_fails_ = false;
    std::uint64_t ledger_rows_lost_ = 0;
    WallTime reserve_tried_;
};

}  // namespace reeve::scribe
