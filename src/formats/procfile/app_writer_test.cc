#include "formats/procfile/app_writer.h"

#include <gtest/gtest.h>

#include "formats/procfile/app_reader.h"

namespace reeve::formats::procfile {
namespace {

spec::App read(const std::string& procfile, const std::string& dotenv) {
    AppTexts texts;
    texts.directory = "/srv/shop";
    texts.procfile_path = "Procfile";
    texts.procfile = procfile;
    texts.dotenv = dotenv;
    return read_app(texts).value;
}

TEST(AppWriterTest, WhatCameFromAProcfileGoesBackIntoOne) {
    const spec::App app =
        read("web: bin/web -p $PORT\nworker: a | b\nrelease: bin/go\n", "A=\"x\\n'$\"\nB='$C'\n");
    const WrittenFiles written = write_app(app);
    EXPECT_EQ(written.problems, std::vector<std::string>{});
    ASSERT_EQ(written.files.size(), 2U);
    EXPECT_EQ(written.files[0].text, "web: bin/web -p $PORT\nworker: a | b\nrelease: bin/go\n");
    EXPECT_EQ(read(written.files[0].text, written.files[1].text), app);
}

TEST(AppWriterTest, ANameThatIsNotTheDirectorysStandsInAppJson) {
    spec::App app = read("web: bin/web\n", "");
    EXPECT_EQ(write_app(app).files.size(), 1U);
    app.name = "store";
    const WrittenFiles written = write_app(app);
    ASSERT_EQ(written.files.size(), 2U);
    EXPECT_EQ(written.files[1].name, "app.json");
    EXPECT_EQ(written.files[1].text, "{\n  \"name\": \"store\"\n}\n");
}

TEST(AppWriterTest, SaysWhatAProcfileHasNoWordFor) {
    spec::App app = read("web: bin/web\n", "");
    app.services[0].nice = 5;
    app.services[0].instances = 3;
    const WrittenFiles written = write_app(app);
    ASSERT_EQ(written.problems.size(), 2U);  // a formation in app.json is fixed
    EXPECT_EQ(written.problems[0],
              "`formation_fixed` is not as it was: a Procfile has no word for it");
    EXPECT_EQ(written.problems[1], "web: `nice` is not as it was: a Procfile has no word for it");
    EXPECT_EQ(written.files.back().name, "app.json");
}

}  // namespace
}  // namespace reeve::formats::procfile
