#include "cli/deploy_client.h"

#include <errno.h>
#include <poll.h>

#include <optional>

#include "api/client.h"
#include "cli/ask.h"
#include "cli/log_directory.h"
#include "cli/log_list.h"
#include "cli/log_tail.h"
#include "cli/operate.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kNamesMax = 5;

/// Waits until there is more to read.
void wait_for(int fd) {
    pollfd polled{fd, POLLIN, 0};
    ::poll(&polled, 1, -1);
}

/// `shop/web.1: exited with code 1` is about shop/web.1.
std::string subject_of(const std::string& problem) {
    const std::size_t colon = problem.find(": ");
    const std::string name = problem.substr(0, colon);
    return colon == std::string::npos || name.find('/') == std::string::npos ? "" : name;
}

/// What writes the logs answers for the ledger as well, after it has read what came before: so the
/// last lines of a process that has just ended are in its file. Without an answer they may be.
void let_log_settle(const Context& context, const std::string& target) {
    const std::string path = "/v1/why?n=1&target=" + api::escape_query(target);
    (void)context.client().send({"GET", path, ""}, {}, nullptr);
}

}  // namespace

Result<api::OperationReply> run_deploy(const Context& context, api::DeployRequest request,
                                       const std::function<void(std::string_view)>& on_text) {
    if (request.id == 0) request.id = random_operation_id();
    if (request.command_line.empty()) request.command_line = context.command_line;
    api::LineStream stream = TRY(context.client().open_stream(
        {"POST", "/v1/deploys", api::to_json(request)}, api::ClientPatience{}));
    std::optional<api::OperationReply> reply;
    Result<void> understood;
    for (;;) {
        const auto more = stream.read([&](std::string_view line) {
            const auto news = api::deploy_news_from_json(line);
            if (!news) {
                understood = news.error();
                return;
            }
            if (!news->text.empty()) on_text(news->text);
            if (news->reply) reply = news->reply;
        });
        if (!understood) return understood.error();
        if (reply) return *reply;
        if (!more) {
            return Error{
                "reeve was replaced during the deploy; `reeve releases` shows whether it came to "
                "its start, and `reeve doctor` what became of it",
                more.error().code};
        }
        if (!*more) return Error{"the answer has no end", EPROTO};
        wait_for(stream.fd());
    }
}

std::string last_words(const Context& context, const api::OperationReply& reply,
                       std::size_t lines) {
    std::string text;
    const std::string began = to_text(context.began);
    std::size_t names = 0;
    for (const std::string& problem : reply.problems) {
        const std::string name = subject_of(problem);
        if (name.empty() || ++names > kNamesMax) continue;
        const auto target = spec::parse_target(name);
        if (!target) continue;
        let_log_settle(context, name);
        const auto logs = find_logs(context.paths.log_dir, {*target});
        if (!logs) continue;
        for (const LogOfInstance& log : *logs) {
            const auto tail = read_tail(log.path, lines);
            if (!tail) continue;
            for (const std::string& line : tail->lines) {
                const LogLine parsed = parse_log_line(line);
                if (!parsed.time.empty() && parsed.time < began) continue;
                text += name + ": " + std::string(parsed.text) + "\n";
            }
        }
    }
    return text;
}

}  // namespace reeve::cli
