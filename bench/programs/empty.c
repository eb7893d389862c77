// empty: a program that does nothing; what its start costs is what every command costs at least.
#include "bare.h"

int bare_main(int argc, char** argv) {
    (void)argc;
    (void)argv;
    return 0;
}
