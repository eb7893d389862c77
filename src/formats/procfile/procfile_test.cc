#include "formats/procfile/procfile.h"

#include <gtest/gtest.h>
#include <string>

namespace reeve::formats::procfile {
namespace {

using namespace std::string_literals;

// `name=command` of each entry, one to a line; or each error with its place.
std::string outcome(const std::string& text, Grammar grammar) {
    const Reading<std::vector<Entry>> reading = parse("Procfile", text, grammar);
    std::string out;
    for (const Diagnostic& diagnostic : reading.diagnostics) {
        if (!out.empty()) out += '\n';
        out += diagnostic.message;
    }
    if (!reading.ok()) return out;
    for (const Entry& entry : reading.value) {
        if (!out.empty()) out += '\n';
        out += entry.name + "=" + entry.command;
    }
    return out;
}

std::string relaxed(const std::string& text) {
    return outcome(text, Grammar::Relaxed);
}

std::string strict(const std::string& text) {
    return outcome(text, Grammar::Strict);
}

// The command of `web: COMMAND`.
std::string command(const std::string& text) {
    const std::string out = relaxed("web: " + text + "\n");
    return out.starts_with("web=") ? out.substr(4) : out;
}

constexpr char kInvalid1[] = "invalid line in procfile, line 1";

TEST(ProcfileTest, BlanksAroundNameAndColonAreLeftOut) {
    for (const char* text : {"web:a b", "web   : a b", "web:\ta b", "   web: a b", "\t web: a b \t",
                             "web: a b", "\u00a0web: a b\u3000"}) {
        EXPECT_EQ(relaxed(text), "web=a b") << text;
        EXPECT_EQ(strict(text), "web=a b") << text;
    }
}

TEST(ProcfileTest, LinesMayEndInCrLf) {
    EXPECT_EQ(relaxed("web: a\r\nworker: b\r\n"), "web=a\nworker=b");
    EXPECT_EQ(relaxed("web: a\rworker: b\r"), "web=a\rworker: b");
}

TEST(ProcfileTest, AByteOrderMarkIsLeftOut) {
    EXPECT_EQ(relaxed("\xEF\xBB\xBFweb: a"), "web=a");
}

TEST(ProcfileTest, AFileWithoutEntriesIsRefused) {
    for (const char* text : {"", "\n\n", "# x\n// y\n   # z", "\xEF\xBB\xBF"}) {
        EXPECT_EQ(relaxed(text), "no entries found in Procfile") << text;
    }
}

TEST(ProcfileTest, ALineWithoutACommandIsInvalid) {
    EXPECT_EQ(relaxed("web:"), kInvalid1);
    EXPECT_EQ(relaxed("web:    "), kInvalid1);
    for (const char* text : {"web: # x", "web: #x", "web: // x", "web://x"}) {
        EXPECT_EQ(relaxed(text), "comment specified in place of command, line 1") << text;
    }
    EXPECT_EQ(relaxed("web: \u00a0 # x"), "no command specified, line 1");
}

TEST(ProcfileTest, TheLastCommentOfALineIsLeftOut) {
    EXPECT_EQ(command("a b # c d"), "a b");
    EXPECT_EQ(command("a b #c"), "a b");
    EXPECT_EQ(command("a\t# c"), "a");
    EXPECT_EQ(command("a#b"), "a#b");
    EXPECT_EQ(command("a #"), "a #");
    EXPECT_EQ(command("a # "), "a #");
    EXPECT_EQ(command("curl http://x.y/z"), "curl http://x.y/z");
    EXPECT_EQ(command("curl //x.y/z"), "curl");
    EXPECT_EQ(command("a // c"), "a");
    EXPECT_EQ(command("a // b # c"), "a // b");
    EXPECT_EQ(command("a # b // c"), "a");
    EXPECT_EQ(command("a # b # c"), "a # b");
    EXPECT_EQ(command("a // b // c"), "a // b");
}

TEST(ProcfileTest, NoCommentBeginsInsideQuotes) {
    EXPECT_EQ(command("echo \"a # b\" c"), "echo \"a # b\" c");
    EXPECT_EQ(command("echo 'a # b' # c"), "echo 'a # b'");
    EXPECT_EQ(command("echo \"a \\\" # b\" c"), "echo \"a \\\" # b\" c");
    EXPECT_EQ(command("echo \"a // b\" // c"), "echo \"a // b\"");
    EXPECT_EQ(command("run # don't"), "run");
    EXPECT_EQ(command("echo \\' # c"), "echo \\'");
    EXPECT_EQ(command("sh -c 'a; # b\t# c' d"), "sh -c 'a; # b\t# c' d");
}

TEST(ProcfileTest, NamesAreUnique) {
    EXPECT_EQ(relaxed("web: a\nweb: b"), "process names must be unique, line 2");
    EXPECT_EQ(relaxed("web: a\nWeb: b"), "Web=b\nweb=a");
    EXPECT_EQ(strict("web: a\nWeb: b"), "process name contains invalid characters, line 2");
}

TEST(ProcfileTest, StrictNamesAreDnsLabels) {
    for (const char* name : {"web_1", "Web", "-web", "web-"}) {
        EXPECT_EQ(relaxed(name + ": a"s), name + "=a"s);
        EXPECT_EQ(strict(name + ": a"s), "process name contains invalid characters, line 1");
    }
    for (const char* name : {"2web", "123", "wor-ker", "a"}) {
        EXPECT_EQ(relaxed(name + ": a"s), name + "=a"s);
        EXPECT_EQ(strict(name + ": a"s), name + "=a"s);
    }
}

TEST(ProcfileTest, OtherLinesAreInvalid) {
    for (const char* text : {"web.1: a", "web server: a", "\"web\": a", "wéb: a", "web= a",
                             "- web: a", "---", "<<<<<<< HEAD", ": a", ":", "web"}) {
        EXPECT_EQ(relaxed(text), kInvalid1) << text;
        EXPECT_EQ(strict(text), kInvalid1) << text;
    }
    EXPECT_EQ(relaxed("web: a \\\n  --more"), "invalid line in procfile, line 2");
}

TEST(ProcfileTest, NamesHaveAtMost63Characters) {
    const std::string longest(63, 'a');
    EXPECT_EQ(relaxed(longest + ": b"), longest + "=b");
    EXPECT_EQ(strict(longest + ": b"), longest + "=b");
    EXPECT_EQ(relaxed(longest + "a: b"), "process name over 63 characters, line 1");
    EXPECT_EQ(strict(longest + "a: b"), "process name over 63 characters, line 1");
}

TEST(ProcfileTest, CommandsAreTakenAsTheyAre) {
    EXPECT_EQ(command("a:b :c"), "a:b :c");
    EXPECT_EQ(relaxed("web: a\xff\0b"s), "web=a\xff\0b"s);
}

TEST(ProcfileTest, SizesAreBounded) {
    const std::string line = "web: " + std::string(65'530, 'x');
    EXPECT_EQ(relaxed(line), "web=" + line.substr(5));
    EXPECT_EQ(relaxed(line + "x\nworker:"),
              "line is longer than 65535 bytes, line 1\ninvalid line in procfile, line 2");
    EXPECT_EQ(relaxed(std::string(kConfigBytesMax + 1, '\n')), "the Procfile is larger than 1 MiB");
}

TEST(ProcfileTest, EveryErrorIsReportedUpToALimit) {
    EXPECT_EQ(relaxed("web\nok: x\nweb:"),
              "invalid line in procfile, line 1\ninvalid line in procfile, line 3");
    std::string text;
    for (int i = 0; i < 500; ++i)
        text += "bad\n";
    EXPECT_EQ(parse("f", text, Grammar::Relaxed).diagnostics.size(), 100U);
}

TEST(ProcfileTest, ErrorsPointToTheirPlaceAndSayWhatToDo) {
    const auto only = [](const std::string& text) {
        return to_text(parse("Procfile", text, Grammar::Relaxed).diagnostics.at(0), Colour::No);
    };
    EXPECT_EQ(only("# ok\n  web:\n"),
              "Procfile:2:7: error: invalid line in procfile, line 2\n"
              "      web:\n"
              "          ^\n"
              "    hint: write the command after the colon\n");
    EXPECT_EQ(only("web: a\nx: b\nweb: c"),
              "Procfile:3:1: error: process names must be unique, line 3\n"
              "    web: c\n"
              "    ^\n"
              "    hint: \"web\" stands on line 1 already; remove one of them\n");
    EXPECT_EQ(only("web.1: a"),
              "Procfile:1:4: error: invalid line in procfile, line 1\n"
              "    web.1: a\n"
              "       ^\n"
              "    hint: a name has only letters, digits, \"-\" and \"_\"\n");
    EXPECT_NE(only("=======").find("hint: resolve this merge conflict"), std::string::npos);
    EXPECT_NE(only("- web: a").find("hint: a Procfile is not YAML"), std::string::npos);
    EXPECT_NE(only("web: a \\\n  -b").find("cannot be continued"), std::string::npos);
}

}  // namespace
}  // namespace reeve::formats::procfile
