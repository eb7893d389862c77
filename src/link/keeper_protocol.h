#pragma once

#include <cstddef>
#include <cstdint>

// The messages on the keeper's links. The keeper holds: it knows no service and no policy. Payloads
// are base/bytes.h encodings in the order named here; readers ignore what follows the fields they
// know, so that a neighbour of another version is understood.
namespace reeve::link {

/// Grows when a message changes its meaning; a keeper and a reeved one version apart must work.
/// 1: the first. 2: Upgrade, and what the greeting says of one.
inline constexpr std::uint32_t kKeeperProtocolVersion = 2;

/// Whether two neighbours understand each other.
inline constexpr bool is_understood(std::uint64_t version) {
    return version + 1 >= kKeeperProtocolVersion && version <= kKeeperProtocolVersion + 1;
}

/// From this version on a keeper understands Upgrade.
inline constexpr std::uint32_t kUpgradeSince = 2;

/// Descriptor numbers that the keeper's children find at their start.
inline constexpr int kKeeperLinkFd = 3;

/// From the keeper to reeved.
enum class FromKeeper : std::uint32_t {
    /// The first message: number version, number epoch, text boot id, number count of stored fds,
    /// number of earlier deaths of reeved, number SafeMode, text note on the last upgrade, a list
    /// of HeldFd: the pipes, for a reeved that opens them by itself. Then `count` StoredFd
    /// messages with all the rest.
    Hello = 1,
    /// HeldFd; one fd: what an earlier reeved has stored under that name.
    StoredFd = 2,
    /// A child of the keeper has ended and waits to be reaped: number pid, signed si_code,
    /// signed si_status. Sent for one child at a time; the next after its Reap.
    ChildEnded = 3,
    /// number pid of the scribe; one fd: the link to it.
    ScribeLink = 4,
    /// Somebody asked the keeper to end (SIGTERM, SIGINT): reeved should stop everything.
    EndAsked = 5,
    /// text why: the Upgrade is not begun, or was given up; everything is as before.
    UpgradeRefused = 6,
    /// The keeper got SIGHUP: reeved should read again what it follows.
    ReloadAsked = 7,
    /// A list of HeldFd: pipes that StoreFd has brought. reeved can do without its own copies.
    Stored = 8
};

/// From reeved to the keeper.
enum class ToKeeper : std::uint32_t {
    /// number version, text version of the program, number OpensPipes: reeved has restored itself
    /// and serves.
    Hello = 1,
    /// text name; one fd: hold a copy. A name held already is replaced.
    StoreFd = 2,
    /// text name: give the copy up.
    DropFd = 3,
    /// number pid: its status is recorded, reap it.
    Reap = 4,
    /// Everything is stopped: end, and take the scribe along. signed exit code.
    End = 5,
    /// number pid: has this child ended, and how? Answered by ChildEnded, or not at all.
    AskEnded = 6,
    /// text directory: replace keeper, reeved and scribe by the programs there.
    Upgrade = 7
};

/// Whether reeved can open what the keeper holds, by its number. So could the next one, most
/// likely.
enum class OpensPipes : std::uint32_t { No = 0, Yes = 1 };

/// What reeved shall do with what it finds.
enum class SafeMode : std::uint32_t {
    Off = 0,
    On = 1  // leave every run alone, decide nothing, say so
};

/// From the keeper to the scribe.
enum class KeeperToScribe : std::uint32_t {
    /// One fd: the link to a reeved that was started anew.
    ReevedLink = 1,
    /// Write what there is, and end. Without this word the scribe outlives the keeper for as long
    /// as a reeved is there, which needs the pipes.
    Finish = 2
};

/// Most descriptors that the keeper holds.
inline constexpr std::size_t kStoredFdsMax = 19'000;

}  // namespace reeve::link
