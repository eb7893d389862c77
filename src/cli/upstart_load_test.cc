#include "cli/upstart_load.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(UpstartLoadTest, NothingIsInTheWayWhereNoDaemonAnswers) {
    Context context;
    context.paths.socket = "/nonexistent/reeve.sock";
    spec::App app;
    app.format = spec::Format::Upstart;
    for (const char* source : {"/etc/init", "/etc/init/web.conf"}) {
        app.source = source;
        EXPECT_TRUE(check_replaces_no_jobs(context, app).ok()) << source;
    }
}

}  // namespace
}  // namespace reeve::cli
