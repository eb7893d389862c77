#include "spec/app.h"

#include <algorithm>

namespace reeve::spec {

const Service* find_service(const App& app, std::string_view name) {
    const auto& services = app.services;
    const auto in_order =
        std::lower_bound(services.begin(), services.end(), name,
                         [](const Service& one, std::string_view text) { return one.name < text; });
    if (in_order != services.end() && in_order->name == name) return &*in_order;
    // Where a file gave them in another order.
    const auto found = std::find_if(services.begin(), services.end(),
                                    [&](const Service& one) { return one.name == name; });
    return found == services.end() ? nullptr : &*found;
}

}  // namespace reeve::spec
