#pragma once

// Names under which the daemon keeps things: descriptors with the keeper, entries of intent with
// the scribe, and its own records in the journal (the core's have other prefixes).
namespace reeve::daemon {

inline constexpr const char* kJournalName = "journal";
inline constexpr const char* kSocketName = "api";
inline constexpr const char* kLockName = "lock";

inline constexpr const char* kPortPrefix = "port/";
/// An earlier version leaves these out: its core has no kind of records with this letter.
inline constexpr const char* kProcessPrefix = "process/";
inline constexpr const char* kStorePrefix = "store/";
inline constexpr const char* kAppPrefix = "app/";
inline constexpr const char* kFormationPrefix = "formation/";

}  // namespace reeve::daemon
