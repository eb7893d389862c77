#include "formats/procfile/procfile.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace reeve::formats::procfile {
namespace {

constexpr std::size_t kNameBytesMax = 63;
constexpr std::size_t kLineBytesMax = 64 * 1024 - 1;  // Source: Go's bufio.Scanner
constexpr std::size_t kErrorsMax = 100;
constexpr std::string_view kBlanks = "\t\n\f\r ";  // what `\s` is in Go's regular expressions

bool is_blank(char c) {
    return kBlanks.find(c) != std::string_view::npos;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

// The white space of Unicode in UTF-8: Go's strings.TrimSpace takes all of it.
constexpr std::array<std::string_view, 25> kWhiteSpace = {
    " ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085", "\u00a0", "\u1680",
    "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
    "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

std::string_view trim_unicode(std::string_view text) {
    const auto step = [](auto is_there, auto remove) {
        for (bool again = true; again;) {
            again = false;
            for (const std::string_view space : kWhiteSpace) {
                if (!is_there(space)) continue;
                remove(space.size());
                again = true;
            }
        }
    };
    step([&text](std::string_view space) { return text.starts_with(space); },
         [&text](std::size_t bytes) { text.remove_prefix(bytes); });
    step([&text](std::string_view space) { return text.ends_with(space); },
         [&text](std::size_t bytes) { text.remove_suffix(bytes); });
    return text;
}

// Where the quotation that opens at `open` closes; npos: never, so it is an apostrophe.
std::size_t closing_quote(std::string_view text, std::size_t open) {
    const char quote = text[open];
    for (std::size_t i = open + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\')
            ++i;
        else if (text[i] == quote)
            return i;
    }
    return std::string_view::npos;
}

// Where the comment begins that `marker` opens: the last place outside of quotes that follows a
// blank and is followed by something. npos: there is none.
std::size_t find_comment(std::string_view command, std::string_view marker) {
    std::size_t found = std::string_view::npos;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (c == '\\') {
            ++i;
        } else if (c == '\'' || c == '"') {
            const std::size_t end = closing_quote(command, i);
            if (end != std::string_view::npos) i = end;
        } else if (i > 0 && is_blank(command[i - 1]) && command.substr(i).starts_with(marker) &&
                   i + marker.size() < command.size()) {
            found = i;
        }
    }
    return found;
}

std::string_view without_comment(std::string_view command) {
    std::size_t comment = find_comment(command, "#");
    if (comment == std::string_view::npos) comment = find_comment(command, "//");
    if (comment == std::string_view::npos) return trim_unicode(command);
    return trim_unicode(command.substr(0, comment));
}

bool is_comment(std::string_view text) {
    return text.starts_with("#") || text.starts_with("//");
}

bool is_dns_label(std::string_view name) {
    const auto inner = [](char c) {
        return is_name_character(c) && c != '_' && !(c >= 'A' && c <= 'Z');
    };
    return std::all_of(name.begin(), name.end(), inner) && name.front() != '-' &&
           name.back() != '-';
}

std::string hint_for_invalid(std::string_view line, std::size_t colon, bool continued) {
    for (const char* marker : {"<<<<<<<", "=======", ">>>>>>>", "|||||||"}) {
        if (line.starts_with(marker)) return "resolve this merge conflict";
    }
    if (continued) return "a command is one line: it cannot be continued with a backslash";
    if (line.starts_with("- ") || line.starts_with("---")) {
        return "a Procfile is not YAML; write NAME: COMMAND";
    }
    if (colon == std::string_view::npos) return "write NAME: COMMAND";
    if (colon + 1 == line.size()) return "write the command after the colon";
    return "a name has only letters, digits, \"-\" and \"_\"";
}

class Parser {
public:
    Parser(std::string_view file, std::string_view text, Grammar grammar)
        : source_(file, text), grammar_(grammar) {}

    Reading<std::vector<Entry>> parse() {
        const std::string_view text = source_.text();
        if (text.size() > kConfigBytesMax) {
            refuse(source_.error("the Procfile is larger than 1 MiB", "is it a Procfile at all?"));
            return finish();
        }
        std::size_t begin = text.size() - without_bom(text).size();
        while (begin < text.size() && errors_ < kErrorsMax) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            ++line_;
            take_line(begin, text.substr(begin, end - begin));
            begin = end + 1;
        }
        if (reading_.value.empty() && errors_ == 0) {
            refuse(source_.error("no entries found in Procfile", "write NAME: COMMAND"));
        }
        return finish();
    }

private:
    void refuse(Diagnostic diagnostic) {
        reading_.diagnostics.push_back(std::move(diagnostic));
        ++errors_;
    }

    void refuse_line(std::size_t offset, std::string_view message, std::string hint) {
        refuse(source_.error_at(offset, std::string(message) + ", line " + std::to_string(line_),
                                std::move(hint)));
    }

    void take_line(std::size_t begin, std::string_view whole) {
        const bool continued = std::exchange(continued_, trim_unicode(whole).ends_with('\\'));
        if (whole.size() > kLineBytesMax) {
            refuse_line(begin, "line is longer than 65535 bytes", "");
            return;
        }
        const std::string_view line = trim_unicode(whole);
        if (line.empty() || is_comment(line)) return;
        const std::size_t offset = static_cast<std::size_t>(line.data() - source_.text().data());
        std::size_t name_end = 0;
        while (name_end < line.size() && is_name_character(line[name_end]))
            ++name_end;
        std::size_t colon = name_end;
        while (colon < line.size() && is_blank(line[colon]))
            ++colon;
        const bool has_colon = colon < line.size() && line[colon] == ':';
        if (name_end == 0 || !has_colon || colon + 1 == line.size()) {
            const bool whole_line = continued || line.front() == '-';
            const std::size_t wrong = whole_line                  ? 0
                                      : has_colon && name_end > 0 ? colon + 1
                                                                  : colon;
            refuse_line(offset + wrong, "invalid line in procfile",
                        hint_for_invalid(line, line.find(':'), continued));
            return;
        }
        std::size_t command = colon + 1;
        while (command < line.size() && is_blank(line[command]))
            ++command;
        take_entry({std::string(line.substr(0, name_end)), "", offset, offset + command},
                   line.substr(command));
    }

    void take_entry(Entry entry, std::string_view command) {
        if (entry.name.size() > kNameBytesMax) {
            refuse_line(entry.name_offset, "process name over 63 characters", "shorten the name");
        } else if (grammar_ == Grammar::Strict && !is_dns_label(entry.name)) {
            refuse_line(entry.name_offset, "process name contains invalid characters",
                        "a name has only lower-case letters, digits and, inside, \"-\"");
        } else if (is_comment(command)) {
            refuse_line(entry.command_offset, "comment specified in place of command",
                        "write the command after the colon");
        } else if (entry.command = std::string(without_comment(command)); entry.command.empty()) {
            refuse_line(entry.command_offset, "no command specified",
                        "write the command after the colon");
        } else if (const auto [known, is_new] = lines_.emplace(entry.name, line_); !is_new) {
            refuse_line(entry.name_offset, "process names must be unique",
                        "\"" + entry.name + "\" stands on line " + std::to_string(known->second) +
                            " already; remove one of them");
        } else {
            reading_.value.push_back(std::move(entry));
        }
    }

    Reading<std::vector<Entry>> finish() {
        std::sort(reading_.value.begin(), reading_.value.end(),
                  [](const Entry& a, const Entry& b) { return a.name < b.name; });
        return std::move(reading_);
    }

    SourceText source_;
    Grammar grammar_;
    Reading<std::vector<Entry>> reading_;
    std::map<std::string, std::size_t> lines_;  // of the names
    std::size_t line_ = 0;
    std::size_t errors_ = 0;
    bool continued_ = false;  // the line before ended with a backslash
};

}  // namespace

Reading<std::vector<Entry>> parse(std::string_view file, std::string_view text, Grammar grammar) {
    return Parser(file, text, grammar).parse();
}

}  // namespace reeve::formats::procfile
