#include "sim/random_jobs.h"

#include "sim/random_world.h"

namespace reeve::sim {
namespace {

const char* const kServices[] = {"clock", "web", "worker"};

spec::EventMatch random_leaf(Random& random) {
    static const char* const kMoments[] = {"starting", "started", "stopping", "stopped"};
    if (one_in(random, 3)) {
        return {kMoments[random.below(4)], {{std::nullopt, kServices[random.below(3)], false}}};
    }
    static const char* const kNames[] = {"go", "halt", "tick", "web/failed", "go/failed"};
    spec::EventMatch leaf{kNames[random.below(5)], {}};
    if (one_in(random, 3))
        leaf.arguments.push_back({"KEY", one_in(random, 2) ? "[12]" : "1", false});
    if (one_in(random, 8)) leaf.arguments.push_back({"KEY", "$KEY", one_in(random, 2)});
    return leaf;
}

spec::EventExpr random_expression(Random& random) {
    spec::EventExpr expr{{random_leaf(random)}};
    for (std::uint64_t i = random.below(3); i > 0; --i) {
        expr.nodes.emplace_back(random_leaf(random));
        expr.nodes.push_back(one_in(random, 2) ? spec::EventNode(spec::EventAnd{})
                                               : spec::EventNode(spec::EventOr{}));
    }
    return expr;
}

}  // namespace

spec::JobSpec random_job(Random& random) {
    spec::JobSpec job;
    if (!one_in(random, 5)) job.start_on = random_expression(random);
    if (!one_in(random, 3)) job.stop_on = random_expression(random);
    job.task = one_in(random, 3);
    job.has_main = !one_in(random, 5);
    if (one_in(random, 4)) job.instance = one_in(random, 3) ? "$KEY" : "${KEY:-none}";
    if (one_in(random, 4)) job.exports = {"KEY"};
    return job;
}

spec::NamedEvent random_event(Random& random) {
    static const char* const kNames[] = {"go", "go", "halt", "tick", "nobody"};
    spec::NamedEvent event{kNames[random.below(5)], {}};
    if (!one_in(random, 3)) event.variables.push_back({"KEY", std::to_string(1 + random.below(3))});
    return event;
}

}  // namespace reeve::sim
