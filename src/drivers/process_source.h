#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <unordered_map>

#include "os/process.h"
#include "os/process_births.h"
#include "os/process_meter.h"

namespace reeve::drivers {

/// What is known of the machine's processes at this moment. Virtual, so that tests make a machine
/// of their own.
class ProcessSource {
public:
    virtual ~ProcessSource() = default;

    /// nullopt: there is no such process.
    virtual std::optional<os::ProcessStat> stat(pid_t pid) = 0;
    virtual std::optional<os::ProcessUsage> usage(pid_t pid) = 0;
    /// Whether a process has this number, and not only a thread. Cheaper than the others.
    virtual bool exists(pid_t pid) = 0;

    virtual void for_each(const std::function<void(pid_t)>& visit) = 0;
    /// nullopt: it is not told.
    virtual std::optional<os::Births> births() = 0;
    virtual pid_t pid_max() = 0;
    /// What was not asked for in a long time need not be at hand any more.
    virtual void tidy(TimePoint now) = 0;
};

/// Those that the kernel shows. Whoever is asked for again and again has a descriptor that stays
/// open, up to a limit; the others are opened each time.
class KernelProcesses : public ProcessSource {
public:
    /// Most descriptors that stay open.
    explicit KernelProcesses(std::size_t open_max) : open_max_(open_max) {}

    std::optional<os::ProcessStat> stat(pid_t pid) override;
    std::optional<os::ProcessUsage> usage(pid_t pid) override;
    bool exists(pid_t pid) override;
    void for_each(const std::function<void(pid_t)>& visit) override;
    std::optional<os::Births> births() override;
    pid_t pid_max() override;
    void tidy(TimePoint now) override;

    std::size_t open() const { return meters_.size(); }

private:
    struct Held {
        os::ProcessMeter meter;
        bool asked = true;  // since the latest tidying
    };
    std::size_t open_max_;
    std::unordered_map<pid_t, Held> meters_;
    TimePoint tidied_;
};

/// How many descriptors processes that are checked may take, where `files_max` may be open.
std::size_t meters_max(std::size_t files_max);

}  // namespace reeve::drivers
