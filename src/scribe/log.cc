#include "scribe/log.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace reeve::scribe {
namespace {

constexpr std::string_view kCutMark = " [reeve: the rest of this line is lost]\n";
constexpr char kInterrupted[] =
    "the scribe was killed while it wrote this log; up to 64 KiB may be missing here";

}  // namespace

Log::Log(link::LogId id, link::LogSettings settings, os::UniqueFd pipe, Workbench& bench)
    : id_(id), pipe_(std::move(pipe)), bench_(bench), file_(std::move(settings)) {}

Log::~Log() {
    bench_.open_files.forget(file_);
}

bool Log::reads(int pipe) const {
    struct stat mine {};
    struct stat other {};
    return ::fstat(pipe_.get(), &mine) == 0 && ::fstat(pipe, &other) == 0 &&
           mine.st_dev == other.st_dev && mine.st_ino == other.st_ino;
}

std::string_view Log::stamp(WallTime now) {
    switch (file_.settings().format) {
        case link::LogFormat::Stamped:
            return bench_.stamp.at(now);
        case link::LogFormat::Plain:
            return {};
    }
    return {};
}

std::string Log::note(const std::string& text, WallTime now) {
    std::string line(file_.ends_mid_line() ? kCutMark : std::string_view());
    line += stamp(now);
    return line + "reeve: " + text + "\n";
}

LogFile::Written Log::append(std::string_view bytes, WallTime now) {
    const LogFile::Written written = file_.append(bytes, now);
    bench_.open_files.used(file_);
    return written;
}

void Log::begin(link::PipeAge age, WallTime now) {
    if (bench_.in_flight.was_interrupted(id_)) {
        say_interrupted(now);
        return;
    }
    pipe_age_ = age;
}

void Log::say_interrupted(WallTime now) {
    if (file_.open()) (void)append(note(kInterrupted, now), now);  // reported in any case
    bench_.in_flight.forget_interrupted(id_);
    report_ = std::make_unique<link::Trouble>();
    report_->log = id_;
    report_->message = file_.settings().path + ": " + kInterrupted;
}

void Log::look_at_last_line(WallTime now) {
    const link::PipeAge age = *std::exchange(pipe_age_, std::nullopt);
    if (!file_.open()) return;  // reported by the first line that is lost
    bench_.open_files.used(file_);
    if (!file_.ends_mid_line()) return;
    switch (age) {
        case link::PipeAge::Fresh:
            (void)append("\n", now);  // likewise
            return;
        case link::PipeAge::Continued:
            stamper_.restart_at(1);
            return;
    }
}

Log::Pumped Log::pump(WallTime now) {
    bench_.in_flight.begin(id_);
    const ssize_t got = ::read(pipe_.get(), bench_.input.get(), kReadBytesMax);
    const int failure = got < 0 ? errno : 0;
    if (got > 0) take({bench_.input.get(), static_cast<std::size_t>(got)}, now);
    bench_.in_flight.end();
    if (got > 0) {
        bench_.bytes_read += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got) == kReadBytesMax ? Pumped::More : Pumped::Drained;
    }
    const bool empty = failure == EAGAIN || failure == EINTR;
    return empty ? Pumped::Drained : Pumped::Closed;
}

void Log::take(std::string_view in, WallTime now) {
    if (pipe_age_) look_at_last_line(now);
    if (losing_ && !try_recover(now)) {
        losing_->total.add(in);
        losing_->untold.add(in);
        return;
    }
    if (skip_line_) {
        const std::size_t newline = in.find('\n');
        if (newline == std::string_view::npos) return;
        in.remove_prefix(newline + 1);
        skip_line_ = false;
    }
    OutputBuffer& out = bench_.output;
    while (!in.empty()) {
        const bool continues = stamper_.mid_line();
        const std::string_view line_stamp = stamp(now);
        out.clear();
        in.remove_prefix(stamper_.stamp(in, line_stamp, out));
        const LogFile::Written written = append(out.content(), now);
        if (written.error.empty()) continue;

        losing_ = std::make_unique<Losing>();
        losing_->untold.add_unwritten(out.content(), continues, line_stamp.size(), written.bytes);
        losing_->untold.add(in);
        losing_->total = losing_->untold;
        losing_->reason = written.error;
        losing_->tried = now;
        report_again();
        return;
    }
}

void Log::retry(WallTime now) {
    if (losing_) (void)try_recover(now);  // if not now, then later
}

bool Log::try_recover(WallTime now) {
    const std::int64_t waited = now.nanoseconds - losing_->tried.nanoseconds;
    if (waited >= 0 && waited < kWriteRetryPause.count()) return false;
    losing_->tried = now;
    while (!losing_->owed.empty() || !losing_->untold.empty()) {
        if (losing_->owed.empty()) {
            const Result<void> opened = file_.open();
            if (!opened) return false;
            losing_->owed = note(losing_->untold.note(losing_->reason), now);
            losing_->untold.restart();
        }
        const LogFile::Written written = append(losing_->owed, now);
        losing_->owed.erase(0, written.bytes);
        if (!written.error.empty()) {
            losing_->reason = written.error;
            return false;
        }
    }
    end_loss();
    return true;
}

void Log::end_loss() {
    skip_line_ = losing_->untold.mid_line();
    stamper_.restart_at(0);
    report_again();
    report_->stage = link::TroubleStage::Over;
    report_->message = file_.settings().path + ": " + losing_->total.note(losing_->reason);
    losing_.reset();
}

void Log::report_again() {
    if (!losing_) return;
    report_ = std::make_unique<link::Trouble>();
    report_->stage = link::TroubleStage::Begun;
    report_->log = id_;
    report_->lost_lines = losing_->total.lines();
    report_->lost_bytes = losing_->total.bytes();
    report_->message = file_.settings().path + ": lines are being lost: " + losing_->reason;
}

std::optional<link::Trouble> Log::take_report() {
    if (!report_) return std::nullopt;
    std::optional<link::Trouble> report(std::move(*report_));
    report_.reset();
    return report;
}

}  // namespace reeve::scribe
