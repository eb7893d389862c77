#include <memory>
#include <string>
#include <vector>

#include "core/manager.h"
#include "fuzz/target.h"

namespace reeve {
namespace {

/// The records of a manager with two services, one of them just told to start.
std::vector<core::Record> real_records() {
    auto app = std::make_shared<spec::App>();
    app->name = "shop";
    app->directory = "/srv/shop";
    app->services.resize(2);
    app->services[0].name = "web";
    app->services[0].command = spec::DirectCommand{{"bin/web"}};
    app->services[0].instances = 2;
    app->services[1].name = "worker";
    app->services[1].command = spec::ShellCommand{"bin/worker | tee log"};
    core::Manager manager(core::ManagerSettings{});
    core::Actions actions;
    core::Command command;
    command.operation = 7;
    command.kind = core::LoadApp{app, true};
    manager.handle(command, TimePoint(1s), actions);
    std::vector<core::Record> records;
    manager.take_changes(records);
    return records;
}

}  // namespace
}  // namespace reeve

/// Records of the core that were changed in any way are refused, or make a manager that goes on:
/// time passes for it, and it can be restored again. The input is a list of changes, four bytes
/// each: which record, where (two bytes), and the byte that stands there.
FUZZ_TARGET(snapshot) {
    using namespace reeve;
    static const std::vector<core::Record> kReal = real_records();
    std::vector<core::Record> records = kReal;
    for (std::size_t at = 0; at + 4 <= size; at += 4) {
        core::Record& record = records[data[at] % records.size()];
        const std::size_t place = std::size_t{data[at + 1]} * 256 + data[at + 2];
        if (record.value.empty()) continue;
        if (data[at + 3] == 0xFF) {
            record.value.resize(place % record.value.size());
        } else {
            record.value[place % record.value.size()] = static_cast<char>(data[at + 3]);
        }
    }
    core::Actions actions;
    auto manager = core::Manager::restore(core::ManagerSettings{}, records, TimePoint(2s), actions);
    if (!manager) {
        CHECK(!manager.error().message.empty());
        return 0;
    }
    manager->handle(core::TimePassed{}, TimePoint(3s), actions);
    std::vector<core::Record> again;
    manager->all_records(again);
    core::Actions more;
    CHECK(core::Manager::restore(core::ManagerSettings{}, again, TimePoint(4s), more).ok());
    return 0;
}
