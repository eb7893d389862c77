#include "formats/pill/check_lowering.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "formats/pill/http_lowering.h"

namespace reeve::formats::pill {
namespace {

using json::Kind;
using json::Value;

constexpr Duration kEveryDefault = 10s;

/// `http` of `http_2`: a number tells several checks of one kind apart.
std::string_view without_number(std::string_view name) {
    const std::size_t end = name.find_last_not_of("0123456789");
    const bool has_number =
        end != std::string_view::npos && end + 1 < name.size() && name[end] == '_';
    return has_number ? name.substr(0, end) : name;
}

class Lowering {
public:
    Lowering(Document& document, const Value& check) : document_(document), check_(check) {}

    void lower(LoweredChecks& into) {
        const Value* name = document_.need(check_, "name", Kind::String);
        if (name == nullptr) return;
        name_ = name->text;
        place_ = place_of(given(check_, "where"));
        options_ = given(check_, "options");
        if (options_ == nullptr || options_->kind != Kind::Object) options_ = &nothing_;
        const std::string kind = text_of(given(check_, "kind")).value_or("condition");
        if (name_ == "flapping") {
            into.flapping = flapping();
            return;
        }
        if (kind.starts_with("custom-")) {
            // The host of custom checks makes and judges these by itself (ruby/host.rb).
            into.has_custom = true;
            return;
        }
        std::optional<spec::Probe> probe = builtin();
        if (!probe) return;
        spec::Check check;
        check.name = name_;
        check.probe = std::move(*probe);
        take_common(check);
        into.checks.push_back(std::move(check));
    }

private:
    const Value* option(std::string_view name) const { return given(*options_, name); }

    std::string said() const { return "the check :" + name_; }

    std::optional<spec::Probe> builtin() {
        const std::string_view kind = without_number(name_);
        if (kind == "cpu_usage") return cpu();
        if (kind == "mem_usage") return memory();
        if (kind == "running_time") return running_time();
        if (kind == "file_time") return file_time();
        if (kind == "zombie_process") return spec::ZombieProbe{};
        if (kind == "always_true") return spec::AlwaysTrueProbe{};
        if (kind == "http") {
            const auto probe = lower_http(document_, place_, *options_);
            if (!probe) return std::nullopt;
            return *probe;
        }
        document_.error(place_, "there is no check :" + name_, "");
        return std::nullopt;
    }

    std::optional<double> below() {
        const std::optional<double> limit = number_of(option("below"));
        if (!limit || *limit <= 0) {
            document_.warning(place_, said() + " has no limit, and is left out",
                              "give it :below => a number");
            return std::nullopt;
        }
        return limit;
    }

    spec::Measured measured() const {
        return is_truthy(option("include_children")) ? spec::Measured::Descendants
                                                     : spec::Measured::Process;
    }

    std::optional<spec::Probe> cpu() {
        constexpr double kPercentMax = 1e6;
        const std::optional<double> limit = below();
        if (!limit) return std::nullopt;
        const double hundredths = std::min(*limit, kPercentMax) * 100;
        const auto whole = static_cast<std::uint32_t>(hundredths);
        const bool has_fraction = hundredths > static_cast<double>(whole);
        return spec::CpuProbe{whole + (has_fraction ? 1U : 0U), cpu_measure(), measured()};
    }

    /// Bluepill knows the lifetime only.
    spec::CpuMeasure cpu_measure() {
        const std::string mode = text_of(option("mode")).value_or("lifetime");
        if (mode == "recent") return spec::CpuMeasure::Recent;
        if (mode != "lifetime") {
            document_.warning(place_, said() + " has no mode \"" + mode + "\"",
                              "modes are :lifetime and :recent; :lifetime is taken");
        }
        return spec::CpuMeasure::Lifetime;
    }

    std::optional<spec::Probe> memory() {
        constexpr double kBytesMax = 1e18;
        const std::optional<double> limit = below();
        if (!limit) return std::nullopt;
        return spec::MemoryProbe{static_cast<std::uint64_t>(std::min(*limit, kBytesMax)),
                                 measured()};
    }

    std::optional<spec::Probe> running_time() {
        if (!below()) return std::nullopt;
        return spec::RunningTimeProbe{*seconds_of(option("below"))};
    }

    std::optional<spec::Probe> file_time() {
        const std::string path = text_of(option("filename")).value_or("");
        if (path.empty()) {
            document_.error(place_, said() + " needs a :filename", "");
            return std::nullopt;
        }
        if (!below()) return std::nullopt;
        // Bluepill's daemon works in the root directory.
        const std::string absolute = path.starts_with('/') ? path : "/" + path;
        return spec::FileAgeProbe{absolute, *seconds_of(option("below"))};
    }

    std::optional<spec::Flapping> flapping() {
        spec::Flapping flapping;
        if (const auto times = number_of(option("times"))) {
            flapping.times = static_cast<std::uint32_t>(std::clamp(*times, 1.0, 1000.0));
        }
        flapping.within = seconds_of(option("within")).value_or(flapping.within);
        flapping.retry_in = seconds_of(option("retry_in")).value_or(flapping.retry_in);
        return flapping;
    }

    void take_common(spec::Check& check) {
        const std::optional<Duration> every = seconds_of(option("every"));
        if (!every || *every < 1s) {
            document_.warning(place_, said() + " does not say how often it is made",
                              ":every => 10.seconds is taken");
        }
        check.every = every && *every >= 1s ? *every : kEveryDefault;
        check.initial_delay = seconds_of(option("initial_grace")).value_or(Duration{});
        if (std::holds_alternative<spec::HttpProbe>(check.probe)) {
            check.timeout = http_timeout(*options_);
        }
        take_times(check);
        take_fires(check);
    }

    void take_times(spec::Check& check) {
        const Value* times = option("times");
        if (times == nullptr) return;
        const auto count = [](const Value* value) -> std::uint32_t {
            const double number = number_of(value).value_or(1);
            return static_cast<std::uint32_t>(
                std::clamp(number, 1.0, static_cast<double>(spec::kCheckWindowMax)));
        };
        if (times->kind == Kind::Array && times->elements.size() == 2) {
            check.times = {count(&times->elements[0]), count(&times->elements[1])};
            check.times.of = std::max(check.times.of, check.times.failures);
        } else {
            check.times = {count(times), count(times)};
        }
    }

    void take_fires(spec::Check& check) {
        const Value* fires = option("fires");
        if (fires == nullptr) {
            check.steps = {{spec::CheckRestart{}}};
            return;
        }
        const std::vector<Value> one = {*fires};
        for (const Value& event : fires->kind == Kind::Array ? fires->elements : one)
            take_event(text_of(&event).value_or(""), check);
    }

    void take_event(const std::string& event, spec::Check& check) {
        if (event == "restart" || event == "stop") {
            // A stop is no end: the state is `down` then, which leads to a start.
            check.steps.push_back({spec::CheckRestart{}});
        } else if (event == "start") {
            check.steps.push_back({spec::CheckStart{}});
        } else if (event == "unmonitor") {
            check.steps.push_back({spec::CheckUnmonitor{}});
        } else {
            document_.warning(place_, said() + " fires \"" + event + "\", which is no event",
                              "events are :restart, :stop, :start and :unmonitor");
        }
    }

    Document& document_;
    const Value& check_;
    Value nothing_;
    const Value* options_ = &nothing_;
    std::string name_;
    Place place_;
};

}  // namespace

LoweredChecks lower_checks(Document& document, const Value& checks) {
    LoweredChecks lowered;
    for (const Value& check : checks.elements) {
        if (check.kind != Kind::Object) {
            document.malformed(check, "a check must be an object");
            continue;
        }
        Lowering(document, check).lower(lowered);
    }
    return lowered;
}

}  // namespace reeve::formats::pill
