#include "api/deploy_request.h"
#include "api/store_request.h"
#include "fuzz/target.h"

// What is taken comes back as it was when it is written and read again.
FUZZ_TARGET(deploy_json) {
    const std::string_view text = reeve::fuzz::as_text(data, size);
    if (const auto request = reeve::api::deploy_request_from_json(text)) {
        const auto again = reeve::api::deploy_request_from_json(reeve::api::to_json(*request));
        CHECK(again.ok() && again->app == request->app && again->source == request->source);
    }
    if (const auto change = reeve::api::store_change_from_json(text)) {
        const auto again = reeve::api::store_change_from_json(reeve::api::to_json(*change));
        CHECK(again.ok() && again->entries == change->entries);
    }
    (void)reeve::api::deploy_news_from_json(text);  // refused or taken: it must not crash
    (void)reeve::api::records_from_json(text);      // likewise
    (void)reeve::api::app_names_from_json(text);    // likewise
    return 0;
}
