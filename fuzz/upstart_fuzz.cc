#include <string>

#include "formats/upstart/conf_reader.h"
#include "formats/upstart/lint.h"
#include "formats/upstart/show_config.h"
#include "fuzz/target.h"

namespace {

namespace upstart = reeve::formats::upstart;

// An expression that is printed and read again is the same, where its words need no quotes.
void check_printed(const reeve::spec::EventExpr& events) {
    CHECK(reeve::spec::check_shape(events).ok());
    const std::string text = "start on " + to_text(events);
    if (text.find_first_of("\\\"'#\t\r\n") != std::string::npos) return;
    const upstart::Conf again = upstart::read_conf("f", text, {});
    if (again.mistake || !again.job.start_on) return;  // a word with blanks or parentheses in it
    CHECK(reeve::spec::check_shape(*again.job.start_on).ok());
}

}  // namespace

FUZZ_TARGET(upstart) {
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const upstart::Conf conf = upstart::read_conf("f", text, {});
    if (conf.mistake) {
        reeve::fuzz::check_diagnostics({*conf.mistake}, text);
        return 0;
    }
    const upstart::MarkedText marked{reeve::formats::SourceText("f", text), conf.marks};
    reeve::fuzz::check_diagnostics(upstart::lint(conf.job, {&marked, 1}), text);
    if (conf.job.start_on) check_printed(*conf.job.start_on);
    if (conf.job.stop_on) check_printed(*conf.job.stop_on);
    (void)upstart::show_config(conf.job);  // any job can be shown
    (void)upstart::show_config_enumerated(conf.job);
    // What was read can be overridden by itself.
    CHECK(!upstart::read_conf("f", text, conf.job).mistake);
    return 0;
}
