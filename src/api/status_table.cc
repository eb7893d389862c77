#include <stdio.h>

#include <iterator>

#include "api/status_json.h"
#include "api/status_text.h"
#include "api/utf8.h"

namespace reeve::api {
namespace {

/// The reason is shown where something is not as plain as it looks.
std::string reason_cell(const status::Instance& instance, TimePoint now) {
    std::string text = instance.goal == status::Goal::Unmonitored ? "unmonitored" : "";
    const bool plain = instance.state == status::State::Running && instance.ready;
    if (!plain && !instance.reason.empty()) text += (text.empty() ? "" : "; ") + instance.reason;
    if (instance.next_attempt && instance.reason.find("next") == std::string::npos) {
        const Duration left = *instance.next_attempt > now ? *instance.next_attempt - now : 0s;
        text += (text.empty() ? "" : "; ") + ("next start in " + reeve::to_text(left));
    }
    return text;
}

void add_instance(Table& table, const status::Instance& instance, TimePoint now) {
    const auto or_dash = [](int number) {
        return number == 0 ? std::string("-") : std::to_string(number);
    };
    table.add_row();
    table.add_cell(instance.name.app, Color::Plain);
    table.add_cell(spec::instance_text(instance.name), Color::Plain);
    table.add_cell(to_text(instance.state), color_of(instance.state));
    table.add_cell(reeve::to_text(now - instance.since), Color::Plain);
    table.add_cell(or_dash(instance.pid), Color::Plain);
    table.add_cell(or_dash(instance.port), Color::Plain);
    table.add_cell(std::to_string(instance.restarts),
                   instance.restarts == 0 ? Color::Plain : Color::Yellow);
    table.add_cell(reason_cell(instance, now), Color::Plain);
}

}  // namespace

Color color_of(status::State state) {
    switch (state) {
        case status::State::Running:
            return Color::Green;
        case status::State::Waiting:
        case status::State::Starting:
        case status::State::Stopping:
        case status::State::Backoff:
            return Color::Yellow;
        case status::State::CrashLooping:
        case status::State::Failed:
        case status::State::Stuck:
            return Color::Red;
        case status::State::Stopped:
            return Color::Dim;
    }
    return Color::Plain;
}

std::string status_table(const Backend& backend, const std::vector<status::Instance>& instances,
                         const TextStyle& style) {
    using Align = Table::Align;
    const TimePoint now = backend.now().steady;
    Table table;
    table.add_column("APP", Align::Left);
    table.add_column("INSTANCE", Align::Left);
    table.add_column("STATE", Align::Left);
    table.add_column("SINCE", Align::Right);
    table.add_column("PID", Align::Right);
    table.add_column("PORT", Align::Right);
    table.add_column("RESTARTS", Align::Right);
    table.add_column("REASON", Align::Left);
    for (const status::Instance& instance : instances)
        add_instance(table, instance, now);
    std::string text;
    if (!instances.empty()) {
        text = table.render(style);
    } else if (backend.apps().empty()) {
        text = "No app is loaded. Load one with: reeve load DIR\n";
    } else {
        text = "There are no instances.\n";
    }
    for (const std::string& warning : backend.daemon_info().warnings)
        text += paint("warning:", Color::Yellow, style) + " " + printable(warning) + "\n";
    return text;
}

std::string formation_table(const std::vector<status::App>& apps, const TextStyle& style) {
    using Align = Table::Align;
    Table table;
    table.add_column("APP", Align::Left);
    table.add_column("SERVICE", Align::Left);
    table.add_column("WANTED", Align::Right);
    table.add_column("RUNNING", Align::Right);
    for (const status::App& app : apps) {
        for (const status::App::Formation& formation : app.formation) {
            table.add_row();
            table.add_cell(app.name, Color::Plain);
            table.add_cell(formation.service, Color::Plain);
            table.add_cell(std::to_string(formation.wanted), Color::Plain);
            table.add_cell(std::to_string(formation.running),
                           formation.running < formation.wanted ? Color::Yellow : Color::Plain);
        }
    }
    return table.render(style);
}

std::string doctor_text(const std::vector<Finding>& findings, const TextStyle& style) {
    const auto color = [](Finding::Level level) {
        switch (level) {
            case Finding::Level::Ok:
                return Color::Green;
            case Finding::Level::Note:
                return Color::Plain;
            case Finding::Level::Warning:
                return Color::Yellow;
            case Finding::Level::Error:
                return Color::Red;
        }
        return Color::Plain;
    };
    std::string text;
    for (const Finding& finding : findings) {
        std::string level(to_text(finding.level));
        level.resize(9, ' ');
        text += paint(level, color(finding.level), style) + printable(finding.subject) + ": " +
                printable(finding.text) + "\n";
        if (!finding.advice.empty()) text += "         what to do: " + finding.advice + "\n";
    }
    return text;
}

std::string short_time(WallTime time) {
    std::string text = to_text(time);  // 2026-11-20T12:17:24.123456Z
    text[10] = ' ';
    return text.substr(0, 19) + "Z";
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
        value /= 1000;
        ++unit;
    }
    char text[32];
    ::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

}  // namespace reeve::api
