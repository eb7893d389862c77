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
    Pumped pumped = Pumped::More;
    for (int i = 0; i < kReadsPerTurn && pumped == Pumped::More; ++i)
        pumped = read_once(now);
    (void)write_output(bench_.output.unwritten().size(), now);  // a loss is counted and reported
    bench_.output.clear();
    bench_.in_flight.end();
    return pumped;
}

Log::Pumped Log::read_once(WallTime now) {
    // Never more in our hands than one read can bring: that is what our death may cost.
    const std::size_t wanted = kReadBytesMax - bench_.output.unwritten().size();
    const ssize_t got = ::read(pipe_.get(), bench_.input.get(), wanted);
    if (got <= 0) {
        const bool empty = got < 0 && (errno == EAGAIN || errno == EINTR);
        return empty ? Pumped::Drained : Pumped::Closed;
    }
    const auto bytes = static_cast<std::size_t>(got);
    bench_.bytes_read += bytes;
    take({bench_.input.get(), bytes}, now);
    // Who writes so much at once goes on writing, as a rule; the pipe is rarely full to the byte.
    return bytes >= wanted / 2 ? Pumped::More : Pumped::Drained;
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
        if (out.content().empty()) bench_.output_continues_line = stamper_.mid_line();
        in.remove_prefix(stamper_.stamp(in, stamp(now), out));
        // What follows the last whole block waits for the next read.
        if (!write_output(file_.whole_blocks(out.unwritten().size()), now)) {
            losing_->untold.add(in);
            losing_->total.add(in);
            report_again();
            return;
        }
        drop_written();
    }
}

/// False: these bytes and all that waited with them are lost.
bool Log::write_output(std::size_t bytes, WallTime now) {
    if (bytes == 0) return true;
    OutputBuffer& out = bench_.output;
    const LogFile::Written written = append(out.unwritten().substr(0, bytes), now);
    out.count_written(written.bytes);
    if (written.error.empty()) return true;
    begin_loss(written.error, now);
    return false;
}

/// Begins what is kept with the stamp of a line, or after it: so a loss can still be counted.
void Log::drop_written() {
    OutputBuffer& out = bench_.output;
    const std::string_view written = out.content().substr(0, out.written());
    const std::size_t newline = written.rfind('\n');
    if (newline != std::string_view::npos) {
        out.drop_front(newline + 1);
        bench_.output_continues_line = false;
    } else if (bench_.output_continues_line || written.size() >= kStampBytes) {
        out.drop_front(written.size());
        bench_.output_continues_line = true;
    }
}

void Log::begin_loss(const std::string& reason, WallTime now) {
    OutputBuffer& out = bench_.output;
    losing_ = std::make_unique<Losing>();
    losing_->untold.add_unwritten(out.content(), bench_.output_continues_line, stamp(now).size(),
                                  out.written());
    losing_->total = losing_->untold;
    losing_->reason = reason;
    losing_->tried = now;
    out.clear();
    report_again();
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
