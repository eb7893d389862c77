#include "formats/upstart/lint.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "formats/upstart/lint_events.h"
#include "formats/upstart/lint_process.h"
#include "formats/upstart/remark.h"
#include "formats/upstart/scanner.h"

namespace reeve::formats::upstart {
namespace {

class Linter {
public:
    Linter(const JobClass& job, std::span<const MarkedText> texts) : job_(job), texts_(texts) {}

    std::vector<Diagnostic> lint() {
        for (const MarkedText& text : texts_) {
            check_repeated(text);
            check_cut_commands(text);
        }
        check_respawn();
        check_credentials();
        check_literals();
        check_settings();
        place_all(lint_events(job_));
        place_all(lint_processes(job_));
        return std::move(diagnostics_);
    }

private:
    void warn(std::string stanza, std::string message, std::string hint,
              std::optional<std::size_t> nth = std::nullopt) {
        place_all(
            {{Severity::Warning, std::move(stanza), std::move(message), std::move(hint), nth}});
    }

    void place_all(const std::vector<Remark>& remarks) {
        for (const Remark& remark : remarks)
            diagnostics_.push_back(place(remark, texts_));
    }

    // Only the last one counts: the sbt template has had two `start on` for years.
    void check_repeated(const MarkedText& text) {
        for (std::size_t i = 0; i < text.marks.size(); ++i) {
            const Mark& mark = text.marks[i];
            if (mark.stanza != "start on" && mark.stanza != "stop on") continue;
            const bool is_again =
                std::any_of(text.marks.begin(), text.marks.begin() + static_cast<std::ptrdiff_t>(i),
                            [&mark](const Mark& earlier) { return earlier.stanza == mark.stanza; });
            if (!is_again) continue;
            diagnostics_.push_back(text.source.warning_at(
                mark.offset, "this `" + mark.stanza + "` replaces the one before it",
                "join them into one with `or` or `and`"));
        }
    }

    void check_respawn() {
        if (job_.respawn_limit && !job_.respawn) {
            warn("respawn limit", "`respawn limit` alone lets nothing respawn",
                 "add a line `respawn`");
        }
        if (job_.kill_timeout_seconds == 0U) {
            warn("kill timeout", "a timeout of 0 kills the job without asking it to stop",
                 "give it some seconds");
        }
    }

    bool sets(std::string_view name) const {
        return std::any_of(job_.variables.begin(), job_.variables.end(),
                           [name](const Variable& variable) { return variable.name == name; });
    }

    void check_credentials() {
        if (job_.setuid.empty()) return;
        const bool is_number = job_.setuid.find_first_not_of("0123456789") == std::string::npos;
        if (is_number) {
            warn("setuid", "`setuid` takes names: " + job_.setuid + " is looked up as one",
                 "write the user's name");
        }
        if (!sets("HOME") && job_.setuid != "root") {
            warn("setuid", "HOME, USER and LANG are not set by `setuid`",
                 "add `env HOME=/home/" + job_.setuid + "` if the program wants it");
        }
    }

    // No shell sees these.
    void check_literals() {
        for (std::size_t i = 0; i < job_.variables.size(); ++i) {
            const Variable& variable = job_.variables[i];
            if (!variable.value || variable.value->find('$') == std::string::npos) continue;
            warn("env", "the value of " + variable.name + " is taken as it is, with its `$`",
                 "set it in a script", i);
        }
        if (job_.chdir.find_first_of("$~") != std::string::npos) {
            warn("chdir", "the directory is taken as it is: `$` and `~` stand for themselves",
                 "write the whole path");
        } else if (!job_.chdir.empty() && job_.chdir.front() != '/') {
            warn("chdir", "the directory is looked for below /", "write the whole path");
        }
    }

    // `exec curl http://x/#a`: a `#` begins a comment inside of a word, too.
    void check_cut_commands(const MarkedText& text) {
        for (const Mark& mark : text.marks) {
            if (mark.stanza != "exec") continue;
            const std::string_view rest = text.source.text().substr(mark.offset);
            const std::string_view line = rest.substr(0, rest.find('\n'));
            Scanner scanner(line);
            const Result<std::string> command = scanner.word(kCommandEnd, Quoting::Raw);
            const std::size_t end = scanner.offset();
            const bool is_cut = command && end < line.size() && line[end] == '#' &&
                                kBlanks.find(line[end - 1]) == std::string_view::npos;
            if (!is_cut) continue;
            diagnostics_.push_back(text.source.warning_at(
                mark.offset + end, "a `#` begins a comment: the command ends here",
                "write the word in quotes"));
        }
    }

    void check_settings() {
        for (const std::string& setting : job_.unknown_settings) {
            warn("#:", "`" + setting + "` is no setting of reeve's", "write `#: hook timeout 30`");
        }
    }

    const JobClass& job_;
    std::span<const MarkedText> texts_;
    std::vector<Diagnostic> diagnostics_;
};

}  // namespace

std::vector<Diagnostic> lint(const JobClass& job, std::span<const MarkedText> texts) {
    return Linter(job, texts).lint();
}

}  // namespace reeve::formats::upstart
