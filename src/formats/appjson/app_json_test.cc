#include "formats/appjson/app_json.h"

#include <gtest/gtest.h>
#include <string>

namespace reeve::formats::appjson {
namespace {

// The diagnostics, one to a line.
std::string said(const std::string& text) {
    std::string out;
    for (const Diagnostic& diagnostic : parse("app.json", text).diagnostics) {
        if (!out.empty()) out += '\n';
        out += std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + " " +
               diagnostic.message;
    }
    return out;
}

TEST(AppJsonFileTest, ReadsNameFormationAndEnvironment) {
    const Reading<AppJson> reading = parse("app.json", R"({
        // comments and trailing commas are fine
        "name": "shop", "description": "x", "addons": ["heroku-postgresql"],
        "formation": {"web": {"quantity": 2, "size": "eco"}, "worker": {"max_parallel": 3}},
        "env": {
            "A": "b",
            "C": {"description": "c", "value": "d"},
            "E": {"required": false},
            "F": {"generator": "secret"},
        },
    })");
    ASSERT_TRUE(reading.ok());
    EXPECT_TRUE(reading.diagnostics.empty());
    const AppJson& json = reading.value;
    EXPECT_EQ(json.name, "shop");
    EXPECT_EQ(json.formation.at("web").quantity, 2U);
    EXPECT_EQ(json.formation.at("worker").quantity, std::nullopt);
    EXPECT_EQ(json.formation.at("worker").max_parallel, 3U);
    EXPECT_TRUE(json.is_scale_fixed());
    EXPECT_EQ(json.environment.at("A").value, "b");
    EXPECT_EQ(json.environment.at("C").value, "d");
    EXPECT_FALSE(json.environment.at("E").required);
    EXPECT_TRUE(json.environment.at("F").is_secret);
    EXPECT_TRUE(json.environment.at("F").required);
}

TEST(AppJsonFileTest, AFormationWithoutQuantityLeavesScalingAlone) {
    EXPECT_FALSE(
        parse("f", R"({"formation": {"web": {"max_parallel": 2}}})").value.is_scale_fixed());
    EXPECT_FALSE(parse("f", "{}").value.is_scale_fixed());
    EXPECT_TRUE(parse("f", R"({"formation": {"web": {"quantity": 0}}})").value.is_scale_fixed());
}

TEST(AppJsonFileTest, WhatOtherSchedulersReadIsTakenWithoutEffect) {
    const Reading<AppJson> reading = parse("app.json", R"({"formation": {"web": {
        "autoscaling": {"min_quantity": 1, "max_quantity": 10, "polling_interval_seconds": 30},
        "service": {"exposed": true}}}})");
    EXPECT_TRUE(reading.diagnostics.empty());
    EXPECT_EQ(reading.value.formation.at("web").quantity, std::nullopt);
    EXPECT_FALSE(reading.value.is_scale_fixed());
}

TEST(AppJsonFileTest, WrongTypesAreErrorsAtTheirPlace) {
    EXPECT_EQ(said("[]"), "1:1 app.json must be an object, not an array");
    EXPECT_EQ(said("{\n  \"name\": 7,\n  \"formation\": [],\n  \"env\": \"x\"\n}"),
              "2:11 \"name\" must be a string, not a number\n"
              "3:16 \"formation\" must be an object, not an array\n"
              "4:10 \"env\" must be an object, not a string");
    EXPECT_EQ(said(R"({"formation": {"web": 2}})"),
              "1:23 formation \"web\" must be an object, not a number");
    EXPECT_EQ(said(R"({"formation": {"web": {"quantity": "2"}}})"),
              "1:36 \"quantity\" of formation \"web\" must be a number, not a string");
    for (const char* quantity : {"-1", "1.5", "10001", "1e2", "99999999999999999999"}) {
        EXPECT_EQ(said("{\"formation\": {\"web\": {\"quantity\": " + std::string(quantity) + "}}}"),
                  "1:36 \"quantity\" of formation \"web\" must be a whole number from 0 to 10000");
    }
    EXPECT_EQ(said(R"({"env": {"A": 1}})"), "1:15 env \"A\" must be an object, not a number");
    EXPECT_EQ(said(R"({"env": {"A": {"value": 1}}})"),
              "1:25 \"value\" of env \"A\" must be a string, not a number");
    EXPECT_EQ(said(R"({"env": {"A": {"required": "no"}}})"),
              "1:28 \"required\" of env \"A\" must be true or false, not a string");
    EXPECT_EQ(said(R"({"env": {"A": {"generator": "uuid"}}})"),
              "1:29 the generator \"uuid\" of env \"A\" is not known");
    EXPECT_EQ(said(R"({"env": {"A=B": "c"}})"), "1:10 env \"A=B\" is no name of a variable");
    EXPECT_EQ(said(R"({"env": {"A": "\u0000"}})"),
              "1:15 the value of env \"A\" contains a NUL byte");
}

TEST(AppJsonFileTest, PartsThatAreNotRunAreNoted) {
    EXPECT_EQ(said(R"({"scripts": {"postdeploy": "x"}, "healthchecks": {}, "cron": [
                       {"command": "x", "schedule": "@daily"}]})"),
              "1:2 \"scripts\" is read, but nothing of it is run\n"
              "1:54 \"cron\" is read, but nothing of it is run");
    EXPECT_EQ(said(R"({"scripts": []})"), "1:13 \"scripts\" must be an object, not an array");
    EXPECT_TRUE(parse("f", R"({"scripts": {"postdeploy": "x"}})").ok());
}

TEST(AppJsonFileTest, ATextThatIsNotJsonIsRefused) {
    EXPECT_EQ(said("{\"name\": }"), "1:10 not a JSON value");
}

}  // namespace
}  // namespace reeve::formats::appjson
