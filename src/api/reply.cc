#include "api/reply.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/json_writer.h"

namespace reeve::api {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<Code, std::string_view>, 10> kCodes = {{
    {Code::Done, "done"},
    {Code::Accepted, "accepted"},
    {Code::TimedOut, "timed-out"},
    {Code::Failed, "failed"},
    {Code::NotRunning, "not-running"},
    {Code::Invalid, "invalid"},
    {Code::NoSuchTarget, "no-such-target"},
    {Code::NotPermitted, "not-permitted"},
    {Code::Busy, "busy"},
    {Code::Unavailable, "unavailable"},
}};

std::string text_of(const Json& object, const char* field) {
    const auto found = object.find(field);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

spec::InstanceName read_instance(const Json& object) {
    spec::InstanceName name;
    name.app = text_of(object, "app");
    name.service = text_of(object, "service");
    name.key = text_of(object, "key");
    const auto index = object.find("index");
    if (index != object.end() && index->is_number_unsigned()) {
        name.index = index->get<std::uint32_t>();
    }
    return name;
}

}  // namespace

std::string_view to_text(Code code) {
    for (const auto& [known, text] : kCodes) {
        if (known == code) return text;
    }
    return "failed";
}

std::optional<Code> code_from_text(std::string_view text) {
    for (const auto& [code, known] : kCodes) {
        if (known == text) return code;
    }
    return std::nullopt;
}

void write_instance_name(JsonWriter& json, const spec::InstanceName& name) {
    json.member("app", name.app);
    json.member("service", name.service);
    json.member("instance", spec::instance_text(name));
    if (name.key.empty()) {
        json.member_number("index", name.index);
    } else {
        json.member("key", name.key);
    }
}

std::string to_json(const OperationReply& reply) {
    JsonWriter json;
    json.begin_object();
    json.member_flag("ok", reply.code == Code::Done || reply.code == Code::Accepted);
    json.member("code", to_text(reply.code));
    json.member("message", reply.message);
    json.key("instances");
    json.begin_list();
    for (const spec::InstanceName& name : reply.instances) {
        json.begin_object();
        write_instance_name(json, name);
        json.end_object();
    }
    json.end_list();
    json.key("problems");
    json.begin_list();
    for (const std::string& problem : reply.problems)
        json.text(problem);
    json.end_list();
    json.member_flag("durable", reply.durable);
    json.member("warning", reply.warning);
    json.end_object();
    return json.take() + "\n";
}

Result<OperationReply> operation_reply_from_json(std::string_view text) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return Error{"the answer is not a JSON object"};
    OperationReply reply;
    const auto code = code_from_text(text_of(object, "code"));
    if (!code) return Error{"the answer has no code that is known here"};
    reply.code = *code;
    reply.message = text_of(object, "message");
    reply.warning = text_of(object, "warning");
    reply.durable = object.value("durable", Json(true)) != Json(false);
    for (const Json& item : object.value("instances", Json::array())) {
        if (item.is_object()) reply.instances.push_back(read_instance(item));
    }
    for (const Json& item : object.value("problems", Json::array())) {
        if (item.is_string()) reply.problems.push_back(item.get<std::string>());
    }
    return reply;
}

}  // namespace reeve::api
