#include "drivers/tls.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

namespace reeve::drivers {
namespace {

std::string module_path() {
    char path[PATH_MAX];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    const std::string program(path, size > 0 ? static_cast<std::size_t>(size) : 0);
    return program.substr(0, program.rfind('/')) + "/../lib/reeve/reeve-tls.so";
}

Result<Tls> load() {
    void* module = ::dlopen(module_path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return Error{std::string("TLS is missing: ") + ::dlerror()};
    Tls tls;
    tls.connection =
        reinterpret_cast<decltype(tls.connection)>(::dlsym(module, "reeve_tls_connection"));
    tls.problem = reinterpret_cast<decltype(tls.problem)>(::dlsym(module, "reeve_tls_problem"));
    if (tls.connection != nullptr && tls.problem != nullptr) return tls;
    return Error{"TLS is missing: " + module_path() + " is of another version"};
}

}  // namespace

const Result<Tls>& load_tls() {
    static const Result<Tls> loaded = load();
    return loaded;
}

}  // namespace reeve::drivers
