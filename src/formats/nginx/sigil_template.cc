#include "formats/nginx/sigil_template.h"

#include <map>
#include <utility>
#include <vector>

#include "formats/nginx/sigil_parse.h"
#include "formats/nginx/sigil_value.h"

namespace reeve::formats::nginx {
namespace {

using Kind = TemplateToken::Kind;
using Tokens = std::vector<TemplateToken>;

/// Most pieces that are looked at while one template is rendered: loops in loops end.
constexpr int kStepsMax = 20'000;
constexpr int kParenthesesMax = 32;

class Renderer {
public:
    explicit Renderer(const TemplateVariables& variables) : variables_(variables) {}

    Result<std::string> render(const std::vector<TemplateNode>& nodes) {
        TRY(visit(nodes));
        return std::move(out_);
    }

private:
    Result<void> visit(const std::vector<TemplateNode>& nodes) {
        for (const TemplateNode& node : nodes) {
            if (++steps_ > kStepsMax) return error_at_line(node.line, "its loops go on too long");
            TRY(visit(node));
            if (out_.size() > kRenderedBytesMax) {
                return error_at_line(node.line, "more comes out than a configuration may be long");
            }
        }
        return {};
    }

    Result<void> visit(const TemplateNode& node) {
        if (node.kind == TemplateNode::Kind::Text) {
            out_ += node.text;
            return {};
        }
        Result<TemplateValue> value = evaluate(node.expression);
        if (!value) return error_at_line(node.line, value.error().message);
        switch (node.kind) {
            case TemplateNode::Kind::Text:
                break;
            case TemplateNode::Kind::Print:
                out_ += to_text(*value);
                break;
            case TemplateNode::Kind::Assign:
                assigned_[node.name] = std::move(*value);
                break;
            case TemplateNode::Kind::If:
                return visit(is_true(*value) ? node.body : node.otherwise);
            case TemplateNode::Kind::With:
                if (!is_true(*value)) return visit(node.otherwise);
                return visit_with(node, std::move(*value));
            case TemplateNode::Kind::Range:
                return visit_range(node, *value);
        }
        return {};
    }

    Result<void> visit_with(const TemplateNode& node, TemplateValue value) {
        if (!node.name.empty()) assigned_[node.name] = value;
        std::optional<TemplateValue> before = std::exchange(dot_, std::move(value));
        TRY(visit(node.body));
        dot_ = std::move(before);
        return {};
    }

    Result<void> visit_range(const TemplateNode& node, const TemplateValue& value) {
        const auto* list = std::get_if<std::vector<std::string>>(&value);
        if (list == nullptr && is_true(value)) {
            return error_at_line(node.line, "\"range\" needs a list");
        }
        if (list == nullptr || list->empty()) return visit(node.otherwise);
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (!node.index_name.empty()) assigned_[node.index_name] = std::to_string(i);
            TRY(visit_with(node, (*list)[i]));
        }
        return {};
    }

    Result<TemplateValue> evaluate(const Tokens& tokens) {
        std::size_t at = 0;
        TemplateValue value = TRY(evaluate_pipeline(tokens, at, 0));
        if (at != tokens.size()) return Error{"a parenthesis is closed that was not opened"};
        return value;
    }

    /// `command | command | …`: each value is the last argument of the next one.
    Result<TemplateValue> evaluate_pipeline(const Tokens& tokens, std::size_t& at, int depth) {
        TemplateValue value = TRY(evaluate_command(tokens, at, depth, nullptr));
        while (at < tokens.size() && tokens[at].kind == Kind::Pipe) {
            ++at;
            const TemplateValue before = std::move(value);
            value = TRY(evaluate_command(tokens, at, depth, &before));
        }
        return value;
    }

    Result<TemplateValue> evaluate_command(const Tokens& tokens, std::size_t& at, int depth,
                                           const TemplateValue* piped) {
        const auto ends = [&] {
            return at == tokens.size() || tokens[at].kind == Kind::Pipe ||
                   tokens[at].kind == Kind::Close;
        };
        if (ends()) return Error{"an expression is missing"};
        const TemplateToken& first = tokens[at];
        const bool calls =
            first.kind == Kind::Name && first.text != "true" && first.text != "false";
        if (!calls) {
            TemplateValue value = TRY(evaluate_operand(tokens, at, depth));
            if (!ends() || piped != nullptr) return Error{"what is no function is called"};
            return value;
        }
        ++at;
        std::vector<TemplateValue> arguments;
        while (!ends())
            arguments.push_back(TRY(evaluate_operand(tokens, at, depth)));
        if (piped != nullptr) arguments.push_back(*piped);
        return call_function(first.text, arguments);
    }

    Result<TemplateValue> evaluate_operand(const Tokens& tokens, std::size_t& at, int depth) {
        const TemplateToken& token = tokens[at++];
        switch (token.kind) {
            case Kind::Text:
                return TemplateValue(token.text);
            case Kind::Root:
                return variable(token.text);
            case Kind::Field:
                if (token.text.empty() && dot_) return *dot_;
                return variable(token.text);
            case Kind::Variable: {
                const auto found = assigned_.find(token.text);
                if (found == assigned_.end()) return Error{"there is no $" + token.text};
                return found->second;
            }
            case Kind::Name:
                if (token.text == "true" || token.text == "false") {
                    return TemplateValue(token.text == "true");
                }
                return Error{"function \"" + token.text + "\" needs parentheses around its call"};
            case Kind::Open: {
                if (depth == kParenthesesMax) return Error{"parentheses are nested too deep"};
                TemplateValue value = TRY(evaluate_pipeline(tokens, at, depth + 1));
                const bool closed = at < tokens.size() && tokens[at].kind == Kind::Close;
                if (!closed) return Error{"a parenthesis is not closed"};
                ++at;
                return value;
            }
            case Kind::Close:
            case Kind::Pipe:
                break;
        }
        return Error{"an expression is missing"};
    }

    Result<TemplateValue> variable(const std::string& name) const {
        if (name.empty()) return Error{"\".\" alone means nothing here"};
        std::optional<std::string> value = variables_(name);
        if (!value) return Error{"there is no variable ." + name};
        return TemplateValue(std::move(*value));
    }

    const TemplateVariables& variables_;
    std::string out_;
    std::map<std::string, TemplateValue> assigned_;
    std::optional<TemplateValue> dot_;
    int steps_ = 0;
};

}  // namespace

Result<std::string> render_template(std::string_view text, const TemplateVariables& variables) {
    if (text.size() > kTemplateBytesMax) return Error{"the template is longer than 256 KiB"};
    return Renderer(variables).render(TRY(parse_template(text)));
}

}  // namespace reeve::formats::nginx
