#include "cli/ask.h"

#include <errno.h>

#include "api/reply.h"

namespace reeve::cli {

Result<std::vector<spec::Target>> parse_targets(const std::vector<std::string>& words) {
    std::vector<spec::Target> targets;
    for (const std::string& word : words)
        targets.push_back(TRY(spec::parse_target(word)));
    return targets;
}

std::string query_path(const Context& context, const std::string& path,
                       const std::vector<spec::Target>& targets) {
    std::string query = path + (context.json ? "?format=json" : "?format=text");
    if (!context.json && context.out.width > 0) {
        query += "&width=" + std::to_string(context.out.width);
    }
    if (!context.json && context.out.color) query += "&color=1";
    for (const spec::Target& target : targets)
        query += "&target=" + api::escape_query(spec::to_text(target));
    return query;
}

bool is_no_daemon(const Error& error) {
    return error.code == ENOENT || error.code == ECONNREFUSED || error.code == ENOTDIR;
}

void print_no_answer(const Context& context, const Error& error) {
    std::string text = error.message;
    if (is_no_daemon(error)) {
        text = "reeve is not running (" + error.message +
               "). Start it with `reeve daemon --detach`, or load an app: `reeve load DIR`";
    } else if (error.code == EACCES || error.code == EPERM) {
        text +=
            ". Only root and the members of the group reeve may talk to this reeve; log in "
            "again after `usermod -aG reeve USER`";
    } else if (error.code == ETIMEDOUT) {
        text = "no answer within " + to_text(context.timeout);
    }
    print_error(context, text);
}

ExitCode print_refusal(const Context& context, const api::ClientResponse& response) {
    const auto reply = api::operation_reply_from_json(response.body);
    if (!reply) {
        print_error(context, "unexpected answer (HTTP " + std::to_string(response.status) +
                                 "): " + response.body);
        return ExitCode::Unreachable;
    }
    if (context.json) {
        print(response.body);
    } else {
        print_error(context, reply->message);
    }
    return exit_code(reply->code);
}

Asked ask(const Context& context, const std::string& path) {
    api::ClientPatience patience;
    patience.answer = context.timeout;
    const auto response = context.client().send({"GET", path, ""}, patience, nullptr);
    Asked asked;
    if (!response) {
        print_no_answer(context, response.error());
        asked.exit_code = exit_code(response.error());
        return asked;
    }
    asked.response = *response;
    if (response->status != 200) {
        asked.exit_code = print_refusal(context, *response);
        return asked;
    }
    asked.answered = true;
    const auto code = api::code_from_text(api::header(*response, "reeve-code"));
    asked.exit_code = code ? exit_code(*code) : ExitCode::Done;
    return asked;
}

ExitCode ask_and_print(const Context& context, const std::string& path) {
    const Asked asked = ask(context, path);
    if (asked.answered) print(asked.response.body);
    return asked.exit_code;
}

}  // namespace reeve::cli
