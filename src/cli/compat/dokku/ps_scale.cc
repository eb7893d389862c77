#include <algorithm>
#include <map>

#include "api/json_writer.h"
#include "base/text.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"
#include "spec/service.h"

// ps:scale: shows how many instances of each type there are to be, or changes it.
namespace reeve::cli::compat::dokku {
namespace {

constexpr std::string_view kArea = "scale/";

/// How many of each type, by name.
using Quantities = std::map<std::string, std::int64_t>;

/// One `web=3`, in the order in which it was typed.
struct Wanted {
    std::string type;
    std::uint32_t count = 0;
};

/// What is stored for the next deploy, and over it what reeve runs.
Result<Quantities> present(const Session& session, const std::string& app, const AppState& state) {
    Quantities all;
    const api::Records records = TRY(fetch_records(session.context, app)).records;
    for (const auto& [key, value] : records) {
        if (!key.starts_with(kArea)) continue;
        const auto count = parse_integer(value);
        if (count) all[key.substr(kArea.size())] = *count;
    }
    for (const TypeState& type : state.types)
        all.try_emplace(type.name, type.wanted);
    return all;
}

/// Source: dokku plugins/ps parseProcessTuples; a negative count is refused here.
Result<std::vector<Wanted>> parse(const Words& tuples) {
    std::vector<Wanted> all;
    for (const std::string& tuple : tuples) {
        const std::size_t equals = tuple.find('=');
        const std::string type(trim(std::string_view(tuple).substr(0, equals)));
        if (equals == std::string::npos) return Error{"Missing count for process type " + type};
        const auto count = parse_integer(trim(std::string_view(tuple).substr(equals + 1)));
        if (type.empty() || !count || *count < 0 || *count > spec::kInstancesMax) {
            return Error{"Invalid count for process type " + type};
        }
        const bool again = std::any_of(all.begin(), all.end(),
                                       [&](const Wanted& one) { return one.type == type; });
        if (!again) all.push_back({type, static_cast<std::uint32_t>(*count)});
    }
    return all;
}

Result<void> check(const std::string& app, const AppState& state,
                   const std::vector<Wanted>& wanted) {
    if (state.scale_is_fixed) {
        return Error{"App " + app +
                     " contains an app.json file with a formations key and cannot be manually "
                     "scaled"};
    }
    for (const Wanted& one : wanted) {
        if (one.count == 0) continue;
        if (one.type == "release") {
            return Error{"release runs once per release and cannot be scaled up"};
        }
        if (state.deployed && state.find_type(one.type) == nullptr) {
            return Error{one.type + " is not a valid process name to scale up"};
        }
    }
    return {};
}

void show(const Session& session, const std::string& app, const Quantities& all, bool json) {
    if (json) {
        api::JsonWriter writer;
        writer.begin_list();
        for (const auto& [type, count] : all) {
            writer.begin_object();
            writer.member("process_type", type);
            writer.member_number("quantity", count);
            writer.end_object();
        }
        writer.end_list();
        return say_plain(writer.take());
    }
    say_unless_quiet(session, "Scaling for " + app);
    if (!session.quiet) say_plain("proctype: qty\n--------: ---");
    for (const auto& [type, count] : all) {
        std::string name = type + ":";
        name.resize(std::max<std::size_t>(name.size(), 5), ' ');
        say_plain(name + " " + std::to_string(count));
    }
}

Result<void> store(const Session& session, const std::string& app,
                   const std::vector<Wanted>& wanted) {
    api::StoreChange change;
    change.app = app;
    for (const Wanted& one : wanted) {
        change.entries.push_back({std::string(kArea) + one.type, std::to_string(one.count)});
    }
    return change_store(session.context, change);
}

/// Only types whose number changes are touched, and of those only the instances that come or go.
Result<void> apply(const Session& session, const std::string& app, const AppState& state,
                   const std::vector<Wanted>& wanted) {
    api::Scale scale{app, {}};
    for (const Wanted& one : wanted) {
        const TypeState* type = state.find_type(one.type);
        if (type == nullptr || type->wanted == one.count) continue;
        scale.counts.push_back({one.type, one.count});
    }
    if (scale.counts.empty()) return {};
    return run_operation(session, std::move(scale));
}

}  // namespace

int ps_scale(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"--skip-deploy"}, {"--format"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto state = fetch_app_state(session, *app);
    if (!state) return fail(session, state.error());
    if (rest.empty()) {
        const auto all = present(session, *app, *state);
        if (!all) return fail(session, all.error());
        show(session, *app, *all, parsed->text("--format").value_or("") == "json");
        return kOk;
    }
    const auto wanted = parse(rest);
    if (!wanted) return fail(wanted.error().message);
    const Result<void> checked = check(*app, *state, *wanted);
    if (!checked) return fail(checked.error().message);
    std::string typed;
    for (const std::string& tuple : rest)
        typed += (typed.empty() ? "" : " ") + tuple;
    say_unless_quiet(session, "Scaling " + *app + " processes: " + typed);
    const Result<void> stored = store(session, *app, *wanted);
    if (!stored) return fail(session, stored.error());
    if (!state->deployed || parsed->has("--skip-deploy")) return kOk;
    const Result<void> scaled = apply(session, *app, *state, *wanted);
    if (!scaled) return fail(session, scaled.error());
    return follow_change(session, *app);
}

}  // namespace reeve::cli::compat::dokku
