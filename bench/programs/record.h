// What the measured children and their observers share: the record that a child writes first.
#pragma once

#include <stdint.h>
#include <time.h>

/// One start of a child, appended to the stamp file (`Record` in bench/measure.py).
struct record {
    uint32_t id;
    uint32_t pid;
    uint64_t monotonic_ns;  // read by the child's first instruction of its own
};

static inline uint64_t to_ns(struct timespec time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline uint64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return to_ns(now);
}
