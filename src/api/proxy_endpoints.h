#pragma once

#include <string>

#include "api/endpoints.h"
#include "api/http.h"
#include "api/proxy_request.h"

// What the calls about the proxy and about specs answer; as api/endpoints.h.
namespace reeve::api {

Response answer_spec(const ProxyBackend& backend, const HttpRequestHead& head);
Response answer_proxy(const ProxyBackend& backend, const HttpRequestHead& head);

/// What a change of the proxy asks for.
struct ProxyQuery {
    std::string app;
    ProxyAct act = ProxyAct::Build;
};
Result<ProxyQuery> read_proxy_query(const HttpRequestHead& head);

}  // namespace reeve::api
