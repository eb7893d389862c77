#include <stdio.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "fuzz/target.h"

// Runs a fuzz target without libFuzzer: every file below the given folders as it is, then changed
// and crossed ones, the same each time, some thousand of them or as many as kChangesCpuSeconds
// allow. usage: fuzz_replay NAME FOLDER…
namespace {

std::map<std::string_view, reeve::fuzz::TargetFunction>& targets() {
    static std::map<std::string_view, reeve::fuzz::TargetFunction> known;
    return known;
}

constexpr int kChangesPerFile = 300;
constexpr int kChangesInTurn = 10;  // each on top of the one before
constexpr int kChangesCpuSeconds = 5;

std::vector<std::string> read_corpus(int count, char** folders) {
    namespace fs = std::filesystem;
    std::vector<fs::path> paths;
    for (int i = 0; i < count; ++i) {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folders[i])) {
            if (entry.is_regular_file()) paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> corpus = {""};
    for (const fs::path& path : paths) {
        std::ifstream stream(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(stream),
                            std::istreambuf_iterator<char>());
    }
    return corpus;
}

void change(std::string& text, const std::vector<std::string>& corpus, reeve::Random& random) {
    constexpr char kInteresting[] = "\n\r\t #/\\\"'$:={}[],\0\xff\x80-09az";
    const std::size_t at = random.below(text.size() + 1);
    switch (random.below(5)) {
        case 0:
            text.insert(at, 1, kInteresting[random.below(sizeof kInteresting)]);
            break;
        case 1:
            text.erase(at, random.below(4) + 1);
            break;
        case 2:
            if (at < text.size()) text[at] = kInteresting[random.below(sizeof kInteresting)];
            break;
        case 3:
            text.insert(at, text.substr(random.below(text.size() + 1), random.below(64)));
            break;
        default: {
            const std::string& other = corpus[random.below(corpus.size())];
            text = text.substr(0, at) + other.substr(random.below(other.size() + 1));
        }
    }
}

}  // namespace

reeve::fuzz::Target::Target(std::string_view name, TargetFunction function) {
    targets()[name] = function;
}

int main(int argc, char** argv) {
    const auto target = targets().find(argc < 2 ? "" : argv[1]);
    if (target == targets().end()) {
        fputs("usage: fuzz_replay NAME FOLDER...\n", stderr);
        return 2;
    }
    const auto run = [&](const std::string& input) {
        target->second(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    };
    const std::vector<std::string> corpus = read_corpus(argc - 2, argv + 2);
    reeve::Random random(1);
    for (const std::string& file : corpus)
        run(file);
    std::size_t changes = 0;
    const clock_t end = clock() + kChangesCpuSeconds * CLOCKS_PER_SEC;
    // Some of each file, then more of each.
    for (int round = 0; round < kChangesPerFile / kChangesInTurn && clock() < end; ++round) {
        for (const std::string& file : corpus) {
            std::string input = file;
            for (int i = 0; i < kChangesInTurn; ++i, ++changes) {
                change(input, corpus, random);
                run(input);
            }
        }
    }
    printf("%zu files, %zu changes of them\n", corpus.size(), changes);
    return 0;
}
