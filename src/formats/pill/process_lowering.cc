#include "formats/pill/process_lowering.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "formats/pill/check_lowering.h"
#include "formats/pill/shell_words.h"
#include "formats/pill/stop_lowering.h"

namespace reeve::formats::pill {
namespace {

using json::Kind;
using json::Value;

// Source: bluepill lib/bluepill/process.rb.
constexpr Duration kGraceDefault = 3s;
constexpr Duration kTick = 1s;
/// The pause before a start that nothing else holds back; Bluepill's ticks are upper bounds.
constexpr Duration kPauseAfterGrace = 100ms;

/// A child gets its stop command and nothing else for so long; Bluepill never sends it more.
constexpr Duration kChildPatience = 60s;

constexpr auto kAttributes = std::to_array<std::string_view>({"auto_start",
                                                              "cache_actual_pid",
                                                              "daemonize",
                                                              "environment",
                                                              "gid",
                                                              "group",
                                                              "group_restart_noblock",
                                                              "group_start_noblock",
                                                              "group_stop_noblock",
                                                              "group_unmonitor_noblock",
                                                              "monitor_children",
                                                              "on_start_timeout",
                                                              "pid_command",
                                                              "pid_file",
                                                              "pre_start_command",
                                                              "restart_command",
                                                              "restart_grace_time",
                                                              "start_command",
                                                              "start_grace_time",
                                                              "stderr",
                                                              "stdin",
                                                              "stdout",
                                                              "stop_command",
                                                              "stop_grace_time",
                                                              "stop_signals",
                                                              "supplementary_groups",
                                                              "uid",
                                                              "working_dir"});

class Lowering {
public:
    Lowering(Document& document, const Value& process, const AppFacts& facts)
        : document_(document), process_(process), facts_(facts) {}

    LoweredProcess lower() {
        lower_service();
        return {std::move(service_), needs_host_};
    }

private:
    void lower_service() {
        const Value* attributes = document_.need(process_, "attributes", Kind::Object);
        const Value* name = document_.need(process_, "name", Kind::String);
        if (attributes == nullptr || name == nullptr) return;
        attributes_ = attributes;
        name_ = name->text;
        service_.listing.group = text_of(given(process_, "group")).value_or("");
        service_.listing.position = facts_.position;
        service_.listing.waits = {waits("start"), waits("stop"), waits("restart")};
        const std::string& group = service_.listing.group;
        const bool shared = facts_.shared_names.contains(name_) && !group.empty();
        service_.name = shared ? group + ":" + name_ : name_;
        warn_of_unknown_attributes();
        take_environment();
        take_commands();
        take_identity();
        take_stdio();
        take_tracking();
        take_restart();
        take_checks();
    }

    /// Only a plain false has it wait for its turn.
    bool waits(const std::string& command) const {
        const Value* noblock = attributes_->find("group_" + command + "_noblock");
        return noblock != nullptr && !is_truthy(noblock);
    }

    Place place(std::string_view attribute) const {
        if (const Value* places = given(process_, "places")) {
            const Place at = place_of(given(*places, attribute));
            if (at.line != 0) return at;
        }
        return place_of(given(process_, "where"));
    }

    const Value* attribute(std::string_view name) const { return given(*attributes_, name); }

    /// The attribute as text; something else is refused.
    std::optional<std::string> text(std::string_view name) {
        const Value* value = attribute(name);
        if (value == nullptr || (value->kind == Kind::Boolean && value->text == "false")) {
            return std::nullopt;
        }
        const std::optional<std::string> text = text_of(value);
        if (text && text->find('\0') == std::string::npos) return text;
        document_.error(place(name), said(name) + " must be a text", "");
        return std::nullopt;
    }

    Duration seconds(std::string_view name, Duration otherwise) {
        const Value* value = attribute(name);
        if (value == nullptr) return otherwise;
        const std::optional<Duration> duration = seconds_of(value);
        if (!duration) document_.error(place(name), said(name) + " must be a number", "");
        return duration.value_or(otherwise);
    }

    std::string said(std::string_view name) const {
        return std::string(name) + " of the process \"" + name_ + "\"";
    }

    void warn_of_unknown_attributes() {
        for (const json::Member& member : attributes_->members) {
            const std::string_view name = member.name;
            if (std::binary_search(kAttributes.begin(), kAttributes.end(), name)) continue;
            document_.warning(place(name), "there is no attribute \"" + member.name + "\"",
                              similar_attribute(name));
        }
    }

    static std::string similar_attribute(std::string_view name) {
        std::string_view best;
        std::size_t best_distance = std::max<std::size_t>(3, name.size() / 3);
        for (const std::string_view known : kAttributes) {
            std::size_t distance = edit_distance(name, known);
            if (known.starts_with(name) || name.starts_with(known)) distance = 1;
            if (distance < best_distance) {
                best = known;
                best_distance = distance;
            }
        }
        return best.empty() ? "it is ignored" : "did you mean " + std::string(best) + "?";
    }

    void take_environment() {
        const auto home = facts_.app.environment.find("HOME");
        const bool has_user = attribute("uid") != nullptr;
        // Bluepill sets HOME anew only for processes that it starts as another user.
        if (!has_user && home != facts_.app.environment.end()) {
            service_.environment["HOME"] = home->second;
        }
        const Value* environment = attribute("environment");
        if (environment == nullptr) return;
        if (environment->kind != Kind::Object) {
            return document_.error(place("environment"), said("environment") + " must be a hash",
                                   "{ \"NAME\" => \"value\" }");
        }
        for (const json::Member& variable : environment->members)
            take_variable(variable);
    }

    void take_variable(const json::Member& variable) {
        const bool is_null = variable.value.kind == Kind::Null;
        const std::optional<std::string> value =
            is_null ? std::optional<std::string>("") : text_of(&variable.value);
        const bool good_name =
            !variable.name.empty() &&
            variable.name.find_first_of(std::string_view("=\0", 2)) == std::string::npos;
        if (!value || !good_name || value->find('\0') != std::string::npos) {
            return document_.error(place("environment"),
                                   "\"" + variable.name + "\" is no variable with a text", "");
        }
        service_.environment[variable.name] = *value;
    }

    std::optional<spec::Command> command(std::string_view name) {
        const std::optional<std::string> line = text(name);
        if (!line) return std::nullopt;
        if (!shell_words(*line)) {
            document_.warning(place(name), said(name) + " has a quote that is not closed",
                              "a shell will refuse it");
        }
        spec::Environment all = facts_.app.environment;
        all.insert(service_.environment.begin(), service_.environment.end());
        return to_command(*line, all);
    }

    void take_commands() {
        if (const auto start = command("start_command")) {
            service_.command = *start;
        } else {
            document_.error(place("start_command"),
                            "You must specify a start_command for '" + name_ + "'", "");
        }
        if (const auto before = command("pre_start_command")) {
            // Blocking, without a limit; its failure is only worth a line in the log.
            service_.hooks.pre_start = spec::Hook{*before, 0s, spec::HookFailure::Ignore};
        }
        const Duration grace = seconds("stop_grace_time", kGraceDefault);
        if (const auto stop = command("stop_command")) {
            service_.stop = stop_by_command(*stop, grace);
        } else {
            service_.stop =
                stop_by_signals(document_, place("stop_signals"), attribute("stop_signals"), grace);
        }
        if (const auto restart = command("restart_command")) {
            service_.restart_command =
                spec::RestartCommand{*restart, seconds("restart_grace_time", kGraceDefault)};
        }
    }

    void take_identity() {
        service_.credentials.user = text("uid").value_or(facts_.loader.user);
        service_.credentials.group = text("gid").value_or("");
        if (const Value* groups = attribute("supplementary_groups")) {
            const std::vector<Value> one = {*groups};
            for (const Value& group : groups->kind == Kind::Array ? groups->elements : one) {
                const std::optional<std::string> name = text_of(&group);
                if (name) service_.credentials.supplementary_groups.push_back(*name);
            }
        }
        service_.environment_base = spec::EnvironmentBase::Home;
        service_.umask = facts_.loader.umask;
        service_.ignores_hangup = true;
        const std::optional<std::string> directory = text("working_dir");
        service_.working_dir = directory ? below(facts_.loader.directory, *directory) : "/";
        service_.sets_pwd = directory.has_value();
    }

    static std::string below(const std::string& directory, const std::string& path) {
        if (path.starts_with('/')) return path;
        return (directory == "/" ? "" : directory) + "/" + path;
    }

    bool daemonizes() const { return is_truthy(attribute("daemonize")); }

    void take_stdio() {
        if (!daemonizes()) return;  // what such a command says goes to reeve's log
        // A log of reeve's would end with `bluepill quit`, which the process outlives.
        service_.stdio = {spec::NullFile{}, spec::NullFile{}, spec::NullFile{}};
        if (const auto path = text("stdin")) service_.stdio.input = spec::PathFile{*path};
        if (const auto path = text("stdout")) service_.stdio.output = spec::PathFile{*path};
        if (const auto path = text("stderr")) service_.stdio.error = spec::PathFile{*path};
    }

    void take_tracking() {
        const Duration grace = seconds("start_grace_time", kGraceDefault);
        spec::TrackPidFile tracking;
        const std::string pid_file = std::string(trim(text("pid_file").value_or("")));
        tracking.path = below("/", pid_file);
        tracking.writer = daemonizes() ? spec::PidFileWriter::Reeve : spec::PidFileWriter::Program;
        tracking.pid_command = command("pid_command");
        const Value* cached = attribute("cache_actual_pid");
        tracking.look_again = cached != nullptr && !is_truthy(cached);
        tracking.start_grace = grace;
        service_.tracking = tracking;
        // A command that makes itself a daemon has started when it ends; Bluepill looks at its own
        // after the grace only.
        if (daemonizes()) service_.readiness = spec::ReadyAfter{grace};
        const std::string on_timeout = text("on_start_timeout").value_or("start");
        if (on_timeout != "start") {
            document_.warning(place("on_start_timeout"),
                              "on_start_timeout is not needed and not used",
                              "a start command that does not end in time is ended, and the start "
                              "has failed");
        }
    }

    void take_restart() {
        const Duration grace = seconds("start_grace_time", kGraceDefault);
        spec::BluepillRestart restart;
        restart.start_grace = grace;
        restart.tick = grace >= kTick ? kPauseAfterGrace : kTick;
        service_.restart = restart;
        const Value* auto_start = attribute("auto_start");
        service_.auto_start =
            auto_start == nullptr || auto_start->kind != Kind::Boolean || is_truthy(auto_start);
        service_.on_remove = spec::OnRemove::Release;
        service_.on_change = spec::OnChange::NextStart;
    }

    void take_checks() {
        if (const Value* checks = document_.need(process_, "checks", Kind::Array)) {
            LoweredChecks lowered = lower_checks(document_, *checks);
            service_.checks = std::move(lowered.checks);
            needs_host_ = lowered.has_custom;
            std::get<spec::BluepillRestart>(service_.restart).flapping = lowered.flapping;
        }
        if (const Value* children = given(process_, "children")) take_children(*children);
    }

    void take_children(const Value& children) {
        const Value* attributes = document_.need(children, "attributes", Kind::Object);
        const Value* checks = document_.need(children, "checks", Kind::Array);
        if (attributes == nullptr || checks == nullptr) return;
        const std::optional<std::string> line = text_of(given(*attributes, "stop_command"));
        if (!line) {
            return document_.error(place_of(given(process_, "where")),
                                   "Invalid child process monitor for <child of " + name_ + ">",
                                   "You must specify a stop command to monitor child processes.");
        }
        // Of the parent's attributes children inherit the grace times only, without a default.
        const Duration grace = seconds("stop_grace_time", kGraceDefault);
        spec::ChildrenSpec template_;
        template_.stop = stop_by_command(to_command(*line, facts_.app.environment),
                                         std::max(grace, kChildPatience));
        service_.monitor_children = std::move(template_);
        // The host makes and judges their checks (ruby/children.rb); here they are only looked
        // over.
        (void)lower_checks(document_, *checks);
        needs_host_ = true;
    }

    Document& document_;
    const Value& process_;
    const AppFacts& facts_;
    const Value* attributes_ = nullptr;
    std::string name_;
    spec::Service service_;
    bool needs_host_ = false;
};

}  // namespace

LoweredProcess lower_process(Document& document, const Value& process, const AppFacts& facts) {
    return Lowering(document, process, facts).lower();
}

}  // namespace reeve::formats::pill
