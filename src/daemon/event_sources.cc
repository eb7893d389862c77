#include "daemon/event_sources.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "drivers/boot_events.h"
#include "os/fd.h"

namespace reeve::daemon {
namespace {

constexpr std::size_t kMountinfoBytesMax = std::size_t{4} << 20;

std::vector<spec::NamedEvent> present_mounts() {
    const Result<std::string> text = os::read_file("/proc/self/mountinfo", kMountinfoBytesMax);
    return text.ok() ? drivers::mounted_events(*text) : std::vector<spec::NamedEvent>();
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

void EventSources::tell_boot() {
    if (std::exchange(boot_told_, true)) return;
    watch_network();
    std::vector<spec::NamedEvent> network;
    if (network_) network = network_->initial();
    sink_(core::EventSequence{drivers::boot_sequence(present_mounts(), network), "boot"});
}

void EventSources::await_files(const std::set<std::string>& files,
                               drivers::FileEvents::Present present) {
    if (files.empty()) {
        files_.reset();
        return;
    }
    if (!files_) {
        auto watched = drivers::FileEvents::create(loop_, [this](spec::NamedEvent event) {
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
    if (!std::exchange(boot_told_, true)) watch_network();
}

}  // namespace reeve::daemon
