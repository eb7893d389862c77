#include "daemon/job_reading.h"

#include <utility>

#include "base/text.h"
#include "os/fd.h"
#include "os/file_tree.h"

namespace reeve::daemon {
namespace {

using formats::upstart::ConfDirectory;

constexpr os::TreeRules kRules{formats::upstart::is_conf_name,
                               formats::upstart::is_skipped_directory,
                               formats::kConfigBytesMax + 1};

/// `/etc/init` and `web` of `/etc/init/web.conf`.
std::pair<std::string, std::string> directory_and_stem(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    return {file.substr(0, begin == 0 ? 0 : begin - 1),
            file.substr(begin, file.rfind('.') - begin)};
}

Result<ConfDirectory> read_source(const std::string& source) {
    ConfDirectory directory;
    if (!source.ends_with(".conf")) {
        directory.path = source;
        os::Tree tree = TRY(os::read_tree(source, kRules));
        for (os::Tree::File& file : tree.files)
            directory.files.push_back({std::move(file.path), std::move(file.text)});
        return directory;
    }
    const auto [path, stem] = directory_and_stem(source);
    directory.path = path;
    for (const char* suffix : {".conf", ".override"}) {
        auto text = os::read_file(path + '/' + stem + suffix, formats::kConfigBytesMax + 1);
        if (text) directory.files.push_back({stem + suffix, std::move(text).value()});
    }
    return directory;
}

formats::upstart::Surroundings surroundings_of(const spec::App& app, bool user_mode) {
    formats::upstart::Surroundings surroundings;
    surroundings.user_mode = user_mode;
    surroundings.environment = app.environment;
    // What `env KEY` had from whoever loaded the jobs is in the jobs alone.
    for (const spec::Service& service : app.services) {
        if (!service.job) continue;
        for (const std::string& name : service.job->inherited) {
            const auto found = service.environment.find(name);
            if (found != service.environment.end()) surroundings.environment.insert(*found);
        }
    }
    for (const spec::Service& service : app.services) {
        const std::size_t slash = service.log.path.rfind('/');
        if (slash == std::string::npos) continue;
        surroundings.log_directory = service.log.path.substr(0, slash);
        break;
    }
    const auto home = app.environment.find("HOME");
    if (user_mode && home != app.environment.end() && home->second.starts_with('/'))
        surroundings.working_directory = home->second;
    return surroundings;
}

/// The names of all `env KEY` of an app.
std::set<std::string> inherited_by(const spec::App& app) {
    std::set<std::string> names;
    for (const spec::Service& service : app.services) {
        if (service.job) names.insert(service.job->inherited.begin(), service.job->inherited.end());
    }
    return names;
}

/// What whoever loaded the jobs had of a variable that no job asked for then was not kept.
void warn_of_new_variables(const spec::App& before, formats::Reading<spec::App>& reading) {
    const std::set<std::string> known = inherited_by(before);
    for (const std::string& name : inherited_by(reading.value)) {
        if (known.contains(name) || before.environment.contains(name)) continue;
        formats::Diagnostic warning;
        warning.severity = formats::Severity::Warning;
        warning.file = reading.value.source;
        warning.message = "`env " + name + "` is new, and nothing is known of its value";
        warning.hint = "load the jobs again";
        reading.diagnostics.push_back(std::move(warning));
    }
}

}  // namespace

std::set<std::string> files_of_jobs(const spec::App& app) {
    std::set<std::string> files;
    for (const std::string_view each : split(app.source, ':')) {
        const std::string source(each);
        if (source.ends_with(".conf")) {
            const auto [path, stem] = directory_and_stem(source);
            files.insert(source);
            files.insert(path + '/' + stem + ".override");
            continue;
        }
        const Result<os::Tree> tree = os::read_tree(source, kRules);
        files.insert(source + '/');
        if (!tree) continue;
        for (const std::string& directory : tree->directories)
            files.insert(directory + '/');
    }
    return files;
}

Result<formats::Reading<spec::App>> read_jobs_again(const spec::App& app, bool user_mode) {
    formats::upstart::AppTexts texts;
    texts.surroundings = surroundings_of(app, user_mode);
    for (const std::string_view source : split(app.source, ':'))
        texts.directories.push_back(TRY(read_source(std::string(source))));
    formats::Reading<spec::App> reading = formats::upstart::read_app(texts);
    reading.value.source = app.source;
    reading.value.environment = app.environment;
    if (!user_mode) warn_of_new_variables(app, reading);
    return reading;
}

}  // namespace reeve::daemon
