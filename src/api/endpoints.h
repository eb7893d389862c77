#pragma once

#include <string>
#include <vector>

#include "api/backend.h"
#include "api/connection.h"
#include "api/follower.h"
#include "api/http.h"
#include "api/reply.h"

// What the calls of the API answer: pure functions from the backend's facts to a response.
namespace reeve::api {

/// A whole answer. Every one says its Code in the header `Reeve-Code`.
struct Response {
    int status = 200;
    std::string content_type;
    HttpHeaders headers;
    std::string body;
};

void respond_with(Connection& connection, const Response& response);

/// An answer that nothing was done, and why.
Response refusal(Code code, const std::string& message);

/// The code behind an HTTP status of ours.
Code code_of_http_status(int status);

Response answer_operation(const OperationReply& reply);
Response answer_status(const Backend& backend, const HttpRequestHead& head);
Response answer_jobs(const Backend& backend, const HttpRequestHead& head);
Response answer_explain(const Backend& backend, const HttpRequestHead& head);
Response answer_logs(const Backend& backend, const HttpRequestHead& head);
Response answer_doctor(const Backend& backend, const HttpRequestHead& head);
Response answer_version(const Backend& backend);
/// One app's records where `app` is given, else the names of all.
Response answer_store(const Backend& backend, const HttpRequestHead& head);
Response answer_plan(const Backend& backend, const HttpRequestHead& head, std::string_view body);
Response answer_upgrade(Backend& backend, const HttpRequestHead& head);

/// What `why` asks for.
struct WhyQuery {
    HistoryQuery history;
    EventFormat format;
};
Result<WhyQuery> read_why_query(const Backend& backend, const HttpRequestHead& head);
Response answer_why(const Result<std::vector<status::Transition>>& history,
                    const EventFormat& format);

/// What `events` asks for.
struct EventsQuery {
    HistoryQuery history;
    EventFormat format;
    bool follow = false;
};
Result<EventsQuery> read_events_query(const HttpRequestHead& head);
std::string_view events_content_type(const EventsQuery& query);

}  // namespace reeve::api
