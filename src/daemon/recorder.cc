#include "daemon/recorder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

namespace reeve::daemon {
namespace {

Result<void> write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0) return system_error("write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Recorder Recorder::from_environment() {
    Recorder recorder;
    const char* path = ::getenv("REEVE_RECORD");
    if (path == nullptr || *path == '\0') return recorder;
    recorder.path_ = path;
    Result<os::UniqueFd> file =
        os::open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    if (!file) {
        log::warning("reason=\"nothing is recorded: " + file.error().message + "\"");
        return recorder;
    }
    struct stat info {};
    if (::fstat(file->get(), &info) == 0) recorder.bytes_ = static_cast<std::size_t>(info.st_size);
    recorder.file_ = std::move(*file);
    log::info("reason=\"every event is recorded\" file=" + recorder.path_);
    return recorder;
}

void Recorder::note(const core::RecordedStart& start) {
    if (file_) append(core::to_recording(start));
}

void Recorder::note(const core::Event& event, TimePoint now) {
    if (file_) append(core::to_recording(event, now));
}

void Recorder::append(std::string_view entry) {
    bytes_ += entry.size();
    const bool full = bytes_ > core::kRecordingBytesMax;
    const Result<void> written =
        full ? Result<void>(Error{"it has its full size"}) : write_all(file_->get(), entry);
    if (written) return;
    log::warning("reason=\"the recording ends: " + written.error().message + "\" file=" + path_);
    file_.reset();
}

}  // namespace reeve::daemon
