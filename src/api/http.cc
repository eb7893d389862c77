#include "api/http.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace reeve::api {
namespace {

constexpr std::size_t kChunkLineMax = 256;
constexpr std::size_t kHeadersMax = 100;
constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

Error bad_request(const std::string& message) {
    return Error{message, 400};
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kTokenMarks.find(c) != std::string_view::npos;
    });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::size_t> parse_length(std::string_view text) {
    std::size_t length = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return length;
}

/// The next line up to CR LF, taken off the front of `rest`; nullopt: there is none.
std::optional<std::string_view> take_head_line(std::string_view& rest) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

Result<HttpHeaders> parse_headers(std::string_view rest) {
    HttpHeaders headers;
    for (std::size_t count = 0;; ++count) {
        const auto line = take_head_line(rest);
        if (!line) return bad_request("the head has no end");
        if (line->empty()) break;
        if (count == kHeadersMax) return Error{"too many header fields", 431};
        const std::size_t colon = line->find(':');
        if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) {
            return bad_request("a header field is malformed");
        }
        const std::string_view value = trim(line->substr(colon + 1));
        if (has_control(value)) return bad_request("a header field has control characters");
        const bool added =
            headers.emplace(lower(line->substr(0, colon)), std::string(value)).second;
        if (!added && lower(line->substr(0, colon)) == "content-length") {
            return bad_request("content-length stands twice");
        }
    }
    if (!rest.empty()) return bad_request("the head goes on after its end");
    return headers;
}

Result<void> parse_target(std::string_view target, HttpRequestHead& head) {
    if (target.empty() || target.front() != '/') return bad_request("the path must begin with /");
    const std::size_t question = target.find('?');
    head.path = TRY(unescape_query(target.substr(0, question)));
    if (question == std::string_view::npos) return {};
    for (const std::string_view part : split(target.substr(question + 1), '&')) {
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        std::string name = TRY(unescape_query(part.substr(0, equals)));
        std::string value;
        if (equals != std::string_view::npos) value = TRY(unescape_query(part.substr(equals + 1)));
        head.query.emplace_back(std::move(name), std::move(value));
    }
    return {};
}

Result<void> parse_request_line(std::string_view line, HttpRequestHead& head) {
    const std::vector<std::string_view> parts = split(line, ' ');
    if (parts.size() != 3 || !is_token(parts[0])) {
        return bad_request("the request line is malformed");
    }
    if (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") {
        return Error{"only HTTP/1.1 is spoken here", 505};
    }
    head.method = parts[0];
    head.keep_alive = parts[2] == "HTTP/1.1";
    return parse_target(parts[1], head);
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 431:
            return "Request Header Fields Too Large";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Error";
    }
}

}  // namespace

std::optional<std::string> query_value(const HttpRequestHead& head, std::string_view name) {
    for (const auto& [key, value] : head.query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::vector<std::string> query_values(const HttpRequestHead& head, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [key, value] : head.query) {
        if (key == name) values.push_back(value);
    }
    return values;
}

Result<std::string> unescape_query(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
            if (low < 0) return bad_request("the address has a broken escape");
            c = static_cast<char>(high * 16 + low);
            if (c == '\0') return bad_request("the address has a NUL");
            i += 2;
        }
        result += c;
    }
    return result;
}

Result<HttpRequestHead> parse_request_head(std::string_view text) {
    HttpRequestHead head;
    const auto line = take_head_line(text);
    if (!line) return bad_request("the request line has no end");
    TRY(parse_request_line(*line, head));
    head.headers = TRY(parse_headers(text));
    if (head.headers.count("transfer-encoding") != 0) {
        return Error{"requests must have a content-length", 501};
    }
    if (const auto length = head.headers.find("content-length"); length != head.headers.end()) {
        const auto parsed = parse_length(length->second);
        if (!parsed) return bad_request("content-length is no number");
        head.content_length = *parsed;
    }
    if (const auto connection = head.headers.find("connection");
        connection != head.headers.end() && lower(connection->second) == "close") {
        head.keep_alive = false;
    }
    const auto expect = head.headers.find("expect");
    head.expects_continue = expect != head.headers.end() && lower(expect->second) == "100-continue";
    return head;
}

Result<HttpResponseHead> parse_response_head(std::string_view text) {
    HttpResponseHead head;
    const auto line = take_head_line(text);
    if (!line || line->size() < 12 || line->substr(0, 7) != "HTTP/1.") {
        return Error{"the answer is not HTTP"};
    }
    const auto status = parse_length(line->substr(9, 3));
    if (!status) return Error{"the answer has no status"};
    head.status = static_cast<int>(*status);
    head.headers = TRY(parse_headers(text));
    if (const auto length = head.headers.find("content-length"); length != head.headers.end()) {
        head.content_length = parse_length(length->second);
        if (!head.content_length) return Error{"the answer has no valid length"};
    }
    const auto encoding = head.headers.find("transfer-encoding");
    head.chunked = encoding != head.headers.end() && lower(encoding->second) == "chunked";
    // Where it ends would depend on the reader.
    if (head.chunked && head.content_length) return Error{"the answer has two lengths"};
    return head;
}

std::string format_response_head(int status, std::string_view content_type,
                                 std::optional<std::size_t> content_length, bool keep_alive,
                                 const HttpHeaders& headers) {
    std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
    head.append(reason_phrase(status)).append("\r\nContent-Type: ").append(content_type);
    if (content_length) {
        head += "\r\nContent-Length: " + std::to_string(*content_length);
    } else {
        head += "\r\nTransfer-Encoding: chunked";
    }
    if (!keep_alive) head += "\r\nConnection: close";
    for (const auto& [name, value] : headers) {
        head.append("\r\n").append(name).append(": ").append(value);
    }
    return head + "\r\n\r\n";
}

std::string format_chunk(std::string_view data) {
    char size[20];
    const auto written = std::to_chars(size, size + sizeof size, data.size(), 16);
    std::string chunk(size, written.ptr);
    return chunk.append("\r\n").append(data).append("\r\n");
}

Result<void> ChunkReader::feed(std::string_view piece, std::string& out) {
    while (!piece.empty() && state_ != State::Finished) {
        if (state_ == State::Data) {
            const std::size_t taken = std::min(left_, piece.size());
            out.append(piece.substr(0, taken));
            piece.remove_prefix(taken);
            left_ -= taken;
            if (left_ == 0) state_ = State::DataEnd;
            continue;
        }
        const char c = piece.front();
        piece.remove_prefix(1);
        if (c == '\n') {
            TRY(take_line());
        } else if (line_.size() == kChunkLineMax) {
            return Error{"a chunk's head is too long"};
        } else {
            line_ += c;
        }
    }
    return {};
}

Result<void> ChunkReader::take_line() {
    if (line_.empty() || line_.back() != '\r') return Error{"a chunk's line has no proper end"};
    line_.pop_back();
    const std::string line = std::exchange(line_, {});
    switch (state_) {
        case State::Size: {
            const char* begin = line.data();
            const auto [end, failure] = std::from_chars(begin, begin + line.size(), left_, 16);
            if (failure != std::errc() || (end != begin + line.size() && *end != ';')) {
                return Error{"a chunk has no valid size"};
            }
            state_ = left_ == 0 ? State::Trailer : State::Data;
            return {};
        }
        case State::DataEnd:
            if (!line.empty()) return Error{"a chunk is longer than its size"};
            state_ = State::Size;
            return {};
        case State::Trailer:
            if (line.empty()) state_ = State::Finished;
            return {};
        case State::Data:
        case State::Finished:
            return {};
    }
    return {};
}

}  // namespace reeve::api
