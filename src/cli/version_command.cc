#include "api/json_writer.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {

ExitCode version(const Command& command, Context context, const std::vector<std::string>& args) {
    OptionReader options(command, context);
    if (const auto end = options.read(args)) return *end;
    api::ClientPatience patience;
    patience.reconnect = 0s;
    const auto daemon = context.client().send({"GET", "/v1/version", ""}, patience, nullptr);
    const bool there = daemon && daemon->status == 200;
    if (context.json) {
        api::JsonWriter json;
        json.begin_object();
        json.member("version", REEVE_VERSION);
        json.key("daemon");
        there ? json.raw(daemon->body.substr(0, daemon->body.find('\n'))) : json.null();
        json.end_object();
        print(json.take() + "\n");
        return ExitCode::Done;
    }
    print("reeve " REEVE_VERSION "\n");
    if (there) {
        print("daemon " + api::header(*daemon, "reeve-version") + "\n");
    } else {
        print("daemon: not reachable (" + (daemon ? daemon->body : daemon.error().message) + ")\n");
    }
    return ExitCode::Done;
}

}  // namespace reeve::cli
