#include "spec/need.h"

#include <algorithm>
#include <cstddef>
#include <set>

namespace reeve::spec {

std::string to_text(const Need& need) {
    if (need.app.empty()) return need.service;
    return need.service.empty() ? need.app : need.app + "/" + need.service;
}

namespace {

/// A walk in depth with a stack of its own: graphs are as deep as people make them.
struct Visit {
    std::string name;
    std::size_t next = 0;  // of its needs
};

std::string text_of(const std::vector<Visit>& path, const std::string& again) {
    const auto begin = std::find_if(path.begin(), path.end(),
                                    [&](const Visit& visit) { return visit.name == again; });
    std::string text;
    for (auto visit = begin; visit != path.end(); ++visit)
        text += visit->name + " needs ";
    return text + again;
}

std::string find_cycle_from(const NeedGraph& graph, const std::string& start,
                            std::set<std::string>& done) {
    std::vector<Visit> path;
    std::set<std::string> on_path;
    const auto enter = [&](const std::string& name) {
        if (done.contains(name)) return;
        path.push_back(Visit{name});
        on_path.insert(name);
    };
    enter(start);
    while (!path.empty()) {
        Visit& visit = path.back();
        const auto needs = graph.find(visit.name);
        if (needs == graph.end() || visit.next == needs->second.size()) {
            done.insert(visit.name);
            on_path.erase(visit.name);
            path.pop_back();
            continue;
        }
        const std::string& need = needs->second[visit.next++];
        if (on_path.contains(need)) return text_of(path, need);
        enter(need);
    }
    return "";
}

}  // namespace

std::string find_cycle(const NeedGraph& graph) {
    std::set<std::string> done;
    for (const auto& [name, needs] : graph) {
        const std::string cycle = find_cycle_from(graph, name, done);
        if (!cycle.empty()) return cycle;
    }
    return "";
}

}  // namespace reeve::spec
