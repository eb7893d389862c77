#pragma once

#include <optional>
#include <string>

#include "spec/app.h"

namespace reeve::core {

/// A need that is not met.
struct MissingNeed {
    std::string text;      // `needs db, which is stopped`
    bool in_vain = false;  // nothing is under way that would meet it
};

/// What an instance asks before it starts; answered by the manager.
class NeedsView {
public:
    virtual ~NeedsView() = default;

    /// The first need of a service of `app` that is not met, or nullopt.
    virtual std::optional<MissingNeed> missing(const spec::App& app,
                                               const spec::Service& service) const = 0;
};

}  // namespace reeve::core
