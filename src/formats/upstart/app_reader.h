#pragma once

#include <string>
#include <vector>

#include "formats/diagnostic.h"
#include "formats/upstart/conf_set.h"
#include "formats/upstart/lower.h"
#include "spec/app.h"

namespace reeve::formats::upstart {

/// Everything that makes directories of jobs an app. All of it is handed in.
struct AppTexts {
    std::vector<ConfDirectory> directories;  // the most important one first
    Surroundings surroundings;
    /// Says what is probably not meant, too.
    bool lints = false;
};

/// The app `init`: all jobs of the directories. A job whose file is wrong, or that cannot be run,
/// is not in it, and an error says so: whether the others are wanted without it is the caller's
/// choice.
Reading<spec::App> read_app(const AppTexts& texts);

}  // namespace reeve::formats::upstart
