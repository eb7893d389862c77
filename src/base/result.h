#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace reeve {

/// Why something in the world failed: what was attempted on what, and why it did not work.
/// `code` is the errno where there is one, else 0.
struct Error {
    std::string message;
    int code = 0;
};

/// Either a value or the Error that took its place. Never ignored: name the reason when you do,
/// `(void)f();  // why`.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return held_.index() == 0; }
    explicit operator bool() const { return ok(); }

    /// The value; must not be called on a failure.
    T& value() & {
        CHECK(ok());
        return *std::get_if<0>(&held_);
    }
    const T& value() const& {
        CHECK(ok());
        return *std::get_if<0>(&held_);
    }
    T value() && {
        CHECK(ok());
        return std::move(*std::get_if<0>(&held_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// The failure; must not be called on a success.
    const Error& error() const {
        CHECK(!ok());
        return *std::get_if<1>(&held_);
    }

private:
    std::variant<T, Error> held_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : failed_(true), error_(std::move(error)) {}

    bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    void value() const { CHECK(ok()); }

    /// The failure; must not be called on a success.
    const Error& error() const {
        CHECK(!ok());
        return error_;
    }

private:
    bool failed_ = false;
    Error error_;
};

/// The failure of the system call that just returned, in words: `what: strerror(errno)`.
Error system_error(const std::string& what);

/// `system_error` for a given errno.
Error system_error(const std::string& what, int code);

}  // namespace reeve

/// The value of a Result, or a return of its Error from the enclosing function.
#define TRY(expression)                                  \
    ({                                                   \
        auto try_result = (expression);                  \
        if (!try_result.ok()) return try_result.error(); \
        std::move(try_result).value();                   \
    })
