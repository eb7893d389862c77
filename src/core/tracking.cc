#include "core/tracking.h"

#include <algorithm>
#include <tuple>

namespace reeve::core {
namespace {

/// Of several survivors: the one that the pid file names, then one that has left the session of
/// the ended process as daemons do, its leader first, then the youngest.
auto rank_of(const Heir& heir) {
    return std::tuple(heir.in_pid_file, heir.leads_session, heir.left_session,
                      heir.process.start_ticks, heir.process.pid);
}

const Heir* best_of(const std::vector<Heir>& heirs) {
    const auto best =
        std::max_element(heirs.begin(), heirs.end(),
                         [](const Heir& a, const Heir& b) { return rank_of(a) < rank_of(b); });
    return best == heirs.end() ? nullptr : &*best;
}

}  // namespace

const Heir* choose_heir(const spec::TrackingSpec& tracking, const status::Exit& exit,
                        Deadline forks_until, TimePoint now, const std::vector<Heir>& heirs) {
    if (std::holds_alternative<spec::TrackForks>(tracking)) {
        const bool is_fork = status::is_success(exit) && forks_until && now <= *forks_until;
        return is_fork ? best_of(heirs) : nullptr;
    }
    if (!std::holds_alternative<spec::TrackPidFile>(tracking)) return nullptr;
    const auto named =
        std::find_if(heirs.begin(), heirs.end(), [](const Heir& heir) { return heir.in_pid_file; });
    return named == heirs.end() ? nullptr : &*named;
}

bool may_be_found_later(const spec::TrackingSpec& tracking, const status::Exit& exit) {
    const auto* file = std::get_if<spec::TrackPidFile>(&tracking);
    return file != nullptr && file->writer == spec::PidFileWriter::Program &&
           status::is_success(exit);
}

bool may_run_already(const spec::TrackingSpec& tracking) {
    return std::holds_alternative<spec::TrackPidFile>(tracking);
}

}  // namespace reeve::core
