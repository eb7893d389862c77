#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/backend.h"
#include "base/result.h"

// What is asked about the proxy in front of an app, and of it.
namespace reeve::api {

/// How an app stands behind its proxy.
struct ProxyView {
    bool enabled = false;
    std::string path;     // of its configuration; empty: there is no nginx
    std::string config;   // what is in force; empty: nothing
    std::string problem;  // why it is not as it should be; empty: it is
    friend bool operator==(const ProxyView&, const ProxyView&) = default;
};

enum class ProxyAct {
    Build,  // write the configuration anew, and answer when it is in force
    Clear   // take it away until the next build or deploy
};

std::string_view to_text(ProxyAct act);
std::optional<ProxyAct> proxy_act_from_text(std::string_view text);

/// What a Backend is as well that stands before a proxy.
class ProxyBackend {
public:
    virtual ~ProxyBackend() = default;

    /// The spec that an app runs from, as JSON; empty: no such app.
    virtual std::string spec_json(const std::string& app) const = 0;

    /// How an app stands behind its proxy.
    virtual ProxyView proxy(const std::string& app) const = 0;

    /// `answer` is called when nginx has what was asked for, or with its objection.
    virtual void change_proxy(const std::string& app, ProxyAct act, OperationAnswer answer) = 0;
};

std::string to_json(const ProxyView& view);

/// Reads what `to_json` wrote.
Result<ProxyView> proxy_view_from_json(std::string_view text);

}  // namespace reeve::api
