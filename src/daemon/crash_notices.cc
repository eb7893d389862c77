#include "daemon/crash_notices.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "os/fd.h"

namespace reeve::daemon {
namespace {

constexpr Duration kScribePatience = 300ms;
constexpr std::size_t kReadBytes = std::size_t{16} << 10;
constexpr std::size_t kWaitingMax = 1000;

/// The end of the file; `whole` says whether that is all of it.
std::string end_of(const std::string& path, bool& whole) {
    const Result<os::UniqueFd> file =
        os::open_file(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    struct stat info {};
    if (!file || ::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
    const auto size = static_cast<std::size_t>(info.st_size);
    whole = size <= kReadBytes;
    std::string bytes(std::min(size, kReadBytes), '\0');
    const ssize_t got =
        ::pread(file->get(), bytes.data(), bytes.size(), static_cast<off_t>(size - bytes.size()));
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
}

}  // namespace

std::vector<std::string> last_lines(const std::string& path) {
    bool whole = true;
    const std::string bytes = end_of(path, whole);
    std::string_view rest = bytes;
    // What does not begin in this part is no line.
    if (!whole) rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    std::vector<std::string> lines;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    const std::size_t extra = lines.size() - std::min(lines.size(), kNoticeLinesMax);
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(extra));
    return lines;
}

status::Transition notice_of(const status::Transition& begun,
                             const std::vector<std::string>& lines) {
    std::size_t first = lines.size();
    for (std::size_t bytes = 0; first > 0; --first) {
        bytes += lines[first - 1].size() + 1;
        if (bytes > kNoticeBytesMax) break;
    }
    status::Transition notice = begun;
    notice.from = notice.to;
    notice.begins_crash_loop = false;
    notice.reason = lines.empty() ? "it ends again and again, and has written nothing to its log"
                                  : "it ends again and again; the end of its log:";
    // One line that is too long for all of it is cut, not left out.
    if (first == lines.size() && !lines.empty()) {
        notice.reason += "\n" + lines.back().substr(0, kNoticeBytesMax);
    }
    for (; first < lines.size(); ++first)
        notice.reason += "\n" + lines[first];
    return notice;
}

spec::NamedEvent event_of(const status::Transition& notice) {
    const std::size_t end = std::min(notice.reason.find('\n'), notice.reason.size());
    spec::NamedEvent event{"crash-looping", {}};
    event.variables = {{"APP", notice.instance.app},
                       {"SERVICE", notice.instance.service},
                       {"INSTANCE", spec::instance_text(notice.instance)},
                       {"CAUSE", notice.cause.text},
                       {"LOG_END", notice.reason.substr(std::min(end + 1, notice.reason.size()))}};
    return event;
}

Result<std::unique_ptr<CrashNotices>> CrashNotices::create(Parts parts) {
    std::unique_ptr<CrashNotices> notices(new CrashNotices(std::move(parts)));
    CrashNotices* raw = notices.get();
    notices->alarm_ = std::make_unique<drivers::Alarm>(
        TRY(drivers::Alarm::create(raw->parts_.loop, [raw] { raw->tell_all(); })));
    return notices;
}

void CrashNotices::note(const status::Transition& transition) {
    if (!transition.begins_crash_loop || waiting_.size() >= kWaitingMax) return;
    waiting_.push_back(transition);
    alarm_->set(drivers::steady_now() + kScribePatience);
}

void CrashNotices::tell_all() {
    for (const status::Transition& begun : std::exchange(waiting_, {}))
        parts_.tell(notice_of(begun, last_lines(parts_.log_of(begun.instance))));
}

}  // namespace reeve::daemon
