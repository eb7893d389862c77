#define PCRE2_CODE_UNIT_WIDTH 8
#include "drivers/body_match.h"

#include <memory>
#include <pcre2.h>

namespace reeve::drivers {
namespace {

// Steps of the matcher, and its memory: a bad pattern costs milliseconds, not the daemon.
constexpr std::uint32_t kMatchStepsMax = 200'000;
constexpr std::uint32_t kHeapKilobytesMax = 4096;

template <typename T, void (*Free)(T*)>
struct Freed {
    void operator()(T* object) const { Free(object); }
};
using Code = std::unique_ptr<pcre2_code, Freed<pcre2_code, pcre2_code_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freed<pcre2_match_data, pcre2_match_data_free>>;
using Context =
    std::unique_ptr<pcre2_match_context, Freed<pcre2_match_context, pcre2_match_context_free>>;

std::string error_text(int code) {
    PCRE2_UCHAR text[256];
    const int size = pcre2_get_error_message(code, text, sizeof text);
    return size < 0 ? "error " + std::to_string(code)
                    : std::string(reinterpret_cast<const char*>(text));
}

/// As Ruby reads it: `^` and `$` mean lines.
Code compile(const spec::BodyMatches& expected, std::string& problem) {
    const std::uint32_t options =
        PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | (expected.ignore_case ? PCRE2_CASELESS : 0);
    int error = 0;
    PCRE2_SIZE offset = 0;
    Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expected.pattern.data()),
                            expected.pattern.size(), options, &error, &offset, nullptr));
    if (!code) {
        problem = "the pattern is wrong at " + std::to_string(offset) + ": " + error_text(error);
    }
    return code;
}

std::string match_problem(const spec::BodyMatches& expected, const std::string& body) {
    std::string problem;
    const Code code = compile(expected, problem);
    if (!code) return problem;
    const MatchData data(pcre2_match_data_create(1, nullptr));
    const Context context(pcre2_match_context_create(nullptr));
    if (!data || !context) return "no memory to match the body";
    pcre2_set_match_limit(context.get(), kMatchStepsMax);
    pcre2_set_depth_limit(context.get(), kMatchStepsMax);
    pcre2_set_heap_limit(context.get(), kHeapKilobytesMax);
    const int result = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(body.data()),
                                   body.size(), 0, 0, data.get(), context.get());
    if (result >= 0) return "";
    if (result == PCRE2_ERROR_NOMATCH) return "the body does not match /" + expected.pattern + "/";
    return "the pattern takes too much: " + error_text(result);
}

}  // namespace

std::string body_problem(const std::variant<spec::BodyContains, spec::BodyMatches>& expected,
                         const std::string& body) {
    if (const auto* matches = std::get_if<spec::BodyMatches>(&expected)) {
        return match_problem(*matches, body);
    }
    const std::string& text = std::get<spec::BodyContains>(expected).text;
    return body.find(text) == std::string::npos ? "the body does not contain \"" + text + "\"" : "";
}

std::string pattern_problem(const spec::BodyMatches& expected) {
    std::string problem;
    (void)compile(expected, problem);  // the problem is the answer
    return problem;
}

}  // namespace reeve::drivers
