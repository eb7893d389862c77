#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "core/action.h"
#include "core/instance.h"
#include "spec/app.h"

// The manager's state as records of the runtime journal.
namespace reeve::core {

/// Every spec that an app, an instance or a run still uses, under a short number: an instance's
/// record names its spec instead of repeating it.
class SpecTable {
public:
    /// Shared with everything that was started from it.
    using Spec = std::shared_ptr<const spec::App>;

    void add(const Spec& spec);
    void restore(std::uint64_t id, const Spec& spec);

    /// The number of a spec that was added.
    std::uint64_t id_of(const Spec& spec) const;
    /// nullptr: unknown.
    Spec find(std::uint64_t id) const;

    /// Forgets what nobody else uses any more; appends its numbers. Cheap unless specs changed.
    void drop_unused(std::vector<std::uint64_t>& dropped);

    const std::map<std::uint64_t, Spec>& all() const { return specs_; }
    std::uint64_t last_id() const { return last_id_; }
    void restore_last_id(std::uint64_t id) { last_id_ = id; }
    /// Numbers added since the last call.
    std::vector<std::uint64_t> take_added() { return std::exchange(added_, {}); }
    /// Says that a spec may have lost its last user.
    void expect_unused() { may_drop_ = true; }

private:
    std::map<std::uint64_t, Spec> specs_;
    std::unordered_map<const spec::App*, std::uint64_t> ids_;
    std::vector<std::uint64_t> added_;
    std::uint64_t last_id_ = 0;
    bool may_drop_ = false;
};

/// Writes an instance and reads it back: `read(write(x))` decides as x does, ever after.
class InstanceCodec {
public:
    static void write(ByteWriter& writer, const Instance& instance, const SpecTable& specs);

    /// nullopt: the record cannot be read.
    static std::optional<Instance> read(ByteReader& reader, InstanceId id, const SpecTable& specs);

private:
    static void write_job(ByteWriter& writer, const Instance& instance, const SpecTable& specs);
    static bool read_job(ByteReader& reader, Instance& instance, const SpecTable& specs);
    static void write_run(ByteWriter& writer, const Instance& instance, const LiveRun& run,
                          const SpecTable& specs);
    static bool read_run(ByteReader& reader, const Instance& instance, const SpecTable& specs,
                         LiveRun& run);
    /// Whether every process that the state speaks of is there, and no other one of its part.
    static bool is_consistent(const Instance& instance);
};

/// Actions of the latest step that are not to be found in the state: they are given again after a
/// restore, since nobody saw whether they were performed. Answers to operations and PersistApp are
/// kept by name only.
void write_outbox(ByteWriter& writer, const Actions& actions);

/// Reads what `write_outbox` wrote; false if it cannot be read. Answers come back as an Accepted
/// with nothing but its operation, PersistApp and PersistFormation without their text.
bool read_outbox(ByteReader& reader, Actions& actions);

/// Whether `write_outbox` keeps the action.
bool belongs_in_outbox(const Action& action);

}  // namespace reeve::core
