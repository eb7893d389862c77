#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/deploy_client.h"
#include "cli/option_reader.h"
#include "cli/release_list.h"
#include "cli/store_client.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kLastLines = 20;

Result<std::string> absolute(const std::string& path) {
    char resolved[PATH_MAX];
    if (::realpath(path.c_str(), resolved) == nullptr) return system_error("find " + path);
    return std::string(resolved);
}

ExitCode say_outcome(const Context& context, const Result<api::OperationReply>& reply) {
    if (!reply) {
        print_no_answer(context, reply.error());
        return exit_code(reply.error());
    }
    if (context.json) {
        print(api::to_json(*reply) + "\n");
        return exit_code(reply->code);
    }
    if (reply->code == api::Code::Done) {
        print(reply->message + "\n");
        return ExitCode::Done;
    }
    for (const std::string& problem : reply->problems)
        print_error(context, problem);
    const std::string words = last_words(context, *reply, kLastLines);
    ::fwrite(words.data(), 1, words.size(), stderr);
    print_error(context, reply->message);
    return exit_code(reply->code);
}

ExitCode carry_out(const Context& context, api::DeployRequest request) {
    const bool quiet = context.json;
    return say_outcome(context, run_deploy(context, std::move(request), [&](std::string_view text) {
                           if (!quiet) print(text);
                       }));
}

/// Makes the app where there is none of that name.
Result<void> make_sure_it_exists(const Context& context, const std::string& app) {
    const api::StoredRecords stored = TRY(fetch_records(context, app));
    if (stored.exists) return {};
    api::StoreChange change;
    change.app = app;
    change.act = api::StoreAct::Create;
    change.entries = {{"scale/web", "1"}, {"proxy/enabled", "auto"}};
    return change_store(context, change);
}

}  // namespace

ExitCode deploy(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("APP [DIR]", words, 1, 2);
    if (const auto end = options.read(args)) return *end;
    const auto directory = absolute(words.size() > 1 ? words[1] : ".");
    if (!directory) {
        print_error(context, directory.error().message);
        return ExitCode::Failed;
    }
    Result<void> ready = make_sure_reeve_runs(context);
    if (ready) ready = make_sure_it_exists(context, words[0]);
    if (!ready) {
        print_error(context, ready.error().message);
        return ExitCode::Failed;
    }
    api::DeployRequest request;
    request.app = words[0];
    request.kind = api::DeployKind::Directory;
    request.source = *directory;
    return carry_out(context, std::move(request));
}

ExitCode releases(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("APP", words, 1, 1);
    if (const auto end = options.read(args)) return *end;
    const auto stored = fetch_records(context, words[0]);
    if (!stored) {
        print_no_answer(context, stored.error());
        return exit_code(stored.error());
    }
    if (!stored->exists) {
        print_error(context, "there is no app " + words[0]);
        return ExitCode::NoSuchTarget;
    }
    const std::vector<ReleaseEntry> list = releases_of(stored->records);
    print(context.json ? releases_json(list) : releases_text(list));
    return ExitCode::Done;
}

ExitCode rollback(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("APP [N]", words, 1, 2);
    if (const auto end = options.read(args)) return *end;
    api::DeployRequest request;
    request.app = words[0];
    request.kind = api::DeployKind::Rollback;
    if (words.size() > 1) {
        const auto number = parse_integer(words[1]);
        if (!number || *number < 1 || *number > UINT32_MAX) {
            print_error(context, "\"" + words[1] + "\" is no number of a release");
            return ExitCode::Usage;
        }
        request.release = static_cast<std::uint32_t>(*number);
        return carry_out(context, std::move(request));
    }
    const auto stored = fetch_records(context, words[0]);
    if (!stored) {
        print_no_answer(context, stored.error());
        return exit_code(stored.error());
    }
    const auto previous = previous_release(releases_of(stored->records));
    if (!previous) {
        print_error(context, "there is no earlier release of " + words[0]);
        return ExitCode::NoSuchTarget;
    }
    request.release = *previous;
    return carry_out(context, std::move(request));
}

}  // namespace reeve::cli
