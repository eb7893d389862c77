#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/appjson/app_json.h"
#include "formats/diagnostic.h"
#include "formats/json/jsonc.h"

namespace reeve::formats::appjson {

/// Reads the parts of an app.json that are for deploys: scripts, healthchecks, cron. What is wrong
/// goes to the diagnostics of the reading that is filled in.
class Parts {
public:
    /// Both must outlive this.
    Parts(const SourceText& source, Reading<AppJson>& reading)
        : source_(source), reading_(reading) {}

    void take_scripts(const json::Value& scripts);       // an object
    void take_healthchecks(const json::Value& by_type);  // an object
    void take_cron(const json::Value& jobs);             // an array

private:
    void refuse(std::size_t offset, std::string message);
    bool need(const json::Value& value, json::Kind kind, const std::string& what);
    void take_text(const json::Value& object, const char* name, std::string& text);
    void take_flag(const json::Value& object, const char* name, bool& flag);
    std::optional<std::uint32_t> number(const json::Value& object, const char* name);
    void take_seconds(const json::Value& object, const char* name, Duration& time);
    void take_words(const json::Value& object, const char* name, std::vector<std::string>& words);
    void take_check(const std::string& type, const json::Value& value);
    void take_check_kind(const json::Value& value, HealthCheck& check);
    void take_headers(const json::Value& value, HealthCheck& check);
    void take_job(const json::Value& value);

    const SourceText& source_;
    Reading<AppJson>& reading_;
};

}  // namespace reeve::formats::appjson
