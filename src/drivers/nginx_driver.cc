#include "drivers/nginx_driver.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "os/fd.h"
#include "os/process.h"

namespace reeve::drivers {
namespace {

constexpr std::size_t kConfigMax = std::size_t{2} * 1024 * 1024;
constexpr std::string_view kSuffix = ".conf";
/// How long a test and a reload may take.
constexpr Duration kTestPatience = 30s;
constexpr Duration kReloadPatience = 30s;
constexpr Duration kLook = 25ms;
constexpr Duration kLookForOld = 100ms;
constexpr std::size_t kWaitingMax = 1000;

std::uint64_t start_of(pid_t pid) {
    const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
    return stat ? stat->start_ticks : 0;
}

/// The first thing that nginx objects to, without its own prefix and the paths of no interest.
std::string objection_in(const std::string& said) {
    for (const std::string_view line : split(said, '\n')) {
        const std::size_t emergency = line.find("[emerg]");
        if (emergency == std::string_view::npos) continue;
        return std::string(trim(line.substr(emergency + 7)));
    }
    const std::string text(trim(said));
    return text.empty() ? "it did not say why" : text;
}

}  // namespace

Result<std::unique_ptr<NginxDriver>> NginxDriver::create(Parts parts) {
    std::unique_ptr<NginxDriver> driver(new NginxDriver(std::move(parts)));
    driver->alarm_ = std::make_unique<Alarm>(
        TRY(Alarm::create(driver->parts_.loop, [raw = driver.get()] { raw->look(); })));
    TRY(os::make_directories(driver->parts_.place.config_dir, 0755));
    driver->read_directory();
    for (const pid_t pid : driver->server_.workers(true))
        driver->before_.insert(pid);
    for (const pid_t pid : driver->server_.workers(false))
        driver->before_.erase(pid);
    for (const pid_t pid : std::exchange(driver->before_, {}))
        driver->old_workers_[pid] = start_of(pid);
    if (!driver->old_workers_.empty()) driver->alarm_->set(steady_now() + kLookForOld);
    return driver;
}

void NginxDriver::read_directory() {
    const NginxPlace& place = parts_.place;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(place.config_dir.c_str()),
                                                        &::closedir);
    if (!directory) return;
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string_view file = entry->d_name;
        if (!file.starts_with(place.file_prefix) || !file.ends_with(kSuffix)) continue;
        const std::string_view stem = file.substr(
            place.file_prefix.size(), file.size() - place.file_prefix.size() - kSuffix.size());
        const Result<std::string> app = unescape_name(stem);
        Result<std::string> text =
            os::read_file(place.config_dir + "/" + std::string(file), kConfigMax);
        if (app && text) in_force_[*app] = std::move(*text);
    }
}

void NginxDriver::read_again(const std::string& app) {
    if (batch_.contains(app)) return;
    refused_.erase(app);
    problems_.erase(app);
    Result<std::string> text = os::read_file(path_of(app), kConfigMax);
    if (text) {
        in_force_[app] = std::move(*text);
    } else {
        in_force_.erase(app);
    }
}

std::string NginxDriver::path_of(const std::string& app) const {
    const NginxPlace& place = parts_.place;
    return place.config_dir + "/" + place.file_prefix + escape_name(app) + std::string(kSuffix);
}

void NginxDriver::want(const std::string& app, Text text) {
    const auto refused = refused_.find(app);
    if (refused != refused_.end()) {
        if (refused->second == text) return;
        refused_.erase(refused);
        problems_.erase(app);
    }
    wanted_[app] = std::move(text);
    go_on();
}

void NginxDriver::when_settled(const std::string& app, Answer answer) {
    std::vector<Answer>& waiting = waiting_[app];
    if (waiting.size() >= kWaitingMax) return answer(Error{"too many wait for nginx", EBUSY});
    waiting.push_back(std::move(answer));
    go_on();
}

const std::string* NginxDriver::in_force(const std::string& app) const {
    const auto found = in_force_.find(app);
    return found == in_force_.end() ? nullptr : &found->second;
}

std::vector<std::string> NginxDriver::apps() const {
    std::vector<std::string> names;
    for (const auto& [name, text] : in_force_)
        names.push_back(name);
    return names;
}

bool NginxDriver::is_drained() const {
    return batch_.empty() && wanted_.empty() && singly_.empty() && old_workers_.empty();
}

/// Begins with what is wanted next; answers those whose app needs nothing.
void NginxDriver::go_on() {
    if (!batch_.empty()) return;
    std::erase_if(wanted_, [this](const auto& entry) {
        const std::string* now = in_force(entry.first);
        return entry.second ? now != nullptr && *now == *entry.second : now == nullptr;
    });
    if (!singly_.empty()) {
        Batch next = std::move(singly_.back());
        singly_.pop_back();
        return begin(std::move(next));
    }
    if (!wanted_.empty()) return begin(std::exchange(wanted_, {}));
    while (!waiting_.empty()) {
        const std::string app = waiting_.begin()->first;
        const auto problem = problems_.find(app);
        answer(app, problem == problems_.end() ? Result<void>() : Error{problem->second});
    }
    if (old_workers_.empty()) parts_.drained();
}

void NginxDriver::begin(Batch batch) {
    batch_ = std::move(batch);
    for (const auto& [app, text] : batch_) {
        const Result<void> written = put(app, text);
        if (!written) return refuse(written.error().message);
    }
    test();
}

Result<void> NginxDriver::put(const std::string& app, const Text& text) const {
    const std::string path = path_of(app);
    if (!text) {
        if (::unlink(path.c_str()) < 0 && errno != ENOENT) return system_error("remove " + path);
        return {};
    }
    // The name ends in what nginx does not include.
    const std::string fresh = path + ".new";
    ::unlink(fresh.c_str());
    TRY(os::write_file(fresh, *text));
    if (::rename(fresh.c_str(), path.c_str()) < 0) return system_error("rename to " + path);
    return {};
}

void NginxDriver::put_back() const {
    for (const auto& [app, text] : batch_) {
        const std::string* old = in_force(app);
        const Result<void> done = put(app, old == nullptr ? Text() : Text(*old));
        if (!done) log::error("app=" + app + " reason=\"" + done.error().message + "\"");
    }
}

void NginxDriver::test() {
    std::vector<std::string> command = {parts_.place.program, "-t", "-q"};
    if (!parts_.place.main_file.empty()) {
        command.insert(command.end(), {"-e", "stderr", "-c", parts_.place.main_file});
    }
    Result<os::Subprocess> started = os::Subprocess::start(command);
    if (!started) return refuse(started.error().message);
    tester_.emplace(std::move(*started));
    test_output_ = Watch(parts_.loop, tester_->output_fd(), Watch::For::Reading, [this] {
        const std::size_t before = tester_->said().size();
        tester_->read_output();
        // The end of its output is readable for good.
        if (tester_->said().size() == before) test_output_ = Watch();
    });
    test_end_ = Watch(parts_.loop, tester_->pidfd(), Watch::For::Reading, [this] { test_ended(); });
    alarm_->set(steady_now() + kTestPatience);
}

void NginxDriver::test_ended() {
    const std::optional<int> status = tester_->reap();
    if (!status) return;
    tester_->read_output();
    const std::string said = tester_->said();
    test_output_ = Watch();
    test_end_ = Watch();
    tester_.reset();
    if (WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return reload();
    refuse(objection_in(said));
}

void NginxDriver::reload() {
    before_ = server_.workers(true);
    reloaded_by_ = steady_now() + kReloadPatience;
    if (server_.master() == 0 && parts_.place.is_ours) {
        parts_.start_server();
    } else {
        const Result<void> told = server_.reload();
        if (!told) {
            // Whoever starts it later finds the files.
            log::warning("reason=\"" + told.error().message + "\"");
            return finish();
        }
    }
    alarm_->set(steady_now() + kLook);
}

void NginxDriver::look() {
    if (tester_) {
        test_output_ = Watch();
        test_end_ = Watch();
        tester_.reset();  // kills it
        return refuse("`nginx -t` did not end within " + to_text(kTestPatience));
    }
    if (reloaded_by_) return look_for_new_workers();
    look_for_old_workers();
}

void NginxDriver::look_for_new_workers() {
    const std::set<pid_t> now = server_.workers(false);
    const auto is_old = [this](pid_t pid) { return before_.contains(pid); };
    // For a while both accept: nginx starts the new ones first.
    const bool only_new = !now.empty() && std::none_of(now.begin(), now.end(), is_old);
    if (only_new) return finish();
    if (steady_now() >= *reloaded_by_) {
        return refuse("nginx did not take its new configuration: " + last_error_line());
    }
    alarm_->set(steady_now() + kLook);
}

void NginxDriver::look_for_old_workers() {
    std::erase_if(old_workers_, [](const auto& worker) {
        return worker.second == 0 || start_of(worker.first) != worker.second;
    });
    if (!old_workers_.empty()) return alarm_->set(steady_now() + kLookForOld);
    if (batch_.empty()) parts_.drained();
}

/// The batch is in force.
void NginxDriver::finish() {
    reloaded_by_.reset();
    for (const auto& [app, text] : batch_) {
        if (text) {
            in_force_[app] = *text;
        } else {
            in_force_.erase(app);
        }
        log::info("app=" + app + " reason=\"nginx has its new configuration\"");
    }
    for (const pid_t pid : std::exchange(before_, {}))
        old_workers_[pid] = start_of(pid);
    alarm_->set(steady_now() + kLook);
    const Batch done = std::exchange(batch_, {});
    for (const auto& [app, text] : done) {
        if (!wanted_.contains(app)) answer(app, {});
    }
    go_on();
}

/// The batch was not taken: what was before comes back.
void NginxDriver::refuse(const std::string& why) {
    reloaded_by_.reset();
    alarm_->set(old_workers_.empty() ? Deadline() : Deadline(steady_now() + kLookForOld));
    put_back();
    const Batch failed = std::exchange(batch_, {});
    if (failed.size() > 1) {
        for (const auto& entry : failed)
            singly_.push_back({entry});
        return go_on();
    }
    for (const auto& [app, text] : failed) {
        log::error("app=" + app + " reason=\"nginx refused: " + why + "\"");
        problems_[app] = why;
        refused_[app] = text;
        if (!wanted_.contains(app)) answer(app, Error{why});
    }
    go_on();
}

void NginxDriver::answer(const std::string& app, const Result<void>& result) {
    const auto found = waiting_.find(app);
    if (found == waiting_.end()) return;
    const std::vector<Answer> waiting = std::move(found->second);
    waiting_.erase(found);
    for (const Answer& one : waiting)
        one(result);
}

std::string NginxDriver::last_error_line() const {
    if (server_.master() == 0) return "it does not run";
    return "see its error log";
}

}  // namespace reeve::drivers
