#include "daemon/proxy.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "formats/nginx/site_template.h"
#include "os/fd.h"

namespace reeve::daemon {
namespace {

constexpr const char* kSystemConfigDir = "/etc/nginx/conf.d";
constexpr const char* kSystemPidFile = "/run/nginx.pid";
constexpr const char* kSystemLogDir = "/var/log/nginx";
constexpr const char* kTemplateName = "nginx.conf.sigil";
constexpr std::size_t kTemplateMax = std::size_t{256} * 1024;
constexpr rlim_t kOpenFilesMax = 65'536;

const std::string kNoNginx =
    "nginx is not installed: apps answer on their own ports only. Install it (apt-get install "
    "nginx-light), then: reeve proxy:build-config --all";

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

/// Whether nobody but root can have written it.
bool is_of_root(const struct stat& file) {
    return file.st_uid == 0 && (file.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> all;
    for (const std::string_view word : words(text))
        all.emplace_back(word);
    return all;
}

std::string own_main_file(const drivers::NginxPlace& place, const std::string& directory) {
    const std::string mime =
        exists("/etc/nginx/mime.types") ? "  include /etc/nginx/mime.types;\n" : std::string();
    std::string text = "# Written by reeve for an nginx of its own. Changes are overwritten.\n";
    text += "pid " + place.pid_file + ";\nerror_log stderr;\nworker_processes auto;\n" +
            "events {\n  worker_connections 4096;\n}\nhttp {\n" + mime +
            "  default_type application/octet-stream;\n  access_log off;\n" +
            "  server_names_hash_bucket_size 128;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text += "  " + std::string(kind) + "_temp_path " + directory + "/temp/" + kind + ";\n";
    return text + "  include " + place.config_dir + "/*.conf;\n}\n";
}

spec::App own_nginx(const drivers::NginxPlace& place, const std::string& directory, bool is_root) {
    spec::App app;
    app.name = kNginxApp;
    app.format = spec::Format::Native;
    app.source = place.main_file;
    app.directory = directory;
    spec::Service service;
    service.name = "nginx";
    service.command = spec::DirectCommand{
        {place.program, "-e", "stderr", "-c", place.main_file, "-g", "daemon off;"}};
    service.working_dir = directory;
    // To bind ports below 1024; its workers have a user of their own.
    if (is_root) service.credentials.user = "root";
    service.stop.steps = {{SIGQUIT, 5s}, {SIGTERM, 5s}};
    service.stop.scope = spec::SignalScope::Main;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const rlim_t soft = std::min(files.rlim_max, kOpenFilesMax);
    service.limits.push_back({RLIMIT_NOFILE, soft, files.rlim_max});
    app.services.push_back(std::move(service));
    return app;
}

/// Whether it is about to be ready again.
bool is_between_runs(const status::Instance& instance) {
    switch (instance.state) {
        case status::State::Starting:
        case status::State::Waiting:
        case status::State::Stopping:
        case status::State::Backoff:
            return true;
        case status::State::Running:
        case status::State::Stopped:
        case status::State::CrashLooping:
        case status::State::Failed:
        case status::State::Stuck:
            return false;
    }
    return false;
}

}  // namespace

Proxy::Proxy(Parts parts)
    : parts_(std::move(parts)),
      has_system_nginx_(parts_.paths.root.empty() && !parts_.paths.user_mode &&
                        exists(kSystemConfigDir) && !drivers::find_nginx_program().empty()) {}
Proxy::~Proxy() = default;

bool Proxy::is_enabled(const std::string& app) const {
    const std::string* enabled = parts_.store.find(app, "proxy/enabled");
    if (enabled == nullptr) return false;
    return *enabled == "true" || (*enabled == "auto" && has_system_nginx_);
}

void Proxy::note_change_of(const std::string& app) {
    cleared_.erase(app);
    note_change();
}

/// The system's nginx for root's reeve, where there is one; else one of our own.
Result<void> Proxy::make_driver() {
    drivers::NginxPlace place;
    place.program = drivers::find_nginx_program();
    if (place.program.empty()) return Error{kNoNginx};
    if (has_system_nginx_) {
        place.config_dir = kSystemConfigDir;
        place.file_prefix = "reeve-";
        place.pid_file = kSystemPidFile;
    } else {
        TRY(prepare_own_nginx(place));
    }
    driver_ = TRY(drivers::NginxDriver::create(
        {parts_.loop, std::move(place), [this] { start_own_nginx(); }, parts_.moved}));
    return {};
}

Result<void> Proxy::prepare_own_nginx(drivers::NginxPlace& place) const {
    const std::string directory = parts_.paths.state_dir + "/nginx";
    place.is_ours = true;
    place.config_dir = directory + "/apps";
    place.main_file = directory + "/nginx.conf";
    place.pid_file = parts_.paths.run_dir + "/nginx.pid";
    TRY(os::make_directories(place.config_dir, 0755));
    TRY(os::make_directories(directory + "/temp", 0755));
    TRY(os::make_directories(parts_.paths.log_dir + "/nginx", 0755));
    const std::string fresh = place.main_file + ".new";
    TRY(os::write_file(fresh, own_main_file(place, directory)));
    if (::rename(fresh.c_str(), place.main_file.c_str()) < 0) {
        return system_error("write " + place.main_file);
    }
    return {};
}

void Proxy::start_own_nginx() {
    const drivers::NginxPlace& place = driver_->place();
    const std::string directory = parts_.paths.state_dir + "/nginx";
    parts_.command(core::LoadApp{
        std::make_shared<const spec::App>(own_nginx(place, directory, !parts_.paths.user_mode)),
        true});
    parts_.command(core::Start{{spec::Target{kNginxApp, ""}}});
}

void Proxy::update(const core::Manager& manager) {
    note_refusals();
    const std::set<std::string> moved = std::exchange(moved_, {});
    if (!std::exchange(is_stale_, false)) {
        for (const std::string& app : moved) {
            if (driver_ && is_enabled(app) && !cleared_.contains(app)) update_app(manager, app);
        }
        return;
    }
    std::set<std::string> wanted;
    for (const std::string& app : parts_.store.names()) {
        if (is_enabled(app)) wanted.insert(app);
    }
    if (!driver_ && wanted.empty()) return;
    if (!driver_) {
        const Result<void> made = make_driver();
        problems_.erase(kNginxApp);
        if (!made) problems_[kNginxApp] = made.error().message;
        if (!made) return;
    }
    const bool has_files = !wanted.empty() && !driver_->apps().empty();
    if (has_files && driver_->place().is_ours && manager.find_app(kNginxApp) == nullptr) {
        start_own_nginx();
    }
    for (const std::string& app : driver_->apps()) {
        if (wanted.contains(app)) continue;
        forget(app);
        driver_->want(app, std::nullopt);
    }
    for (const std::string& app : wanted) {
        if (!cleared_.contains(app)) update_app(manager, app);
    }
}

void Proxy::forget(const std::string& app) {
    problems_.erase(app);
    wanted_.erase(app);
    refused_.erase(app);
    listed_.erase(app);
}

void Proxy::update_app(const core::Manager& manager, const std::string& app) {
    const formats::nginx::Site site = site_of(manager, app);
    const Result<std::string> text = config_text(manager, site);
    const auto refused = refused_.find(app);
    const bool is_refused = text && refused != refused_.end() && refused->second == *text;
    if (text && !is_refused) {
        problems_.erase(app);
        refused_.erase(app);
        wanted_[app] = *text;
        driver_->want(app, *text);
        return;
    }
    if (!text) problems_[app] = text.error().message;
    log::error("app=" + app + " reason=\"" + problems_[app] + "\"");
    keep_serving(app, site);
}

/// What is in force goes on, with the instances of now.
void Proxy::keep_serving(const std::string& app, const formats::nginx::Site& site) {
    const std::string* now = driver_->in_force(app);
    const auto web = site.listeners.find("web");
    if (now == nullptr || web == site.listeners.end() || site.listeners.size() != 1) return;
    driver_->want(app, formats::nginx::with_listeners(*now, web->second));
}

/// What nginx has refused is not asked of it again until it is another.
void Proxy::note_refusals() {
    if (!driver_) return;
    for (const auto& [app, problem] : driver_->problems()) {
        const auto wanted = wanted_.find(app);
        if (wanted == wanted_.end()) continue;
        problems_[app] = problem;
        refused_[app] = wanted->second;
        moved_.insert(app);
        wanted_.erase(wanted);
    }
}

bool Proxy::has_let_go(const std::string& app) const {
    if (!driver_ || !is_enabled(app)) return true;
    return !is_stale_ && moved_.empty() && driver_->is_drained() &&
           !driver_->problems().contains(app);
}

formats::nginx::Site Proxy::site_of(const core::Manager& manager, const std::string& app) {
    const AppStore& store = parts_.store;
    formats::nginx::Site site;
    site.app = app;
    const std::string* domains = store.find(app, "domains/vhosts");
    if (domains != nullptr) site.domains = words_of(*domains);
    if (domains == nullptr) {
        const std::string* global = store.find(std::string(api::kGlobalApp), "domains/vhosts");
        for (const std::string& domain : words_of(global == nullptr ? "" : *global))
            site.domains.push_back(app + "." + domain);
    }
    if (site.domains.empty()) site.domains.push_back(app);
    const std::string* enabled = store.find(app, "domains/enabled");
    site.any_name = enabled != nullptr && *enabled == "false";
    const auto maps = spec::parse_port_maps(words_of(store.effective(app, "ports/map", "")));
    if (maps) site.ports = *maps;
    if (site.ports.empty()) {
        const auto port = parse_integer(
            store.effective(app, "proxy/proxy-port", std::to_string(spec::kDefaultHostPort)));
        site.ports.push_back({"http", port ? static_cast<int>(*port) : spec::kDefaultHostPort,
                              spec::kDefaultContainerPort});
    }
    take_listeners(manager, site);
    take_settings(site);
    return site;
}

/// Whether it stood in an upstream so far; after a start of reeved, what is in force says so.
bool Proxy::was_listed(const status::Instance& instance, int first_port) const {
    const auto listed = listed_.find(instance.name.app);
    if (listed != listed_.end()) return listed->second.contains(spec::to_text(instance.name));
    const std::string* now = driver_->in_force(instance.name.app);
    return now != nullptr && now->find(':' + std::to_string(first_port) + ' ') != std::string::npos;
}

/// Those that are ready. One that was so, and restarts or crashed, keeps its place: nginx asks the
/// others meanwhile, and need not be told. What is on its way out, or of a release that is not
/// switched to yet, gets no requests.
void Proxy::take_listeners(const core::Manager& manager, formats::nginx::Site& site) {
    const std::shared_ptr<const spec::App> app = manager.find_app(site.app);
    if (app == nullptr) return;
    std::map<std::string, std::uint32_t> wanted;
    for (const status::App& seen : manager.apps()) {
        if (seen.name != site.app) continue;
        for (const status::App::Formation& type : seen.formation)
            wanted[type.service] = type.wanted;
    }
    std::set<std::string> listed;
    manager.visit_instances({spec::Target{site.app, ""}}, [&](const status::Instance& one) {
        const spec::Service* service = spec::find_service(*app, one.name.service);
        if (service == nullptr || !service->wants_port) return;
        if (one.name.index > wanted[one.name.service]) return;
        const auto pair = parts_.ports.pair_of(one.name, one.port_slot);
        if (!pair) return;
        const bool stays = is_between_runs(one) && was_listed(one, pair->first);
        const bool gets_requests =
            one.goal != status::Goal::Down && !one.held && (one.ready || stays);
        if (!gets_requests) return;
        listed.insert(spec::to_text(one.name));
        site.listeners[one.name.service].push_back({pair->first, pair->second});
    });
    listed_[site.app] = std::move(listed);
}

void Proxy::take_settings(formats::nginx::Site& site) const {
    const AppStore& store = parts_.store;
    for (const std::string& name : formats::nginx::setting_names()) {
        const std::string value = store.effective(site.app, "nginx/" + name, "");
        if (!value.empty()) site.settings[name] = value;
    }
    const bool is_ours = driver_->place().is_ours;
    const std::string logs = is_ours ? parts_.paths.log_dir + "/nginx" : kSystemLogDir;
    const std::string access = is_ours ? "off" : logs + "/" + site.app + "-access.log";
    site.access_log = store.effective(site.app, "nginx/access-log-path", access);
    site.error_log =
        store.effective(site.app, "nginx/error-log-path", logs + "/" + site.app + "-error.log");
    site.address_ipv4 = store.effective(site.app, "nginx/bind-address-ipv4", "");
    const char* otherwise = exists("/proc/net/if_inet6") ? "" : "none";
    site.address_ipv6 = store.effective(site.app, "nginx/bind-address-ipv6", otherwise);
}

Result<std::string> Proxy::config_text(const core::Manager& manager,
                                       const formats::nginx::Site& site) const {
    const std::optional<std::string> custom = TRY(custom_template(manager, site.app));
    if (!custom || !site.listeners.contains("web")) return formats::nginx::config_of(site);
    auto text =
        formats::nginx::config_of_template(site, *custom, parts_.paths.state_dir + "/nginx");
    if (!text) return Error{std::string(kTemplateName) + ": " + text.error().message};
    return text;
}

/// What is in it is read by nginx, whose master may be root: it is taken where root alone can have
/// written it, where nginx is not root's, or where an operator said so.
Result<std::optional<std::string>> Proxy::custom_template(const core::Manager& manager,
                                                          const std::string& app) const {
    const std::optional<std::string> none;
    const std::shared_ptr<const spec::App> spec = manager.find_app(app);
    const std::string disabled = parts_.store.effective(app, "nginx/disable-custom-config", "");
    if (spec == nullptr || spec->directory.empty() || disabled == "true") return none;
    const std::string name =
        parts_.store.effective(app, "nginx/nginx-conf-sigil-path", kTemplateName);
    const std::string path = spec->directory + "/" + name;
    if (!exists(path)) return none;
    const os::UniqueFd file = TRY(os::open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    struct stat found {};
    struct stat directory {};
    if (::fstat(file.get(), &found) < 0) return system_error("look at " + path);
    if (::stat(spec->directory.c_str(), &directory) < 0) return system_error("look at " + path);
    if (!S_ISREG(found.st_mode)) return Error{path + " is no file"};
    const bool safe = parts_.paths.user_mode || (is_of_root(found) && is_of_root(directory));
    if (!safe && disabled != "false") {
        return Error{path +
                     " is not used: whoever can write it would have root's rights. To use it all "
                     "the same: reeve nginx:set " +
                     app + " disable-custom-config false"};
    }
    return std::optional<std::string>(
        TRY(os::read_file("/proc/self/fd/" + std::to_string(file.get()), kTemplateMax)));
}

void Proxy::build(const core::Manager& manager, const std::string& app,
                  drivers::NginxDriver::Answer answer) {
    cleared_.erase(app);
    refused_.erase(app);
    if (!is_enabled(app)) return answer({});
    note_change();
    if (driver_) driver_->read_again(app);
    update(manager);
    const auto problem = problems_.find(driver_ ? app : std::string(kNginxApp));
    if (problem != problems_.end()) return answer(Error{problem->second});
    driver_->when_settled(app, std::move(answer));
}

void Proxy::clear(const std::string& app, drivers::NginxDriver::Answer answer) {
    if (!driver_) return answer({});
    cleared_.insert(app);
    driver_->want(app, std::nullopt);
    driver_->when_settled(app, std::move(answer));
}

const std::string* Proxy::config_of(const std::string& app) const {
    return driver_ ? driver_->in_force(app) : nullptr;
}

std::string Proxy::path_of(const std::string& app) const {
    return driver_ ? driver_->path_of(app) : "";
}

std::string Proxy::problem_of(const std::string& app) const {
    const std::map<std::string, std::string> all = problems();
    const auto found = all.find(app);
    return found == all.end() ? "" : found->second;
}

std::map<std::string, std::string> Proxy::problems() const {
    std::map<std::string, std::string> all = problems_;
    if (driver_) all.insert(driver_->problems().begin(), driver_->problems().end());
    return all;
}

}  // namespace reeve::daemon
