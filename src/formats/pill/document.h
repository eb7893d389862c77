#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "formats/diagnostic.h"
#include "formats/json/jsonc.h"

namespace reeve::formats::pill {

/// A line of the pill (or of a file that it requires) that said something.
struct Place {
    std::string file;
    std::size_t line = 0;
};

/// What a reader of the evaluated JSON works with: the text it points into where a pill's own lines
/// are not known, and what there is to say.
class Document {
public:
    Document(std::string_view file, std::string_view text) : source_(file, text) {}

    const SourceText& source() const { return source_; }
    std::vector<Diagnostic>& diagnostics() { return diagnostics_; }

    void error(const Place& place, std::string message, std::string hint);
    void warning(const Place& place, std::string message, std::string hint);

    /// The JSON itself is not what the recorder writes.
    void malformed(const json::Value& value, std::string message);

    /// A member that must be there and of that kind, or nullptr (and it was said).
    const json::Value* need(const json::Value& object, std::string_view name, json::Kind kind);

private:
    void say(Severity severity, const Place& place, std::string message, std::string hint);

    SourceText source_;
    std::vector<Diagnostic> diagnostics_;
};

/// `12` or `["/srv/other.rb", 12]`, as the recorder writes places: a line of the pill itself, or of
/// another file. Empty where it is none.
Place place_of(const json::Value* value);

/// The member of that name unless it is missing or null.
const json::Value* given(const json::Value& object, std::string_view name);

/// Anything but null and false, as Ruby's conditions take it.
bool is_truthy(const json::Value* value);

/// A text, number or symbol as Ruby's `to_s` gives it; nullopt for nothing, lists and tables.
std::optional<std::string> text_of(const json::Value* value);

/// A number of seconds as a time; nullopt for what is no number. Bounded by a year.
std::optional<Duration> seconds_of(const json::Value* value);

/// A finite number, or nullopt.
std::optional<double> number_of(const json::Value* value);

}  // namespace reeve::formats::pill
