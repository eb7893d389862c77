#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/reply.h"
#include "base/result.h"

namespace reeve::api {

/// Where the code of a new release comes from.
enum class DeployKind {
    Directory,  // `source`: an absolute path
    Archive,    // `source`: a tar or zip file, or the URL of one
    Git,        // `source`: a repository, a path or a URL; `reference`: branch, tag or commit
    Rebuild,    // the source of the latest release
    Config,     // the latest release as it is, with the present config and properties
    Rollback    // an earlier release, `release`, with the environment that it had
};

/// A deploy. `id` is chosen at random by the client and is the deploy's identity.
struct DeployRequest {
    std::uint64_t id = 0;
    std::string app;
    DeployKind kind = DeployKind::Rebuild;
    std::string source;
    std::string reference;
    std::uint32_t release = 0;
    bool fetch_only = false;   // the source is brought in and kept; nothing is built
    bool if_changed = false;   // Git: nothing is built where the revision is the released one
    std::string metadata;      // what is shown as the source, where `source` is none of the user's
    std::string revision;      // what is shown as the version, and GIT_REV
    std::string command_line;  // as typed, for the ledger
    friend bool operator==(const DeployRequest&, const DeployRequest&) = default;
};

/// The request as the body of a POST.
std::string to_json(const DeployRequest& request);

/// Reads what `to_json` wrote. The text is untrusted: errors name the field, sizes are bounded.
Result<DeployRequest> deploy_request_from_json(std::string_view text);

/// One line of the answer: output, or, as the last one, what became of the deploy.
struct DeployNews {
    std::string text;
    std::optional<OperationReply> reply;
};

std::string deploy_text_line(std::string_view text);
std::string deploy_reply_line(const OperationReply& reply);
Result<DeployNews> deploy_news_from_json(std::string_view line);

}  // namespace reeve::api
