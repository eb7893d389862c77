#include "api/request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/job_request.h"
#include "api/json_writer.h"
#include "base/text.h"

namespace reeve::api {
namespace {

using Json = nlohmann::json;

template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

constexpr std::size_t kNameMax = 4096;
constexpr int kSignalMax = 64;
constexpr std::int64_t kTimeoutMaxMs = std::int64_t{1000} * 3600 * 24 * 365;

void write_targets(JsonWriter& json, const std::vector<spec::Target>& targets) {
    json.key("targets");
    json.begin_list();
    for (const spec::Target& target : targets)
        json.text(to_text(target));
    json.end_list();
}

void write_counts(JsonWriter& json, const Scale& scale) {
    json.member("app", scale.app);
    json.key("counts");
    json.begin_list();
    for (const Scale::Count& count : scale.counts) {
        json.begin_object();
        json.member("service", count.service);
        json.member_number("instances", count.instances);
        json.end_object();
    }
    json.end_list();
}

void write_verb(JsonWriter& json, const Verb& verb) {
    std::visit(Overloaded{
                   [&](const Load& load) { json.member_flag("start", load.start); },
                   [&](const Unload& unload) { json.member("app", unload.app); },
                   [&](const Start& start) { write_targets(json, start.targets); },
                   [&](const Stop& stop) { write_targets(json, stop.targets); },
                   [&](const Restart& restart) { write_targets(json, restart.targets); },
                   [&](const Signal& signal) {
                       write_targets(json, signal.targets);
                       json.member_number("signal", signal.signal);
                   },
                   [&](const Scale& scale) { write_counts(json, scale); },
                   [&](const Unmonitor& unmonitor) { write_targets(json, unmonitor.targets); },
                   [](const Shutdown&) {},
                   [&](const Reload& reload) { write_targets(json, reload.targets); },
                   [&](const Emit& emit) { write_emit(json, emit); },
                   [&](const JobCommand& command) { write_job_command(json, command); },
                   [&](const SetVariables& set) { write_set_variables(json, set); },
               },
               verb);
}

Error wrong(const std::string& field, const std::string& what) {
    return Error{field + ": " + what};
}

Result<std::string> read_text(const Json& object, const std::string& field) {
    const auto found = object.find(field);
    if (found == object.end() || !found->is_string()) return wrong(field, "a text is needed");
    std::string text = found->get<std::string>();
    if (text.empty()) return wrong(field, "is empty");
    if (text.size() > kNameMax) return wrong(field, "is too long");
    return text;
}

Result<std::int64_t> read_number(const Json& object, const std::string& field, std::int64_t least,
                                 std::int64_t most) {
    const auto found = object.find(field);
    if (found == object.end() || !found->is_number_integer()) {
        return wrong(field, "a whole number is needed");
    }
    const bool fits = !found->is_number_unsigned() ||
                      found->get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
    const std::int64_t number = fits ? found->get<std::int64_t>() : most;
    if (!fits || number < least || number > most) {
        return wrong(field,
                     "must be from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
}

/// The flag, or `otherwise` where it is left out.
Result<bool> read_flag(const Json& object, const std::string& field, bool otherwise) {
    const auto found = object.find(field);
    if (found == object.end()) return otherwise;
    if (!found->is_boolean()) return wrong(field, "true or false is needed");
    return found->get<bool>();
}

Result<const Json*> read_list(const Json& object, const std::string& field) {
    const auto found = object.find(field);
    if (found == object.end() || !found->is_array() || found->empty()) {
        return wrong(field, "a list that is not empty is needed");
    }
    if (found->size() > kTargetsMax) return wrong(field, "is too long");
    return &*found;
}

Result<std::vector<spec::Target>> read_targets(const Json& object) {
    const Json* list = TRY(read_list(object, "targets"));
    std::vector<spec::Target> targets;
    for (const Json& item : *list) {
        if (!item.is_string()) return wrong("targets", "each must be a text");
        const auto target = spec::parse_target(item.get_ref<const std::string&>());
        if (!target) return wrong("targets", target.error().message);
        targets.push_back(*target);
    }
    return targets;
}

Result<Verb> read_scale(const Json& object) {
    Scale scale;
    scale.app = TRY(read_text(object, "app"));
    const Json* list = TRY(read_list(object, "counts"));
    for (const Json& item : *list) {
        if (!item.is_object()) return wrong("counts", "each must be an object");
        Scale::Count count;
        count.service = TRY(read_text(item, "service"));
        count.instances =
            static_cast<std::uint32_t>(TRY(read_number(item, "instances", 0, spec::kInstancesMax)));
        scale.counts.push_back(std::move(count));
    }
    return Verb(std::move(scale));
}

Result<Verb> read_load(const Json& object, std::string_view app) {
    Load load;
    load.start = TRY(read_flag(object, "start", true));
    load.app = std::make_shared<const spec::App>(TRY(spec::app_from_json(app)));
    return Verb(std::move(load));
}

Result<Verb> read_verb(const Json& object, std::string_view app) {
    const std::string verb = TRY(read_text(object, "verb"));
    if (verb == "load") return read_load(object, app);
    if (verb == "unload") return Verb(Unload{TRY(read_text(object, "app"))});
    if (verb == "start") return Verb(Start{TRY(read_targets(object))});
    if (verb == "stop") return Verb(Stop{TRY(read_targets(object))});
    if (verb == "restart") return Verb(Restart{TRY(read_targets(object))});
    if (verb == "reload") return Verb(Reload{TRY(read_targets(object))});
    if (verb == "unmonitor") return Verb(Unmonitor{TRY(read_targets(object))});
    if (verb == "scale") return read_scale(object);
    if (verb == "shutdown") return Verb(Shutdown{});
    if (is_job_verb(verb)) return read_job_verb(verb, object.dump());
    if (verb == "signal") {
        Signal signal;
        signal.targets = TRY(read_targets(object));
        signal.signal = static_cast<int>(TRY(read_number(object, "signal", 1, kSignalMax)));
        return Verb(std::move(signal));
    }
    return wrong("verb", "\"" + verb + "\" is none");
}

/// Made fit for one line of a log.
std::string one_line(std::string text) {
    text.resize(std::min(text.size(), kCommandLineMax));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
}

}  // namespace

std::string_view name(const Verb& verb) {
    return std::visit(Overloaded{
                          [](const Load&) { return "load"; },
                          [](const Unload&) { return "unload"; },
                          [](const Start&) { return "start"; },
                          [](const Stop&) { return "stop"; },
                          [](const Restart&) { return "restart"; },
                          [](const Signal&) { return "signal"; },
                          [](const Scale&) { return "scale"; },
                          [](const Unmonitor&) { return "unmonitor"; },
                          [](const Shutdown&) { return "shutdown"; },
                          [](const Reload&) { return "reload"; },
                          [](const Emit&) { return "emit"; },
                          [](const JobCommand& command) { return name(command.what); },
                          [](const SetVariables&) { return "set-variables"; },
                      },
                      verb);
}

std::string to_json(const OperationRequest& request) {
    JsonWriter json;
    json.begin_object();
    json.member("id", to_hex(request.id));
    json.member("verb", name(request.verb));
    write_verb(json, request.verb);
    json.member_flag("wait", request.answer_when == AnswerWhen::Done);
    json.member_number(
        "timeout_ms",
        std::chrono::duration_cast<std::chrono::milliseconds>(request.timeout).count());
    json.member("command_line", one_line(request.command_line));
    json.end_object();
    std::string text = json.take() + "\n";
    if (const Load* load = std::get_if<Load>(&request.verb)) text += spec::to_json(*load->app);
    return text;
}

Result<OperationRequest> operation_request_from_json(std::string_view text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Json object = Json::parse(text.substr(0, end), nullptr, false);
    if (!object.is_object()) return Error{"the first line is not a JSON object"};
    OperationRequest request;
    const auto id = parse_hex(TRY(read_text(object, "id")));
    if (!id || *id == 0) return wrong("id", "up to 16 hexadecimal digits are needed, not all 0");
    request.id = *id;
    request.verb = TRY(read_verb(object, text.substr(end)));
    request.answer_when =
        TRY(read_flag(object, "wait", true)) ? AnswerWhen::Done : AnswerWhen::Accepted;
    if (object.contains("timeout_ms")) {
        request.timeout =
            std::chrono::milliseconds(TRY(read_number(object, "timeout_ms", 0, kTimeoutMaxMs)));
    }
    if (object.contains("command_line")) {
        const auto line = object.find("command_line");
        if (!line->is_string()) return wrong("command_line", "a text is needed");
        request.command_line = one_line(line->get<std::string>());
    }
    return request;
}

}  // namespace reeve::api
