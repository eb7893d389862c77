#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/action.h"
#include "link/scribe_protocol.h"
#include "os/fd.h"

struct event_base;

namespace reeve::drivers {

/// A log that the scribe keeps.
struct OpenedLog {
    link::LogSettings settings;
    link::PipeAge age = link::PipeAge::Fresh;
};

/// The logs that are open, as their owner knows them: each scribe is told of all.
class OpenLogs {
public:
    virtual ~OpenLogs() = default;
    virtual void visit_logs(const std::function<void(link::LogId)>& visit) const = 0;
    /// nullopt: it is not open any more.
    virtual std::optional<OpenedLog> find_log(link::LogId log) const = 0;
    /// A descriptor of its pipe, non-blocking, for the scribe.
    virtual Result<os::UniqueFd> open_pipe(link::LogId log) = 0;
    /// A scribe was told of it: the next one goes on with it.
    virtual void note_told(link::LogId log) = 0;
};

/// reeved's end of the link to the scribe. Nothing here blocks, and nothing that was handed over is
/// lost with a scribe: what a scribe has not acknowledged is sent to the next one again, and every
/// open log is named to it.
///
/// All calls and callbacks belong to the loop's thread. Callbacks are called from the loop, never
/// from inside the call that they answer, and not after the client's destruction.
class ScribeClient {
public:
    /// `durable`: it survives a power cut. Otherwise it is remembered by this client and is being
    /// tried again, and `why_not` says what is in the way.
    using OnDurable = std::function<void(bool durable, const std::string& why_not)>;
    using OnIntent = std::function<void(Result<std::vector<link::IntentEntry>>)>;
    using OnTransitions = std::function<void(Result<std::vector<status::Transition>>)>;
    using OnTrouble = std::function<void(const link::Trouble&)>;
    using OnClosed = std::function<void()>;

    /// `loop` must outlive the client. `identity` is random, and not used by any other reeved.
    /// `on_trouble` hears what an operator should know.
    ScribeClient(event_base* loop, std::uint64_t identity, OnTrouble on_trouble);
    ~ScribeClient();
    ScribeClient(const ScribeClient&) = delete;
    ScribeClient& operator=(const ScribeClient&) = delete;

    /// Talks over this link from now on (FromKeeper::ScribeLink); an earlier one is given up.
    void attach(os::UniqueFd link);
    /// Gives the link up; everything waits for the next `attach`.
    void detach();
    /// Whether a scribe is there, as far as is known.
    bool attached() const;

    /// Whose logs they are; must outlive the last turn of the loop.
    void serve_logs(OpenLogs& logs);
    /// Has the scribe read a pipe (os::make_log_pipe) of `serve_logs` into a file. A log that is
    /// open already gets the new settings. The scribe is told at once, whatever it has said so far:
    /// the pipe is held in its link from then on.
    void open_log(link::LogId log);
    /// The same of a log that the scribe may have open from an earlier reeved: it is told once it
    /// has said what it has.
    void continue_log(link::LogId log);
    /// It is none of `serve_logs` any more. What is in the pipe is written, then the scribe gives
    /// it up: from then on `on_closed` (may be empty) is called, and the file is complete. The pipe
    /// need not stay open elsewhere; without one, only a scribe that has it open writes what is
    /// left.
    void close_log(link::LogId log, link::LogSettings settings, os::UniqueFd pipe,
                   OnClosed on_closed);
    /// Every log of an earlier reeved has been opened again: the scribe may close all others.
    void all_logs_named();

    /// Remembers a value over reboots. `on_durable` (may be empty) is called once: when it is
    /// durable, when it failed, or with `durable = false` after kDurableWait.
    void put_intent(std::string key, std::string value, OnDurable on_durable);
    void erase_intent(std::string key, OnDurable on_durable);
    /// Everything that is remembered. Waits for a scribe without limit: intent is not optional.
    void load_intent(OnIntent on_loaded);

    /// For the ledger. At most kTransitionsWaitingMax wait for a scribe; older ones are dropped
    /// then, and `on_trouble` hears of it.
    void append_transitions(const std::vector<status::Transition>& transitions);
    /// Newest first. Fails after kQueryWait without an answer.
    void query_ledger(link::LedgerQuery query, OnTransitions on_rows);

    /// What was handed over and is not yet acknowledged: intents and batches of transitions.
    /// Nothing waits: reeved may end without losing any of it.
    std::size_t unacknowledged() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// How long a command waits for its intent to be durable.
inline constexpr Duration kDurableWait = 2s;
/// How long a question to the ledger waits for its answer.
inline constexpr Duration kQueryWait = 5s;
/// How long an intent that could not be written rests before it is tried again.
inline constexpr Duration kIntentRetryPause = 5s;
/// Transitions that wait for a scribe.
inline constexpr std::size_t kTransitionsWaitingMax = 50'000;

}  // namespace reeve::drivers
