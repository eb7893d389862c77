#include "formats/upstart/conf_set.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace reeve::formats::upstart {
namespace {

constexpr std::string_view kConf = ".conf";
constexpr std::string_view kOverride = ".override";
constexpr std::size_t kJobsMax = 10'000;

// `net/apache` of `net/apache.conf`; nullopt: the file is no such file.
std::optional<std::string> stem_of(std::string_view path, std::string_view suffix) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (!name.ends_with(suffix) || name.size() == suffix.size()) return std::nullopt;
    return std::string(path.substr(0, path.size() - suffix.size()));
}

class DirectoryReader {
public:
    explicit DirectoryReader(const std::vector<ConfDirectory>& directories)
        : directories_(directories) {
        for (const ConfDirectory& directory : directories) {
            overrides_.emplace_back();
            for (const ConfFile& file : directory.files) {
                if (const auto stem = stem_of(file.path, kOverride))
                    overrides_.back()[*stem] = &file;
            }
        }
    }

    Reading<std::vector<LoadedJob>> read() {
        for (std::size_t i = 0; i < directories_.size(); ++i) {
            for (const ConfFile& file : directories_[i].files) {
                const auto name = stem_of(file.path, kConf);
                if (name && !jobs_.contains(*name)) take(i, file, *name);
            }
        }
        for (auto& [name, job] : jobs_)
            reading_.value.push_back(std::move(job));
        return std::move(reading_);
    }

private:
    void take(std::size_t directory, const ConfFile& file, const std::string& name) {
        JobClass base;
        base.name = name;
        LoadedJob job;
        job.path = directories_[directory].path + '/' + file.path;
        job.conf = read_conf(job.path, file.text, base);
        if (job.conf.mistake) {
            reading_.diagnostics.push_back(std::move(*job.conf.mistake));
            return;
        }
        if (jobs_.size() >= kJobsMax) {
            const SourceText source(job.path, file.text);
            reading_.diagnostics.push_back(source.error("more than 10,000 jobs", ""));
            return;
        }
        job.text = file.text;
        apply_override(directory, name, job);
        jobs_.emplace(name, std::move(job));
    }

    void apply_override(std::size_t last, const std::string& name, LoadedJob& job) {
        for (std::size_t i = 0; i <= last; ++i) {
            const auto found = overrides_[i].find(name);
            if (found == overrides_[i].end()) continue;
            const std::string path = directories_[i].path + '/' + found->second->path;
            Conf conf = read_conf(path, found->second->text, job.conf.job);
            if (conf.mistake) {
                conf.mistake->severity = Severity::Warning;
                conf.mistake->hint = "the override is left out as a whole";
                reading_.diagnostics.push_back(std::move(*conf.mistake));
                return;
            }
            job.conf.job = std::move(conf.job);
            job.overriding = Override{path, found->second->text, std::move(conf.marks)};
            return;
        }
    }

    const std::vector<ConfDirectory>& directories_;
    std::vector<std::map<std::string, const ConfFile*>> overrides_;  // of each directory
    std::map<std::string, LoadedJob> jobs_;
    Reading<std::vector<LoadedJob>> reading_;
};

}  // namespace

bool is_conf_name(std::string_view name) {
    return stem_of(name, kConf) || stem_of(name, kOverride);
}

bool is_skipped_directory(std::string_view name) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"CVS", "RCS", "SCCS", "BitKeeper", "{arch}", "_darcs", "lost+found"});
    constexpr auto kSuffixes = std::to_array<std::string_view>(
        {"~", ".bak", ".BAK", ".swp", ".swo", ".swn", ".dpkg-old", ".dpkg-dist", ".dpkg-new",
         ".dpkg-tmp", ".rpmsave", ".rpmorig", ".rpmnew"});
    if (name.empty() || name.front() == '.') return true;
    if (name.size() > 1 && name.front() == '#' && name.back() == '#') return true;
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
           std::any_of(kSuffixes.begin(), kSuffixes.end(),
                       [name](std::string_view suffix) { return name.ends_with(suffix); });
}

Reading<std::vector<LoadedJob>> read_directories(const std::vector<ConfDirectory>& directories) {
    return DirectoryReader(directories).read();
}

}  // namespace reeve::formats::upstart
