#include "core/operations.h"

#include <algorithm>

#include "base/check.h"
#include "core/codec.h"

namespace reeve::core {

const Operation* OperationTable::find(OperationId id) const {
    const auto found = operations_.find(id);
    return found == operations_.end() ? nullptr : &found->second;
}

bool OperationTable::is_full() const {
    return in_flight_ >= kOperationsMax;
}

namespace {

void add_name(Operation& operation, const spec::InstanceName& name) {
    ByteWriter writer;
    write_name(writer, name);
    operation.instances += writer.bytes();
    ++operation.instance_count;
}

std::vector<spec::InstanceName> names_of(const Operation& operation) {
    std::vector<spec::InstanceName> names;
    names.reserve(operation.instance_count);
    ByteReader reader(operation.instances);
    for (std::uint32_t i = 0; i < operation.instance_count; ++i)
        names.push_back(read_name(reader));
    return names;
}

OperationDone done_of(const Operation& operation) {
    std::vector<std::string> problems = operation.problems;
    if (operation.problems_left_out > 0) {
        problems.push_back("and " + std::to_string(operation.problems_left_out) + " more");
    }
    return OperationDone{operation.id, problems.empty(), problems, operation.message};
}

}  // namespace

void OperationTable::answer_again(OperationId id, Actions& out) const {
    const Operation* operation = find(id);
    CHECK(operation != nullptr);
    if (operation->refused) {
        out.push_back(*operation->refused);
        return;
    }
    out.push_back(Accepted{id, names_of(*operation)});
    if (operation->ended) out.push_back(done_of(*operation));
}

void OperationTable::refuse(const Refused& refused, TimePoint now, Actions& out) {
    drop_old(now);
    Operation& operation = operations_[refused.operation];
    operation.id = refused.operation;
    operation.begun = now;
    operation.ended = now;
    operation.refused = refused;
    changed_.push_back(refused.operation);
    out.push_back(refused);
}

void OperationTable::accept(OperationId id, const std::string& done_verb, TimePoint now) {
    CHECK(find(id) == nullptr);
    drop_old(now);
    Operation& operation = operations_[id];
    operation.id = id;
    operation.done_verb = done_verb;
    operation.begun = now;
    ++operation.waits;  // for `close`
    ++in_flight_;
    changed_.push_back(id);
}

void OperationTable::name_subject(OperationId id, const std::string& subject) {
    operations_.at(id).subject = subject;
}

void OperationTable::add_instance(OperationId id, const spec::InstanceName& name) {
    add_name(operations_.at(id), name);
    // A shutdown learns of its instances when everybody was told of it.
    if (changed_.empty() || changed_.back() != id) changed_.push_back(id);
}

void OperationTable::wait_for(OperationId id) {
    ++operations_.at(id).waits;
}

void OperationTable::close(OperationId id, TimePoint now, Actions& out) {
    Operation& operation = operations_.at(id);
    operation.instances.shrink_to_fit();
    out.push_back(Accepted{id, names_of(operation)});
    settle(id, std::nullopt, now, out);
}

void OperationTable::settle(OperationId id, const std::optional<std::string>& problem,
                            TimePoint now, Actions& out) {
    Operation& operation = operations_.at(id);
    if (problem) note_problem(id, *problem);
    CHECK(operation.waits > 0);
    if (--operation.waits == 0) finish(operation, now, out);
}

void OperationTable::note_problem(OperationId id, const std::string& problem) {
    Operation& operation = operations_.at(id);
    if (operation.problems.size() < kProblemsMax) {
        operation.problems.push_back(problem);
    } else {
        ++operation.problems_left_out;
    }
    changed_.push_back(id);
}

void OperationTable::finish(Operation& operation, TimePoint now, Actions& out) {
    const std::uint32_t count = operation.instance_count;
    operation.ended = now;
    const std::string what = operation.subject.empty()
                                 ? std::to_string(count) + (count == 1 ? " instance" : " instances")
                                 : operation.subject;
    operation.message = operation.done_verb + " " + what + " in " + to_text(now - operation.begun);
    const std::size_t bad = operation.problems.size() + operation.problems_left_out;
    if (bad > 0)
        operation.message += ", with " + std::to_string(bad) + " problem" + (bad > 1 ? "s" : "");
    --in_flight_;
    changed_.push_back(operation.id);
    out.push_back(done_of(operation));
}

/// Answers are dropped when a new command comes: an idle manager needs no timer for them.
void OperationTable::drop_old(TimePoint now) {
    std::size_t answers = operations_.size() - in_flight_;
    while (answers > 0) {
        auto oldest = operations_.end();
        for (auto it = operations_.begin(); it != operations_.end(); ++it) {
            if (!it->second.ended) continue;
            if (oldest == operations_.end() || *it->second.ended < *oldest->second.ended) {
                oldest = it;
            }
        }
        const bool old = *oldest->second.ended + kAnswersKept < now;
        if (!old && answers < kAnswersMax) return;
        changed_.push_back(oldest->first);
        operations_.erase(oldest);
        --answers;
    }
}

std::vector<OperationId> OperationTable::take_changed() {
    std::sort(changed_.begin(), changed_.end());
    changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
    return std::exchange(changed_, {});
}

std::vector<OperationId> OperationTable::ids() const {
    std::vector<OperationId> ids;
    for (const auto& [id, operation] : operations_)
        ids.push_back(id);
    return ids;
}

void OperationTable::write(OperationId id, ByteWriter& writer) const {
    const Operation& operation = operations_.at(id);
    writer.number(operation.id);
    writer.text(operation.done_verb);
    writer.time(operation.begun);
    writer.deadline(operation.ended);
    writer.flag(operation.refused.has_value());
    if (operation.refused) {
        writer.number(static_cast<std::uint64_t>(operation.refused->refusal));
        writer.text(operation.refused->message);
    }
    writer.number(operation.instance_count);
    for (const spec::InstanceName& name : names_of(operation))
        write_name(writer, name);
    writer.number(operation.problems.size());
    for (const std::string& problem : operation.problems)
        writer.text(problem);
    writer.number(operation.problems_left_out);
    writer.text(operation.message);
    writer.text(operation.subject);
}

bool OperationTable::read(ByteReader& reader) {
    Operation operation;
    operation.id = reader.number();
    operation.done_verb = reader.text();
    operation.begun = reader.time();
    operation.ended = reader.deadline();
    if (reader.flag()) {
        const Refusal refusal = read_enum(reader, Refusal::Busy);
        operation.refused = Refused{operation.id, refusal, reader.text()};
    }
    const std::uint64_t names = reader.number();
    for (std::uint64_t i = 0; i < names && reader.ok(); ++i) {
        add_name(operation, read_name(reader));
    }
    const std::uint64_t problems = reader.number();
    for (std::uint64_t i = 0; i < problems && reader.ok(); ++i) {
        operation.problems.push_back(reader.text());
    }
    operation.problems_left_out = static_cast<std::uint32_t>(reader.number());
    operation.message = reader.text();
    operation.subject = reader.text();
    if (!reader.finished()) return false;
    if (!operation.ended) ++in_flight_;
    operations_[operation.id] = std::move(operation);
    return true;
}

}  // namespace reeve::core
