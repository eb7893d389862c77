#include "daemon/event_sources.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "drivers/boot_events.h"

namespace reeve::daemon {
namespace {

void add_files(const std::optional<spec::EventExpr>& expr, std::set<std::string>& files) {
    if (!expr) return;
    for (const spec::EventNode& node : expr->nodes) {
        const auto* leaf = std::get_if<spec::EventMatch>(&node);
        if (leaf == nullptr || leaf->name != "file") continue;
        for (const spec::EventArgument& argument : leaf->arguments) {
            if (argument.key == "FILE" && !argument.negated) files.insert(argument.pattern);
        }
    }
}

}  // namespace

bool brings_jobs(const core::Event& event) {
    const spec::App* app = nullptr;
    if (const auto* restored = std::get_if<core::RestoreApp>(&event)) app = restored->app.get();
    if (const auto* command = std::get_if<core::Command>(&event)) {
        const auto* load = std::get_if<core::LoadApp>(&command->kind);
        if (load != nullptr && load->start) app = load->app.get();
    }
    return app != nullptr &&
           std::any_of(app->services.begin(), app->services.end(),
                       [](const spec::Service& service) { return service.job.has_value(); });
}

std::set<std::string> awaited_files(const std::vector<std::shared_ptr<const spec::App>>& apps) {
    std::set<std::string> files;
    for (const std::shared_ptr<const spec::App>& app : apps) {
        for (const spec::Service& service : app->services) {
            if (!service.job) continue;
            add_files(service.job->start_on, files);
            add_files(service.job->stop_on, files);
        }
    }
    return files;
}

std::set<drivers::SocketAddress> awaited_sockets(
    const std::vector<std::shared_ptr<const spec::App>>& apps) {
    std::set<drivers::SocketAddress> sockets;
    for (const std::shared_ptr<const spec::App>& app : apps) {
        for (const spec::Service& service : app->services) {
            for (drivers::SocketAddress& socket : drivers::sockets_of(service))
                sockets.insert(std::move(socket));
        }
    }
    return sockets;
}

EventSources::EventSources(event_base* loop, drivers::EventSink sink)
    : loop_(loop), sink_(std::move(sink)) {}

void EventSources::watch_network() {
    auto network = drivers::NetworkEvents::create(loop_, [this](spec::NamedEvent event) {
        sink_(core::Happened{std::move(event), "network"});
    });
    if (network.ok()) {
        network_.emplace(std::move(*network));
    } else {
        log::warning("reason=\"no events of network devices: " + network.error().message + "\"");
    }
}

void EventSources::watch_mounts() {
    auto mounts = drivers::MountEvents::create(loop_, [this](spec::NamedEvent event) {
        sink_(core::Happened{std::move(event), "mounts"});
    });
    if (mounts.ok()) {
        mounts_.emplace(std::move(*mounts));
    } else {
        log::warning("reason=\"no events of mounts: " + mounts.error().message + "\"");
    }
}

void EventSources::tell_boot() {
    if (std::exchange(boot_told_, true)) return;
    watch_network();
    watch_mounts();
    std::vector<spec::NamedEvent> network;
    if (network_) network = network_->initial();
    std::vector<spec::NamedEvent> mounts;
    if (mounts_) mounts = mounts_->initial();
    sink_(core::EventSequence{drivers::boot_sequence(mounts, network), "boot"});
}

void EventSources::await_files(const std::set<std::string>& files,
                               drivers::FileEvents::Present present) {
    if (files.empty()) {
        files_.reset();
        return;
    }
    if (!files_) {
        auto watched = drivers::FileEvents::create(
            loop_, drivers::FileEvents::Permissions::Untold, [this](spec::NamedEvent event) {
                sink_(core::Happened{std::move(event), "files"});
            });
        if (!watched.ok()) {
            log::warning("reason=\"no events of files: " + watched.error().message + "\"");
            return;
        }
        files_.emplace(std::move(*watched));
    }
    files_->watch(files, present);
}

void EventSources::skip_boot() {
    if (std::exchange(boot_told_, true)) return;
    watch_network();
    watch_mounts();
}

}  // namespace reeve::daemon
