#include "cli/app_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "cli/pill_files.h"
#include "cli/upstart_files.h"
#include "formats/native/reader.h"
#include "formats/procfile/app_reader.h"
#include "formats/registry.h"
#include "os/fd.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kEntriesMax = 10'000;

Result<std::vector<std::string>> list_directory(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
    if (!directory) return system_error("read the directory " + path);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != ".." && names.size() < kEntriesMax) names.push_back(name);
    }
    return names;
}

Result<formats::PathFacts> look_at(const std::string& path) {
    char resolved[PATH_MAX];
    if (::realpath(path.c_str(), resolved) == nullptr) return system_error("find " + path);
    formats::PathFacts facts;
    facts.path = resolved;
    struct stat found {};
    if (::stat(resolved, &found) < 0) return system_error("look at " + facts.path);
    facts.is_directory = S_ISDIR(found.st_mode);
    if (facts.is_directory) facts.entries = TRY(list_directory(facts.path));
    return facts;
}

/// One byte more than the parsers take: they say themselves that a text is too long.
Result<std::string> read_text(const std::string& path) {
    return os::read_file(path, formats::kConfigBytesMax + 1);
}

/// The text, or nullopt where there is no such file.
Result<std::optional<std::string>> read_optional(const std::string& path) {
    auto text = read_text(path);
    if (text) return std::optional<std::string>(std::move(text).value());
    if (text.error().code == ENOENT) return std::optional<std::string>();
    return text.error();
}

/// The name of the directory's owner. Root's directories are left to the daemon's rule, and so is
/// everything in the reeve of one user.
std::string owner_of(const Context& context, const std::string& directory) {
    struct stat found {};
    if (context.paths.user_mode || ::stat(directory.c_str(), &found) < 0 || found.st_uid == 0) {
        return "";
    }
    const passwd* user = ::getpwuid(found.st_uid);
    return user == nullptr ? std::to_string(found.st_uid) : user->pw_name;
}

Result<formats::Reading<spec::App>> read_procfile(const Context& context,
                                                  const formats::AppFiles& files,
                                                  const std::string& name) {
    formats::procfile::AppTexts texts;
    texts.directory = files.directory;
    texts.procfile_path = files.main_file;
    texts.procfile = TRY(read_text(files.main_file));
    texts.dotenv = TRY(read_optional(files.directory + "/.env"));
    texts.app_json = TRY(read_optional(files.directory + "/app.json"));
    texts.name = name;
    texts.user = owner_of(context, files.directory);
    return formats::procfile::read_app(texts);
}

Result<formats::Reading<spec::App>> read_jobs(const Context& context,
                                              const formats::AppFiles& files,
                                              const std::string& name) {
    if (!name.empty() && name != "init")
        return Error{files.main_file + ": all jobs of Upstart are the app init; leave out --as"};
    formats::upstart::AppTexts texts = TRY(read_upstart_texts(context, {files.main_file}));
    texts.lints = true;
    formats::Reading<spec::App> reading = formats::upstart::read_app(texts);
    reading.value.source = files.main_file;
    return reading;
}

Result<formats::Reading<spec::App>> read_native(const Context& context,
                                                const formats::AppFiles& files,
                                                const std::string& name) {
    formats::native::AppTexts texts;
    texts.path = files.main_file;
    texts.text = TRY(read_text(files.main_file));
    texts.directory = files.directory;
    texts.name = name;
    texts.user = owner_of(context, files.directory);
    return formats::native::read_app(texts);
}

Result<formats::Reading<std::vector<spec::App>>> read_pill_apps(const Context& context,
                                                                const formats::AppFiles& files,
                                                                const std::string& name) {
    formats::Reading<std::vector<spec::App>> apps;
    auto pill = TRY(read_pill_at(context, files.main_file));
    apps.diagnostics = std::move(pill.diagnostics);
    for (formats::pill::PillApp& app : pill.value)
        apps.value.push_back(std::move(app.app));
    if (name.empty()) return apps;
    if (apps.value.size() > 1) return Error{"--as names one app, and the pill has more than one"};
    for (spec::App& app : apps.value)
        app.name = name;
    return apps;
}

}  // namespace

Result<formats::Reading<spec::App>> read_app_at(const Context& context, const std::string& path,
                                                const std::string& name) {
    const formats::PathFacts facts = TRY(look_at(path));
    const formats::AppFiles files = TRY(formats::detect(facts));
    switch (files.format) {
        case spec::Format::Native:
            return read_native(context, files, name);
        case spec::Format::Procfile:
            return read_procfile(context, files, name);
        case spec::Format::Upstart:
            return read_jobs(context, files, name);
        case spec::Format::Bluepill:
            break;
    }
    auto apps = TRY(read_pill_apps(context, files, name));
    if (apps.value.size() > 1) return Error{path + ": this pill has more than one application"};
    formats::Reading<spec::App> one;
    one.diagnostics = std::move(apps.diagnostics);
    if (!apps.value.empty()) one.value = std::move(apps.value.front());
    return one;
}

Result<formats::Reading<std::vector<spec::App>>> read_apps_at(const Context& context,
                                                              const std::string& path,
                                                              const std::string& name) {
    const formats::PathFacts facts = TRY(look_at(path));
    const formats::AppFiles files = TRY(formats::detect(facts));
    if (files.format == spec::Format::Bluepill) return read_pill_apps(context, files, name);
    formats::Reading<spec::App> one = TRY(read_app_at(context, path, name));
    formats::Reading<std::vector<spec::App>> apps;
    apps.diagnostics = std::move(one.diagnostics);
    apps.value.push_back(std::move(one.value));
    return apps;
}

bool is_loadable(const formats::Reading<std::vector<spec::App>>& reading) {
    const auto others_count = [](const spec::App& app) {
        return app.format == spec::Format::Upstart && !app.services.empty();
    };
    return reading.ok() || std::any_of(reading.value.begin(), reading.value.end(), others_count);
}

void print_diagnostics(const Context& context,
                       const std::vector<formats::Diagnostic>& diagnostics) {
    const formats::Colour colour = context.err_color ? formats::Colour::Yes : formats::Colour::No;
    for (const formats::Diagnostic& diagnostic : diagnostics) {
        const std::string text = formats::to_text(diagnostic, colour);
        ::fwrite(text.data(), 1, text.size(), stderr);
    }
}

}  // namespace reeve::cli
