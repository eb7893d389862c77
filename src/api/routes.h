#pragma once

#include <string_view>

#include "api/backend.h"
#include "api/http.h"
#include "base/result.h"

namespace reeve::api {

/// What can be asked for.
enum class Endpoint {
    Status,
    Jobs,
    Explain,
    Logs,
    Events,
    Why,
    Doctor,
    Version,
    Operation,
    Store,
    StoreChange,
    Deploy,
    Plan,
    Upgrade,
    Spec,
    Proxy,
    ProxyChange
};

/// One call of the API.
struct Route {
    std::string_view method;
    std::string_view path;
    Access access;
    Endpoint endpoint;
    bool large_body;  // carries a whole app
};

/// The route of a request; the error's code is the HTTP status to answer with.
Result<const Route*> find_route(const HttpRequestHead& head);

}  // namespace reeve::api
