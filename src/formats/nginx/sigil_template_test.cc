#include "formats/nginx/sigil_template.h"

#include <gtest/gtest.h>

#include "formats/nginx/sigil_parse.h"
#include "formats/nginx/sigil_value.h"

namespace reeve::formats::nginx {
namespace {

std::string render(std::string_view text) {
    const auto result = render_template(text, [](std::string_view name) {
        if (name == "APP") return std::optional<std::string>("shop");
        if (name == "EMPTY") return std::optional<std::string>("");
        if (name == "MAPS") return std::optional<std::string>("http:80:5000 http:81:3000");
        return std::optional<std::string>();
    });
    return result ? *result : "error: " + result.error().message;
}

TEST(SigilTemplateTest, PlainTextStaysAsItIs) {
    EXPECT_EQ(render("server { }\n$host }}"), "server { }\n$host }}");
    EXPECT_EQ(render(""), "");
}

TEST(SigilTemplateTest, VariablesAreReplaced) {
    EXPECT_EQ(render("{{ .APP }} {{$.APP}} {{ \"a\\\"b\" }} {{ `c\\` }} {{ 42 }}"),
              "shop shop a\"b c\\ 42");
    EXPECT_EQ(render("{{ $x := .APP }}{{ $x }}"), "shop");
}

TEST(SigilTemplateTest, ListsAreWalkedThrough) {
    EXPECT_EQ(render("{{ range $i, $map := .MAPS | split \" \" }}"
                     "{{ $parts := $map | split \":\" }}{{ $i }}={{ index $parts 1 }};{{ end }}"),
              "0=80;1=81;");
    EXPECT_EQ(render("{{ range split \" \" .MAPS }}[{{ . }}]{{ else }}none{{ end }}"),
              "[http:80:5000][http:81:3000]");
}

TEST(SigilTemplateTest, ConditionsChoose) {
    EXPECT_EQ(render("{{ if .EMPTY }}a{{ else if eq .APP \"shop\" }}b{{ else }}c{{ end }}"), "b");
    EXPECT_EQ(render("{{ if and (eq .APP \"x\" \"shop\") (not .EMPTY) }}a{{ end }}"), "a");
    EXPECT_EQ(render("{{ with .APP }}<{{ . }}>{{ end }}{{ with .EMPTY }}a{{ else }}b{{ end }}"),
              "<shop>b");
    EXPECT_EQ(render("{{ if false }}a{{ else }}b{{ end }}"), "b");
}

TEST(SigilTemplateTest, DashesTrimAndCommentsVanish) {
    EXPECT_EQ(render("a \n {{- .APP -}} \n b{{/* {{ no }} */}}c"), "ashopbc");
}

TEST(SigilTemplateTest, FunctionsDoWhatTheyAreNamed) {
    EXPECT_EQ(
        render("{{ .APP | upper }} {{ default \"x\" .EMPTY }} {{ replace \"o\" \"0\" .APP }}"),
        "SHOP x sh0p");
    EXPECT_EQ(render("{{ .MAPS | split \" \" | len }} {{ .MAPS | split \" \" | join \",\" }}"),
              "2 http:80:5000,http:81:3000");
    EXPECT_EQ(
        render("{{ ne .APP \"a\" }} {{ or .EMPTY .APP }} {{ \"A\" | lower }} "
               "{{ trim \" a \" }} {{ split \" \" \"a a\" | uniq }} {{ contains \"o\" .APP }}"),
        "true shop a a [a] true");
}

TEST(SigilTemplateTest, WhatIsNotUnderstoodIsNamedWithItsLine) {
    EXPECT_EQ(render("a\n{{ shell \"id\" }}"),
              "error: line 2: function \"shell\" is not supported");
    EXPECT_EQ(render("{{ .NOPE }}"), "error: line 1: there is no variable .NOPE");
    EXPECT_EQ(render("{{ $nope }}"), "error: line 1: there is no $nope");
    EXPECT_EQ(render("\n\n{{ template \"a\" }}"), "error: line 3: \"template\" is not supported");
    EXPECT_EQ(render("{{ index (split \":\" .APP) 4 }}"),
              "error: line 1: function \"index\" there is no element 4 in a list of 1");
    EXPECT_EQ(render("{{ range .APP }}{{ end }}"), "error: line 1: \"range\" needs a list");
    EXPECT_EQ(render("{{ eq .APP }}"),
              "error: line 1: function \"eq\" has the wrong number of arguments");
}

TEST(SigilTemplateTest, BrokenBlocksAreNamedWithTheirLine) {
    EXPECT_EQ(render("\n{{ if .APP }}"), "error: line 2: the block has no \"end\"");
    EXPECT_EQ(render("{{ end }}"), "error: line 1: \"end\" belongs to nothing");
    EXPECT_EQ(render("{{ .APP"), "error: line 1: \"{{\" is not closed");
    EXPECT_EQ(render("{{ \"a }}"), "error: line 1: a quoted text does not end");
    EXPECT_EQ(render("{{ (.APP }}"), "error: line 1: a parenthesis is not closed");
    EXPECT_EQ(render("{{ .APP ) }}"), "error: line 1: a parenthesis is closed that was not opened");
    EXPECT_EQ(render("{{ }}"), "error: line 1: an expression is missing");
    EXPECT_EQ(render("{{ % }}"), "error: line 1: \"%\" is not understood");
}

TEST(SigilTemplateTest, LoopsInLoopsEnd) {
    std::string text = "{{ $l := split \"\" \"a\" }}";
    EXPECT_EQ(render(text), "error: line 1: function \"split\" needs something to split at");
    const std::string many = "{{ $l := split \"a\" \"" + std::string(200, 'a') + "\" }}";
    EXPECT_EQ(
        render(many + "{{ range $l }}{{ range $l }}{{ end }}{{ range $l }}x{{ end }}{{ end }}"),
        "error: line 1: its loops go on too long");
}

TEST(SigilTemplateTest, DeepNestingIsRefused) {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "{{ if .APP }}";
    EXPECT_EQ(render(text), "error: line 1: blocks are nested too deep");
    EXPECT_EQ(render("{{ " + std::string(50, '(') + " }}"),
              "error: line 1: parentheses are nested too deep");
}

TEST(SigilParseTest, RemembersWhereEachPieceWas) {
    const auto nodes = parse_template("a\nb{{ .APP }}\n{{- .APP }}");
    ASSERT_TRUE(nodes.ok());
    EXPECT_EQ(nodes->back().line, 3);
    EXPECT_EQ((*nodes)[1].line, 2);
}

TEST(SigilValueTest, OnlyWhatIsEmptyIsNotTrue) {
    EXPECT_FALSE(is_true(std::string()));
    EXPECT_FALSE(is_true(std::vector<std::string>()));
    EXPECT_TRUE(is_true(std::string("false")));
}

}  // namespace
}  // namespace reeve::formats::nginx
