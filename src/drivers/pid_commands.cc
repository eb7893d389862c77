#include "drivers/pid_commands.h"

#include <memory>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace reeve::drivers {
namespace {

constexpr std::size_t kOutputBytesMax = 4096;

const spec::Command* command_of(const spec::Service& service) {
    const auto* file = std::get_if<spec::TrackPidFile>(&service.tracking);
    return file != nullptr && file->pid_command ? &*file->pid_command : nullptr;
}

}  // namespace

std::optional<pid_t> pid_in(std::string_view output) {
    const Result<std::int64_t> number = parse_integer(trim(output));
    if (!number || *number <= 1 || *number > INT32_MAX) return std::nullopt;
    return static_cast<pid_t>(*number);
}

void PidCommands::ask(const spec::App& app, const spec::Service& service, Answer answer) {
    const spec::Command* command = command_of(service);
    if (command == nullptr) return answer(std::nullopt);
    Task task;
    task.app = app.name;
    task.name = "pid." + service.name;
    task.command = *command;
    task.user = service.credentials.user;
    task.working_dir = service.working_dir;
    task.environment = app.environment;
    for (const auto& [name, value] : service.environment)
        task.environment[name] = value;
    task.timeout = kPidCommandPatience;
    const auto output = std::make_shared<std::string>();  // of both calls
    const Result<TaskId> started = tasks_.start(
        task,
        [output](std::string_view piece) {
            const std::size_t room = kOutputBytesMax - output->size();
            output->append(piece.substr(0, room));
        },
        [output, answer](const status::Exit&) { answer(pid_in(*output)); });
    if (started) return;
    log::warning("app=" + app.name + " service=" + service.name +
                 " reason=\"its pid command: " + started.error().message + "\"");
    answer(std::nullopt);
}

}  // namespace reeve::drivers
