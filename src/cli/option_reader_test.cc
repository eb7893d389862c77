#include "cli/option_reader.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <string_view>

#include "cli/commands.h"

namespace reeve::cli {
namespace {

/// A command with one option of each kind, and what was read.
struct Parsed {
    std::optional<ExitCode> end;
    Context context;
    bool follow = false;
    std::string name;
    std::size_t lines = 50;
    std::vector<std::string> words;
};

Parsed parse(const std::vector<std::string>& args) {
    Parsed parsed;
    const Command command{"try", "", "", "", "", nullptr};
    OptionReader options(command, parsed.context);
    options.add_flag("-f,--follow", "", parsed.follow);
    options.add_text("--as", "NAME", "", parsed.name);
    options.add_number("-n,--lines", "N", "", parsed.lines, 1000);
    options.add_words("TARGET", parsed.words, 1, 2);
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    parsed.end = options.read(args);
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    return parsed;
}

TEST(OptionReaderTest, ReadsOptionsAroundWords) {
    const Parsed parsed = parse({"-f", "shop", "--as", "x", "-n", "7", "web"});
    EXPECT_EQ(parsed.end, std::nullopt);
    EXPECT_TRUE(parsed.follow);
    EXPECT_EQ(parsed.name, "x");
    EXPECT_EQ(parsed.lines, 7U);
    EXPECT_EQ(parsed.words, (std::vector<std::string>{"shop", "web"}));
    EXPECT_TRUE(parsed.context.wait);
    EXPECT_FALSE(parsed.context.json);
}

TEST(OptionReaderTest, ReadsWhatEveryCommandTakes) {
    const Parsed parsed = parse({"--json", "--no-wait", "--timeout=90s", "shop"});
    EXPECT_EQ(parsed.end, std::nullopt);
    EXPECT_TRUE(parsed.context.json);
    EXPECT_FALSE(parsed.context.wait);
    EXPECT_EQ(parsed.context.timeout, 90s);
}

TEST(OptionReaderTest, RefusesWhatItWasNotTold) {
    struct Case {
        std::vector<std::string> args;
        bool taken;
    };
    const Case cases[] = {
        {{"shop"}, true},
        {{"shop", "web"}, true},
        {{"--", "-odd-name"}, true},
        {{}, false},
        {{"a", "b", "c"}, false},
        {{"shop", "--fast"}, false},
        {{"shop", "--as"}, false},
        {{"shop", "-n", "x"}, false},
        {{"shop", "-n", "-1"}, false},
        {{"shop", "-n", "1001"}, false},
        {{"shop", "--timeout", "0"}, false},
        {{"shop", "--wait", "--no-wait"}, false},
    };
    for (const Case& one : cases) {
        const Parsed parsed = parse(one.args);
        EXPECT_EQ(parsed.end, one.taken ? std::nullopt : std::optional(ExitCode::Usage))
            << testing::PrintToString(one.args);
    }
}

TEST(OptionReaderTest, EndsAfterHelp) {
    EXPECT_EQ(parse({"--help"}).end, ExitCode::Done);
    EXPECT_EQ(parse({"-h", "a", "b", "c"}).end, ExitCode::Done);
}

TEST(DurationTest, TakesNumbersWithUnits) {
    EXPECT_EQ(*parse_duration("30"), 30s);
    EXPECT_EQ(*parse_duration("30s"), 30s);
    EXPECT_EQ(*parse_duration("250ms"), 250ms);
    EXPECT_EQ(*parse_duration("5m"), 5min);
    EXPECT_EQ(*parse_duration("1h"), 1h);
    for (const char* wrong : {"", "s", "0", "-1", "1.5s", "5 m", "3x", "99999999999h"})
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(CommandsTest, EachOneExplainsItself) {
    for (const Command& command : all_commands()) {
        SCOPED_TRACE(command.name);
        EXPECT_FALSE(command.summary.empty());
        EXPECT_LE(command.summary.size() + 13, 80U);
        EXPECT_NE(command.example.find(command.name), std::string_view::npos);
        // Those of other programs speak as these do.
        constexpr std::array<std::string_view, 3> kOthers = {"bluepill", "dokku", "initctl"};
        if (std::find(kOthers.begin(), kOthers.end(), command.name) != kOthers.end()) continue;
        testing::internal::CaptureStdout();
        EXPECT_EQ(command.run(command, Context{}, {"--help"}), ExitCode::Done);
        const std::string help = testing::internal::GetCapturedStdout();
        EXPECT_EQ(help.find("Usage: reeve " + std::string(command.name)), 0U);
        EXPECT_NE(help.find(command.example), std::string::npos);
    }
}

TEST(CommandsTest, GuessesWhatWasMeant) {
    EXPECT_EQ(similar_command("statsu")->name, "status");
    EXPECT_EQ(similar_command("stat")->name, "status");
    EXPECT_EQ(similar_command("sotp")->name, "stop");
    EXPECT_EQ(similar_command("lgos")->name, "logs");
    EXPECT_EQ(similar_command("frobnicate"), nullptr);
    EXPECT_EQ(similar_command("x"), nullptr);
}

TEST(CommandsTest, AWrongWordIsAUsageError) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_program({"statsu"}), ExitCode::Usage);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean \"status\"?"),
              std::string::npos);
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_program({}), ExitCode::Usage);
    EXPECT_EQ(run_program({"--json"}), ExitCode::Usage);
    EXPECT_EQ(run_program({"stop", "/b"}), ExitCode::Usage);
    EXPECT_EQ(run_program({"signal", "NONSENSE", "shop"}), ExitCode::Usage);
    EXPECT_EQ(run_program({"scale", "shop", "web"}), ExitCode::Usage);
    EXPECT_EQ(run_program({"scale", "shop", "web=1", "web=2"}), ExitCode::Usage);
    EXPECT_EQ(run_program({"scale", "shop", "web=10001"}), ExitCode::Usage);
    testing::internal::GetCapturedStderr();
}

TEST(CommandsTest, OptionsMayStandBeforeTheCommand) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(run_program({"--timeout", "3s", "help", "stop"}), ExitCode::Done);
    EXPECT_EQ(testing::internal::GetCapturedStdout().find("Usage: reeve stop"), 0U);
}

}  // namespace
}  // namespace reeve::cli
