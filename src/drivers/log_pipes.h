#pragma once

#include <sys/types.h>

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
/// over those of reeved and of the scribe, since the keeper holds it.
///
/// So does the scribe. A copy here would be a third one for each service, so there is none once the
/// keeper has said that it has its own: whatever is needed is opened from there
/// (docs/decisions/0019).
class LogPipes : public OpenLogs {
public:
    /// All three must outlive this; the scribe is told of its logs.
    LogPipes(const os::Paths& paths, KeeperClient& keeper, ScribeClient& scribe);

    /// Takes over the pipes that an earlier reeved had stored with the keeper: those in `stored`,
    /// and of `held` those that can be opened there.
    void restore(std::map<std::string, os::UniqueFd>& stored,
                 const std::vector<link::HeldFd>& held);

    /// The keeper has a pipe: the copy here is given up, once the scribe was told of it, too.
    void note_held(const link::HeldFd& held);
    /// The scribe that has the pipes open, too; 0: unknown.
    void note_scribe(pid_t pid) { scribe_pid_ = pid; }

    /// Makes the pipe of an instance, unless it has one, and keeps its log as `spec` says from now
    /// on. `main_pid`, if not 0, is a living process of the instance whose stdout is taken for it
    /// when the keeper's was lost.
    Result<void> keep(const spec::InstanceName& instance, const spec::LogSpec& spec, int main_pid);

    /// What a new process of the instance gets as its stdout and stderr: it waits while the pipe is
    /// full.
    Result<os::UniqueFd> open_for_child(const spec::InstanceName& instance,
                                        const spec::LogSpec& spec);
    /// What reeved itself writes to, without waiting.
    Result<os::UniqueFd> open_for_reeved(const spec::InstanceName& instance,
                                         const spec::LogSpec& spec);

    /// Lets the scribe write what is left, and gives the pipe up.
    void forget(const spec::InstanceName& instance);

    /// The keeper has gone: takes what it held from the scribe. What neither has is found again by
    /// `keep` with a living process.
    void take_back();
    /// Calls `visit(name, fd)` for each pipe, with the name under which the keeper stores it; of
    /// those that are held elsewhere, -1.
    void visit(const std::function<void(const std::string&, int)>& visit) const;

    /// Where the output of an instance is written.
    std::string path_of(const spec::InstanceName& instance) const;

    /// The instance of a log, as `APP/SERVICE.N`, escaped; empty: unknown.
    std::string name_of(link::LogId log) const;

    void visit_logs(const std::function<void(link::LogId)>& visit) const override;
    std::optional<OpenedLog> find_log(link::LogId log) const override;
    Result<os::UniqueFd> open_pipe(link::LogId log) override;
    void note_told(link::LogId log) override;

private:
    struct Pipe {
        link::LogId log = 0;
        Rare<spec::LogSpec> spec;  // with the path of this instance; none: the usual one
        os::UniqueFd fd;           // none: the keeper holds it
        int held_as = -1;          // its number there; -1: the keeper has not said it
        link::PipeAge age = link::PipeAge::Fresh;
        bool is_told = false;  // to a scribe

        bool is_lost() const { return !fd && held_as < 0; }
    };
    using Named = std::pair<const std::string, Pipe>;
    Result<Named*> named(const spec::InstanceName& instance, const spec::LogSpec& spec,
                         int main_pid);
    Named& add(const std::string& name, Pipe pipe, const spec::LogSpec& spec);
    Result<Named*> add_open(const std::string& name, os::UniqueFd fd, const spec::LogSpec& spec,
                            link::PipeAge age);
    void add_restored(const std::string& stored, Pipe pipe);
    enum class For { Child, Reeve };
    Result<os::UniqueFd> open(Pipe& pipe, For whom) const;
    Result<os::UniqueFd> open_end(const spec::InstanceName& instance, const spec::LogSpec& spec,
                                  For whom);
    std::vector<Named*>::const_iterator place_of(link::LogId log) const;
    void unlist(const Named& named);
    Named* find(link::LogId log) const;
    std::vector<Named*> sharers_of(link::LogId log) const;
    OpenedLog opened(const Named& named) const;
    link::LogSettings settings_of(const std::string& name, const spec::LogSpec& spec) const;

    const os::Paths& paths_;
    KeeperClient& keeper_;
    ScribeClient& scribe_;
    pid_t scribe_pid_ = 0;
    std::map<std::string, Pipe> pipes_;  // by `APP/SERVICE.N`, escaped
    std::vector<Named*> by_log_;         // the same, in ascending order of their logs
};

/// The path of an instance's log, where the spec has one: `{instance}` filled in.
std::string own_log_path(const spec::InstanceName& instance, const spec::LogSpec& spec);

/// `APP/SERVICE.N`, both parts escaped: the name of an instance in files and cgroups.
std::string escaped_name(const spec::InstanceName& instance);

}  // namespace reeve::drivers
