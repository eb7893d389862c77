#include "drivers/check_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "drivers/listeners.h"

namespace reeve::drivers {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

const spec::Check& check_of(const core::SampleCheck& question) {
    return question.service->checks.at(question.check);
}

std::int64_t ticks_of(TimePoint time) {
    static const std::int64_t kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() *
           kTicksPerSecond / 1000;
}

Duration length_of_ticks(std::int64_t ticks) {
    static const std::int64_t kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
    return std::chrono::milliseconds(ticks * 1000 / kTicksPerSecond);
}

std::string percent_text(double percent) {
    char text[32];
    ::snprintf(text, sizeof text, "%.1f", percent);
    return text;
}

/// What the kernel knows already is enough: a server of files that is gone is not asked.
Result<Duration> age_of_file(const std::string& path) {
    struct statx info {};
    if (::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_MTIME, &info) !=
        0) {
        return system_error("look at " + path);
    }
    const std::int64_t changed =
        static_cast<std::int64_t>(info.stx_mtime.tv_sec) * 1'000'000'000 + info.stx_mtime.tv_nsec;
    return Duration(wall_now().nanoseconds - changed);
}

}  // namespace

std::string memory_text(std::uint64_t bytes) {
    const std::uint64_t kilobytes = bytes / 1024;
    if (kilobytes < 1024) return std::to_string(kilobytes) + "KB";
    return std::to_string((kilobytes + 512) / 1024) + "MB";
}

CheckDriver::CheckDriver(event_base* loop, const PortBook& ports, Members members, EventSink sink)
    : ports_(ports),
      members_(std::move(members)),
      sink_(std::move(sink)),
      net_(loop),
      processes_(meters_max(os::raise_open_files_limit())) {}

Result<std::unique_ptr<CheckDriver>> CheckDriver::create(event_base* loop, const PortBook& ports,
                                                         Members members, EventSink sink) {
    std::unique_ptr<CheckDriver> driver(
        new CheckDriver(loop, ports, std::move(members), std::move(sink)));
    CheckDriver* raw = driver.get();
    driver->alarm_ =
        std::make_unique<Alarm>(TRY(Alarm::create(loop, [raw] { raw->look_at_processes(); })));
    return driver;
}

void CheckDriver::set_evaluator(const std::string& name, Evaluator evaluator) {
    evaluators_[name] = std::move(evaluator);
}

void CheckDriver::forget(core::RunId run) {
    net_.forget(run);
    std::erase_if(to_measure_, [&](const core::SampleCheck& one) { return one.run == run; });
    measured_.erase(measured_.lower_bound({run, 0}), measured_.upper_bound({run, UINT32_MAX}));
}

void CheckDriver::answer(const core::SampleCheck& question, bool passed, std::string text) {
    sink_(core::Sampled{question.run, question.check, question.number, passed, std::move(text)});
}

NetProbes::Done CheckDriver::answering(const core::SampleCheck& question) {
    return [this, run = question.run, check = question.check, number = question.number](
               bool passed, const std::string& text) {
        sink_(core::Sampled{run, check, number, passed, text});
    };
}

int CheckDriver::port_of(const core::SampleCheck& question) const {
    return ports_.port_of(question.instance, question.port_slot);
}

void CheckDriver::perform(const core::SampleCheck& action) {
    const auto in_table = [&](const auto&) {
        if (to_measure_.empty()) alarm_->set(steady_now());
        to_measure_.push_back(action);
    };
    const auto judged_by_core = [&](const auto&) {};
    const Duration timeout = check_of(action).timeout;
    std::visit(Overloaded{
                   [&](const spec::CpuProbe& probe) { in_table(probe); },
                   [&](const spec::MemoryProbe& probe) { in_table(probe); },
                   [&](const spec::RunningTimeProbe& probe) { in_table(probe); },
                   [&](const spec::ZombieProbe& probe) { in_table(probe); },
                   [&](const spec::FileAgeProbe& probe) {
                       const Result<Duration> age = age_of_file(probe.path);
                       answer(action, age && *age < probe.below,
                              age ? to_text(*age) : age.error().message);
                   },
                   [&](const spec::HttpProbe& probe) {
                       net_.start(action.run, probe, port_of(action), timeout, answering(action));
                   },
                   [&](const spec::TcpProbe& probe) {
                       net_.start(action.run, probe, port_of(action), timeout, answering(action));
                   },
                   [&](const spec::UnixProbe& probe) {
                       net_.start(action.run, probe, timeout, answering(action));
                   },
                   [&](const spec::ListeningProbe& probe) { look_at_listeners(action, probe); },
                   [&](const spec::CustomProbe& probe) {
                       const auto evaluator = evaluators_.find(probe.evaluator);
                       if (evaluator != evaluators_.end()) return evaluator->second(action);
                       answer(action, false, "nobody evaluates \"" + probe.evaluator + "\"");
                   },
                   [&](const spec::ExecProbe& probe) { judged_by_core(probe); },
                   [&](const spec::UptimeProbe& probe) { judged_by_core(probe); },
                   [&](const spec::WatchdogProbe& probe) { judged_by_core(probe); },
                   [&](const spec::AlwaysTrueProbe& probe) { judged_by_core(probe); },
               },
               check_of(action).probe);
}

void CheckDriver::look_at_processes() {
    const std::vector<core::SampleCheck> questions = std::exchange(to_measure_, {});
    if (questions.empty()) return;
    const TimePoint now = steady_now();
    table_.begin_look(now, ticks_of(now));
    RunMembers members;
    for (const core::SampleCheck& question : questions)
        measure(question, members);
}

std::vector<pid_t> CheckDriver::measured_processes(const core::SampleCheck& question,
                                                   spec::Measured of, RunMembers& members) {
    switch (of) {
        case spec::Measured::Process:
            return {question.process.pid};
        case spec::Measured::Descendants:
            return table_.with_descendants(question.process.pid);
        case spec::Measured::Run:
            break;
    }
    const auto known = members.find(question.run);
    if (known != members.end()) return known->second;
    return members.emplace(question.run, members_(question.run)).first->second;
}

/// A process that has gone uses nothing: its end is told of elsewhere.
void CheckDriver::measure(const core::SampleCheck& question, RunMembers& members) {
    const spec::Probe& probe = check_of(question).probe;
    if (const auto* cpu = std::get_if<spec::CpuProbe>(&probe)) {
        const std::vector<pid_t> pids = measured_processes(question, cpu->of, members);
        return measure_cpu(question, *cpu, table_.usage_of(pids));
    }
    if (const auto* memory = std::get_if<spec::MemoryProbe>(&probe)) {
        const std::vector<pid_t> pids = measured_processes(question, memory->of, members);
        const std::uint64_t bytes = table_.usage_of(pids).resident_bytes;
        return answer(question, bytes < memory->below_bytes, memory_text(bytes));
    }
    if (const auto* time = std::get_if<spec::RunningTimeProbe>(&probe)) {
        const Duration age = length_of_ticks(table_.age_ticks(question.process.pid));
        return answer(question, age < time->below, to_text(age));
    }
    const std::optional<os::ProcessStat> stat = table_.find(question.process.pid);
    const bool zombie = stat && stat->state == 'Z';
    answer(question, !zombie, zombie ? "zombie" : "none");
}

void CheckDriver::measure_cpu(const core::SampleCheck& question, const spec::CpuProbe& probe,
                              Usage usage) {
    double percent = usage.lifetime_percent;
    if (probe.measure == spec::CpuMeasure::Recent) {
        percent = recent_percent(question, std::move(usage));
    }
    const double below = static_cast<double>(probe.below_percent_hundredths) / 100.0;
    answer(question, percent < below, percent_text(percent));
}

/// Of the time since the sample before; of the whole life for the first one.
double CheckDriver::recent_percent(const core::SampleCheck& question, Usage usage) {
    const TimePoint now = steady_now();
    Measured& latest = measured_[{question.run, question.check}];
    const Measured before = std::exchange(latest, Measured{std::move(usage.cpu), now});
    if (before.at == TimePoint{} || now <= before.at) return usage.lifetime_percent;
    Duration used{};
    auto earlier = before.cpu.begin();
    for (const auto& [pid, cpu] : latest.cpu) {
        while (earlier != before.cpu.end() && earlier->first < pid)
            ++earlier;
        const bool is_new = earlier == before.cpu.end() || earlier->first != pid;
        used += std::max(cpu - (is_new ? Duration{} : earlier->second), Duration{});
    }
    return 100.0 * static_cast<double>(used.count()) /
           static_cast<double>((now - before.at).count());
}

void CheckDriver::look_at_listeners(const core::SampleCheck& question,
                                    const spec::ListeningProbe& probe) {
    const int port = probe.port == 0 ? port_of(question) : probe.port;
    const std::set<std::uint64_t> sockets = sockets_of(members_(question.run));
    std::string elsewhere;
    bool on_loopback = false;
    for (const Listener& listener : read_listeners()) {
        if (!sockets.contains(listener.inode)) continue;
        if (listener.port != port) {
            elsewhere += (elsewhere.empty() ? "" : ", ") + std::to_string(listener.port);
        } else if (probe.beyond_loopback && listener.loopback_only) {
            on_loopback = true;
        } else {
            return answer(question, true, "listens at " + std::to_string(port));
        }
    }
    const std::string wanted = "not at " + std::to_string(port);
    if (on_loopback) return answer(question, false, "listens on the loopback interface only");
    answer(question, false,
           elsewhere.empty() ? "listens nowhere, " + wanted
                             : "listens at " + elsewhere + ", " + wanted);
}

}  // namespace reeve::drivers
