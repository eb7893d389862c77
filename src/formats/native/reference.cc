#include "formats/native/reference.h"

#include <algorithm>
#include <set>

#include "formats/native/value_writer.h"

namespace reeve::formats::native {
namespace {

constexpr std::string_view kIntroduction =
    R"(<!-- Written by `make rewrite` from src/formats/native/fields.cc: change that. -->
# reeve.toml

reeve's own format: everything that reeve can do, in [TOML](https://toml.io). `reeve load DIR` takes
a directory with a `reeve.toml`, or the file itself; `reeve check` says what is wrong with it, and
where. `reeve convert FILE --to native` writes one from a Procfile or another format.

```toml
name = "shop"
release = "bin/migrate"

[environment]
RAILS_ENV = "production"

[services.web]
command = "bin/web --port $PORT"
port = true
instances = 2
ready = "port"
rollout = { order = "start-first", drain = "5s" }
stop = "TERM 30s"

[services.worker]
command = ["bin/worker", "--queue", "mail"]
restart = { kind = "auto", cap_unstable = "5m" }
stop = ["QUIT 1m", "TERM 10s"]
limits = { nofile = 4096, core = "unlimited" }
pre_start = { command = "bin/prepare", timeout = "2m" }
```

How values are written:

- **time**: with its unit, `"10s"`, `"1m30s"`, `"250ms"`, `"2d"`; `0` stands for none.
- **size**: bytes, or `"512M"`, `"2G"` (powers of 1024), or `"unlimited"`.
- **percentage**: `"150%"`, `"12.5%"`; 100% is one CPU.
- **signal**: `"TERM"`, `"SIGTERM"`, `"RTMIN+3"` or its number.
- **command**: a text, executed directly where a shell would do nothing but split it into words,
  else handed to bash; or a list of program and arguments, executed as it is; or a table of `text`
  and `shell`.
- **text** that is not UTF-8: `{ hex = "ff00" }`.
- A key that is left out has its default. A **kind** with its defaults can be written as a word:
  `restart = "auto"` for `restart = { kind = "auto" }`.
- Relative directories start at the directory of the file.

*A change* says what `reeve reload` (or `load`) does to what runs when a value has changed:
`none` nothing; `live` it counts from now on, and no process is touched; `roll` the instances are
replaced as `rollout` says, which for a single one with `order = "stop-first"` is a restart.
)";

constexpr std::string_view kConfiguration = R"(
## /etc/reeve/reeve.toml

reeve's own settings. The file must belong to root (or to the user that reeve runs as) and be
writable by nobody else. It is read again when it has changed.

```toml
[[allow]]
role = "operate"
groups = ["ops"]

[[allow]]
role = "deploy"
users = ["ann"]
apps = ["shop", "blog-*"]
```

Without a rule, the members of the group `reeve` have the role `deploy` for every app. With one,
everything is denied to them that no rule allows. Root, and the user that reeve runs as, may do
everything.

)";

std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\\');
    return text;
}

/// Visits every struct that an app can hold, once, and describes its fields.
class Catalogue {
public:
    Catalogue() {
        text_ = std::string(kIntroduction) + "\n## The app\n\n" + table_of<spec::App>(true);
        for (const std::string& section : sections_)
            text_ += section;
        sections_.clear();
        text_ += std::string(kConfiguration) + table_of<spec::Configuration>(false);
        for (const std::string& section : sections_)
            text_ += section;
    }

    std::string text_;
    std::set<std::string> missing_;  // those without a row

    template <typename T>
    std::string table_of(bool with_effect);

private:
    template <typename Owner>
    friend class DescribeCodec;

    std::string section_title(std::string_view type, const Field& field) const {
        const std::string_view title = find_word_text(type, "");
        return title.empty() ? std::string(field.key) : std::string(title);
    }

    static std::string anchor(const std::string& title) {
        std::string link;
        for (const char c : title) {
            if (c == ' ') link += '-';
            if ((c >= 'a' && c <= 'z') || c == '_' || c == '-') link += c;
            if (c >= 'A' && c <= 'Z') link += static_cast<char>(c - 'A' + 'a');
        }
        return "[" + title + "](#" + link + ")";
    }

    template <typename T>
    std::string describe_struct(const Field& field) {
        const std::string title = section_title(type_name<T>(), field);
        if (described_.insert(std::string(type_name<T>())).second) {
            const std::size_t place = sections_.size();
            sections_.emplace_back();  // before those that its fields refer to
            sections_[place] = "\n## " + title + "\n\n" + table_of<T>(false);
        }
        return anchor(title);
    }

    template <typename... Alternatives>
    std::string describe_variant(const Field& field, const std::variant<Alternatives...>&) {
        const std::string title(field.key);
        const std::string key = ("" + ... + (std::string(type_name<Alternatives>()) + " "));
        if (described_.insert(key).second) {
            const std::size_t place = sections_.size();
            sections_.emplace_back();
            std::string text = "\n## " + title + "\n";
            ((text += describe_kind<Alternatives>(title)), ...);
            sections_[place] = text;
        }
        return anchor(title);
    }

    template <typename Alternative>
    std::string describe_kind(const std::string& title) {
        const std::string kind(spec::json::kKind<Alternative>);
        std::string text = "\n### " + title + " = \"" + kind + "\"\n\n";
        const std::string_view meaning = find_word_text(type_name<Alternative>(), kind);
        if (!meaning.empty()) text += std::string(meaning) + "\n";
        const std::string table = table_of<Alternative>(false);
        if (!table.empty()) text += "\n" + table;
        return text;
    }

    template <typename Enum>
    static std::string describe_words() {
        std::string text;
        for (const std::string_view word : spec::json::Words<Enum>::kAll) {
            if (!text.empty()) text += ", ";
            text += "`\"" + std::string(word) + "\"`";
            const std::string_view meaning = find_word_text(type_name<Enum>(), word);
            if (!meaning.empty()) text += " (" + std::string(meaning) + ")";
        }
        return text;
    }

    static std::string describe_number(As as) {
        switch (as) {
            case As::Plain:
                return "whole number";
            case As::Signal:
                return "signal";
            case As::Octal:
                return "octal number, as a text";
            case As::Size:
                return "size";
            case As::Percent:
                return "percentage";
        }
        return "";
    }

    std::string type(const Field&, const bool&) { return "`true` or `false`"; }
    std::string type(const Field&, const double&) { return "number"; }
    std::string type(const Field&, const std::string&) { return "text"; }
    std::string type(const Field&, const Duration&) { return "time"; }
    std::string type(const Field&, const spec::Environment&) { return "table of texts"; }
    std::string type(const Field&, const std::vector<spec::ResourceLimit>&) {
        see<spec::ResourceLimit>();
        return "table of sizes";
    }
    std::string type(const Field&, const spec::Command&) {
        see<spec::DirectCommand>();
        see<spec::ShellCommand>();
        return "command";
    }
    std::string type(const Field&, const std::vector<spec::Service>&) {
        const std::size_t place = sections_.size();
        sections_.emplace_back();
        sections_[place] = "\n## services.NAME\n\n" + table_of<spec::Service>(true);
        return anchor("services.NAME");
    }
    template <Maybe M>
    std::string type(const Field& field, const M&) {
        return type(field, typename M::value_type{});
    }
    template <typename T>
    std::string type(const Field& field, const std::vector<T>&) {
        return "list of " + type(field, T{});
    }
    template <typename... Alternatives>
    std::string type(const Field& field, const std::variant<Alternatives...>& value) {
        return describe_variant(field, value);
    }
    template <typename T>
    std::string type(const Field& field, const T&) {
        if constexpr (std::is_enum_v<T>) {
            return describe_words<T>();
        } else if constexpr (std::is_integral_v<T>) {
            return describe_number(field.as);
        } else {
            return describe_struct<T>(field);
        }
    }

    // Their fields have rows, but no table of their own.
    template <typename T>
    void see() {
        (void)table_of<T>(false);
    }

    std::vector<std::string> sections_;
    std::set<std::string> described_;
};

/// Writes one line of a table for each field.
template <typename Owner>
class DescribeCodec {
public:
    DescribeCodec(Catalogue& catalogue, bool with_effect, Effect inherited, std::string& lines)
        : catalogue_(catalogue), with_effect_(with_effect), inherited_(inherited), lines_(lines) {}

    template <typename T>
    void required(std::string_view member, const T& value) {
        add(member, value, !std::is_same_v<Owner, spec::App>);
    }
    template <typename T>
    void field(std::string_view member, const T& value) {
        add(member, value, false);
    }

private:
    template <typename T>
    void add(std::string_view member, const T& value, bool needed) {
        const std::string name = std::string(type_name<Owner>()) + "." + std::string(member);
        const Field field = find_field(type_name<Owner>(), member);
        const std::span<const Field> rows = all_fields();
        const bool has_row = std::any_of(rows.begin(), rows.end(), [&](const Field& row) {
            return row.type == type_name<Owner>() && row.member == member;
        });
        if (!has_row) catalogue_.missing_.insert(name);
        if (field.key == kHidden) return;
        const Effect effect = field.effect == Effect::AsParent ? inherited_ : field.effect;
        if (field.key == kFlat) return add_flat(value, effect);
        std::string line = "| `" + std::string(field.key) + "` | " +
                           cell(catalogue_.type(field, value)) + " | " +
                           (needed ? "required" : standard(field, value)) + " | ";
        if (with_effect_) line += std::string(to_text(effect)) + " | ";
        lines_ += line + cell(std::string(field.text)) + " |\n";
    }

    template <typename T>
    void add_flat(const T& value, Effect effect) {
        if constexpr (std::is_class_v<T> && std::is_aggregate_v<T>) {
            DescribeCodec<T> flat(catalogue_, with_effect_, effect, lines_);
            spec::json::visit_fields(flat, value);
        }
    }

    template <typename T>
    static std::string standard(const Field& field, const T& value) {
        if (value == T{} && !std::is_arithmetic_v<T> && !std::is_enum_v<T> &&
            !std::is_same_v<T, spec::RestartSpec> && !std::is_same_v<T, spec::ReadinessSpec> &&
            !std::is_same_v<T, spec::StopSpec> && !std::is_same_v<T, Duration>) {
            return "";
        }
        std::vector<std::string> problems;
        const std::string text = ValueWriter(problems).write(field, value);
        return problems.empty() && text.size() < 60 && text != "{}" && text != "[{}]"
                   ? "`" + text + "`"
                   : "";
    }

    Catalogue& catalogue_;
    bool with_effect_;
    Effect inherited_;
    std::string& lines_;
};

template <typename T>
std::string Catalogue::table_of(bool with_effect) {
    std::string lines;
    DescribeCodec<T> codec(*this, with_effect, Effect::AsParent, lines);
    const T value{};
    spec::json::visit_fields(codec, value);
    if (lines.empty()) return "";
    const std::string head = with_effect
                                 ? "| key | value | default | a change | |\n|---|---|---|---|---|\n"
                                 : "| key | value | default | |\n|---|---|---|---|\n";
    return head + lines;
}

}  // namespace

std::string write_reference() {
    return Catalogue().text_;
}

std::vector<std::string> fields_without_row() {
    const Catalogue catalogue;
    return {catalogue.missing_.begin(), catalogue.missing_.end()};
}

}  // namespace reeve::formats::native
