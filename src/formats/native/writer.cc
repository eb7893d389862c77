#include "formats/native/writer.h"

#include "base/text.h"
#include "formats/native/value_writer.h"

namespace reeve::formats::native {
namespace {

// A table that does not fit here gets a header of its own.
constexpr std::size_t kLineMax = 72;

class AppWriter {
public:
    WrittenFiles write(const spec::App& app) {
        append("", values_.pairs(app, standard_app()));
        for (const spec::Service& service : app.services) {
            if (!is_utf8(service.name)) {
                values_.cannot("a service whose name is not UTF-8 cannot be written");
                continue;
            }
            spec::Service standard;
            standard.working_dir = service.chroot.empty() ? app.directory : "/";
            const std::string header = "services." + write_key(service.name);
            text_ += "\n[" + header + "]\n";
            append(header, values_.pairs(service, standard));
        }
        return {{{"reeve.toml", std::move(text_)}}, std::move(problems_)};
    }

private:
    static spec::App standard_app() { return {}; }

    void append(const std::string& header, const std::vector<Pair>& pairs) {
        for (const Pair& pair : pairs) {
            if (!stands_apart(pair)) text_ += pair.key + " = " + pair.text + "\n";
        }
        for (const Pair& pair : pairs) {
            if (!stands_apart(pair) || pair.key == "services") continue;
            text_ += "\n[" + header + (header.empty() ? "" : ".") + pair.key + "]\n";
            for (const Pair& inner : pair.table)
                text_ += inner.key + " = " + inner.text + "\n";
        }
    }

    static bool stands_apart(const Pair& pair) {
        return pair.key == "services" ||
               (!pair.table.empty() && pair.key.size() + pair.text.size() > kLineMax);
    }

    std::vector<std::string> problems_;
    ValueWriter values_{problems_};
    std::string text_;
};

}  // namespace

WrittenFiles write_app(const spec::App& app) {
    return AppWriter().write(app);
}

}  // namespace reeve::formats::native
