#include <fcntl.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/app_files.h"
#include "cli/commands.h"
#include "cli/option_reader.h"
#include "formats/native/writer.h"
#include "formats/procfile/app_writer.h"
#include "formats/systemd/unit_writer.h"
#include "os/fd.h"
#include "os/paths.h"

namespace reeve::cli {
namespace {

struct Writer {
    std::string_view name;
    formats::WrittenFiles (*write)(const spec::App& app);
};

constexpr Writer kWriters[] = {
    {"native", formats::native::write_app},
    {"systemd", formats::systemd::write_units},
    {"procfile", formats::procfile::write_app},
};

const Writer* find_writer(const std::string& name) {
    for (const Writer& writer : kWriters) {
        if (writer.name == name) return &writer;
    }
    return nullptr;
}

/// Several apps of one file each get files of their own.
formats::WrittenFiles write_apps(const Writer& writer, const std::vector<spec::App>& apps) {
    formats::WrittenFiles all;
    for (const spec::App& app : apps) {
        formats::WrittenFiles one = writer.write(app);
        for (formats::WrittenFile& file : one.files) {
            if (apps.size() > 1) file.name = escape_name(app.name) + "." + file.name;
            all.files.push_back(std::move(file));
        }
        for (std::string& problem : one.problems)
            all.problems.push_back(std::move(problem));
    }
    return all;
}

/// All jobs of Upstart are the app `init`, and no other format may call one so.
void name_jobs(spec::App& app, const std::string& name, std::vector<std::string>& problems) {
    app.name = !name.empty() ? name : app.services.size() == 1 ? app.services[0].name : "jobs";
    if (name.empty())
        problems.push_back("the app is called " + app.name +
                           ", as init is Upstart's: --as names it");
}

Result<formats::Reading<std::vector<spec::App>>> read(const Context& context,
                                                      const std::string& path,
                                                      const std::string& name,
                                                      std::vector<std::string>& problems) {
    auto reading = read_apps_at(context, path, "");
    const bool are_jobs =
        reading && reading->value.size() == 1 && reading->value[0].format == spec::Format::Upstart;
    if (are_jobs) name_jobs(reading->value[0], name, problems);
    return are_jobs || name.empty() ? std::move(reading) : read_apps_at(context, path, name);
}

/// Overwrites nothing.
Result<void> write_file(const std::string& path, const std::string& text) {
    const os::UniqueFd file = TRY(os::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0644));
    std::size_t at = 0;
    while (at < text.size()) {
        const ssize_t size = ::write(file.get(), text.data() + at, text.size() - at);
        if (size <= 0) return system_error("write " + path);
        at += static_cast<std::size_t>(size);
    }
    return {};
}

Result<void> write_all(const formats::WrittenFiles& written, const std::string& directory) {
    TRY(os::make_directories(directory, 0755));
    for (const formats::WrittenFile& file : written.files)
        TRY(write_file(directory + "/" + file.name, file.text));
    return {};
}

void print_all(const formats::WrittenFiles& written) {
    for (const formats::WrittenFile& file : written.files) {
        if (written.files.size() > 1) print("# " + file.name + "\n");
        print(file.text);
    }
}

}  // namespace

ExitCode convert(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    std::string to;
    std::string out;
    std::string name;
    OptionReader options(command, context);
    options.add_words("FILE or DIR", words, 1, 1);
    options.add_text("--to", "FORMAT", "native, systemd or procfile", to);
    options.add_text("--out", "DIR", "write files into this directory, not to stdout", out);
    options.add_text("--as", "NAME", "the app's name, instead of its own", name);
    if (const auto end = options.read(args)) return *end;
    const Writer* writer = find_writer(to);
    if (writer == nullptr) {
        print_error(context, "convert: --to takes native, systemd or procfile");
        return ExitCode::Usage;
    }
    std::vector<std::string> problems;
    const auto reading = read(context, words[0], name, problems);
    if (!reading) {
        print_error(context, "convert " + words[0] + ": " + reading.error().message);
        return ExitCode::Failed;
    }
    print_diagnostics(context, reading->diagnostics);
    if (!reading->ok()) {
        print_error(context, "convert " + words[0] + ": not converted, as it has errors");
        return ExitCode::Failed;
    }
    const formats::WrittenFiles written = write_apps(*writer, reading->value);
    problems.insert(problems.end(), written.problems.begin(), written.problems.end());
    for (const std::string& problem : problems)
        print_warning(context, problem);
    if (out.empty()) {
        print_all(written);
        return ExitCode::Done;
    }
    const Result<void> done = write_all(written, out);
    if (done) return ExitCode::Done;
    print_error(context, "convert: " + done.error().message);
    return ExitCode::Failed;
}

}  // namespace reeve::cli
