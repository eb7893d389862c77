#include "formats/registry.h"

#include <gtest/gtest.h>

namespace reeve::formats {
namespace {

std::string main_file(const PathFacts& facts) {
    const Result<AppFiles> files = detect(facts);
    return files ? files->main_file + " in " + files->directory : files.error().message;
}

TEST(RegistryTest, ADirectoryWithAProcfileIsAnApp) {
    EXPECT_EQ(main_file({"/srv/shop", true, {"app.json", "Procfile"}}),
              "/srv/shop/Procfile in /srv/shop");
    EXPECT_EQ(main_file({"/", true, {"Procfile"}}), "/Procfile in /");
}

TEST(RegistryTest, AProcfileIsKnownByItsName) {
    EXPECT_EQ(main_file({"/srv/shop/Procfile", false, {}}), "/srv/shop/Procfile in /srv/shop");
    EXPECT_EQ(main_file({"/srv/shop/Procfile.dev", false, {}}),
              "/srv/shop/Procfile.dev in /srv/shop");
    EXPECT_EQ(main_file({"/shop.procfile", false, {}}), "/shop.procfile in /");
}

TEST(RegistryTest, ANativeFileIsKnownByItsNameAndComesFirst) {
    EXPECT_EQ(main_file({"/srv/shop", true, {"Procfile", "reeve.toml"}}),
              "/srv/shop/reeve.toml in /srv/shop");
    EXPECT_EQ(main_file({"/etc/reeve/apps.d/shop.toml", false, {}}),
              "/etc/reeve/apps.d/shop.toml in /etc/reeve/apps.d");
    EXPECT_EQ(detect({"/srv/shop/reeve.toml", false, {}})->format, spec::Format::Native);
}

TEST(RegistryTest, OtherPathsAreRefusedWithWhatWasLookedFor) {
    EXPECT_EQ(main_file({"/srv/shop", true, {"src"}}),
              "/srv/shop: no Procfile or reeve.toml in this directory");
    EXPECT_EQ(main_file({"/srv/shop", true, {"procfile"}}),
              "/srv/shop: no Procfile or reeve.toml in this directory; \"procfile\" is not spelled "
              "like it");
    EXPECT_EQ(main_file({"/srv/shop", true, {"Procfile.dev"}}),
              "/srv/shop: no Procfile or reeve.toml in this directory; name Procfile.dev itself to "
              "use that");
    EXPECT_EQ(main_file({"/srv/shop/README", false, {}}),
              "/srv/shop/README: not a configuration by its name (reeve.toml, NAME.toml, Procfile, "
              "Procfile.NAME, NAME.procfile, NAME.pill), and no job of Upstart (NAME.conf)");
}

TEST(RegistryTest, ADirectoryOfJobsIsUpstarts) {
    const Result<AppFiles> files = detect({"/etc/init", true, {"README", "web.conf"}});
    ASSERT_TRUE(files);
    EXPECT_EQ(files->format, spec::Format::Upstart);
    EXPECT_EQ(files->main_file, "/etc/init");
    const Result<AppFiles> one = detect({"/etc/init/web.conf", false, {}});
    ASSERT_TRUE(one);
    EXPECT_EQ(one->format, spec::Format::Upstart);
    // Who has both means the Procfile.
    EXPECT_EQ(detect({"/srv/shop", true, {"web.conf", "Procfile"}})->format,
              spec::Format::Procfile);
}

}  // namespace
}  // namespace reeve::formats
