#include "spec/app.h"

#include <algorithm>

namespace reeve::spec {

const Service* find_service(const App& app, std::string_view name) {
    const auto found =
        std::find_if(app.services.begin(), app.services.end(),
                     [name](const Service& service) { return service.name == name; });
    return found == app.services.end() ? nullptr : &*found;
}

}  // namespace reeve::spec
