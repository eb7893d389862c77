#include "cli/log_printer.h"

#include <stdio.h>
#include <time.h>

#include <algorithm>
#include <iterator>

#include "api/json_writer.h"
#include "api/utf8.h"
#include "base/text.h"

namespace reeve::cli {
namespace {

constexpr api::Color kColors[] = {api::Color::Cyan, api::Color::Yellow, api::Color::Green,
                                  api::Color::Magenta, api::Color::Blue};
constexpr std::size_t kSecondSize = 19;  // 2026-11-20T12:17:24

int digits(std::string_view text, std::size_t at, std::size_t count) {
    const auto number = parse_integer(text.substr(at, count));
    return number ? static_cast<int>(*number) : 0;
}

/// `2026-11-20T12:17:24` of UTC in the time zone of the user.
std::string to_local(std::string_view second, LogPrinter::Times times) {
    struct tm parts {};
    parts.tm_year = digits(second, 0, 4) - 1900;
    parts.tm_mon = digits(second, 5, 2) - 1;
    parts.tm_mday = digits(second, 8, 2);
    parts.tm_hour = digits(second, 11, 2);
    parts.tm_min = digits(second, 14, 2);
    parts.tm_sec = digits(second, 17, 2);
    const time_t time = ::timegm(&parts);
    struct tm local {};
    ::localtime_r(&time, &local);
    char text[64];
    ::strftime(text, sizeof text,
               times == LogPrinter::Times::OfDay ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &local);
    return text;
}

}  // namespace

std::size_t LogPrinter::add_source(const std::string& app, const std::string& instance,
                                   const std::string& label) {
    const api::Color color = kColors[sources_.size() % std::size(kColors)];
    sources_.push_back({app, instance, api::printable(label), color});
    label_width_ = std::max(label_width_, api::columns(sources_.back().label));
    return sources_.size() - 1;
}

std::string LogPrinter::shown_time(std::string_view time) {
    if (time.size() < kSecondSize) return last_shown_;
    const std::string_view second = time.substr(0, kSecondSize);
    if (second != last_second_) {
        last_second_ = second;
        last_shown_ = to_local(second, times_);
    }
    return last_shown_;
}

std::string LogPrinter::format(std::string_view time, std::string_view label, api::Color color,
                               std::string_view text) {
    std::string head = shown_time(time);
    if (!head.empty()) head += ' ';
    head += label;
    const std::size_t width = api::columns(label);
    head.append(label_width_ > width ? label_width_ - width : 0, ' ');
    return api::paint(head + " |", color, context_.out) + " " + std::string(text) + "\n";
}

bool LogPrinter::print_line(std::size_t source, std::string_view line) {
    const Source& from = sources_[source];
    const LogLine parsed = parse_log_line(line);
    if (!context_.json) return print(format(parsed.time, from.label, from.color, parsed.text));
    api::JsonWriter json;
    json.begin_object();
    json.key("time");
    parsed.time.empty() ? json.null() : json.text(parsed.time);
    json.member("app", from.app);
    json.member("instance", from.instance);
    json.member("text", parsed.text);
    json.end_object();
    return print(json.take() + "\n");
}

bool LogPrinter::print_note(std::string_view time, std::string_view text) {
    return print(format(time, "reeve", api::Color::Bold, text));
}

}  // namespace reeve::cli
