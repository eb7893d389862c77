#include "drivers/file_events.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "os/fd.h"

namespace reeve::drivers {
namespace {

constexpr std::uint32_t kMask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr int kEventsPerWake = 1000;
constexpr std::size_t kMatchesMax = 1000;  // files of one directory that a pattern is told of

bool is_directory(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool exists(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::vector<std::string> entries_of(const std::string& directory) {
    std::vector<std::string> names;
    DIR* stream = ::opendir(directory.c_str());
    if (stream == nullptr) return names;
    while (const dirent* entry = ::readdir(stream)) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
        if (names.size() == kMatchesMax) break;
    }
    ::closedir(stream);
    return names;
}

/// What somebody waits for: a file, all of a directory, or those that a pattern matches.
struct Wanted {
    std::string text;       // as it was given
    std::string directory;  // that it is in, or that it is
    std::string pattern;    // of its name; empty: all of the directory
    bool is_glob = false;

    bool wants(const std::string& name) const {
        if (pattern.empty()) return true;
        return is_glob ? glob_matches(pattern, name) : pattern == name;
    }
};

Wanted wanted_of(const std::string& text) {
    Wanted wanted{text, "", "", false};
    if (text.ends_with("/")) {
        wanted.directory = text.size() == 1 ? text : text.substr(0, text.size() - 1);
        return wanted;
    }
    wanted.directory = parent_of(text);
    wanted.pattern = text.substr(text.find_last_of('/') + 1);
    wanted.is_glob = wanted.pattern.find_first_of("*?[") != std::string::npos;
    return wanted;
}

}  // namespace

struct FileEvents::State {
    os::UniqueFd inotify;
    std::uint32_t mask = kMask;
    std::function<void(spec::NamedEvent)> sink;
    std::map<std::string, Wanted> wanted;  // by text
    std::map<int, std::string> directories;
    std::map<std::string, int> watches;  // by directory
    Watch watch;                         // destroyed before the descriptor

    void tell(const Wanted& file, const std::string& name, const char* event);
    void tell_present(const Wanted& file);
    void place_watches();
    void take(const inotify_event& event);
    void readable();
};

void FileEvents::State::tell(const Wanted& file, const std::string& name, const char* event) {
    spec::NamedEvent told{"file", {{"FILE", file.text}, {"EVENT", event}}};
    const bool is_one_of_many = file.is_glob || file.pattern.empty();
    const std::string path = (file.directory == "/" ? "" : file.directory) + "/" + name;
    if (is_one_of_many) told.variables.push_back({"MATCH", path});
    sink(std::move(told));
}

void FileEvents::State::tell_present(const Wanted& file) {
    if (!file.is_glob && !file.pattern.empty()) {
        if (exists(file.text)) tell(file, file.pattern, "create");
        return;
    }
    for (const std::string& name : entries_of(file.directory)) {
        if (file.wants(name)) tell(file, name, "create");
    }
}

/// One watch for each directory that somebody waits in, or for the nearest one above it.
void FileEvents::State::place_watches() {
    std::set<std::string> needed;
    for (const auto& [text, file] : wanted) {
        std::string directory = file.directory;
        while (directory != "/" && !is_directory(directory))
            directory = parent_of(directory);
        needed.insert(directory);
    }
    for (auto it = watches.begin(); it != watches.end();) {
        if (needed.contains(it->first)) {
            ++it;
            continue;
        }
        (void)::inotify_rm_watch(inotify.get(), it->second);  // it may have gone by itself
        directories.erase(it->second);
        it = watches.erase(it);
    }
    for (const std::string& directory : needed) {
        if (watches.contains(directory)) continue;
        const int id = ::inotify_add_watch(inotify.get(), directory.c_str(), mask | IN_ONLYDIR);
        if (id < 0) continue;
        watches[directory] = id;
        directories[id] = directory;
    }
}

void FileEvents::State::take(const inotify_event& event) {
    const auto found = directories.find(event.wd);
    if (found == directories.end()) return;
    const std::string directory = found->second;
    const bool is_gone = (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0;
    if (is_gone) {
        watches.erase(directory);
        directories.erase(found);
        if ((event.mask & IN_MOVE_SELF) != 0) (void)::inotify_rm_watch(inotify.get(), event.wd);
        place_watches();
        return;
    }
    const std::string name = event.len == 0 ? "" : event.name;
    const char* what = nullptr;
    if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) what = "create";
    if ((event.mask & IN_CLOSE_WRITE) != 0) what = "modify";
    if ((event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0) what = "delete";
    if ((event.mask & IN_ATTRIB) != 0) what = "attribute";
    if (what == nullptr) return;
    for (const auto& [text, file] : wanted) {
        if (file.directory == directory && file.wants(name)) tell(file, name, what);
    }
    // A directory on the way to what somebody waits for, or a link to one.
    const std::string path = (directory == "/" ? "" : directory) + "/" + name;
    if (std::string_view(what) != "create" || !is_directory(path)) return;
    place_watches();
    for (const auto& [text, file] : wanted) {
        const bool below = file.directory == path || file.directory.starts_with(path + "/");
        if (below) tell_present(file);
    }
}

void FileEvents::State::readable() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    for (int count = 0; count < kEventsPerWake;) {
        const ssize_t size = ::read(inotify.get(), buffer.data(), buffer.size());
        if (size <= 0) return;
        for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(size);
             ++count) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            at += sizeof(inotify_event) + event->len;
            take(*event);
        }
    }
}

Result<FileEvents> FileEvents::create(event_base* loop, Permissions permissions,
                                      std::function<void(spec::NamedEvent)> sink) {
    auto state = std::make_unique<State>();
    if (permissions == Permissions::Told) state->mask |= IN_ATTRIB;
    state->sink = std::move(sink);
    state->inotify.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!state->inotify) return system_error("open inotify");
    State* raw = state.get();
    state->watch =
        Watch(loop, state->inotify.get(), Watch::For::Reading, [raw] { raw->readable(); });
    return FileEvents(std::move(state));
}

void FileEvents::watch(const std::set<std::string>& files, Present present) {
    std::map<std::string, Wanted> wanted;
    std::vector<std::string> fresh;
    for (const std::string& text : files) {
        if (!text.starts_with("/") || wanted.size() == kWatchedFilesMax) continue;
        wanted.emplace(text, wanted_of(text));
        if (!state_->wanted.contains(text)) fresh.push_back(text);
    }
    state_->wanted = std::move(wanted);
    state_->place_watches();
    if (present == Present::Known) return;
    for (const std::string& text : fresh)
        state_->tell_present(state_->wanted.at(text));
}

FileEvents::FileEvents(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileEvents::~FileEvents() = default;
FileEvents::FileEvents(FileEvents&&) noexcept = default;
FileEvents& FileEvents::operator=(FileEvents&&) noexcept = default;

}  // namespace reeve::drivers
