#include "spec/changes.h"

#include <map>
#include <string_view>

#include "spec/json_fields.h"

namespace reeve::spec {
namespace {

// Visited with the one value, it remembers where the fields are; a visit of the other compares.
class Comparison {
public:
    template <typename T>
    void required(std::string_view name, const T& value) {
        field(name, value);
    }

    template <typename T>
    void field(std::string_view name, const T& value) {
        if (!comparing_) {
            before_[name] = &value;
        } else if (!(*static_cast<const T*>(before_.at(name)) == value)) {
            changed_.emplace_back(name);
        }
    }

    void begin_comparing() { comparing_ = true; }
    std::vector<std::string> take() { return std::move(changed_); }

private:
    bool comparing_ = false;
    std::map<std::string_view, const void*> before_;
    std::vector<std::string> changed_;
};

template <typename T>
std::vector<std::string> compare(const T& before, const T& after) {
    Comparison comparison;
    json::visit_fields(comparison, before);
    comparison.begin_comparing();
    json::visit_fields(comparison, after);
    return comparison.take();
}

}  // namespace

std::vector<std::string> changed_fields(const Service& before, const Service& after) {
    return compare(before, after);
}

std::vector<std::string> changed_fields(const App& before, const App& after) {
    std::vector<std::string> changed = compare(before, after);
    std::erase(changed, "services");
    return changed;
}

}  // namespace reeve::spec
