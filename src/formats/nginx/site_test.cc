#include "formats/nginx/site.h"

#include <gtest/gtest.h>

#include "formats/nginx/site_template.h"

namespace reeve::formats::nginx {
namespace {

Site shop() {
    Site site;
    site.app = "shop";
    site.domains = {"shop.example.com"};
    site.ports = {{"http", 80, 5000}};
    site.listeners["web"] = {{20001, 20002}, {20003, 20004}};
    site.access_log = "/var/log/nginx/shop-access.log";
    site.error_log = "/var/log/nginx/shop-error.log";
    return site;
}

bool has(const Result<std::string>& text, const std::string& part) {
    return text.ok() && text->find(part) != std::string::npos;
}

TEST(SiteTest, BothPortsOfEveryInstanceAreInTheUpstream) {
    const auto text = config_of(shop());
    EXPECT_TRUE(has(text,
                    "upstream shop-5000 {\n"
                    "  server 127.0.0.1:20001 max_fails=0;\n"
                    "  server 127.0.0.1:20002 max_fails=0;\n"
                    "  server 127.0.0.1:20003 max_fails=0;\n"
                    "  server 127.0.0.1:20004 max_fails=0;\n}\n"));
    EXPECT_TRUE(has(text, "    proxy_next_upstream error timeout;\n"));
    EXPECT_TRUE(has(text, "  error_log /var/log/nginx/shop-error.log crit;\n"));
}

TEST(SiteTest, OtherInstancesTakeThePlaceOfThoseInAConfiguration) {
    const std::string before = config_of(shop()).value();
    Site site = shop();
    site.listeners["web"] = {{20005, 20006}};
    EXPECT_EQ(with_listeners(before, site.listeners["web"]), config_of(site).value());
    EXPECT_EQ(with_listeners("no upstream\n", {{1, 2}}), "no upstream\n");
}

TEST(SiteTest, WithoutDomainsEveryNameIsAnswered) {
    Site site = shop();
    site.any_name = true;
    EXPECT_TRUE(has(config_of(site), "  server_name _;\n"));
}

TEST(SiteTest, WithoutWebEveryRequestIsA502) {
    Site site = shop();
    site.listeners.clear();
    const auto text = config_of(site);
    EXPECT_TRUE(has(text, "return 502;"));
    EXPECT_FALSE(has(text, "upstream"));
}

TEST(SiteTest, AddressesAndPropertiesArePutIn) {
    Site site = shop();
    site.address_ipv4 = "127.0.0.1";
    site.address_ipv6 = "none";
    site.settings["client-max-body-size"] = "50m";
    const auto text = config_of(site);
    EXPECT_TRUE(has(text, "  listen 127.0.0.1:80;\n  server_name shop.example.com;\n"));
    EXPECT_TRUE(has(text, "  client_max_body_size 50m;\n"));
    EXPECT_TRUE(has(config_of(shop()), "  listen 80;\n  listen [::]:80;\n"));
}

TEST(SiteTest, TwoMapsToOnePortShareAnUpstream) {
    Site site = shop();
    site.ports = {{"http", 80, 5000}, {"http", 8080, 5000}};
    const auto text = config_of(site);
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->find("upstream"), text->rfind("upstream shop"));
    EXPECT_TRUE(has(text, "listen 8080;"));
}

TEST(SiteTest, NothingCanBreakOutOfItsPlace) {
    Site site = shop();
    site.settings["keepalive-timeout"] = "1s; } server { root /";
    EXPECT_FALSE(config_of(site).ok());
    site = shop();
    site.domains = {"a;b"};
    EXPECT_FALSE(config_of(site).ok());
    site = shop();
    site.app = "a b";
    EXPECT_FALSE(config_of(site).ok());
    site = shop();
    site.access_log = "/x; root /";
    EXPECT_FALSE(config_of(site).ok());
}

TEST(SiteTemplateTest, AnAddressBecomesBothPorts) {
    const auto text = config_of_template(
        shop(),
        "{{ range $port := .PROXY_UPSTREAM_PORTS | split \" \" }}upstream {{ $.APP }}-{{ $port }} "
        "{\n"
        "{{ range $one := $.DOKKU_APP_WEB_LISTENERS | split \" \" }}"
        "{{ $parts := $one | split \":\" }}"
        "  server {{ index $parts 0 }}:{{ $port }} weight=2;\n{{ end }}}{{ end }}\n",
        "/x");
    EXPECT_TRUE(has(text,
                    "upstream shop-5000 {\n"
                    "  server 127.0.0.1:20001 weight=2 max_fails=0;\n"
                    "  server 127.0.0.1:20002 weight=2 max_fails=0;\n"
                    "  server 127.0.0.1:20003 weight=2 max_fails=0;\n"))
        << (text ? *text : text.error().message);
}

TEST(SiteTemplateTest, OtherServicesHaveListenersToo) {
    Site site = shop();
    site.listeners["admin-ui"] = {{20009, 0}};
    const auto text =
        config_of_template(site,
                           "upstream a {\nserver {{ .DOKKU_APP_ADMIN_UI_LISTENERS }};\n}\n"
                           "{{ if .DOKKU_APP_NONE_LISTENERS }}x{{ end }}",
                           "/x");
    EXPECT_TRUE(has(text, "server 127.0.0.1:20009 max_fails=0;"));
}

TEST(SiteTemplateTest, WhatWouldBreakAtARestartIsRefused) {
    const auto text = config_of_template(
        shop(), "location / {\n proxy_pass http://{{ .DOKKU_APP_WEB_LISTENERS }};\n}", "/x");
    ASSERT_FALSE(text.ok());
    EXPECT_NE(text.error().message.find("outside of an upstream"), std::string::npos);
    const auto port =
        config_of_template(shop(),
                           "upstream a { {{ range split \" \" .DOKKU_APP_WEB_LISTENERS }}"
                           "server {{ index (split \":\" .) 0 }}:9999; {{ end }} }",
                           "/x");
    ASSERT_FALSE(port.ok());
    EXPECT_NE(port.error().message.find("none of the app's port maps"), std::string::npos);
}

TEST(SiteTemplateTest, SettingsAreVariables) {
    const auto text = config_of_template(
        shop(), "{{ .CLIENT_MAX_BODY_SIZE }} {{ .PROXY_X_FORWARDED_FOR }} {{ .PROXY_PORT_MAP }}",
        "/x");
    EXPECT_TRUE(has(text, "1m $remote_addr http:80:5000"));
}

}  // namespace
}  // namespace reeve::formats::nginx
