#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace reeve {

template <typename T>
class Rare;

/// std::optional or Rare.
template <typename M>
concept Maybe = std::same_as<M, std::optional<typename M::value_type>> ||
    std::same_as<M, Rare<typename M::value_type>>;

/// An optional value that takes one pointer while it is empty: for large parts that few of many
/// values have. Copies are deep; what was moved from is empty.
template <typename T>
class Rare {
public:
    using value_type = T;

    Rare() = default;
    Rare(std::nullopt_t) {}
    Rare(std::optional<T> value) {
        if (value) emplace(*std::move(value));
    }
    template <typename U = T>
    requires std::constructible_from<T, U> &&(!Maybe<std::remove_cvref_t<U>>)Rare(U&& value)
        : held_(std::make_unique<T>(std::forward<U>(value))) {}
    Rare(const Rare& other) : held_(other.held_ ? std::make_unique<T>(*other.held_) : nullptr) {}
    Rare(Rare&&) noexcept = default;
    ~Rare() = default;

    Rare& operator=(const Rare& other) {
        held_ = other.held_ ? std::make_unique<T>(*other.held_) : nullptr;
        return *this;
    }
    Rare& operator=(Rare&&) noexcept = default;
    template <typename U = T>
    requires std::constructible_from<T, U> &&(!Maybe<std::remove_cvref_t<U>>)Rare& operator=(
        U&& value) {
        held_ = std::make_unique<T>(std::forward<U>(value));
        return *this;
    }

    explicit operator bool() const { return held_ != nullptr; }
    bool has_value() const { return held_ != nullptr; }

    /// It must not be empty.
    T& operator*() { return *held_; }
    const T& operator*() const { return *held_; }
    T* operator->() { return held_.get(); }
    const T* operator->() const { return held_.get(); }

    void reset() { held_.reset(); }

    template <typename... Arguments>
    T& emplace(Arguments&&... arguments) {
        held_ = std::make_unique<T>(std::forward<Arguments>(arguments)...);
        return *held_;
    }

    friend bool operator==(const Rare& a, const Rare& b) {
        return a.held_ && b.held_ ? *a.held_ == *b.held_ : a.held_ == b.held_;
    }

private:
    std::unique_ptr<T> held_;
};

}  // namespace reeve
