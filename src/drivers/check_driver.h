#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/action.h"
#include "drivers/loop.h"
#include "drivers/net_probe.h"
#include "drivers/port_book.h"
#include "drivers/process_source.h"
#include "drivers/process_table.h"

namespace reeve::drivers {

/// Takes the samples that the core asks for. What is asked for in one turn of the loop is served by
/// one look at the processes; whatever has to be waited for is waited for by nobody else.
class CheckDriver {
public:
    /// The live processes of a run.
    using Members = std::function<std::vector<pid_t>(core::RunId run)>;
    /// Has somebody outside judge a custom check; the answer comes as a Sampled, in time or not.
    using Evaluator = std::function<void(const core::SampleCheck& question)>;

    /// `loop` and `ports` must outlive the driver.
    static Result<std::unique_ptr<CheckDriver>> create(event_base* loop, const PortBook& ports,
                                                       Members members, EventSink sink);

    void perform(const core::SampleCheck& action);

    /// The run is over: its questions need no answers.
    void forget(core::RunId run);

    /// Who judges the custom checks that name this evaluator. Without one they fail.
    void set_evaluator(const std::string& name, Evaluator evaluator);

private:
    /// What a question to the table of processes has found.
    struct Measured {
        std::vector<std::pair<pid_t, Duration>> cpu;  // in ascending order of the pids
        TimePoint at;
    };
    using RunMembers = std::unordered_map<core::RunId, std::vector<pid_t>>;
    CheckDriver(event_base* loop, const PortBook& ports, Members members, EventSink sink);
    void look_at_processes();
    void measure(const core::SampleCheck& question, RunMembers& members);
    void measure_cpu(const core::SampleCheck& question, const spec::CpuProbe& probe, Usage usage);
    double recent_percent(const core::SampleCheck& question, Usage usage);
    void look_at_listeners(const core::SampleCheck& question, const spec::ListeningProbe& probe);
    std::vector<pid_t> measured_processes(const core::SampleCheck& question, spec::Measured of,
                                          RunMembers& members);
    void answer(const core::SampleCheck& question, bool passed, std::string text);
    NetProbes::Done answering(const core::SampleCheck& question);
    int port_of(const core::SampleCheck& question) const;

    const PortBook& ports_;
    Members members_;
    EventSink sink_;
    NetProbes net_;
    std::unique_ptr<Alarm> alarm_;
    std::vector<core::SampleCheck> to_measure_;  // at the next look at /proc
    KernelProcesses processes_;
    ProcessTable table_{processes_};
    std::map<std::pair<core::RunId, std::uint32_t>, Measured> measured_;
    std::map<std::string, Evaluator> evaluators_;
};

/// `71MB`, or `600KB` below one: as Bluepill logs it.
std::string memory_text(std::uint64_t bytes);

}  // namespace reeve::drivers
