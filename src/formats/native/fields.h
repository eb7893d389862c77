#pragma once

#include <span>
#include <string>
#include <string_view>

// The table of reeve.toml: one row for each field of the spec. Reader, writer and reference page
// walk the fields of spec/json_fields.h and look up here what a field is called and what is said
// of it, so that a row is all that a new field needs; a test names the field without one.
namespace reeve::formats::native {

/// What a reload does to what runs when this field has changed.
enum class Effect {
    AsParent,  // what the field that holds it does
    None,      // nothing
    Live,      // the new value counts from now on; no process is touched
    Roll,      // the instances are replaced as the service's rollout says
    Restart    // the instances are replaced, each only after the one before it has gone
};

/// `live`, `roll`: as the reference page names it.
std::string_view to_text(Effect effect);

/// How a number is written.
enum class As { Plain, Signal, Octal, Size, Percent };

/// Keys with a meaning of their own.
inline constexpr std::string_view kFlat = "*";    // its fields stand where it would stand
inline constexpr std::string_view kHidden = "-";  // not in the file: given by its place

/// One row.
struct Field {
    std::string_view type;    // the struct of spec/ that has it
    std::string_view member;  // its name in spec/json_fields.h
    std::string_view key;     // in reeve.toml; empty: `member` without `_ns` or `_bytes`
    std::string_view text;    // what it says, for the reference page
    Effect effect = Effect::AsParent;
    As as = As::Plain;
};

/// Every row.
std::span<const Field> all_fields();

/// The row of a field. One that has none is treated by its name alone, and has no text.
Field find_field(std::string_view type, std::string_view member);

/// What a field is called in reeve.toml, for messages; one that has no key of its own: `member`.
std::string key_of(std::string_view type, std::string_view member);

/// What is said of a word or of a kind: `Shell`, `bash`. Empty: nothing.
std::string_view find_word_text(std::string_view type, std::string_view word);

/// The name of a type of spec/, without its namespace.
template <typename T>
constexpr std::string_view type_name() {
    std::string_view name = __PRETTY_FUNCTION__;
    name.remove_prefix(name.find("T = ") + 4);
    name = name.substr(0, name.find_first_of(";]"));
    return name.substr(name.rfind(':') + 1);
}

}  // namespace reeve::formats::native
