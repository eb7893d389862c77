#include <algorithm>

#include "base/log.h"
#include "daemon/backend.h"
#include "daemon/deploys.h"
#include "spec/one_off.h"

// What the API asks of the store of apps.
namespace reeve::daemon {
namespace {

api::Code code_of(const Error& error) {
    if (error.code == 404) return api::Code::NoSuchTarget;
    return error.code == 409 ? api::Code::Busy : api::Code::Invalid;
}

api::OperationReply refusal(api::Code code, const std::string& message) {
    api::OperationReply reply;
    reply.code = code;
    reply.message = message;
    return reply;
}

}  // namespace

std::vector<std::string> DaemonBackend::app_names() const {
    std::vector<std::string> names = daemon_.store_.names();
    for (const status::App& app : daemon_.manager_->apps()) {
        const auto spec = daemon_.manager_->find_app(app.name);
        if (spec == nullptr || !spec::is_one_off(*spec)) names.push_back(app.name);
    }
    std::erase(names, kNginxApp);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::optional<api::Records> DaemonBackend::records(const std::string& app) const {
    const bool known = app == api::kGlobalApp || daemon_.store_.exists(app) ||
                       daemon_.manager_->find_app(app) != nullptr;
    if (!known) return std::nullopt;
    return daemon_.store_.records(app);
}

void DaemonBackend::change_store(const api::StoreChange& change, const api::Peer& peer,
                                 api::OperationAnswer answer) {
    if (!daemon_.journal_) {
        return answer(refusal(api::Code::Busy, "reeve is in safe mode and changes nothing"));
    }
    if (!daemon_.intent_loaded_) {
        return answer(refusal(api::Code::Busy, "reeve is still reading what it remembers"));
    }
    api::StoreChange allowed = change;
    // An app that was loaded from files has properties, too.
    const bool loaded = daemon_.manager_->find_app(change.app) != nullptr;
    if (change.act == api::StoreAct::Change && loaded && !daemon_.store_.exists(change.app)) {
        allowed.act = api::StoreAct::Create;
    }
    const bool unmakes =
        change.act == api::StoreAct::Destroy || change.act == api::StoreAct::Rename;
    if (unmakes && daemon_.deploys_->is_locked(change.app)) {
        return answer(refusal(api::Code::Busy,
                              change.app + " currently has a deploy lock in place. Exiting..."));
    }
    const Result<void> applied = daemon_.store_.apply(allowed);
    if (!applied) return answer(refusal(code_of(applied.error()), applied.error().message));
    // The keys only: values may be secret.
    std::string keys;
    for (const api::StoreChange::Entry& entry : change.entries)
        keys += (keys.empty() ? "" : ",") + entry.key;
    log::info("app=" + change.app + " uid=" + std::to_string(peer.uid) + " keys=" + keys +
              " reason=\"" + change.command_line + "\"");
    if (change.act == api::StoreAct::Destroy) daemon_.deploys_->forget(change.app);
    daemon_.persist_store(std::move(answer));
    daemon_.update_proxy();
}

void DaemonBackend::deploy(const api::DeployRequest& request, const api::Peer& peer,
                           api::DeployListener listener) {
    daemon_.deploys_->begin(request, peer, std::move(listener));
}

}  // namespace reeve::daemon
