#pragma once

#include <cstdint>

namespace reeve {

/// A seeded stream of numbers (splitmix64): the same seed gives the same decisions.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }

    /// A number below `bound`, which must not be 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

    /// What to hand to the constructor to continue this stream.
    std::uint64_t state() const { return state_; }

private:
    std::uint64_t state_;
};

}  // namespace reeve
