#include "base/result.h"

#include <errno.h>
#include <string.h>

namespace reeve {

Error system_error(const std::string& what) {
    return system_error(what, errno);
}

Error system_error(const std::string& what, int code) {
    return Error{what + ": " + ::strerror(code), code};
}

}  // namespace reeve
