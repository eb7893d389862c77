#include "formats/registry.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "formats/upstart/conf_set.h"

namespace reeve::formats {
namespace {

constexpr std::string_view kProcfile = "Procfile";
constexpr std::string_view kNative = "reeve.toml";

struct Row {
    spec::Format format;
    std::string_view main_file;  // what a directory of this format contains
    /// Whether a file of this name is written in the format.
    bool (*is_name)(std::string_view name);
};

bool is_procfile_name(std::string_view name) {
    return name == kProcfile || name.starts_with("Procfile.") || name.ends_with(".procfile") ||
           name.ends_with(".Procfile");
}

bool is_native_name(std::string_view name) {
    return name.ends_with(".toml");
}

// A pill, or what the recorder made of one.
bool is_pill_name(std::string_view name) {
    return name.ends_with(".pill") || name.ends_with(".pill.json");
}

// Where a directory has several, the first one counts: who writes a reeve.toml beside a Procfile
// means that.
constexpr std::array<Row, 4> kFormats = {
    Row{spec::Format::Native, kNative, is_native_name},
    // Not looked for in directories: people keep many in one.
    Row{spec::Format::Bluepill, "", is_pill_name},
    Row{spec::Format::Procfile, kProcfile, is_procfile_name},
    // A directory of jobs has no main file: it is one when nothing else is found in it.
    Row{spec::Format::Upstart, "", upstart::is_conf_name},
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// `procfile` or `Procfle`: what was probably meant.
std::string near_miss(const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
        if (edit_distance(lower(entry), lower(kProcfile)) <= 1) {
            return "; \"" + entry + "\" is not spelled like it";
        }
    }
    for (const std::string& entry : entries) {
        if (is_procfile_name(entry)) return "; name " + entry + " itself to use that";
    }
    return "";
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

Result<AppFiles> detect(const PathFacts& facts) {
    const std::string_view path = facts.path;
    if (!facts.is_directory) {
        for (const Row& row : kFormats) {
            if (!row.is_name(base_name(path))) continue;
            const std::size_t slash = path.rfind('/');
            const std::string directory(slash == 0 ? "/" : path.substr(0, slash));
            return AppFiles{row.format, facts.path, directory};
        }
        return Error{facts.path +
                     ": not a configuration by its name (reeve.toml, NAME.toml, Procfile, " +
                     "Procfile.NAME, NAME.procfile, NAME.pill), and no job of Upstart (NAME.conf)"};
    }
    for (const Row& row : kFormats) {
        const auto found = std::find(facts.entries.begin(), facts.entries.end(), row.main_file);
        if (found == facts.entries.end()) continue;
        const std::string directory(path == "/" ? "" : path);
        return AppFiles{row.format, directory + "/" + *found, facts.path};
    }
    if (std::any_of(facts.entries.begin(), facts.entries.end(), upstart::is_conf_name))
        return AppFiles{spec::Format::Upstart, facts.path, facts.path};
    return Error{facts.path + ": no Procfile or reeve.toml in this directory" +
                 near_miss(facts.entries)};
}

}  // namespace reeve::formats
