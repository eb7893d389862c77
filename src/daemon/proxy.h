#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "core/event.h"
#include "core/manager.h"
#include "daemon/app_store.h"
#include "drivers/nginx_driver.h"
#include "drivers/port_book.h"
#include "formats/nginx/site.h"
#include "os/paths.h"

namespace reeve::daemon {

/// The app that runs reeve's own nginx, where the system's is not used.
inline constexpr const char* kNginxApp = "reeve-nginx";

/// Keeps nginx in step with the apps that stand behind it: whenever their instances, ports,
/// domains or properties change, it works out what nginx has to know and hands it to the driver.
class Proxy {
public:
    struct Parts {
        event_base* loop = nullptr;
        const os::Paths& paths;
        const AppStore& store;
        drivers::PortBook& ports;
        std::function<void(core::CommandKind)> command;  // of the daemon itself
        std::function<void()> moved;  // nginx has taken, or refused, what was wanted of it
    };
    explicit Proxy(Parts parts);
    ~Proxy();

    /// Something that nginx may have to know has changed.
    void note_change() { is_stale_ = true; }

    /// An instance of the app has moved.
    void note_move(const std::string& app) { moved_.insert(app); }

    /// The app's instances are others now: what was cleared is written again.
    void note_change_of(const std::string& app);

    /// Looks at everything anew if something has changed.
    void update(const core::Manager& manager);

    /// Writes the app's configuration although nothing changed, or again after `clear`; answers
    /// when it is in force.
    void build(const core::Manager& manager, const std::string& app,
               drivers::NginxDriver::Answer answer);
    /// Takes the app's configuration away until the next `build` or change.
    void clear(const std::string& app, drivers::NginxDriver::Answer answer);

    /// What is in force for an app, or nullptr.
    const std::string* config_of(const std::string& app) const;
    std::string path_of(const std::string& app) const;

    /// Why an app is not served as it should be; empty: it is.
    std::string problem_of(const std::string& app) const;
    /// One line for each problem of any app.
    std::map<std::string, std::string> problems() const;

    /// Whether an app stands behind nginx: those that were created do where the system has one,
    /// others when an operator has said so.
    bool is_enabled(const std::string& app) const;

    /// Whether nothing is sent any more to what the app has replaced or taken away.
    bool has_let_go(const std::string& app) const;

private:
    Result<void> make_driver();
    Result<void> prepare_own_nginx(drivers::NginxPlace& place) const;
    void start_own_nginx();
    formats::nginx::Site site_of(const core::Manager& manager, const std::string& app);
    void take_listeners(const core::Manager& manager, formats::nginx::Site& site);
    bool was_listed(const status::Instance& instance, int first_port) const;
    void note_refusals();
    void take_settings(formats::nginx::Site& site) const;
    Result<std::string> config_text(const core::Manager& manager,
                                    const formats::nginx::Site& site) const;
    Result<std::optional<std::string>> custom_template(const core::Manager& manager,
                                                       const std::string& app) const;
    void update_app(const core::Manager& manager, const std::string& app);
    void forget(const std::string& app);
    void keep_serving(const std::string& app, const formats::nginx::Site& site);

    Parts parts_;
    bool has_system_nginx_;
    std::unique_ptr<drivers::NginxDriver> driver_;
    bool is_stale_ = true;
    std::set<std::string> moved_;                  // apps of which an instance has moved
    std::map<std::string, std::string> problems_;  // of what could not be rendered, or was refused
    std::map<std::string, std::string> wanted_;    // the configuration that was wanted last
    std::map<std::string, std::string> refused_;   // the one that nginx would not take
    /// The instances that stand in the upstreams of each app.
    std::map<std::string, std::set<std::string>> listed_;
    std::set<std::string> cleared_;
};

}  // namespace reeve::daemon
