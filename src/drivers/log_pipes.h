#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rare.h"
#include "base/result.h"
#include "drivers/keeper_client.h"
#include "drivers/scribe_client.h"
#include "os/fd.h"
#include "os/paths.h"
#include "spec/instance_name.h"
#include "spec/stdio_spec.h"

namespace reeve::drivers {

/// The pipe that an instance writes its output to: one for its whole life, over its restarts and
/// over those of reeved and of the scribe, since the keeper holds a copy.
class LogPipes : public OpenLogs {
public:
    /// All three must outlive this; the scribe is told of its logs.
    LogPipes(const os::Paths& paths, KeeperClient& keeper, ScribeClient& scribe);

    /// Takes over the pipes that an earlier reeved had stored with the keeper.
    void restore(std::map<std::string, os::UniqueFd>& stored);

    /// The pipe of an instance, made at the first call, and its log kept as `spec` says from now
    /// on. `main_pid`, if not 0, is a living process of the instance whose stdout is taken for it
    /// when the keeper's copy was lost.
    Result<int> pipe_of(const spec::InstanceName& instance, const spec::LogSpec& spec,
                        int main_pid);

    /// What a new process of the instance gets as its stdout and stderr.
    Result<os::UniqueFd> open_for_child(const spec::InstanceName& instance,
                                        const spec::LogSpec& spec);

    /// Lets the scribe write what is left, and gives the pipe up.
    void forget(const spec::InstanceName& instance);

    /// Calls `visit(name, fd)` for each pipe, with the name under which the keeper stores it.
    void visit(const std::function<void(const std::string&, int)>& visit) const;

    /// Where the output of an instance is written.
    std::string path_of(const spec::InstanceName& instance) const;

    /// The instance of a log, as `APP/SERVICE.N`, escaped; empty: unknown.
    std::string name_of(link::LogId log) const;

    void visit_logs(const std::function<void(link::LogId)>& visit) const override;
    std::optional<OpenedLog> find_log(link::LogId log) const override;
    void note_told(link::LogId log) override;

private:
    struct Pipe {
        link::LogId log = 0;
        Rare<spec::LogSpec> spec;  // with the path of this instance; none: the usual one
        os::UniqueFd fd;
        link::PipeAge age = link::PipeAge::Fresh;
    };
    using Named = std::pair<const std::string, Pipe>;
    Result<int> add(const std::string& name, os::UniqueFd fd, const spec::LogSpec& spec,
                    link::PipeAge age);
    std::vector<Named*>::const_iterator place_of(link::LogId log) const;
    void unlist(const Named& named);
    Named* find(link::LogId log) const;
    OpenedLog opened(const Named& named) const;
    link::LogSettings settings_of(const std::string& name, const spec::LogSpec& spec) const;

    const os::Paths& paths_;
    KeeperClient& keeper_;
    ScribeClient& scribe_;
    std::map<std::string, Pipe> pipes_;  // by `APP/SERVICE.N`, escaped
    std::vector<Named*> by_log_;         // the same, in ascending order of their logs
};

/// The path of an instance's log, where the spec has one: `{instance}` filled in.
std::string own_log_path(const spec::InstanceName& instance, const spec::LogSpec& spec);

/// `APP/SERVICE.N`, both parts escaped: the name of an instance in files and cgroups.
std::string escaped_name(const spec::InstanceName& instance);

}  // namespace reeve::drivers
