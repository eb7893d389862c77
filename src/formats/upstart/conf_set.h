#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/diagnostic.h"
#include "formats/upstart/conf_reader.h"

namespace reeve::formats::upstart {

/// One file of a directory of jobs.
struct ConfFile {
    std::string path;  // below its directory: `net/apache.conf`
    std::string text;
};

/// A directory of jobs, as it was read.
struct ConfDirectory {
    std::string path;
    std::vector<ConfFile> files;
};

/// The override of a job.
struct Override {
    std::string path;
    std::string text;
    std::vector<Mark> marks;
};

/// A job, and the files that say it.
struct LoadedJob {
    Conf conf;  // without a mistake
    std::string path;
    std::string text;
    std::optional<Override> overriding;
};

/// Whether a file of this name, without its directory, is a job's or an override.
bool is_conf_name(std::string_view name);

/// Whether a directory of this name is passed over: hidden, or what editors, packages and version
/// control leave. Source: libnih nih/file.c.
bool is_skipped_directory(std::string_view name);

/// The jobs of directories, the first one being the most important: it owns every name that it
/// defines, and a job whose file is wrong is left to those after it. The override of a job is
/// looked for from the first directory to the job's own. Jobs come in the order of their names,
/// files that are wrong as errors.
///
/// An override that is wrong is left out as a whole (Upstart applies what stands before the error).
/// Source: upstart init/conf.c, init.5.
Reading<std::vector<LoadedJob>> read_directories(const std::vector<ConfDirectory>& directories);

}  // namespace reeve::formats::upstart
