#include "drivers/tls.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

namespace reeve::drivers {
namespace {

std::string module_path() {
    char path[PATH_MAX];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    const std::string program(path, size > 0 ? static_cast<std::size_t>(size) : 0);
    return program.substr(0, program.rfind('/')) + "/../lib/reeve/reeve-tls.so";
}

/// The version of the libevent that the module brings with libevent_openssl: dlsym looks through
/// what the module needs, and not into this program.
const char* systems_libevent(void* module) {
    using GetVersion = decltype(&::event_get_version);
    const auto get_version = reinterpret_cast<GetVersion>(::dlsym(module, "event_get_version"));
    return get_version == nullptr ? nullptr : get_version();
}

Result<Tls> load() {
    void* module = ::dlopen(module_path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return Error{std::string("TLS is missing: ") + ::dlerror()};
    TRY(check_libevent(::event_get_version(), systems_libevent(module)));
    Tls tls;
    tls.connection =
        reinterpret_cast<decltype(tls.connection)>(::dlsym(module, "reeve_tls_connection"));
    tls.problem = reinterpret_cast<decltype(tls.problem)>(::dlsym(module, "reeve_tls_problem"));
    if (tls.connection != nullptr && tls.problem != nullptr) return tls;
    return Error{"TLS is missing: " + module_path() + " is of another version"};
}

}  // namespace

Result<void> check_libevent(const char* own, const char* systems) {
    if (systems != nullptr && ::strcmp(own, systems) == 0) return {};
    return Error{std::string("TLS is refused: the system's libevent is ") +
                 (systems == nullptr ? "of an unknown version" : systems) + ", the one in reeved " +
                 own + ": build reeve anew"};
}

const Result<Tls>& load_tls() {
    static const Result<Tls> loaded = load();
    return loaded;
}

}  // namespace reeve::drivers
