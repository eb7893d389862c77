#include <string>

#include "fuzz/target.h"
#include "spec/app.h"

FUZZ_TARGET(spec_json) {
    using namespace reeve::spec;
    const auto app = app_from_json(reeve::fuzz::as_text(data, size));
    if (!app.ok()) {
        CHECK(!app.error().message.empty());
        return 0;
    }
    (void)validate(*app);  // must only not crash: any verdict is right
    const std::string json = to_json(*app);
    const auto again = app_from_json(json);
    CHECK(again.ok() && *again == *app);
    CHECK(to_json(*again) == json);
    return 0;
}
