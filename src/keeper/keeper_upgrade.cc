#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/bytes.h"
#include "keeper/keeper.h"
#include "keeper/now.h"
#include "link/keeper_protocol.h"

// How reeve's own programs are replaced under everything that runs: the keeper ends reeved and the
// scribe, which may die at any instant, and executes the new keeper in its own place. What the new
// one inherits beside the stored descriptors are the executables, its own and those to go back to.
namespace reeve::keeper {
namespace {

constexpr Duration kTrial = 30s;
constexpr unsigned kTrialDeathsMax = 3;
constexpr const char* kOwnPrefix = "keeper/own/";
constexpr const char* kPreviousPrefix = "keeper/previous/";
constexpr const char* kNoteName = "keeper/note";
constexpr const char* kCameBackName = "keeper/came-back";
constexpr std::size_t kNoteBytesMax = 4096;

Result<os::UniqueFd> as_file(const std::string& text) {
    os::UniqueFd file = TRY(os::make_memory_file("reeve-note"));
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return system_error("write a note");
    return file;
}

std::string read_note(const os::UniqueFd& file) {
    if (!file) return "";
    const auto text = os::read_file("/proc/self/fd/" + std::to_string(file.get()), kNoteBytesMax);
    return text ? *text : "";
}

}  // namespace

/// An inherited list of descriptors may come from an upgrade, from a version that went back, or
/// from a reeved that outlived its keeper, which knows no executables.
Result<void> Keeper::take_over_programs() {
    Programs previous;
    for (const char* name : {kKeeperName, kReevedName, kScribeName}) {
        os::UniqueFd own = store_.take(kOwnPrefix + std::string(name));
        if (own) programs_.adopt(name, std::move(own));
        os::UniqueFd old = store_.take(kPreviousPrefix + std::string(name));
        if (old) previous.adopt(name, std::move(old));
    }
    upgrade_note_ = read_note(store_.take(kNoteName));
    const bool came_back = static_cast<bool>(store_.take(kCameBackName));
    if (!programs_.complete()) {
        const std::string directory = TRY(executable_directory());
        programs_ = TRY(Programs::open(directory));
    }
    if (previous.complete()) previous_ = std::move(previous);
    if (previous_ || came_back) trial_ = Trial{now() + kTrial, {}, 0, 0};
    return {};
}

void Keeper::begin_upgrade(const std::string& directory) {
    if (reeved_.pid == 0) return;  // asked twice: the first time was heard
    const auto refuse = [this](const std::string& why) {
        ByteWriter payload;
        payload.text(why);
        link::Message message;
        message.type = static_cast<std::uint32_t>(link::FromKeeper::UpgradeRefused);
        message.payload = payload.take();
        send_to_reeved(std::move(message));
    };
    Result<Programs> next = Programs::open(directory.empty() ? programs_.directory() : directory);
    if (!next) return refuse(next.error().message);
    const Result<void> tried = try_program(next->find(kKeeperName));
    if (!tried) return refuse(tried.error().message);
    std::map<std::string, int> more;
    next->visit([&](const Program& one) { more[kOwnPrefix + one.name] = one.file.get(); });
    programs_.visit([&](const Program& one) { more[kPreviousPrefix + one.name] = one.file.get(); });
    const Error failure = hand_over(next->find(kKeeperName), std::move(more));
    upgrade_note_ = "the upgrade was not begun: " + failure.message;
}

/// Comes back only when the keeper cannot be executed; then everything goes on as it was.
Error Keeper::hand_over(const Program& keeper, std::map<std::string, int> more) {
    end_own_children();
    const Result<os::UniqueFd> list = store_.hand_over(more);
    Error failure = list ? Error{} : list.error();
    if (list) {
        ::dprintf(STDERR_FILENO, "reeve-keeper: becomes %s\n", keeper.path.c_str());
        failure = execute(keeper, "--inherit", std::to_string(list->get()));
    }
    ::dprintf(STDERR_FILENO, "reeve-keeper: %s\n", failure.message.c_str());
    for (const auto& [name, fd] : more)
        (void)os::set_close_on_exec(fd, true);  // fcntl on an open descriptor
    store_.visit([](const std::string&, int fd) {
        (void)os::set_close_on_exec(fd, true);  // likewise
    });
    return failure;
}

/// reeved may end at any instant. The scribe is asked to, and writes before what it was told; what
/// the programs write meanwhile waits in their pipes.
void Keeper::end_own_children() {
    const pid_t reeved = std::exchange(reeved_.pid, 0);
    if (reeved != 0) {
        ::kill(reeved, SIGKILL);
        ::waitpid(reeved, nullptr, 0);
        read_reeved();  // its last words: descriptors to hold
    }
    reeved_.link = link::Channel();
    reeved_.start_at = now();
    ++reeved_deaths_;
    finish_scribe();
    if (scribe_.pid != 0) {
        ::kill(scribe_.pid, SIGKILL);
        ::waitpid(scribe_.pid, nullptr, 0);
    }
    scribe_.pid = 0;
    scribe_.start_at = now();
    reported_ = 0;
}

void Keeper::note_hello(std::uint64_t version) {
    if (trial_) trial_->hello_by.reset();
    if (link::is_understood(version)) return;
    ::dprintf(STDERR_FILENO, "reeve-keeper: reeved speaks version %llu, this keeper %u\n",
              static_cast<unsigned long long>(version), link::kKeeperProtocolVersion);
    if (previous_) go_back("it speaks another version of the protocol");
}

void Keeper::judge_death(OwnChild& child) {
    if (!trial_) return;
    const bool is_reeved = &child == &reeved_;
    if (is_reeved) trial_->hello_by.reset();
    unsigned& deaths = is_reeved ? trial_->deaths : trial_->scribe_deaths;
    if (++deaths < kTrialDeathsMax) {
        child.start_at = now();
        return;
    }
    if (previous_) return go_back(std::string(child.name) + " ended three times in 30 s");
    if (!is_reeved) return;  // without a scribe everything runs on, and waits for one
    if (!safe_mode_) ::dprintf(STDERR_FILENO, "reeve-keeper: goes into safe mode\n");
    safe_mode_ = true;
}

void Keeper::watch_trial() {
    if (!trial_) return;
    if (trial_->hello_by && now() >= *trial_->hello_by && reeved_.pid != 0) {
        if (previous_) return go_back("reeved said no hello within 20 s");
        ::kill(reeved_.pid, SIGKILL);  // its end is judged
        trial_->hello_by.reset();
    }
    if (now() < trial_->ends_at || trial_->hello_by) return;
    trial_.reset();
    previous_.reset();
}

Deadline Keeper::trial_deadline() const {
    if (!trial_) return std::nullopt;
    return trial_->hello_by ? trial_->hello_by : Deadline(trial_->ends_at);
}

void Keeper::go_back(const std::string& why) {
    Programs target = std::move(*previous_);
    previous_.reset();
    upgrade_note_ = "the upgrade to " + programs_.directory() + " was taken back: " + why;
    ::dprintf(STDERR_FILENO, "reeve-keeper: %s\n", upgrade_note_.c_str());
    const Result<os::UniqueFd> note = as_file(upgrade_note_);
    std::map<std::string, int> more;
    target.visit([&](const Program& one) { more[kOwnPrefix + one.name] = one.file.get(); });
    const Result<os::UniqueFd> mark = as_file("");
    if (note) more[kNoteName] = note->get();
    if (mark) more[kCameBackName] = mark->get();
    (void)hand_over(target.find(kKeeperName), std::move(more));  // said there
    // The old keeper cannot be executed: its reeved and scribe still can.
    programs_ = std::move(target);
    reeved_opens_pipes_ = false;  // of another version: not known
    trial_ = Trial{now() + kTrial, {}, 0, 0};
}

}  // namespace reeve::keeper
