#include <memory>

#include "daemon/backend.h"
#include "spec/app.h"

// What the API asks about the proxy, and about specs.
namespace reeve::daemon {

std::string DaemonBackend::spec_json(const std::string& app) const {
    const std::shared_ptr<const spec::App> found = daemon_.manager_->find_app(app);
    return found == nullptr ? "" : spec::to_json(*found, spec::Fields::All) + "\n";
}

api::ProxyView DaemonBackend::proxy(const std::string& app) const {
    const Proxy& proxy = *daemon_.proxy_;
    api::ProxyView view;
    view.enabled = proxy.is_enabled(app);
    view.path = proxy.path_of(app);
    const std::string* config = proxy.config_of(app);
    if (config != nullptr) view.config = *config;
    view.problem = view.enabled ? proxy.problem_of(app) : "";
    return view;
}

void DaemonBackend::change_proxy(const std::string& app, api::ProxyAct act,
                                 api::OperationAnswer answer) {
    const auto told = [answer = std::move(answer)](const Result<void>& result) {
        api::OperationReply reply;
        if (!result) {
            reply.code = api::Code::Failed;
            reply.message = result.error().message;
        }
        answer(reply);
    };
    if (!daemon_.journal_) return told(Error{"reeve is in safe mode and changes nothing"});
    switch (act) {
        case api::ProxyAct::Build:
            daemon_.proxy_->build(*daemon_.manager_, app, told);
            return;
        case api::ProxyAct::Clear:
            daemon_.proxy_->clear(app, told);
            return;
    }
}

}  // namespace reeve::daemon
