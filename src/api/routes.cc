#include "api/routes.h"

namespace reeve::api {
namespace {

constexpr Route kRoutes[] = {
    {"GET", "/v1/status", Access::View, Endpoint::Status, false},
    {"GET", "/v1/jobs", Access::View, Endpoint::Jobs, false},
    {"GET", "/v1/explain", Access::View, Endpoint::Explain, false},
    {"GET", "/v1/logs", Access::View, Endpoint::Logs, false},
    {"GET", "/v1/events", Access::View, Endpoint::Events, false},
    {"GET", "/v1/why", Access::View, Endpoint::Why, false},
    {"GET", "/v1/doctor", Access::View, Endpoint::Doctor, false},
    {"GET", "/v1/version", Access::View, Endpoint::Version, false},
    // Config vars are secrets: they are for those who may change them.
    {"GET", "/v1/store", Access::Deploy, Endpoint::Store, false},
    {"POST", "/v1/store", Access::Deploy, Endpoint::StoreChange, false},
    {"POST", "/v1/deploys", Access::Deploy, Endpoint::Deploy, false},
    {"POST", "/v1/plan", Access::Deploy, Endpoint::Plan, true},
    {"POST", "/v1/upgrade", Access::Admin, Endpoint::Upgrade, false},
    {"GET", "/v1/spec", Access::Deploy, Endpoint::Spec, false},
    {"GET", "/v1/proxy", Access::View, Endpoint::Proxy, false},
    {"POST", "/v1/proxy", Access::Deploy, Endpoint::ProxyChange, false},
    {"POST", "/v1/operations", Access::Operate, Endpoint::Operation, false},
    {"POST", "/v1/operations/load", Access::Operate, Endpoint::Operation, true},
};

}  // namespace

Result<const Route*> find_route(const HttpRequestHead& head) {
    bool path_known = false;
    for (const Route& route : kRoutes) {
        if (route.path != head.path) continue;
        if (route.method == head.method) return &route;
        path_known = true;
    }
    if (path_known) return Error{head.path + " is not asked for with " + head.method, 405};
    return Error{"there is nothing at " + head.path, 404};
}

}  // namespace reeve::api
