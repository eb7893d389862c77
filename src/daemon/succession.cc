#include "daemon/succession.h"

#include <limits.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "os/fd.h"

namespace reeve::daemon {
namespace {

std::string keeper_path() {
    char path[PATH_MAX];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    const std::string whole(path, size > 0 ? static_cast<std::size_t>(size) : 0);
    return whole.substr(0, whole.rfind('/')) + "/reeve-keeper";
}

}  // namespace

void become_keeper(const Inheritance& inheritance) {
    ByteWriter list;
    std::size_t valid = 0;
    for (const auto& [name, fd] : inheritance)
        valid += fd >= 0 ? 1 : 0;
    list.number(valid);
    for (const auto& [name, fd] : inheritance) {
        if (fd < 0) continue;
        list.text(name);
        list.signed_number(fd);
        (void)os::set_close_on_exec(fd, false);  // fcntl on an open descriptor
    }
    const Result<os::UniqueFd> file = os::make_memory_file("reeve-inheritance");
    if (file && ::write(file->get(), list.bytes().data(), list.bytes().size()) >= 0) {
        (void)os::set_close_on_exec(file->get(), false);  // likewise
        const std::string number = std::to_string(file->get());
        ::execl(keeper_path().c_str(), "reeve-keeper", "--inherit", number.c_str(),
                static_cast<char*>(nullptr));
    }
    log::error("reason=\"" + system_error("become the keeper").message + "\"");
    ::_exit(1);
}

}  // namespace reeve::daemon
