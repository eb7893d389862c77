#include "api/plan.h"

#include <algorithm>

#include "api/json_writer.h"

namespace reeve::api {

std::string plan_json(std::string_view app, const std::vector<PlannedStep>& steps) {
    JsonWriter json;
    json.begin_object();
    json.member("app", app);
    json.key("steps");
    json.begin_list();
    for (const PlannedStep& step : steps) {
        json.begin_object();
        json.member("service", step.service);
        json.member("change", step.change);
        json.key("fields");
        json.begin_list();
        for (const std::string& field : step.fields)
            json.text(field);
        json.end_list();
        json.end_object();
    }
    json.end_list();
    json.end_object();
    return json.take() + "\n";
}

std::string plan_text(const std::vector<PlannedStep>& steps) {
    std::size_t width = 0;
    for (const PlannedStep& step : steps)
        width = std::max(width, step.service.size());
    std::string text;
    for (const PlannedStep& step : steps) {
        std::string line = step.service;
        line.resize(width + 2, ' ');
        line += step.change;
        if (!step.fields.empty()) {
            line.resize(std::max(line.size() + 1, width + 11), ' ');
            for (const std::string& field : step.fields)
                line += (line.back() == ' ' ? "" : ", ") + field;
        }
        text += line + "\n";
    }
    return text;
}

}  // namespace reeve::api
