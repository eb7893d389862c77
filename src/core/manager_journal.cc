#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "core/codec.h"
#include "core/manager_impl.h"

// The manager's state as records, and back.
//
//   m        numbers that grow, the state of the random stream, whether it shuts down
//   s/N      a spec as JSON
//   a/APP    an app: its spec, what was scaled, whether it is being unloaded
//   i/N      an instance with its runs, its part in a roll-out, and which operations wait for it
//   o/ID     an operation or its answer
//   e/N      a named event that is not over
//   q        what is told in a sequence, and a shutdown that was told of
//   x        the latest step's actions, as far as they are not found in the rest
namespace reeve::core {
namespace {

std::string key_of(char kind, const std::string& name) {
    return std::string(1, kind) + "/" + name;
}

std::string key_of(char kind, std::uint64_t number) {
    return key_of(kind, to_hex(number));
}

Record erasure(std::string key) {
    return Record{std::move(key), "", true};
}

}  // namespace

void Manager::Impl::take_changes(std::vector<Record>& out) {
    for (const std::uint64_t id : specs_.take_added()) {
        if (const SpecTable::Spec spec = specs_.find(id)) {
            out.push_back(Record{key_of('s', id), spec::to_json(*spec), false});
        }
    }
    for (const std::string& name : dirty_apps_) {
        if (apps_.contains(name)) {
            write_app(name, out);
        } else {
            out.push_back(erasure(key_of('a', name)));
        }
    }
    dirty_apps_.clear();
    for (const InstanceId id : dirty_) {
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) continue;
        found->second->dirty = false;
        write_member(*found->second, out);
    }
    dirty_.clear();
    for (const InstanceId id : erased_)
        out.push_back(erasure(key_of('i', id)));
    erased_.clear();
    for (const OperationId id : operations_.take_changed()) {
        if (operations_.find(id) != nullptr) {
            write_operation(id, out);
        } else {
            out.push_back(erasure(key_of('o', id)));
        }
    }
    for (const EventId id : events_.take_changed()) {
        if (events_.find(id) != nullptr) {
            write_event(id, out);
        } else {
            out.push_back(erasure(key_of('e', id)));
        }
    }
    std::string event_state = write_event_state();
    if (event_state != written_event_state_) {
        written_event_state_ = event_state;
        out.push_back(Record{"q", std::move(event_state), false});
    }
    std::vector<std::uint64_t> dropped;
    specs_.drop_unused(dropped);
    for (const std::uint64_t id : dropped)
        out.push_back(erasure(key_of('s', id)));
    std::string numbers = write_manager();
    if (numbers != written_numbers_) {
        written_numbers_ = numbers;
        out.push_back(Record{"m", std::move(numbers), false});
    }
    if (!outbox_.empty()) {
        ByteWriter writer;
        write_outbox(writer, outbox_);
        if (!writer.bytes().empty()) out.push_back(Record{"x", writer.take(), false});
    } else if (has_outbox_) {
        out.push_back(erasure("x"));
    }
    has_outbox_ = !outbox_.empty();
    kept_outbox_ = std::exchange(outbox_, {});
}

void Manager::Impl::performed(std::vector<Record>& out) {
    kept_outbox_.clear();
    if (std::exchange(has_outbox_, false)) out.push_back(erasure("x"));
}

void Manager::Impl::all_records(std::vector<Record>& out) const {
    for (const auto& [id, spec] : specs_.all()) {
        out.push_back(Record{key_of('s', id), spec::to_json(*spec), false});
    }
    for (const auto& [name, app] : apps_)
        write_app(name, out);
    for_each_member([&](const Member& member) { write_member(member, out); });
    for (const OperationId id : operations_.ids())
        write_operation(id, out);
    for (const EventId id : events_.ids())
        write_event(id, out);
    out.push_back(Record{"q", write_event_state(), false});
    out.push_back(Record{"m", write_manager(), false});
    ByteWriter writer;
    write_outbox(writer, kept_outbox_);
    write_outbox(writer, outbox_);
    if (!writer.bytes().empty()) out.push_back(Record{"x", writer.take(), false});
}

// ---- Writing.

std::string Manager::Impl::write_manager() const {
    ByteWriter writer;
    writer.number(runs_.last_number());
    writer.number(last_cause_);
    writer.number(last_instance_);
    writer.number(specs_.last_id());
    writer.number(events_.last_id());
    writer.number(random_.state());
    writer.flag(shutting_down_);
    return writer.take();
}

void Manager::Impl::write_app(const std::string& name, std::vector<Record>& out) const {
    const AppState& app = apps_.at(name);
    ByteWriter writer;
    writer.text(name);
    writer.number(specs_.id_of(app.app));
    writer.flag(app.unloading);
    writer.flag(app.switching.has_value());
    if (app.switching) {
        writer.number(specs_.id_of(app.switching->before));
        writer.number(app.switching->operation);
        write_cause(writer, *app.switching->cause);
    }
    write_variables(writer, app.job_variables);
    for (const auto& [service_name, service] : app.services) {
        if (!service.scaled && service.start_latches.empty()) continue;
        writer.text(service_name);
        writer.flag(service.scaled.has_value());
        writer.number(service.scaled.value_or(0));
        write_numbers(writer, service.start_latches);
    }
    out.push_back(Record{key_of('a', name), writer.take(), false});
}

void Manager::Impl::write_member(const Member& member, std::vector<Record>& out) const {
    ByteWriter writer;
    InstanceCodec::write(writer, member.life, specs_);
    write_enum(writer, member.rolling);
    if (member.rolling == Rolling::Todo) {
        write_cause(writer, *member.order->cause);
        writer.text(member.order->reason);
    }
    writer.flag(member.by_check);
    write_numbers(writer, member.holds);
    write_numbers(writer, member.stop_latches);
    writer.number(member.announcement);
    writer.flag(member.orphaned);
    writer.number(member.waits.size());
    for (const Wait& wait : member.waits) {
        writer.number(wait.operation);
        write_enum(writer, wait.expect);
    }
    out.push_back(Record{key_of('i', member.life.id()), writer.take(), false});
}

void Manager::Impl::write_operation(OperationId id, std::vector<Record>& out) const {
    ByteWriter writer;
    operations_.write(id, writer);
    out.push_back(Record{key_of('o', id), writer.take(), false});
}

// ---- Reading.

std::string Manager::Impl::write_event_state() const {
    ByteWriter writer;
    writer.text(sequence_.source);
    writer.number(sequence_.current);
    writer.deadline(sequence_.until);
    writer.deadline(events_paused_until_);
    writer.number(sequence_.rest.size());
    for (const spec::NamedEvent& event : sequence_.rest) {
        writer.text(event.name);
        write_variables(writer, event.variables);
    }
    writer.flag(farewell_.has_value());
    if (farewell_) {
        writer.number(farewell_->event);
        writer.number(farewell_->operation);
        write_cause(writer, *farewell_->cause);
        writer.time(farewell_->until);
    }
    return writer.take();
}

void Manager::Impl::write_event(EventId id, std::vector<Record>& out) const {
    ByteWriter writer;
    events_.write(id, writer);
    out.push_back(Record{key_of('e', id), writer.take(), false});
}

Result<void> Manager::Impl::restore(const std::vector<Record>& records, TimePoint now,
                                    Actions& out) {
    TRY(read_records(records));
    for (const auto& [name, app] : apps_)
        index_needs(name);
    for_each_member([](Member& member) {
        member.noted_state = member.life.state();
        member.noted_goal = member.life.goal();
        member.noted_ready = member.life.is_ready();
    });
    Turn turn = make_turn(now, out);
    if (events_.has_pending() && !events_paused_until_) events_paused_until_ = now;
    for_each_member([&](Member& member) { rejoin(turn, member); });
    for (const Record& record : records) {
        if (record.key == "x" && !record.erased && !replay_outbox(turn, record.value)) {
            return Error{"runtime journal: record x cannot be read"};
        }
    }
    return {};
}

/// Records refer to earlier kinds only: numbers, specs, apps, operations, events, instances; what
/// holds an event is counted in the end.
Result<void> Manager::Impl::read_records(const std::vector<Record>& records) {
    for (const char kind : {'m', 's', 'a', 'o', 'e', 'i', 'q'}) {
        for (const Record& record : records) {
            if (record.erased || record.key.empty() || record.key[0] != kind) continue;
            if (!read_record(record)) {
                return Error{"runtime journal: record " + record.key + " cannot be read"};
            }
        }
    }
    if (!count_holders()) return Error{"runtime journal: a record refers to an unknown event"};
    return {};
}

bool Manager::Impl::read_record(const Record& record) {
    if (record.key[0] == 'm') return read_manager(record.value);
    if (record.key[0] == 'a') return read_app(record.value);
    if (record.key[0] == 'q') return read_event_state(record.value);
    ByteReader reader(record.value);
    if (record.key[0] == 'o') return operations_.read(reader);
    if (record.key[0] == 'e') return events_.read(reader);
    const Result<std::uint64_t> id =
        parse_hex(std::string_view(record.key).substr(std::min<std::size_t>(2, record.key.size())));
    if (!id.ok()) return false;
    if (record.key[0] == 'i') return read_member(static_cast<InstanceId>(*id), reader);
    Result<spec::App> app = spec::app_from_json(record.value);
    if (!app.ok()) return false;
    specs_.restore(*id, std::make_shared<const spec::App>(std::move(app).value()));
    return true;
}

bool Manager::Impl::read_manager(const std::string& value) {
    ByteReader reader(value);
    runs_.restore_last_number(static_cast<std::uint32_t>(reader.number()));
    last_cause_ = reader.number();
    last_instance_ = static_cast<InstanceId>(reader.number());
    specs_.restore_last_id(reader.number());
    events_.restore_last_id(reader.number());
    random_ = Random(reader.number());
    shutting_down_ = reader.flag();
    return reader.finished();
}

bool Manager::Impl::read_app(const std::string& value) {
    ByteReader reader(value);
    const std::string name = reader.text();
    AppState app;
    app.app = specs_.find(reader.number());
    app.unloading = reader.flag();
    if (reader.flag()) {
        Switch switching;
        switching.before = specs_.find(reader.number());
        switching.operation = reader.number();
        switching.cause = std::make_shared<status::Cause>(read_cause(reader));
        if (switching.before == nullptr) return false;
        app.switching = std::move(switching);
    }
    app.job_variables = read_variables(reader);
    while (reader.ok() && !reader.finished()) {
        ServiceState& service = app.services[reader.text()];
        const bool scaled = reader.flag();
        const std::uint64_t count = reader.number();
        if (scaled) service.scaled = static_cast<std::uint32_t>(count);
        service.start_latches = read_numbers(reader);
    }
    if (!reader.ok() || app.app == nullptr) return false;
    for (const spec::Service& service : app.app->services)
        app.services.try_emplace(service.name);
    apps_[name] = std::move(app);
    return true;
}

bool Manager::Impl::read_member(InstanceId id, ByteReader& reader) {
    std::optional<Instance> instance = InstanceCodec::read(reader, id, specs_);
    if (!instance) return false;
    auto member = std::make_unique<Member>(std::move(*instance));
    member->rolling = read_enum(reader, Rolling::Done);
    if (member->rolling == Rolling::Todo) {
        RollingOrder& order = member->order.emplace();
        order.cause = std::make_shared<status::Cause>(read_cause(reader));
        order.reason = reader.text();
    }
    member->by_check = reader.flag();
    member->holds = read_numbers(reader);
    member->stop_latches = read_numbers(reader);
    member->announcement = reader.number();
    member->orphaned = reader.flag();
    member->listens_as = &member->life.service();
    const std::uint64_t waits = reader.number();
    for (std::uint64_t i = 0; i < waits && reader.ok(); ++i) {
        const OperationId operation = reader.number();
        const Wait wait{operation, read_enum(reader, Expect::JobRestarted)};
        if (operations_.find(wait.operation) == nullptr) return false;
        operations_.wait_for(wait.operation);
        member->waits.push_back(wait);
    }
    const spec::InstanceName& name = member->life.name();
    const auto app = apps_.find(name.app);
    if (!reader.finished() || app == apps_.end()) return false;
    ServiceState& service = app->second.services[name.service];
    service.rolling = service.rolling || member->rolling != Rolling::None;
    by_id_.emplace(id, member.get());
    service.members[{name.index, name.key}] = std::move(member);
    return true;
}

bool Manager::Impl::read_event_state(const std::string& value) {
    ByteReader reader(value);
    sequence_.source = reader.text();
    sequence_.current = reader.number();
    sequence_.until = reader.deadline();
    events_paused_until_ = reader.deadline();
    const std::uint64_t events = reader.number();
    for (std::uint64_t i = 0; i < events && i < kSequenceMax && reader.ok(); ++i) {
        std::string name = reader.text();
        sequence_.rest.push_back({std::move(name), read_variables(reader)});
    }
    if (reader.flag()) {
        Farewell farewell;
        farewell.event = reader.number();
        farewell.operation = reader.number();
        farewell.cause = std::make_shared<status::Cause>(read_cause(reader));
        farewell.until = reader.time();
        farewell_ = farewell;
    }
    return reader.finished();
}

/// Leaves, jobs and operations know what they hold and wait for; the events are told of it again.
bool Manager::Impl::count_holders() {
    bool known = true;
    const auto hold_all = [&](const std::vector<EventId>& ids) {
        for (const EventId id : ids) {
            if (id == 0) continue;
            known = known && events_.find(id) != nullptr;
            if (known) events_.hold(id);
        }
    };
    for (const auto& [name, app] : apps_) {
        for (const auto& [service_name, service] : app.services) {
            hold_all(service.start_latches);
        }
    }
    for_each_member([&](const Member& member) {
        hold_all(member.holds);
        hold_all(member.stop_latches);
    });
    const auto wait_again = [&](OperationId operation) {
        if (operation == 0) return;
        known = known && operations_.find(operation) != nullptr;
        if (known) operations_.wait_for(operation);
    };
    for (const EventId id : events_.ids())
        wait_again(events_.at(id).operation);
    if (farewell_) wait_again(farewell_->operation);
    return known;
}

/// Takes a member's runs up again: they are to be found, watched and probed as before.
void Manager::Impl::rejoin(Turn& turn, Member& member) {
    reindex(member);
    for (const LiveRun& run : member.life.runs()) {
        runs_.restore(run.id, member.life.id());
        if (run.is_queued()) {
            brake_.restore_waiting(run.id);
            continue;
        }
        if (run.is_looking()) {
            turn.out.push_back(LookForRunning{run.id, member.life.name(), run.app, run.service});
            continue;
        }
        const bool executed = run.is_alive() || run.has_ended() || run.has_forked();
        turn.out.push_back(AdoptRun{run.id, run.role, member.life.name(), run.app, run.service,
                                    run.process, executed, run.session, run.port_slot});
        if (std::holds_alternative<RunSpawning>(run.state)) brake_.restore_spawning(run.id);
        if (std::holds_alternative<RunHanging>(run.state)) turn.out.push_back(InspectSpawn{run.id});
        if (run.has_ended()) turn.out.push_back(WatchEmpty{run.id});
    }
    member.life.probe_again(turn);
}

/// Nobody saw whether the latest step's actions were performed, so they are given once more; each
/// of them may be performed twice.
bool Manager::Impl::replay_outbox(Turn& turn, const std::string& value) {
    ByteReader reader(value);
    Actions kept;
    if (!read_outbox(reader, kept)) return false;
    // A run that is over in the state was seen to end: it is only to be reaped.
    std::erase_if(kept, [&](const Action& action) {
        const SignalRun* signal = std::get_if<SignalRun>(&action);
        const KillRun* kill = std::get_if<KillRun>(&action);
        return (signal != nullptr && runs_.find(signal->run) == nullptr) ||
               (kill != nullptr && runs_.find(kill->run) == nullptr);
    });
    for (Action& action : kept) {
        if (PersistApp* persist = std::get_if<PersistApp>(&action)) {
            const auto app = apps_.find(persist->app);
            const bool known = app != apps_.end() && !app->second.unloading;
            const bool switching = known && app->second.switching.has_value();
            persist->spec = switching ? app->second.switching->before
                            : known   ? app->second.app
                                      : nullptr;
        } else if (PersistFormation* formation = std::get_if<PersistFormation>(&action)) {
            const auto app = apps_.find(formation->app);
            if (app == apps_.end() || app->second.unloading) continue;
            formation->formation = to_text(formation_of(app->second));
        } else if (const Accepted* answer = std::get_if<Accepted>(&action)) {
            const OperationId id = answer->operation;
            if (operations_.find(id) != nullptr) operations_.answer_again(id, turn.out);
            continue;
        }
        turn.out.push_back(action);
    }
    outbox_ = std::move(kept);  // until they were performed
    has_outbox_ = true;
    return true;
}

}  // namespace reeve::core
