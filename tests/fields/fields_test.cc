#include "formats/native/fields.h"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <type_traits>

#include "core/manager.h"
#include "core/reload_plan.h"
#include "spec/json_fields.h"

// For every field of the spec: a change of it does what the table of reeve.toml declares, none,
// live or roll. The cases are generated: a field that is added is tried without a word here.
namespace reeve {
namespace {

using formats::native::Effect;
using formats::native::Field;
using formats::native::find_field;
using formats::native::type_name;

/// Changes a value to another one of its type.
class Changer {
public:
    static void change(bool& value) { value = !value; }
    static void change(std::string& value) { value += "x"; }
    static void change(Duration& value) { value += 1s; }
    static void change(double& value) { value += 1; }
    static void change(spec::Environment& value) { value["CHANGED"] = "yes"; }
    template <Maybe M>
    static void change(M& value) {
        if (value)
            value.reset();
        else
            value.emplace();
    }
    template <typename T>
    static void change(std::vector<T>& value) {
        value.emplace_back();
    }
    template <typename First, typename Second, typename... More>
    static void change(std::variant<First, Second, More...>& value) {
        if (value.index() == 0)
            value = Second{};
        else
            value = First{};
    }
    template <typename T>
    static void change(T& value) {
        if constexpr (std::is_enum_v<T>) {
            value = static_cast<T>(value == T{} ? 1 : 0);
        } else if constexpr (std::is_integral_v<T>) {
            value = static_cast<T>(value + 1);
        } else {
            Changer first;
            spec::json::visit_fields(first, value);
        }
    }

    /// As a codec: changes the first field of a struct.
    template <typename T>
    void required(std::string_view name, T& value) {
        field(name, value);
    }
    template <typename T>
    void field(std::string_view, T& value) {
        if (!std::exchange(done_, true)) change(value);
    }

private:
    bool done_ = false;
};

/// As a codec: changes the field of one name.
class OneField {
public:
    explicit OneField(std::string_view name) : name_(name) {}
    template <typename T>
    void required(std::string_view name, T& value) {
        field(name, value);
    }
    template <typename T>
    void field(std::string_view name, T& value) {
        if (name == name_) Changer::change(value);
    }

private:
    std::string_view name_;
};

/// As a codec: the names of all fields.
struct Names {
    template <typename T>
    void required(std::string_view name, T&) {
        all.emplace_back(name);
    }
    template <typename T>
    void field(std::string_view name, T&) {
        all.emplace_back(name);
    }
    std::vector<std::string> all;
};

template <typename T>
std::vector<std::string> names_of() {
    Names names;
    T value{};
    spec::json::visit_fields(names, value);
    return names.all;
}

spec::App shop() {
    spec::App app;
    app.name = "shop";
    app.directory = "/srv/shop";
    app.services.resize(1);
    app.services[0].name = "web";
    app.services[0].command = spec::DirectCommand{{"bin/web"}};
    return app;
}

Effect effect_of(const spec::App& before, const spec::App& after) {
    switch (core::describe_reload(before, after, {}).at(0).change) {
        case core::PlannedChange::Keep:
            return Effect::None;
        case core::PlannedChange::Live:
            return Effect::Live;
        case core::PlannedChange::Roll:
        case core::PlannedChange::Restart:
            return Effect::Roll;
        case core::PlannedChange::Later:
        case core::PlannedChange::Start:
        case core::PlannedChange::Stop:
            break;
    }
    return Effect::AsParent;
}

class ServiceFieldTest : public testing::TestWithParam<std::string> {};

TEST_P(ServiceFieldTest, DoesWhatIsDeclared) {
    const Field field = find_field("Service", GetParam());
    if (GetParam() == "name") return;  // another name is another service
    const spec::App before = shop();
    spec::App after = before;
    OneField change(GetParam());
    spec::json::visit_fields(change, after.services[0]);
    ASSERT_NE(before, after);
    EXPECT_EQ(to_text(effect_of(before, after)), to_text(field.effect));
}

INSTANTIATE_TEST_SUITE_P(All, ServiceFieldTest, testing::ValuesIn(names_of<spec::Service>()),
                         [](const auto& one) { return one.param; });

class AppFieldTest : public testing::TestWithParam<std::string> {};

TEST_P(AppFieldTest, DoesWhatIsDeclared) {
    const Field field = find_field("App", GetParam());
    if (GetParam() == "name" || GetParam() == "services") return;
    const spec::App before = shop();
    spec::App after = before;
    OneField change(GetParam());
    spec::json::visit_fields(change, after);
    ASSERT_NE(before, after);
    // What counts from now on is no step of the plan.
    const Effect expected = field.effect == Effect::Live ? Effect::None : field.effect;
    EXPECT_EQ(to_text(effect_of(before, after)), to_text(expected));
}

INSTANTIATE_TEST_SUITE_P(All, AppFieldTest, testing::ValuesIn(names_of<spec::App>()),
                         [](const auto& one) { return one.param; });

TEST(PlanTest, AReplacementIsARollWhereSomebodyIsAlwaysThere) {
    const spec::App before = shop();
    spec::App after = before;
    after.services[0].command = spec::DirectCommand{{"bin/other"}};
    const auto change = [&] { return core::describe_reload(before, after, {}).at(0).change; };
    EXPECT_EQ(change(), core::PlannedChange::Restart);
    after.services[0].rollout.order = spec::ReplaceOrder::StartFirst;
    EXPECT_EQ(change(), core::PlannedChange::Roll);
    after.services[0].rollout.order = spec::ReplaceOrder::StopFirst;
    after.services[0].instances = 2;
    EXPECT_EQ(change(), core::PlannedChange::Roll);
    EXPECT_EQ(core::describe_reload(before, after, {{"web", 1}}).at(0).change,
              core::PlannedChange::Restart);
}

}  // namespace
}  // namespace reeve
