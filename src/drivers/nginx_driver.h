#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "drivers/loop.h"
#include "drivers/nginx_server.h"
#include "os/subprocess.h"

namespace reeve::drivers {

/// Brings nginx's configuration of each app to what is wanted: one file for each app, written
/// atomically, tested with `nginx -t`, then a reload. Where the test or the reload fails, the old
/// files come back, and the app is told why. Several changes at a time are one reload; where they
/// fail together, each is tried alone. Nothing waits: it is all events of the loop.
class NginxDriver {
public:
    using Answer = std::function<void(const Result<void>&)>;

    struct Parts {
        event_base* loop = nullptr;
        NginxPlace place;
        std::function<void()> start_server;  // called where it is ours and does not run
        std::function<void()> drained;       // no worker of an earlier configuration is left
    };
    /// Takes what lies in the directory for what is in force.
    static Result<std::unique_ptr<NginxDriver>> create(Parts parts);

    const NginxPlace& place() const { return parts_.place; }

    /// The app's configuration from now on; nullopt: none.
    void want(const std::string& app, std::optional<std::string> text);

    /// Looks at the app's file again: somebody else may have changed it.
    void read_again(const std::string& app);

    /// Calls back once what is wanted of the app is in force, or with why it is not.
    void when_settled(const std::string& app, Answer answer);

    /// The configuration that is in force, or nullptr.
    const std::string* in_force(const std::string& app) const;

    /// The apps that have a file.
    std::vector<std::string> apps() const;

    /// Whether everything wanted is in force, and no worker knows anything older.
    bool is_drained() const;

    /// What is wrong with apps whose configuration was refused.
    const std::map<std::string, std::string>& problems() const { return problems_; }

    /// Where the app's file is.
    std::string path_of(const std::string& app) const;

private:
    using Text = std::optional<std::string>;
    using Batch = std::map<std::string, Text>;

    explicit NginxDriver(Parts parts) : parts_(std::move(parts)), server_(parts_.place.pid_file) {}
    void read_directory();
    void go_on();
    void begin(Batch batch);
    Result<void> put(const std::string& app, const Text& text) const;
    void put_back() const;
    void test();
    void test_ended();
    void reload();
    void look();
    void look_for_new_workers();
    void look_for_old_workers();
    void finish();
    void refuse(const std::string& why);
    void answer(const std::string& app, const Result<void>& result);
    std::string last_error_line() const;

    Parts parts_;
    NginxServer server_;
    std::map<std::string, std::string> in_force_;
    Batch wanted_;                         // not begun yet
    Batch batch_;                          // being brought into force
    std::vector<Batch> singly_;            // failed together
    std::map<std::string, Text> refused_;  // not tried again until it changes
    std::map<std::string, std::string> problems_;
    std::map<std::string, std::vector<Answer>> waiting_;
    std::optional<os::Subprocess> tester_;
    Watch test_output_;
    Watch test_end_;
    std::set<pid_t> before_;  // workers before the reload
    Deadline reloaded_by_;
    std::map<pid_t, std::uint64_t> old_workers_;  // with their start times
    std::unique_ptr<Alarm> alarm_;
};

}  // namespace reeve::drivers
