#include "base/log.h"

#include <memory>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace reeve::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::Debug:
            return spdlog::level::debug;
        case Level::Info:
            return spdlog::level::info;
        case Level::Warning:
            return spdlog::level::warn;
        case Level::Error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

}  // namespace

void open(std::string_view name, Level least) {
    // spdlog keeps its default logger itself; shared ownership is its interface.
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    auto logger = std::make_shared<spdlog::logger>(std::string(name), std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%f%z %l %n: %v");
    logger->set_level(to_spdlog(least));
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
}

void write(Level level, std::string_view message) {
    spdlog::default_logger_raw()->log(to_spdlog(level), message);
}

}  // namespace reeve::log
