#include "cli/log_printer.h"

#include <stdlib.h>
#include <time.h>

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

class LogPrinterTest : public testing::Test {
protected:
    LogPrinterTest() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
    Context context_;
};

const char kLine[] = "2026-11-20T12:17:24.123456Z hello";

TEST_F(LogPrinterTest, PutsTimeAndLabelInFront) {
    LogPrinter printer(context_, LogPrinter::Times::OfDay);
    const std::size_t web = printer.add_source("shop", "web.1", "web.1");
    printer.add_source("shop", "worker.12", "worker.12");
    testing::internal::CaptureStdout();
    printer.print_line(web, kLine);
    printer.print_line(web, "no time of its own");
    printer.print_note("2026-11-20T12:17:25.000000Z", "web.1 running");
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "12:17:24 web.1     | hello\n"
              "12:17:24 web.1     | no time of its own\n"
              "12:17:25 reeve     | web.1 running\n");
}

TEST_F(LogPrinterTest, GivesEachSourceAColour) {
    context_.out.color = true;
    LogPrinter printer(context_, LogPrinter::Times::WithDate);
    const std::size_t web = printer.add_source("shop", "web.1", "web.1");
    const std::size_t clock = printer.add_source("shop", "clock", "clock");
    testing::internal::CaptureStdout();
    printer.print_line(web, kLine);
    printer.print_line(clock, kLine);
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "\x1b[36m2026-11-20 12:17:24 web.1 |\x1b[0m hello\n"
              "\x1b[33m2026-11-20 12:17:24 clock |\x1b[0m hello\n");
}

TEST_F(LogPrinterTest, WritesJsonOnRequest) {
    context_.json = true;
    LogPrinter printer(context_, LogPrinter::Times::OfDay);
    const std::size_t web = printer.add_source("shop", "web.1", "web.1");
    testing::internal::CaptureStdout();
    printer.print_line(web, kLine);
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "{\"time\":\"2026-11-20T12:17:24.123456Z\",\"app\":\"shop\","
              "\"instance\":\"web.1\",\"text\":\"hello\"}\n");
}

}  // namespace
}  // namespace reeve::cli
