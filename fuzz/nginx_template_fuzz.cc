#include "formats/nginx/sigil_template.h"
#include "formats/nginx/site_template.h"
#include "fuzz/target.h"

/// Rendering ends, is bounded, and every refusal names its line; a site's configuration never
/// keeps an address that stands for an instance.
FUZZ_TARGET(nginx_template) {
    using namespace reeve::formats;
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const auto rendered = nginx::render_template(text, [](std::string_view name) {
        return name.size() % 2 == 0 ? std::optional<std::string>("a b:c") : std::nullopt;
    });
    if (rendered) {
        CHECK(rendered->size() <= 2 * nginx::kRenderedBytesMax);
    } else {
        CHECK(rendered.error().message.starts_with("line ") ||
              rendered.error().message.starts_with("the template"));
    }
    nginx::Site site;
    site.app = "shop";
    site.domains = {"shop.test"};
    site.ports = {{"http", 80, 5000}};
    site.listeners["web"] = {{20001, 20002}};
    site.access_log = "off";
    site.error_log = "/dev/null";
    const auto config = nginx::config_of_template(site, text, "/x");
    const bool has_own = text.find("127.77.") != std::string_view::npos;
    if (config && !has_own) CHECK(config->find("127.77.0.1") == std::string::npos);
    return 0;
}
