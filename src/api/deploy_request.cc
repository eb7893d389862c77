#include "api/deploy_request.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/json_writer.h"
#include "base/text.h"

namespace reeve::api {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kTextMax = 4096;
constexpr std::size_t kLineMax = 1024;

constexpr std::array<std::pair<DeployKind, std::string_view>, 6> kKinds = {
    {{DeployKind::Directory, "directory"},
     {DeployKind::Archive, "archive"},
     {DeployKind::Git, "git"},
     {DeployKind::Rebuild, "rebuild"},
     {DeployKind::Config, "config"},
     {DeployKind::Rollback, "rollback"}}};

Result<std::string> read_text(const Json& object, const char* field) {
    const auto found = object.find(field);
    if (found == object.end()) return std::string();
    if (!found->is_string()) return Error{std::string(field) + ": a text is needed"};
    std::string text = found->get<std::string>();
    if (text.size() > kTextMax) return Error{std::string(field) + ": is too long"};
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x20) continue;
        return Error{std::string(field) + ": contains a control character"};
    }
    return text;
}

Result<bool> read_flag(const Json& object, const char* field) {
    const auto found = object.find(field);
    if (found == object.end()) return false;
    if (!found->is_boolean()) return Error{std::string(field) + ": true or false is needed"};
    return found->get<bool>();
}

std::string one_line(std::string text) {
    text.resize(std::min(text.size(), kLineMax));
    for (char& c : text)
        c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return text;
}

}  // namespace

std::string to_json(const DeployRequest& request) {
    JsonWriter json;
    json.begin_object();
    json.member("id", to_hex(request.id));
    json.member("app", request.app);
    for (const auto& [kind, word] : kKinds) {
        if (kind == request.kind) json.member("kind", word);
    }
    json.member("source", request.source);
    json.member("reference", request.reference);
    json.member_number("release", request.release);
    json.member_flag("fetch_only", request.fetch_only);
    json.member_flag("if_changed", request.if_changed);
    json.member("metadata", request.metadata);
    json.member("revision", request.revision);
    json.member("command_line", one_line(request.command_line));
    json.end_object();
    return json.take();
}

Result<DeployRequest> deploy_request_from_json(std::string_view text) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return Error{"not a JSON object"};
    DeployRequest request;
    const auto id = parse_hex(TRY(read_text(object, "id")));
    if (!id || *id == 0) return Error{"id: up to 16 hexadecimal digits are needed, not all 0"};
    request.id = *id;
    request.app = TRY(read_text(object, "app"));
    if (request.app.empty()) return Error{"app: a name is needed"};
    const std::string word = TRY(read_text(object, "kind"));
    bool known = false;
    for (const auto& [kind, name] : kKinds) {
        if (name != word) continue;
        request.kind = kind;
        known = true;
    }
    if (!known) return Error{"kind: \"" + word + "\" is none"};
    request.source = TRY(read_text(object, "source"));
    request.reference = TRY(read_text(object, "reference"));
    // Words of a command line in the end: none may look like an option.
    if (request.source.starts_with("-")) return Error{"source: begins with a dash"};
    if (request.reference.starts_with("-")) return Error{"reference: begins with a dash"};
    const auto release = object.find("release");
    if (release != object.end()) {
        if (!release->is_number_unsigned() || release->get<std::uint64_t>() > UINT32_MAX) {
            return Error{"release: a whole number is needed"};
        }
        request.release = release->get<std::uint32_t>();
    }
    request.fetch_only = TRY(read_flag(object, "fetch_only"));
    request.if_changed = TRY(read_flag(object, "if_changed"));
    request.metadata = TRY(read_text(object, "metadata"));
    request.revision = TRY(read_text(object, "revision"));
    request.command_line = TRY(read_text(object, "command_line"));
    return request;
}

std::string deploy_text_line(std::string_view text) {
    JsonWriter json;
    json.begin_object();
    json.member("text", text);
    json.end_object();
    return json.take() + "\n";
}

std::string deploy_reply_line(const OperationReply& reply) {
    std::string body = to_json(reply);
    while (body.ends_with('\n'))
        body.pop_back();
    JsonWriter json;
    json.begin_object();
    json.key("reply");
    json.raw(body);
    json.end_object();
    return json.take() + "\n";
}

Result<DeployNews> deploy_news_from_json(std::string_view line) {
    const Json object = Json::parse(line, nullptr, false);
    if (!object.is_object()) return Error{"not a JSON object: " + std::string(line)};
    DeployNews news;
    const auto text = object.find("text");
    if (text != object.end() && text->is_string()) news.text = text->get<std::string>();
    const auto reply = object.find("reply");
    if (reply != object.end()) news.reply = TRY(operation_reply_from_json(reply->dump()));
    return news;
}

}  // namespace reeve::api
