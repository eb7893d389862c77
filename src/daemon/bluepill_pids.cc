#include "daemon/bluepill_pids.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "os/fd.h"
#include "os/pid_file.h"

namespace reeve::daemon {
namespace {

/// Where the file of an app is; empty where the app is none of Bluepill's.
std::string place_of(const spec::App& app) {
    const auto base = app.environment.find("BLUEPILL_BASE_DIR");
    if (app.format != spec::Format::Bluepill || base == app.environment.end()) return "";
    if (!base->second.starts_with('/')) return "";
    std::string name = app.name;
    std::replace(name.begin(), name.end(), '/', '_');
    return base->second + "/pids/" + name + ".pid";
}

/// The directory is the pill's own choice: in one of somebody else's this is not reeve's to write.
Result<void> check_directory(const std::string& path) {
    TRY(os::make_directories(path, 0755));
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return system_error("look at " + path);
    if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & 022U) != 0)
        return Error{"others may write to " + path + ", or own it"};
    return {};
}

Result<void> write_pid(const std::string& path) {
    TRY(check_directory(path.substr(0, path.rfind('/'))));
    return os::write_pid_file(path, ::getpid(), {::geteuid(), ::getegid()});
}

}  // namespace

BluepillPids::~BluepillPids() {
    for (const auto& [app, path] : files_)
        os::remove_pid_file(path, ::getpid());
}

void BluepillPids::note_app(const std::string& app, const spec::App* definition, bool wanted) {
    const std::string path =
        wanted && definition != nullptr ? place_of(*definition) : std::string();
    const auto known = files_.find(app);
    if (known != files_.end() && known->second != path) {
        os::remove_pid_file(known->second, ::getpid());
        files_.erase(known);
    }
    if (path.empty()) return;
    const Result<void> written = write_pid(path);
    if (written) {
        files_[app] = path;
    } else {
        log::warning("app=" + app + " reason=\"" + path +
                     " is not written: " + written.error().message + "\"");
    }
}

}  // namespace reeve::daemon
