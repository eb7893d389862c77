#pragma once

#include <string>

#include "formats/diagnostic.h"
#include "spec/app.h"
#include "spec/configuration.h"

namespace reeve::formats::native {

/// A reeve.toml and where it was found. All of it is handed in: the reader opens no file and looks
/// up no user.
struct AppTexts {
    std::string path;       // absolute, as messages shall show it
    std::string text;       // of the file
    std::string directory;  // absolute; where the file is
    std::string name;       // given by the operator (`--as`); empty: the file's, or the directory's
    std::string user;       // of a service that names none; empty: left to the daemon
};

/// Reads an app. Every mistake is reported, in the order of the text; with an error among them the
/// value is not to be used. The keys stand in docs/reference/reeve.toml.md.
Reading<spec::App> read_app(const AppTexts& texts);

/// Reads reeve's own settings, /etc/reeve/reeve.toml.
Reading<spec::Configuration> read_configuration(const std::string& path, const std::string& text);

/// Whether a reeve.toml is reeve's own settings, and no app: by its keys.
bool is_configuration(const std::string& text);

}  // namespace reeve::formats::native
