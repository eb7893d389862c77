#include "formats/native/value_writer.h"

#include <stdio.h>

#include <algorithm>

#include "base/text.h"
#include "formats/native/quantities.h"
#include "formats/procfile/command.h"

namespace reeve::formats::native {
namespace {

constexpr std::string_view kBareKey =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
constexpr char kHexDigits[] = "0123456789abcdef";

std::string hex(std::string_view bytes) {
    std::string digits;
    for (const char c : bytes) {
        digits += kHexDigits[static_cast<unsigned char>(c) >> 4];
        digits += kHexDigits[static_cast<unsigned char>(c) & 15];
    }
    return digits;
}

std::string quote_on_one_line(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            char escape[8];
            ::snprintf(escape, sizeof escape, "\\u%04X", byte);
            out += escape;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

// A script stays readable between three quotes, where nothing has a meaning.
bool fits_in_block(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || text.ends_with('\'')) return false;
    if (text.find("'''") != std::string_view::npos) return false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) return false;
    }
    return true;
}

bool is_same_hook_as_its_command(const spec::Hook& hook) {
    return hook == spec::Hook{.command = hook.command};
}

}  // namespace

std::string quote(std::string_view text) {
    if (fits_in_block(text)) return "'''\n" + std::string(text) + "'''";
    return quote_on_one_line(text);
}

std::string write_key(std::string_view key) {
    if (!key.empty() && key.find_first_not_of(kBareKey) == std::string_view::npos)
        return std::string(key);
    return quote_on_one_line(key);
}

void ValueWriter::cannot(std::string problem) {
    const bool is_known = std::find(problems_.begin(), problems_.end(), problem) != problems_.end();
    if (!is_known) problems_.push_back(std::move(problem));
}

std::string ValueWriter::write(const Field&, const bool& value) {
    return value ? "true" : "false";
}

std::string ValueWriter::write(const Field&, const double& value) {
    char text[40];
    ::snprintf(text, sizeof text, "%.17g", value);
    std::string out = text;
    if (out.find_first_of(".e") == std::string::npos) out += ".0";
    return out;
}

std::string ValueWriter::write(const Field&, const std::string& value) {
    if (is_utf8(value)) return quote(value);
    return "{ hex = \"" + hex(value) + "\" }";
}

std::string ValueWriter::write(const Field&, const Duration& value) {
    return quote(write_duration(value));
}

std::string ValueWriter::write(const Field&, const spec::Environment& value) {
    return inline_table(as_table(value, {}));
}

std::vector<Pair> ValueWriter::as_table(const spec::Environment& value, const spec::Environment&) {
    std::vector<Pair> all;
    for (const auto& [name, text] : value) {
        if (!is_utf8(name)) {
            cannot("a variable whose name is not UTF-8 cannot be written: hex " + hex(name));
            continue;
        }
        all.push_back(Pair{write_key(name), write(Field{}, text), {}});
    }
    return all;
}

std::string ValueWriter::write(const Field& field, const spec::Command& value) {
    const auto* direct = std::get_if<spec::DirectCommand>(&value);
    if (direct != nullptr) {
        const std::string text = spec::to_text(value);
        if (is_utf8(text) && procfile::to_command(text) == value) return quote(text);
        return write(field, direct->argv);
    }
    const auto& shell = std::get<spec::ShellCommand>(value);
    if (is_utf8(shell.text) && procfile::to_command(shell.text) == value) return quote(shell.text);
    return inline_table(pairs(shell, spec::ShellCommand{}));
}

std::string ValueWriter::write(const Field&, const std::vector<spec::ResourceLimit>& values) {
    const Field size{"", "", "", "", Effect::AsParent, As::Size};
    std::vector<Pair> all;
    for (const spec::ResourceLimit& limit : values) {
        const auto number = [&](std::uint64_t n) {
            return write_number(size, static_cast<std::int64_t>(n), n);
        };
        const bool same = limit.soft == limit.hard;
        all.push_back(Pair{
            std::string(limit_name(limit.resource)),
            same ? number(limit.hard) : "[" + number(limit.soft) + ", " + number(limit.hard) + "]",
            {}});
    }
    return inline_table(all);
}

std::string ValueWriter::write(const Field&, const std::vector<spec::Service>&) {
    return "";  // each has a table of its own
}

std::string ValueWriter::write(const Field&, const spec::StopStep& value) {
    return quote(write_signal(value.signal) + " " + write_duration(value.wait));
}

std::string ValueWriter::write(const Field& field, const spec::StopSpec& value) {
    if (value != spec::StopSpec{.steps = value.steps}) {
        return inline_table(pairs(value, spec::StopSpec{}));
    }
    if (value.steps.size() == 1) return write(field, value.steps.front());
    return write(field, value.steps);
}

std::string ValueWriter::write(const Field&, const spec::Need& value) {
    const std::string both = value.app + value.service;
    if (!is_utf8(both) || both.find('/') != std::string::npos) {
        return inline_table(pairs(value, spec::Need{}));
    }
    return quote(value.app.empty() ? value.service : value.app + "/" + value.service);
}

std::string ValueWriter::write(const Field& field, const spec::Hook& value) {
    if (is_same_hook_as_its_command(value)) return write(field, value.command);
    return inline_table(pairs(value, spec::Hook{}));
}

std::string ValueWriter::write(const Field& field, const spec::RestartSpec& value) {
    const std::string word = spec::to_text(value);
    const std::optional<spec::RestartSpec> read = spec::restart_from_text(word);
    if (read && *read == value) return quote(word);
    return write<>(field, value);
}

std::string ValueWriter::inline_table(const std::vector<Pair>& pairs) {
    if (pairs.empty()) return "{}";
    std::string text = "{ ";
    for (const Pair& pair : pairs) {
        if (text.size() > 2) text += ", ";
        text += pair.key + " = " + pair.text;
    }
    return text + " }";
}

std::string ValueWriter::write_number(const Field& field, std::int64_t value, std::uint64_t size) {
    switch (field.as) {
        case As::Plain:
            return std::to_string(value);
        case As::Signal:
            return quote(write_signal(static_cast<int>(value)));
        case As::Percent:
            return quote(write_percent(size));
        case As::Octal: {
            char text[16];
            ::snprintf(text, sizeof text, "\"%04o\"", static_cast<unsigned>(value));
            return text;
        }
        case As::Size: {
            const std::string text = write_size(size);
            const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
            return is_number && value >= 0 ? text : "\"" + text + "\"";
        }
    }
    return "0";
}

}  // namespace reeve::formats::native
