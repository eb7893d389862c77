#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "formats/diagnostic.h"

/// Begins the function of a target, NAME_fuzz.cc's, which is called with each input as `data` and
/// `size` and returns 0. A broken property is a failed CHECK. libFuzzer knows one function by its
/// name; fuzz_replay has all of them (replay_main.cc).
#ifdef REEVE_FUZZ_REPLAY
#define FUZZ_TARGET(name)                                                 \
    static int name##_target(const std::uint8_t* data, std::size_t size); \
    static const reeve::fuzz::Target name##_known(#name, name##_target);  \
    static int name##_target(const std::uint8_t* data, std::size_t size)
#else
#define FUZZ_TARGET(name) \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
#endif

namespace reeve::fuzz {

using TargetFunction = int (*)(const std::uint8_t* data, std::size_t size);

/// Makes a target known to fuzz_replay by its name.
struct Target {
    Target(std::string_view name, TargetFunction function);
};

/// The input as text.
inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Every diagnostic points into the text and is fit for a terminal.
inline void check_diagnostics(const std::vector<formats::Diagnostic>& diagnostics,
                              std::string_view text) {
    std::size_t lines = 1;
    for (const char c : text)
        lines += c == '\n' ? 1 : 0;
    for (const formats::Diagnostic& diagnostic : diagnostics) {
        CHECK(diagnostic.line <= lines);
        CHECK(diagnostic.column <= diagnostic.source_line.size() + 2);  // a `\r` was taken off
        CHECK(text.find(diagnostic.source_line) != std::string_view::npos);
        for (const char c : to_text(diagnostic, formats::Colour::No))
            CHECK(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
    }
}

}  // namespace reeve::fuzz
