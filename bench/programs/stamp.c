// stamp FILE ID (or FILE:ID, so that it can stand behind `#!` without a shell):
// the measured child. Its first act is to read the clock; then it appends a record and sleeps.
#include "bare.h"
#include "record.h"

static uint32_t number(const char* text) {
    uint32_t value = 0;
    while (*text >= '0' && *text <= '9')
        value = value * 10 + (uint32_t)(*text++ - '0');
    return value;
}

int bare_main(int argc, char** argv) {
    struct timespec now;
    system_call(kClockGettime, kMonotonic, (long)&now, 0);
    if (argc < 2) return 2;
    const char* id = argc > 2 ? argv[2] : "0";
    for (char* at = argv[1]; *at; ++at) {
        if (*at != ':') continue;
        *at = '\0';
        id = at + 1;
        break;
    }
    const struct record record = {number(id), (uint32_t)system_call(kGetpid, 0, 0, 0), to_ns(now)};
    const long file = system_call(kOpen, (long)argv[1], kAppendCreateCloexec, 0666);
    if (file < 0) return 3;
    system_call(kWrite, file, (long)&record, sizeof record);
    system_call(kClose, file, 0, 0);
    for (;;)
        system_call(kPause, 0, 0, 0);
}
