#include "formats/nginx/sigil_parse.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace reeve::formats::nginx {
namespace {

using Kind = TemplateToken::Kind;
using Tokens = std::vector<TemplateToken>;

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kTokensMax = 200;

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string read_name(std::string_view& rest) {
    std::size_t size = 0;
    while (size < rest.size() && is_name_letter(rest[size]))
        ++size;
    std::string name(rest.substr(0, size));
    rest.remove_prefix(size);
    return name;
}

Result<std::string> read_quoted(std::string_view& rest) {
    const char quote = rest.front();
    std::string text;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == quote) {
            rest.remove_prefix(i + 1);
            return text;
        }
        const bool escaped = rest[i] == '\\' && quote == '"';
        if (escaped && ++i == rest.size()) break;
        if (!escaped) {
            text += rest[i];
        } else if (rest[i] == 'n' || rest[i] == 't') {
            text += rest[i] == 'n' ? '\n' : '\t';
        } else {
            text += rest[i];
        }
    }
    return Error{"a quoted text does not end"};
}

Result<TemplateToken> read_token(std::string_view& rest) {
    const char c = rest.front();
    const auto one = [&](Kind kind) {
        rest.remove_prefix(1);
        return TemplateToken{kind, ""};
    };
    if (c == '(') return one(Kind::Open);
    if (c == ')') return one(Kind::Close);
    if (c == '|') return one(Kind::Pipe);
    if (c == '"' || c == '`') return TemplateToken{Kind::Text, TRY(read_quoted(rest))};
    if (c == '.') {
        rest.remove_prefix(1);
        return TemplateToken{Kind::Field, read_name(rest)};
    }
    if (c == '$') {
        rest.remove_prefix(1);
        if (!rest.starts_with(".")) return TemplateToken{Kind::Variable, read_name(rest)};
        rest.remove_prefix(1);
        return TemplateToken{Kind::Root, read_name(rest)};
    }
    if (!is_name_letter(c)) return Error{std::string("\"") + c + "\" is not understood"};
    const bool number = c >= '0' && c <= '9';
    return TemplateToken{number ? Kind::Text : Kind::Name, read_name(rest)};
}

Result<Tokens> read_tokens(std::string_view text) {
    Tokens tokens;
    for (std::string_view rest = trim(text); !rest.empty(); rest = trim(rest)) {
        if (tokens.size() == kTokensMax) return Error{"the expression is too long"};
        tokens.push_back(TRY(read_token(rest)));
    }
    if (tokens.empty()) return Error{"an expression is missing"};
    return tokens;
}

/// What stands between `{{` and `}}`, or before the next `{{`.
struct Piece {
    bool is_action = false;
    std::string_view text;
    int line = 0;
};

Result<std::vector<Piece>> cut(std::string_view text) {
    std::vector<Piece> pieces;
    int line = 1;
    bool trim_next = false;
    const auto count = [](std::string_view part) {
        return static_cast<int>(std::count(part.begin(), part.end(), '\n'));
    };
    while (!text.empty()) {
        const std::size_t begin = std::min(text.find("{{"), text.size());
        std::string_view plain = text.substr(0, begin);
        const int action_line = line + count(plain);
        if (trim_next)
            plain.remove_prefix(std::min(plain.find_first_not_of(" \t\r\n"), plain.size()));
        text.remove_prefix(begin);
        if (text.starts_with("{{- ")) {
            const std::size_t last = plain.find_last_not_of(" \t\r\n");
            plain = plain.substr(0, last == std::string_view::npos ? 0 : last + 1);
        }
        if (!plain.empty()) pieces.push_back({false, plain, line});
        line = action_line;
        if (text.empty()) break;
        const bool comment = text.starts_with("{{/*") || text.starts_with("{{- /*");
        const std::size_t end = comment ? text.find("*/") : text.find("}}");
        const std::size_t close = end == std::string_view::npos ? end : text.find("}}", end);
        if (close == std::string_view::npos) return error_at_line(line, "\"{{\" is not closed");
        std::string_view action = text.substr(2, close - 2);
        if (action.starts_with("- ")) action.remove_prefix(2);
        trim_next = action.ends_with(" -");
        if (trim_next) action.remove_suffix(2);
        if (!comment) pieces.push_back({true, trim(action), line});
        line += count(text.substr(0, close));
        text.remove_prefix(close + 2);
    }
    return pieces;
}

/// `KEYWORD rest`: the rest, if that is the first word.
bool take_word(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    if (text.size() > word.size() && is_name_letter(text[word.size()])) return false;
    text = trim(text.substr(word.size()));
    return true;
}

/// `$name := ` or `$name = ` at the begin of a text, or `$index, $name := `.
struct Assigned {
    std::string index_name;
    std::string name;
};

Assigned take_assigned(std::string_view& text) {
    Assigned assigned;
    std::string_view rest = text;
    for (int names = 0; names < 2 && rest.starts_with("$"); ++names) {
        rest.remove_prefix(1);
        assigned.index_name = std::exchange(assigned.name, read_name(rest));
        rest = trim(rest);
        if (!rest.starts_with(",")) break;
        rest = trim(rest.substr(1));
    }
    const bool assigns = rest.starts_with(":=") || rest.starts_with("=");
    if (!assigns || assigned.name.empty()) return {};
    text = trim(rest.substr(rest.find('=') + 1));
    return assigned;
}

class Parser {
public:
    explicit Parser(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

    Result<std::vector<TemplateNode>> parse() {
        std::vector<TemplateNode> nodes = TRY(parse_list(0));
        if (at_ < pieces_.size()) return error_here("\"" + keyword_ + "\" belongs to nothing");
        return nodes;
    }

private:
    Error error_here(const std::string& message) const {
        const std::size_t at = std::min(at_, pieces_.size() - 1);
        return error_at_line(pieces_[at].line, message);
    }

    /// Until an `else` or `end`, which is left in place, or the end of the text.
    Result<std::vector<TemplateNode>> parse_list(std::size_t depth) {
        std::vector<TemplateNode> nodes;
        if (depth > kDepthMax) return error_here("blocks are nested too deep");
        for (; at_ < pieces_.size(); ++at_) {
            const Piece& piece = pieces_[at_];
            std::string_view rest = piece.text;
            if (piece.is_action && (take_word(rest, "else") || take_word(rest, "end"))) {
                keyword_ = piece.text.starts_with("else") ? "else" : "end";
                return nodes;
            }
            nodes.push_back(TRY(parse_node(piece, depth)));
        }
        return nodes;
    }

    Result<TemplateNode> parse_node(const Piece& piece, std::size_t depth) {
        TemplateNode node;
        node.line = piece.line;
        if (!piece.is_action) {
            node.text = std::string(piece.text);
            return node;
        }
        std::string_view rest = piece.text;
        for (const std::string_view word : {"define", "template", "block", "break", "continue"}) {
            if (take_word(rest, word)) {
                return error_here("\"" + std::string(word) + "\" is not supported");
            }
        }
        if (take_word(rest, "if")) return parse_block(TemplateNode::Kind::If, rest, depth);
        if (take_word(rest, "range")) return parse_block(TemplateNode::Kind::Range, rest, depth);
        if (take_word(rest, "with")) return parse_block(TemplateNode::Kind::With, rest, depth);
        node.name = take_assigned(rest).name;
        node.kind = node.name.empty() ? TemplateNode::Kind::Print : TemplateNode::Kind::Assign;
        node.expression = TRY(parse_expression(rest));
        return node;
    }

    Result<Tokens> parse_expression(std::string_view text) const {
        Result<Tokens> tokens = read_tokens(text);
        if (!tokens) return error_here(tokens.error().message);
        return tokens;
    }

    /// From the head of a block to its `end`, which is the current piece afterwards.
    Result<TemplateNode> parse_block(TemplateNode::Kind kind, std::string_view head,
                                     std::size_t depth) {
        TemplateNode node;
        node.kind = kind;
        node.line = pieces_[at_].line;
        const Assigned assigned = take_assigned(head);
        node.index_name = assigned.index_name;
        node.name = assigned.name;
        node.expression = TRY(parse_expression(head));
        ++at_;
        node.body = TRY(parse_list(depth + 1));
        if (at_ == pieces_.size()) return error_at_line(node.line, "the block has no \"end\"");
        if (keyword_ == "end") return node;
        std::string_view rest = pieces_[at_].text;
        (void)take_word(rest, "else");  // it is there
        if (take_word(rest, "if")) {
            node.otherwise.push_back(TRY(parse_block(TemplateNode::Kind::If, rest, depth + 1)));
            return node;
        }
        if (!rest.empty()) return error_here("\"else\" is followed by what is not understood");
        ++at_;
        node.otherwise = TRY(parse_list(depth + 1));
        const bool closed = at_ < pieces_.size() && keyword_ == "end";
        if (!closed) return error_at_line(node.line, "the block has no \"end\"");
        return node;
    }

    std::vector<Piece> pieces_;
    std::size_t at_ = 0;
    std::string keyword_;  // that ended the latest list
};

}  // namespace

Error error_at_line(int line, const std::string& message) {
    return Error{"line " + std::to_string(line) + ": " + message};
}

Result<std::vector<TemplateNode>> parse_template(std::string_view text) {
    std::vector<Piece> pieces = TRY(cut(text));
    if (pieces.empty()) return std::vector<TemplateNode>();
    return Parser(std::move(pieces)).parse();
}

}  // namespace reeve::formats::nginx
