#include "cli/option_reader.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <utility>

#include "base/text.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kHelpColumn = 26;

void append_option(std::string& text, const std::string& names, const std::string& help) {
    std::string line = "  ";
    for (const char c : names)
        line += c == ',' ? ", " : std::string(1, c);
    line.resize(std::max(kHelpColumn, line.size() + 2), ' ');
    text += line + help + "\n";
}

}  // namespace

Result<Duration> parse_duration(const std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer(std::string_view(text).substr(0, digits));
    const std::string unit = text.substr(digits);
    constexpr std::int64_t kMost = 365 * 24 * 3600;
    const Error error{"\"" + text + "\" is no length of time: write 30s, 5m or 1h"};
    if (!number || *number <= 0 || *number > kMost) return error;
    if (unit.empty() || unit == "s") return Duration(std::chrono::seconds(*number));
    if (unit == "ms") return Duration(std::chrono::milliseconds(*number));
    if (unit == "m") return Duration(std::chrono::minutes(*number));
    if (unit == "h") return Duration(std::chrono::hours(*number));
    return error;
}

void OptionReader::add_flag(const std::string& names, const std::string& help, bool& value) {
    flags_.push_back({names, help, &value});
}

void OptionReader::add_text(const std::string& names, const std::string& placeholder,
                            const std::string& help, std::string& value) {
    texts_.push_back({names, placeholder, help, &value});
}

void OptionReader::add_number(const std::string& names, const std::string& placeholder,
                              const std::string& help, std::size_t& value, std::size_t most) {
    texts_.push_back({names, placeholder, help, nullptr});
    numbers_.push_back({names, &value, most});
}

void OptionReader::add_words(const std::string& name, std::vector<std::string>& words,
                             std::size_t least, std::size_t most) {
    words_name_ = name;
    words_ = &words;
    words_least_ = least;
    words_most_ = most;
}

std::string OptionReader::help() const {
    std::string text = "Usage: reeve " + std::string(command_.name);
    if (!command_.arguments.empty()) text += " " + std::string(command_.arguments);
    text += " [OPTIONS]\n\n" + std::string(command_.summary) + "\n";
    if (!command_.details.empty()) text += "\n" + std::string(command_.details);
    text += "\nOptions:\n";
    for (const Flag& flag : flags_)
        append_option(text, flag.names, flag.help);
    for (const Text& option : texts_)
        append_option(text, option.names + " " + option.placeholder, option.help);
    append_option(text, "--json", "JSON instead of text (docs/api.md)");
    append_option(text, "--wait,--no-wait", "wait until it is done (default), or not");
    append_option(text, "--timeout TIME", "wait no longer than this: 30s, 5m");
    append_option(text, "-h,--help", "this text");
    return text + "\nExample:\n" + std::string(command_.example);
}

Result<void> OptionReader::parse(std::vector<std::string> args) {
    number_texts_.resize(numbers_.size());
    try {
        CLI::App app;
        app.set_help_flag();
        app.add_flag("-h,--help", help_wanted_);
        app.add_flag("--json", context_.json);
        app.add_flag("--wait", wait_);
        app.add_flag("--no-wait", no_wait_);
        app.add_option("--timeout", timeout_);
        for (const Flag& flag : flags_)
            app.add_flag(flag.names, *flag.value);
        std::size_t numbers = 0;
        for (const Text& option : texts_) {
            std::string& into = option.value ? *option.value : number_texts_[numbers++];
            app.add_option(option.names, into);
        }
        if (words_ != nullptr) app.add_option("words", *words_);
        std::reverse(args.begin(), args.end());  // CLI11 takes them from the back
        app.parse(std::move(args));
    } catch (const CLI::Error& failure) {
        return Error{failure.what()};
    }
    return {};
}

Result<void> OptionReader::apply() {
    if (wait_ && no_wait_) return Error{"--wait and --no-wait exclude each other"};
    context_.wait = !no_wait_;
    if (context_.json) context_.progress = false;
    if (!timeout_.empty()) context_.timeout = TRY(parse_duration(timeout_));
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
        if (number_texts_[i].empty()) continue;
        const auto number = parse_integer(number_texts_[i]);
        if (!number || *number < 0 || static_cast<std::size_t>(*number) > numbers_[i].most) {
            return Error{numbers_[i].names + ": a number up to " +
                         std::to_string(numbers_[i].most) + " is needed"};
        }
        *numbers_[i].value = static_cast<std::size_t>(*number);
    }
    if (words_ == nullptr) return {};
    if (words_->size() < words_least_) return Error{words_name_ + " is missing"};
    if (words_->size() > words_most_) {
        return Error{"\"" + (*words_)[words_most_] + "\" is one argument too many"};
    }
    return {};
}

std::optional<ExitCode> OptionReader::read(const std::vector<std::string>& args) {
    Result<void> result = parse(args);
    if (result && help_wanted_) {
        print(help());
        return ExitCode::Done;
    }
    if (result) result = apply();
    if (result) return std::nullopt;
    print_error(context_, std::string(command_.name) + ": " + result.error().message +
                              "; see: reeve help " + std::string(command_.name));
    return ExitCode::Usage;
}

}  // namespace reeve::cli
