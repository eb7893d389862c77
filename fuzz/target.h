#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "formats/diagnostic.h"

/// What libFuzzer and replay_main.cc call with each input. A broken property is a failed CHECK.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace reeve::fuzz {

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
