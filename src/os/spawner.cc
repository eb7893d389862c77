#include "os/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "os/limit_name.h"

namespace reeve::os {
namespace {

/// The first number that is reserved; below are the standard files, the keeper's link, and where a
/// child wants its script.
constexpr int kFirstReserved = kScriptFd + 1;

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<const char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        pointers.push_back(text.c_str());
    pointers.push_back(nullptr);
    return pointers;
}

Result<int> reserve(int null_fd) {
    const int fd = ::fcntl(null_fd, F_DUPFD_CLOEXEC, kFirstReserved);
    if (fd < 0) return system_error("reserve a descriptor");
    if (fd >= kLowFdsEnd) return Error{"too many descriptors are open at the start", EMFILE};
    return fd;
}

/// Where the child writes its own number, which is not known before there is a child.
char* place_of_listen_pid(ChildSetup& setup) {
    constexpr std::string_view kName = "LISTEN_PID=";
    if (setup.passed_fds.empty()) return nullptr;
    for (std::string& variable : setup.environment) {
        if (!variable.starts_with(kName)) continue;
        variable.resize(kName.size() + kPidDigits + 1);
        return variable.data() + kName.size();
    }
    return nullptr;
}

char* map_stack() {
    void* stack = ::mmap(nullptr, kChildStackBytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    return stack == MAP_FAILED ? nullptr : static_cast<char*>(stack);
}

/// A script that nobody can change any more.
Result<UniqueFd> sealed_file(const std::string& text) {
    UniqueFd file(::memfd_create("script", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) return system_error("create a file in memory for the script");
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t now = ::write(file.get(), text.data() + written, text.size() - written);
        if (now <= 0) return system_error("write the script");
        written += static_cast<std::size_t>(now);
    }
    if (::lseek(file.get(), 0, SEEK_SET) != 0 ||
        ::fcntl(file.get(), F_ADD_SEALS,
                F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
        return system_error("seal the script");
    }
    return file;
}

std::string redirection_name(const ChildSetup& setup) {
    const auto index = static_cast<std::size_t>(setup.detail.load());
    return index < setup.redirections.size() ? setup.redirections[index].path : "a file";
}

}  // namespace

PendingSpawn::Progress PendingSpawn::progress() {
    char news[8];
    const ssize_t got = ::read(status_.get(), news, sizeof news);
    if (got < 0) return Progress::OnItsWay;
    if (got > 0) {
        spawner_->return_descriptors(slot_);
        return Progress::OnItsWay;
    }
    return setup_->error.load(std::memory_order_acquire) == 0 ? Progress::Executed
                                                              : Progress::Failed;
}

std::string PendingSpawn::stage_text() const {
    switch (setup_->stage.load(std::memory_order_acquire)) {
        case SpawnStage::Clone:
            return "clone";
        case SpawnStage::Unshare:
            return "take an own descriptor table";
        case SpawnStage::Cgroup:
            return "join its cgroup";
        case SpawnStage::Session:
            return "start a session";
        case SpawnStage::Limits:
            return "set the " + limit_name(setup_->detail.load()) + " limit";
        case SpawnStage::Nice:
            return "set the nice value";
        case SpawnStage::OomScore:
            return "set the OOM score";
        case SpawnStage::Umask:
            return "set the umask";
        case SpawnStage::Files:
            return "open the standard files";
        case SpawnStage::Root:
            return "chroot " + setup_->root_dir;
        case SpawnStage::Chdir:
            return "chdir " + setup_->working_dir;
        case SpawnStage::Groups:
            return "set the groups";
        case SpawnStage::Gid:
            return "set the group id";
        case SpawnStage::Uid:
            return "set the user id";
        case SpawnStage::Redirect:
            return "open " + redirection_name(*setup_);
        case SpawnStage::Exec:
            return "exec " + setup_->arguments.front();
    }
    return "spawn";
}

Result<std::unique_ptr<Spawner>> Spawner::create() {
    std::unique_ptr<Spawner> spawner(new Spawner());
    UniqueFd opened = TRY(open_file("/dev/null", O_RDWR));
    spawner->null_ = UniqueFd(TRY(reserve(opened.get())));
    for (int i = 0; i < kSpawnsMax; ++i) {
        Slot slot;
        slot.output_fd = TRY(reserve(opened.get()));
        slot.script_fd = TRY(reserve(opened.get()));
        slot.status_fd = TRY(reserve(opened.get()));
        // The child closes what lies between its own four.
        CHECK(spawner->null_.get() < slot.output_fd && slot.output_fd < slot.script_fd &&
              slot.script_fd < slot.status_fd);
        spawner->slots_.push_back(slot);
    }
    for (int i = 0; i < kLentFdsMax; ++i)
        spawner->lent_.push_back(TRY(reserve(opened.get())));
    spawner->is_lent_.resize(kLentFdsMax);
    CHECK(spawner->slots_.back().status_fd < spawner->lent_.front());
    return spawner;
}

Result<int> Spawner::lend(int fd) {
    const auto free = std::find(is_lent_.begin(), is_lent_.end(), false);
    if (free == is_lent_.end()) {
        return Error{"more than " + std::to_string(kLentFdsMax) + " descriptors to pass on",
                     EMFILE};
    }
    const int number = lent_[static_cast<std::size_t>(free - is_lent_.begin())];
    if (::dup3(fd, number, O_CLOEXEC) < 0) return system_error("lend a descriptor");
    *free = true;
    return number;
}

void Spawner::take_back(int number) {
    const auto found = std::find(lent_.begin(), lent_.end(), number);
    CHECK(found != lent_.end());
    is_lent_[static_cast<std::size_t>(found - lent_.begin())] = false;
    ::dup3(null_.get(), number, O_CLOEXEC);
}

Result<std::unique_ptr<PendingSpawn>> Spawner::start(std::unique_ptr<ChildSetup> setup,
                                                     int output_fd, int cgroup_fd) {
    const auto free_slot =
        std::find_if(slots_.begin(), slots_.end(), [](const Slot& s) { return !s.busy; });
    if (free_slot == slots_.end())
        return Error{"clone: too many children are being started", EAGAIN};
    Slot& slot = *free_slot;
    if (slot.stack == nullptr) slot.stack = map_stack();
    if (slot.stack == nullptr) return system_error("map a stack");

    UniqueFd script;
    if (!setup->script.empty()) script = TRY(sealed_file(setup->script));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return system_error("create a status pipe");
    std::unique_ptr<PendingSpawn> spawn(new PendingSpawn());
    spawn->status_ = UniqueFd(ends[0]);
    const UniqueFd status_write(ends[1]);
    ::dup3(status_write.get(), slot.status_fd, O_CLOEXEC);
    ::dup3(output_fd < 0 ? null_.get() : output_fd, slot.output_fd, O_CLOEXEC);
    if (script) ::dup3(script.get(), slot.script_fd, O_CLOEXEC);
    slot.busy = slot.lends = true;
    slot.lends_script = static_cast<bool>(script);
    spawn->spawner_ = this;
    spawn->slot_ = static_cast<int>(free_slot - slots_.begin());
    spawn->setup_ = std::move(setup);
    ChildSetup& child = *spawn->setup_;
    child.input_fd = null_.get();
    child.output_fd = slot.output_fd;
    child.script_fd = slot.script_fd;
    child.status_fd = slot.status_fd;
    child.lent_begin = lent_.front();
    child.lent_end = lent_.back() + 1;
    child.listen_pid = place_of_listen_pid(child);
    child.argument_pointers = pointers_to(child.arguments);
    child.environment_pointers = pointers_to(child.environment);
    Result<Cloned> cloned = clone_child(&child, slot.stack, cgroup_fd);
    if (!cloned) {
        const Error error = cloned.error();
        finish(std::move(spawn));
        return error;
    }
    spawn->pid_ = cloned->pid;
    spawn->pidfd_ = std::move(cloned->pidfd);
    return spawn;
}

void Spawner::return_descriptors(int number) {
    Slot& slot = slots_[static_cast<std::size_t>(number)];
    if (!slot.lends) return;
    slot.lends = false;
    ::dup3(null_.get(), slot.status_fd, O_CLOEXEC);
    ::dup3(null_.get(), slot.output_fd, O_CLOEXEC);
    if (slot.lends_script) ::dup3(null_.get(), slot.script_fd, O_CLOEXEC);
}

void Spawner::finish(std::unique_ptr<PendingSpawn> spawn) {
    // A child that changed its user has made the memory it shared with us undumpable, which would
    // take our own files in /proc away from us.
    if (spawn->setup_->identity) ::prctl(PR_SET_DUMPABLE, 1);
    return_descriptors(spawn->slot_);
    slots_[static_cast<std::size_t>(spawn->slot_)].busy = false;
}

}  // namespace reeve::os
