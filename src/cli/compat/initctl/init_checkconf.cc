#include "cli/compat/initctl/init_checkconf.h"

#include <stdio.h>

#include "cli/app_files.h"
#include "cli/compat/initctl/arguments.h"
#include "cli/context.h"
#include "cli/shell_syntax.h"
#include "formats/upstart/app_reader.h"
#include "formats/upstart/conf_reader.h"
#include "os/fd.h"

namespace reeve::cli::initctl {
namespace {

constexpr Option kOptions[] = {
    {'d', "debug", false, "taken and not needed"},
    {'f', "force", false, "taken and not needed"},
    {'s', "noscript", false, "do not check the syntax of script sections"},
    {'x', "confdir", true, "taken and not needed"},
};

int refuse(std::string_view text) {
    const std::string line = "ERROR: " + std::string(text) + "\n";
    ::fwrite(line.data(), 1, line.size(), stderr);
    return 1;
}

// What the shell says against a script; empty: nothing.
std::string script_mistakes(const formats::upstart::JobClass& job) {
    const std::pair<const char*, const std::optional<formats::upstart::Process>&> processes[] = {
        {"pre-start", job.pre_start}, {"post-start", job.post_start}, {"script", job.main},
        {"pre-stop", job.pre_stop},   {"post-stop", job.post_stop},
    };
    std::string mistakes;
    for (const auto& [name, process] : processes) {
        if (!process || !process->is_script) continue;
        const Result<void> syntax = check_shell_syntax(process->text);
        if (!syntax) mistakes += std::string(name) + ": " + syntax.error().message;
    }
    return mistakes;
}

// The file alone, as if it were all that there is in its directory.
formats::upstart::AppTexts app_of(const std::string& file, const std::string& text) {
    const std::size_t slash = file.rfind('/');
    const bool is_bare = slash == std::string::npos;
    formats::upstart::AppTexts texts;
    texts.directories = {
        {is_bare ? "." : file.substr(0, slash), {{is_bare ? file : file.substr(slash + 1), text}}}};
    texts.lints = true;
    return texts;
}

}  // namespace

int run_checkconf(std::string_view name, const std::vector<std::string>& args) {
    const auto arguments = read_arguments(args, kOptions);
    if (!arguments) return refuse(arguments.error().message);
    if (arguments->has("help") || arguments->words.size() != 1) {
        print("Usage: " + std::string(name) + " [options] -f <conf_file>\n");
        return arguments->has("help") ? 0 : 1;
    }
    const std::string& file = arguments->words.front();
    if (!file.ends_with(".conf")) return refuse("File must end in .conf");
    const auto text = os::read_file(file, formats::kConfigBytesMax + 1);
    if (!text) return refuse(text.error().message);
    const formats::upstart::Conf conf = formats::upstart::read_conf(file, *text, {});
    const std::string invalid = "File " + file + ": syntax invalid:\n";
    if (conf.mistake) {
        return refuse(invalid + "init:" + file + ":" + std::to_string(conf.mistake->line) + ": " +
                      conf.mistake->message);
    }
    if (!arguments->has("noscript")) {
        const std::string mistakes = script_mistakes(conf.job);
        if (!mistakes.empty()) return refuse(invalid + mistakes);
    }
    const auto reading = formats::upstart::read_app(app_of(file, *text));
    print_diagnostics(make_context(args), reading.diagnostics);
    if (!reading.ok()) return refuse("File " + file + ": not good for a job");
    print("File " + file + ": syntax ok\n");
    return 0;
}

}  // namespace reeve::cli::initctl
