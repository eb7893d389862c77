#include "spec/app.h"

#include <cstddef>

namespace reeve::spec {

const Service* find_service(const App& app, std::string_view name) {
    // Callers mostly go through the services in order, and ask for one several times: with a
    // thousand of them, to begin anew each time would be a good part of a load.
    static thread_local std::size_t begin = 0;
    const std::size_t count = app.services.size();
    for (std::size_t looked_at = 0; looked_at < count; ++looked_at) {
        const std::size_t at = (begin + looked_at) % count;
        if (app.services[at].name != name) continue;
        begin = at;
        return &app.services[at];
    }
    return nullptr;
}

}  // namespace reeve::spec
