#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::api {

/// Appends JSON to one string, without a tree in between: a status of thousands of instances is
/// written in a millisecond. The caller keeps objects and lists properly closed.
class JsonWriter {
public:
    /// Makes room for so many bytes, which may be a guess.
    void reserve(std::size_t bytes) { out_.reserve(bytes); }

    void begin_object();
    void end_object();
    void begin_list();
    void end_list();

    /// The name of the next value of an object. It is a literal of ours and is not escaped.
    void key(std::string_view name);

    /// Bytes that are not UTF-8 become U+FFFD.
    void text(std::string_view value);
    void number(std::int64_t value);
    void flag(bool value);
    void null();
    /// A value that is JSON already.
    void raw(std::string_view json);

    void member(std::string_view name, std::string_view value) { key(name), text(value); }
    void member_number(std::string_view name, std::int64_t value) { key(name), number(value); }
    void member_flag(std::string_view name, bool value) { key(name), flag(value); }

    /// What was written; the writer is empty afterwards.
    std::string take() { return std::move(out_); }

private:
    void separate();

    std::string out_;
    bool first_ = true;  // nothing stands before the next value
};

}  // namespace reeve::api
