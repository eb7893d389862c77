#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

namespace reeve {

void check_failed(const char* claim, const char* file, int line) {
    ::fprintf(stderr, "reeve: %s:%d: this must hold and does not: %s\n", file, line, claim);
    ::abort();
}

}  // namespace reeve
