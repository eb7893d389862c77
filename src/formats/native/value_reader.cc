#include "formats/native/value_reader.h"

#include <algorithm>

#include "formats/procfile/command.h"

namespace reeve::formats::native {
namespace {

std::string hex_to_bytes(std::string_view digits, bool& good) {
    std::string bytes;
    good = digits.size() % 2 == 0;
    for (std::size_t i = 0; good && i < digits.size(); i += 2) {
        const Result<std::uint64_t> byte = parse_hex(digits.substr(i, 2));
        good = byte.ok();
        if (good) bytes += static_cast<char>(*byte);
    }
    return bytes;
}

// Longest word that is looked at for a likeness: the comparison takes time by its square.
constexpr std::size_t kWordSizeMax = 64;

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    if (word.size() > kWordSizeMax) return "";
    // Two letters that changed places are two changes.
    std::size_t best = 1 + (word.size() <= 3 ? 1 : std::max<std::size_t>(2, word.size() / 3));
    const std::string* meant = nullptr;
    for (const std::string& one : known) {
        const std::size_t distance = edit_distance(word, one);
        if (distance >= best) continue;
        best = distance;
        meant = &one;
    }
    // `memory`, where it is called `memory_max`.
    for (const std::string& one : known) {
        if (meant == nullptr && !word.empty() && one.starts_with(std::string(word) + "_"))
            meant = &one;
    }
    return meant == nullptr ? "" : "did you mean \"" + *meant + "\"?";
}

void ValueReader::need(const Node& node, const Field& field, std::string_view what) {
    fail(node.offset,
         quoted(field) + ": " + std::string(what) + " is needed, not " +
             std::string(to_text(node.kind)),
         "");
}

void ValueReader::refuse_unknown(const Node& table, const std::vector<std::string>& known) {
    for (const Member& member : table.members) {
        if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
        std::string hint = did_you_mean(member.key, known);
        if (hint.empty()) {
            hint = "known here:";
            for (const std::string& one : known)
                hint += " " + one;
        }
        fail(member.offset, "there is no key `" + member.key.substr(0, kWordSizeMax) + "` here",
             std::move(hint));
    }
}

void ValueReader::read(const Node& node, const Field& field, bool& value) {
    if (node.kind != Kind::Boolean) return need(node, field, "true or false");
    value = node.boolean;
}

void ValueReader::read(const Node& node, const Field& field, double& value) {
    if (node.kind == Kind::Integer) {
        value = static_cast<double>(node.integer);
    } else if (node.kind == Kind::Real) {
        value = node.real;
    } else {
        need(node, field, "a number");
    }
}

void ValueReader::read(const Node& node, const Field& field, std::string& value) {
    const Node* hex =
        node.kind == Kind::Table && node.members.size() == 1 ? node.find("hex") : nullptr;
    if (hex != nullptr && hex->kind == Kind::Text) {
        bool good = false;
        value = hex_to_bytes(hex->text, good);
        if (!good) fail(hex->offset, "pairs of hexadecimal digits are needed", "");
        return;
    }
    if (node.kind != Kind::Text) return need(node, field, "a text");
    value = node.text;
}

void ValueReader::read(const Node& node, const Field& field, Duration& value) {
    constexpr std::string_view kHint = "write it with its unit: \"10s\", \"1m30s\", \"250ms\"";
    if (node.kind == Kind::Integer && node.integer == 0) {
        value = Duration{};
        return;
    }
    if (node.kind != Kind::Text) {
        return fail(node.offset, quoted(field) + ": a time is needed", std::string(kHint));
    }
    const std::optional<Duration> duration = parse_duration(node.text);
    if (!duration) {
        return fail(node.offset, quoted(field) + ": this is no time", std::string(kHint));
    }
    value = *duration;
}

void ValueReader::read(const Node& node, const Field& field, spec::Environment& value) {
    if (node.kind != Kind::Table) return need(node, field, "a table of NAME = \"value\"");
    value.clear();
    for (const Member& member : node.members) {
        const Field variable{"", "", member.key, ""};
        std::string& text = value[member.key];
        // People write PORT = 80 and DEBUG = true, and mean the text.
        if (member.value.kind == Kind::Integer) {
            text = std::to_string(member.value.integer);
        } else if (member.value.kind == Kind::Boolean) {
            text = member.value.boolean ? "true" : "false";
        } else {
            read(member.value, variable, text);
        }
    }
}

void ValueReader::read(const Node& node, const Field& field, spec::Command& value) {
    if (node.kind == Kind::Text) {
        value = procfile::to_command(node.text);
    } else if (node.kind == Kind::List) {
        spec::DirectCommand direct;
        read(node, field, direct.argv);
        value = std::move(direct);
    } else if (node.kind == Kind::Table) {
        spec::ShellCommand shell;
        read_table(node, field, shell);
        value = std::move(shell);
    } else {
        need(node, field, "a text, or a list of program and arguments,");
    }
}

void ValueReader::read(const Node& node, const Field& field,
                       std::vector<spec::ResourceLimit>& values) {
    if (node.kind != Kind::Table) return need(node, field, "a table of limits");
    values.clear();
    std::vector<std::string> known;
    for (int resource = 0; !limit_name(resource).empty(); ++resource)
        known.emplace_back(limit_name(resource));
    refuse_unknown(node, known);
    for (const Member& member : node.members) {
        const std::optional<int> resource = parse_limit_name(member.key);
        if (!resource) continue;
        spec::ResourceLimit limit;
        limit.resource = *resource;
        const Field number{"", "", member.key, "", Effect::AsParent, As::Size};
        const Node& given = member.value;
        if (given.kind == Kind::List && given.elements.size() == 2) {
            read(given.elements[0], number, limit.soft);
            read(given.elements[1], number, limit.hard);
        } else {
            read(given, number, limit.soft);
            limit.hard = limit.soft;
        }
        values.push_back(limit);
    }
}

void ValueReader::read(const Node& node, const Field& field, spec::StopStep& value) {
    if (node.kind == Kind::Table) return read_table(node, field, value);
    if (node.kind != Kind::Text) return need(node, field, "a step like \"TERM 10s\"");
    const std::vector<std::string_view> parts = words(node.text);
    const std::optional<int> signal = parts.empty() ? std::nullopt : parse_signal(parts[0]);
    const std::optional<Duration> wait =
        parts.size() == 2 ? parse_duration(parts[1]) : std::optional<Duration>(value.wait);
    if (!signal || !wait || parts.size() > 2) {
        return fail(node.offset, quoted(field) + ": this is no step",
                    "write the signal and how long to wait: \"TERM 10s\"");
    }
    value = {*signal, *wait};
}

void ValueReader::read(const Node& node, const Field& field, spec::StopSpec& value) {
    if (node.kind == Kind::Table) return read_table(node, field, value);
    if (node.kind == Kind::List) return read(node, field, value.steps);
    spec::StopStep step;
    read(node, field, step);
    value.steps = {step};
}

void ValueReader::read(const Node& node, const Field& field, spec::Need& value) {
    if (node.kind == Kind::Table) return read_table(node, field, value);
    if (node.kind != Kind::Text || node.text.empty() || node.text == "/") {
        return need(node, field, "a service like \"db\", \"APP/db\", or all of an app, \"APP/\"");
    }
    const std::size_t slash = node.text.find('/');
    if (slash == std::string::npos) {
        value.service = node.text;
    } else {
        value.app = node.text.substr(0, slash);
        value.service = node.text.substr(slash + 1);
    }
}

void ValueReader::read(const Node& node, const Field& field, spec::Hook& value) {
    const bool is_hook = node.kind == Kind::Table && node.find("command") != nullptr;
    if (is_hook) return read_table(node, field, value);
    read(node, field, value.command);
}

void ValueReader::read(const Node& node, const Field& field, spec::RestartSpec& value) {
    const std::optional<spec::RestartSpec> word =
        node.kind == Kind::Text ? spec::restart_from_text(node.text) : std::nullopt;
    if (word) {
        value = *word;
        return;
    }
    if (node.kind == Kind::Text && node.text == spec::json::kKind<spec::DockerRestart>) {
        return fail(node.offset, quoted(field) + ": Docker has more than one policy",
                    R"(write "always", "unless-stopped", "on-failure:10" or "no")");
    }
    read<>(node, field, value);
}

void ValueReader::read(const Node& node, const Field&, std::vector<spec::Service>& services) {
    const Field field{"App", "services", "services", ""};
    if (node.kind != Kind::Table) return need(node, field, "a table [services.NAME]");
    for (const Member& member : node.members) {
        spec::Service service;
        service.name = member.key;
        const Field name{"", "", member.key, ""};
        read_table(member.value, name, service);
        services.push_back(std::move(service));
    }
}

std::optional<std::uint64_t> ValueReader::parse_number(std::string_view text, As as) {
    if (as == As::Size) return parse_size(text);
    if (as == As::Percent) return parse_percent(text);
    if (as == As::Signal) {
        const std::optional<int> signal = parse_signal(text);
        return signal ? std::optional<std::uint64_t>(*signal) : std::nullopt;
    }
    std::uint64_t number = 0;
    if (text.empty() || text.size() > 6) return std::nullopt;
    for (const char c : text) {
        if (c < '0' || c > '7') return std::nullopt;
        number = number * 8 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

void ValueReader::fail_number(const Node& node, const Field& field) {
    switch (field.as) {
        case As::Plain:
            return need(node, field, "a whole number");
        case As::Signal:
            return fail(node.offset, quoted(field) + ": this is no signal",
                        "write \"TERM\", \"RTMIN+3\" or a number from 1 to 64");
        case As::Octal:
            return fail(node.offset, quoted(field) + ": an octal number in quotes is needed",
                        "write it like \"0022\"");
        case As::Size:
            return fail(node.offset, quoted(field) + ": this is no size",
                        "write a number, \"512M\", \"2G\" or \"unlimited\"");
        case As::Percent:
            return fail(node.offset, quoted(field) + ": a percentage in quotes is needed",
                        "write it like \"150%\": 100% is one CPU");
    }
}

void ValueReader::fail_word(const Node& node, const Field& field,
                            const std::vector<std::string>& known) {
    std::string hint = did_you_mean(node.text, known);
    if (hint.empty()) {
        hint = "one of:";
        for (const std::string& word : known)
            hint += " " + word;
    }
    fail(node.offset,
         quoted(field) + ": \"" + node.text.substr(0, kWordSizeMax) + "\" is not known",
         std::move(hint));
}

}  // namespace reeve::formats::native
