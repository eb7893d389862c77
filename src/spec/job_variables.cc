#include "spec/job_variables.h"

namespace reeve::spec {

std::string variable_prefix(const App& app) {
    return app.format == Format::Upstart ? "UPSTART_" : "REEVE_";
}

}  // namespace reeve::spec
