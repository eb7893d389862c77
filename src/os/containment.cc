#include "os/containment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/bytes.h"
#include "base/text.h"
#include "os/cgroup.h"
#include "os/process.h"

namespace reeve::os {
namespace {

constexpr const char* kCgroupRoot = "/sys/fs/cgroup";
/// Rounds of killing in mode V1 and None: a fork bomb may outrun a few.
constexpr int kKillRoundsMax = 1000;
/// Of a group that was handed on: `RUN TICKS`.
constexpr const char* kOwnerAttribute = "user.reeve.run";

bool is_cgroup_v2(const std::string& path) {
    struct statfs info {};
    return ::statfs(path.c_str(), &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

bool make_directory(const std::string& path) {
    return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

/// One reeve, one name below the cgroup it was started in: any number live side by side.
std::string own_name(const Paths& paths) {
    return paths.root.empty() ? "reeve" : "reeve-" + to_hex(crc32(paths.run_dir)).substr(8);
}

std::vector<pid_t> without_zombies(std::vector<pid_t> pids) {
    std::erase_if(pids, [](pid_t pid) {
        const std::optional<ProcessStat> stat = read_process_stat(pid);
        return !stat || stat->state == 'Z' || stat->state == 'X';
    });
    return pids;
}

/// The directories directly below `path`, by name.
void visit_names_below(const std::string& path,
                       const std::function<void(std::string_view name)>& visit) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
    if (!directory) return;
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string_view name = entry->d_name;
        if (entry->d_type == DT_DIR && name != "." && name != "..") visit(name);
    }
}

/// The argument of getxattrat(2) as of Linux 6.13; Debian 12's headers have neither.
struct AttributeBuffer {
    alignas(8) std::uint64_t value;
    std::uint32_t size;
    std::uint32_t flags;
};
constexpr long kGetxattrat = 464;

/// What the group at `path`, which is `below` the open `base`, says of whose it is; empty for most.
/// From there it is a step, by its path the way down all of the hierarchy.
std::string owner_text(int base, const std::string& below, const std::string& path) {
    char owner[64];
    AttributeBuffer buffer{reinterpret_cast<std::uintptr_t>(owner), sizeof owner, 0};
    ssize_t size =
        ::syscall(kGetxattrat, base, below.c_str(), 0, kOwnerAttribute, &buffer, sizeof buffer);
    if (size < 0 && errno != ENODATA)
        size = ::getxattr(path.c_str(), kOwnerAttribute, owner, sizeof owner);
    return size > 0 ? std::string(owner, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

std::string to_text(ContainmentMode mode) {
    switch (mode) {
        case ContainmentMode::V2:
            return "cgroup v2";
        case ContainmentMode::Hybrid:
            return "cgroup v2 beside v1 (hybrid)";
        case ContainmentMode::V1:
            return "cgroup v1";
        case ContainmentMode::None:
            return "no cgroup";
    }
    return "?";
}

Containment Containment::choose(const Paths& paths) {
    Containment chosen = choose_mode(paths);
    if (!chosen.base_.empty()) chosen.open_base();
    return chosen;
}

void Containment::open_base() {
    Result<UniqueFd> directory = open_file(base_, O_PATH | O_DIRECTORY);
    if (directory) base_directory_ = std::move(directory).value();
}

Containment Containment::choose_mode(const Paths& paths) {
    Containment chosen;
    const std::string name = own_name(paths);
    const char* forced = ::getenv("REEVE_CONTAINMENT");  // v2, v1 or none: to try a lesser mode
    const std::string limit = forced == nullptr ? "" : forced;
    const std::string root = kCgroupRoot;
    if (limit.empty() || limit == "v2") {
        if (is_cgroup_v2(root) && chosen.try_v2(root, name)) {
            chosen.mode_ = ContainmentMode::V2;
            return chosen;
        }
        if (is_cgroup_v2(root + "/unified") && chosen.try_v2(root + "/unified", name)) {
            chosen.mode_ = ContainmentMode::Hybrid;
            return chosen;
        }
    }
    if ((limit.empty() || limit == "v1") && chosen.try_v1(name)) {
        chosen.mode_ = ContainmentMode::V1;
        return chosen;
    }
    chosen.base_.clear();
    chosen.explanation_ =
        "no cgroup can be written: processes are found by session, parent and environment, and one "
        "that leaves all three outlives a stop" +
        (chosen.explanation_.empty() ? "" : " (" + chosen.explanation_ + ")");
    return chosen;
}

bool Containment::try_v2(const std::string& mount, const std::string& name) {
    std::string own = cgroup_path_of(0, "");
    if (own.empty()) return false;
    if (own == "/") own.clear();
    // A successor is itself inside a group of the predecessor's base, or beside it.
    const std::size_t inside = own.find("/" + name);
    if (inside != std::string::npos) own.resize(inside);
    hierarchy_ = own + "/" + name;
    base_ = mount + hierarchy_;
    if (!make_directory(base_)) {
        explanation_ = system_error("mkdir " + base_).message;
        return false;
    }
    // Whether processes may be put there shows only when one is: the child's clone falls back.
    controllers_.clear();
    clone_into_ = ::access((base_ + "/cgroup.procs").c_str(), W_OK) == 0;
    if (!clone_into_) {
        explanation_ = base_ + "/cgroup.procs cannot be written";
        ::rmdir(base_.c_str());
        return false;
    }
    kill_file_ = ::access((base_ + "/cgroup.kill").c_str(), W_OK) == 0;
    explanation_ = "each run has a cgroup of its own below " + base_;
    return true;
}

bool Containment::try_v1(const std::string& name) {
    for (const char* hierarchy : {"name=systemd", "pids", "freezer"}) {
        const std::string directory =
            hierarchy == std::string("name=systemd") ? "systemd" : hierarchy;
        const std::string own = cgroup_path_of(0, hierarchy);
        if (own.empty()) continue;
        const std::string below = own == "/" ? "" : own.substr(0, own.find("/" + name));
        const std::string base = std::string(kCgroupRoot) + "/" + directory + below + "/" + name;
        if (!make_directory(base) || ::access((base + "/cgroup.procs").c_str(), W_OK) != 0)
            continue;
        base_ = base;
        hierarchy_ = below + "/" + name;
        controllers_ = hierarchy;
        clone_into_ = false;
        kill_file_ = false;
        explanation_ = "each run has a v1 cgroup of its own below " + base_;
        return true;
    }
    return false;
}

std::string run_directory(const std::string& instance, const std::string& run) {
    return instance + kRunSeparator + run;
}

std::string Containment::below_base(const RunGroup& group) const {
    return group.path.substr(base_.size() + 1);
}

RunGroup Containment::group_of(const std::string& instance, const std::string& run) const {
    if (base_.empty()) return {};
    return {base_ + "/" + run_directory(instance, run)};
}

Result<RunGroup> Containment::create(const std::string& instance, const std::string& run) {
    RunGroup group = group_of(instance, run);
    if (group.path.empty()) return group;
    const std::string below = below_base(group);
    if (::mkdirat(base_directory_.get(), below.c_str(), 0755) == 0 || errno == EEXIST) return group;
    // The first run of an app; or somebody has removed all that was empty.
    TRY(make_directories(group.path, 0755));
    open_base();
    return group;
}

UniqueFd Containment::open_for_clone(const RunGroup& group) const {
    if (!clone_into_ || group.path.empty()) return {};
    Result<UniqueFd> directory =
        open_file_at(base_directory_.get(), below_base(group), O_PATH | O_DIRECTORY);
    return directory ? std::move(directory).value() : UniqueFd();
}

std::vector<std::string> Containment::files_to_join(const RunGroup& group) const {
    if (group.path.empty() || clone_into_) return {};
    return {group.path + "/cgroup.procs"};
}

std::string Containment::events_file(const RunGroup& group) const {
    const bool v2 = mode_ == ContainmentMode::V2 || mode_ == ContainmentMode::Hybrid;
    return v2 && !group.path.empty() ? group.path + "/cgroup.events" : std::string();
}

std::vector<pid_t> Containment::members(const RunGroup& group, const std::string& run,
                                        pid_t main_pid) const {
    if (group.path.empty()) return marked_->members(run, main_pid);
    return cgroup_members(base_directory_.get(), below_base(group));
}

bool Containment::has(const RunGroup& group, const std::string& run, pid_t main_pid,
                      pid_t pid) const {
    if (group.path.empty()) return marked_->has(run, main_pid, pid);
    return cgroup_has(hierarchy_ + group.path.substr(base_.size()), controllers_, pid);
}

std::string Containment::group_path_of(pid_t pid) const {
    const std::string path = base_.empty() ? std::string() : cgroup_path_of(pid, controllers_);
    if (!path.starts_with(hierarchy_ + "/")) return {};
    return base_ + path.substr(hierarchy_.size());
}

void Containment::take_in(const RunGroup& group, pid_t pid) const {
    if (group.path.empty()) return;
    const std::string file = group.path + "/cgroup.procs";
    for (const pid_t member : with_descendants(pid))
        (void)write_file(file, std::to_string(member));  // one that has gone meanwhile needs none
}

Containment::Look Containment::look_at(const RunGroup& group, const std::string& run,
                                       pid_t main_pid, TimePoint begun) const {
    if (group.path.empty()) return {marked_->is_empty(run, main_pid, begun), false};
    bool is_frozen = false;
    if (!events_file(group).empty()) {
        const Result<std::string> text =
            read_kernel_record(base_directory_.get(), below_base(group) + "/cgroup.events");
        // A group that is gone has no processes.
        is_frozen = text && text->find("frozen 1") != std::string::npos;
        if (!text || text->find("populated 0") != std::string::npos) return {true, is_frozen};
    }
    return {without_zombies(members(group, run, main_pid)).empty(), is_frozen};
}

void Containment::kill(const RunGroup& group, const std::string& run, pid_t main_pid) const {
    if (kill_file_ && !group.path.empty() && write_file(group.path + "/cgroup.kill", "1").ok())
        return;
    for (int round = 0; round < kKillRoundsMax; ++round) {
        const std::vector<pid_t> left = without_zombies(members(group, run, main_pid));
        if (left.empty()) return;
        for (const pid_t pid : left) {
            const Result<UniqueFd> pidfd = open_pidfd(pid);
            if (!pidfd || !has(group, run, main_pid, pid)) continue;
            (void)send_signal(pidfd->get(), SIGKILL);  // one that has gone meanwhile needs none
        }
    }
}

bool Containment::hand_on(const RunGroup& group, const std::string& run,
                          std::uint64_t ticks) const {
    if (events_file(group).empty()) return false;
    // A program that has groups of its own below takes them with it.
    if (has_subgroups(base_directory_.get(), below_base(group))) return false;
    const std::string owner = run + " " + std::to_string(ticks);
    return ::setxattr(group.path.c_str(), kOwnerAttribute, owner.data(), owner.size(), 0) == 0;
}

void Containment::visit_groups(
    const std::function<void(const std::string& app, std::string_view name)>& visit) const {
    if (base_.empty()) return;
    visit_names_below(base_, [&](std::string_view found) {
        const std::string app(found);
        visit_names_below(base_ + "/" + app, [&](std::string_view name) {
            if (name.find(kRunSeparator) != std::string_view::npos) visit(app, name);
        });
    });
}

std::vector<Containment::FoundGroup> Containment::groups() const {
    std::vector<FoundGroup> found;
    visit_groups([&](const std::string& app, std::string_view name) {
        const std::size_t end = name.rfind(kRunSeparator);
        found.push_back(
            {(app + "/").append(name.substr(0, end)), std::string(name.substr(end + 1))});
    });
    return found;
}

std::optional<Containment::GroupOwner> Containment::owner_of(const FoundGroup& group) const {
    const std::string below = run_directory(group.instance, group.named);
    const std::string owner = owner_text(base_directory_.get(), below, base_ + "/" + below);
    const std::vector<std::string_view> fields = words(owner);
    const Result<std::int64_t> ticks = parse_integer(fields.empty() ? "" : fields.back());
    if (fields.size() != 2 || !ticks) return std::nullopt;
    return GroupOwner{std::string(fields.front()), static_cast<std::uint64_t>(*ticks)};
}

void Containment::remove(const RunGroup& group) const {
    if (!group.path.empty()) remove_cgroup(group.path);
}

void Containment::remove_app(const std::string& instance) const {
    if (base_.empty()) return;
    const std::string app = instance.substr(0, instance.find('/'));
    ::unlinkat(base_directory_.get(), app.c_str(), AT_REMOVEDIR);
}

void Containment::remove_base() const {
    if (!base_.empty()) remove_cgroup(base_);
}

std::vector<Containment::Stray> Containment::strays(const std::string& service) const {
    std::vector<Stray> found;
    visit_groups([&](const std::string& app, std::string_view name) {
        if (!name.starts_with(service)) return;
        const std::size_t end = name.rfind(kRunSeparator);
        const std::string instance = (app + "/").append(name.substr(0, end));
        const std::string run(name.substr(end + 1));
        for (const pid_t pid : cgroup_members(base_directory_.get(), run_directory(instance, run)))
            found.push_back({instance, run, pid});
    });
    return found;
}

}  // namespace reeve::os
