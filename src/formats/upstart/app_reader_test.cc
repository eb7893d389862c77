#include "formats/upstart/app_reader.h"

#include <gtest/gtest.h>

namespace reeve::formats::upstart {
namespace {

AppTexts texts_with(std::vector<ConfFile> files) {
    AppTexts texts;
    texts.directories = {{"/etc/init", std::move(files)}};
    return texts;
}

std::vector<std::string> messages(const Reading<spec::App>& reading) {
    std::vector<std::string> all;
    for (const Diagnostic& diagnostic : reading.diagnostics)
        all.push_back(diagnostic.file + ":" + std::to_string(diagnostic.line) + ": " +
                      diagnostic.message);
    return all;
}

TEST(UpstartAppTest, AllJobsAreTheAppInit) {
    const auto reading =
        read_app(texts_with({{"web.conf", "exec web"}, {"net/apache.conf", "start on startup"}}));
    EXPECT_TRUE(reading.ok());
    EXPECT_EQ(reading.value.name, "init");
    EXPECT_EQ(reading.value.format, spec::Format::Upstart);
    EXPECT_EQ(reading.value.source, "/etc/init");
    ASSERT_EQ(reading.value.services.size(), 2U);
    EXPECT_EQ(reading.value.services[0].name, "net/apache");
    EXPECT_EQ(reading.value.services[1].name, "web");
    EXPECT_TRUE(spec::validate(reading.value).ok());
    EXPECT_EQ(spec::app_from_json(spec::to_json(reading.value)).value(), reading.value);
}

TEST(UpstartAppTest, AWrongJobIsLeftOutAndTheOthersAreThere) {
    const auto reading = read_app(texts_with({{"a.conf", "exec a"},
                                              {"b.conf", "\nnonsense"},
                                              {"c.conf", "limit nofile 2 1"},
                                              {"d.conf", "cgroup cpu\nexec d"}}));
    EXPECT_FALSE(reading.ok());
    ASSERT_EQ(reading.value.services.size(), 2U);
    EXPECT_EQ(reading.value.services[1].name, "d");
    EXPECT_EQ(messages(reading),
              (std::vector<std::string>{
                  "/etc/init/b.conf:2: Unknown stanza",
                  "/etc/init/c.conf:0: service \"c\": a soft resource limit is above the hard one",
                  "/etc/init/d.conf:1: `cgroup cpu` is not applied"}));
}

TEST(UpstartAppTest, LintsAreSaidWhereTheyAreWanted) {
    AppTexts texts = texts_with({{"a.conf", "exec a\nrespawn limit 3 30"}});
    EXPECT_TRUE(read_app(texts).diagnostics.empty());
    texts.lints = true;
    EXPECT_EQ(read_app(texts).diagnostics.size(), 1U);
    EXPECT_TRUE(read_app(texts).ok());
}

}  // namespace
}  // namespace reeve::formats::upstart
