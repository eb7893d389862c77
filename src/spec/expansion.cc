#include "spec/expansion.h"

namespace reeve::spec {
namespace {

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_part(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9');
}

class Expander {
public:
    Expander(std::string_view text, const VariableLookup& lookup) : rest_(text), lookup_(lookup) {}

    /// Up to the end, or to an unmatched `}` where `in_braces`.
    Result<std::string> until_end(int depth, bool in_braces) {
        std::string out;
        while (!rest_.empty() && !(in_braces && rest_.front() == '}')) {
            if (rest_.front() == '$') {
                out += TRY(reference(depth));
            } else {
                out += rest_.front();
                rest_.remove_prefix(1);
            }
            if (out.size() > kExpansionBytesMax) return Error{"Expansion is too long"};
        }
        return out;
    }

private:
    Result<std::string> reference(int depth) {
        if (depth > kExpansionDepthMax) return Error{"Expansion is nested too deeply"};
        rest_.remove_prefix(1);
        if (!rest_.empty() && rest_.front() == '{') return braces(depth);
        if (rest_.empty() || !is_name_start(rest_.front())) return std::string("$");
        return value_of(plain_name());
    }

    std::string plain_name() {
        std::size_t length = 0;
        while (length < rest_.size() && is_name_part(rest_[length]))
            ++length;
        std::string name(rest_.substr(0, length));
        rest_.remove_prefix(length);
        return name;
    }

    Result<std::string> braces(int depth) {
        rest_.remove_prefix(1);
        std::string name;
        while (!rest_.empty() && (rest_.front() == '$' || is_name_part(rest_.front()))) {
            name += rest_.front() == '$' ? TRY(reference(depth + 1)) : plain_name();
        }
        if (rest_.empty()) return Error{"Mismatched braces"};
        if (rest_.front() == '}') {
            rest_.remove_prefix(1);
            return name.empty() ? Result<std::string>(std::string("$")) : value_of(name);
        }
        const bool null_is_unset = rest_.front() == ':';
        if (null_is_unset) rest_.remove_prefix(1);
        if (rest_.empty()) return Error{"Mismatched braces"};
        const char operation = rest_.front();
        if (operation != '-' && operation != '+') return Error{"Expected operator"};
        rest_.remove_prefix(1);
        const Result<std::string> word = until_end(depth + 1, true);
        if (rest_.empty())
            return word.ok() ? Result<std::string>(Error{"Mismatched braces"}) : word;
        if (!word.ok()) return word;
        rest_.remove_prefix(1);
        const std::string* value = lookup_(name);
        const bool is_set = value != nullptr && !(null_is_unset && value->empty());
        if (operation == '+') return is_set ? word : std::string();
        return is_set ? *value : word;
    }

    Result<std::string> value_of(const std::string& name) const {
        const std::string* value = lookup_(name);
        if (value == nullptr) return Error{"Unknown parameter: " + name};
        return *value;
    }

    std::string_view rest_;
    const VariableLookup& lookup_;
};

}  // namespace

Result<std::string> expand(std::string_view text, const VariableLookup& lookup) {
    return Expander(text, lookup).until_end(0, false);
}

}  // namespace reeve::spec
