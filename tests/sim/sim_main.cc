// sim_runner --seed N            one story, told line by line
// sim_runner --seeds FROM-TO     many; prints the seeds that fail
// sim_runner --find FROM-TO      until one fails; its number stands there, whatever ends the
// program sim_runner --file FILE         the seeds kept in a file, one to a line sim_runner
// --replay FILE       what a daemon recorded (reeve daemon --record FILE)
#include <stdio.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "sim/replay.h"
#include "sim/simulation.h"

namespace {

int run_seeds(const std::vector<std::uint64_t>& seeds, bool trace) {
    int failed = 0;
    for (const std::uint64_t seed : seeds) {
        const std::string failure = reeve::sim::Simulation(seed, trace).run();
        if (failure.empty()) continue;
        ++failed;
        ::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), failure.c_str());
    }
    ::printf("%zu seeds, %d failed\n", seeds.size(), failed);
    return failed == 0 ? 0 : 1;
}

int find_failure(const std::vector<std::uint64_t>& seeds) {
    for (const std::uint64_t seed : seeds) {
        ::printf("\nseed %llu: ", static_cast<unsigned long long>(seed));
        ::fflush(stdout);
        const std::string failure = reeve::sim::Simulation(seed, false).run();
        if (failure.empty()) continue;
        ::printf("%s\n", failure.c_str());
        return 1;
    }
    ::printf("\n%zu seeds, none failed\n", seeds.size());
    return 0;
}

std::vector<std::uint64_t> seeds_between(std::string_view range) {
    std::vector<std::uint64_t> seeds;
    const std::vector<std::string_view> ends = reeve::split(range, '-');
    if (ends.size() != 2) return seeds;
    const auto from = reeve::parse_integer(ends[0]);
    const auto to = reeve::parse_integer(ends[1]);
    if (!from.ok() || !to.ok()) return seeds;
    for (std::int64_t seed = *from; seed <= *to; ++seed) {
        seeds.push_back(static_cast<std::uint64_t>(seed));
    }
    return seeds;
}

std::vector<std::uint64_t> seeds_in_file(const std::string& path) {
    std::vector<std::uint64_t> seeds;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const auto seed = reeve::parse_integer(reeve::split(line, ' ')[0]);
        if (seed.ok()) seeds.push_back(static_cast<std::uint64_t>(*seed));
    }
    return seeds;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 2 && arguments[0] == "--seed") {
        const auto seed = reeve::parse_integer(arguments[1]);
        if (seed.ok()) return run_seeds({static_cast<std::uint64_t>(*seed)}, true);
    }
    if (arguments.size() == 2 && arguments[0] == "--seeds") {
        const std::vector<std::uint64_t> seeds = seeds_between(arguments[1]);
        if (!seeds.empty()) return run_seeds(seeds, false);
    }
    if (arguments.size() == 2 && arguments[0] == "--find") {
        const std::vector<std::uint64_t> seeds = seeds_between(arguments[1]);
        if (!seeds.empty()) return find_failure(seeds);
    }
    if (arguments.size() == 2 && arguments[0] == "--file") {
        return run_seeds(seeds_in_file(arguments[1]), false);
    }
    if (arguments.size() == 2 && arguments[0] == "--replay") {
        const reeve::Result<void> replayed = reeve::sim::replay(arguments[1]);
        if (!replayed) ::fprintf(stderr, "sim_runner: %s\n", replayed.error().message.c_str());
        return replayed ? 0 : 1;
    }
    ::fprintf(stderr,
              "usage: sim_runner --seed N | --seeds FROM-TO | --find FROM-TO | --file FILE | "
              "--replay FILE\n");
    return 2;
}
