#include "api/http.h"
#include "fuzz/target.h"

namespace {

using reeve::api::ChunkReader;

/// In whatever pieces a body arrives, the same comes out.
void check_chunks(std::string_view text) {
    ChunkReader whole;
    std::string from_whole;
    const bool ok = whole.feed(text, from_whole).ok();
    ChunkReader pieces;
    std::string from_pieces;
    bool pieces_ok = true;
    for (std::size_t at = 0; at < text.size() && pieces_ok; at += 3) {
        pieces_ok = pieces.feed(text.substr(at, 3), from_pieces).ok();
    }
    CHECK(ok == pieces_ok);
    CHECK(!ok || (from_whole == from_pieces && whole.finished() == pieces.finished()));
    CHECK(from_whole.size() <= text.size());
}

}  // namespace

FUZZ_TARGET(http) {
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const auto request = reeve::api::parse_request_head(text);
    if (request.ok()) {
        CHECK(!request->method.empty() && request->path.starts_with("/"));
        for (const auto& [name, value] : request->headers) {
            CHECK(name.find_first_of("\r\n") == std::string::npos);
            CHECK(value.find_first_of("\r\n") == std::string::npos);
        }
    } else {
        CHECK(request.error().code >= 400 && request.error().code < 600);
    }
    const auto response = reeve::api::parse_response_head(text);
    if (response.ok()) CHECK(!(response->chunked && response->content_length));
    (void)reeve::api::unescape_query(text);  // must only not crash
    check_chunks(text);
    return 0;
}
