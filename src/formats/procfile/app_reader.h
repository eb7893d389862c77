#pragma once

#include <functional>
#include <optional>
#include <string>

#include "formats/diagnostic.h"
#include "formats/procfile/procfile.h"
#include "spec/app.h"

namespace reeve::formats::procfile {

/// Everything that makes a directory with a Procfile an app. All of it is handed in: the reader
/// opens no file and looks up no user.
struct AppTexts {
    std::string directory;      // absolute; the working directory of every service
    std::string procfile_path;  // as messages shall show it
    std::string procfile;
    /// The text of `.env` and of `app.json` in that directory, where they exist.
    std::optional<std::string> dotenv;
    std::optional<std::string> app_json;

    /// The app's name where the operator gave one (`--as`); empty: from app.json, else from the
    /// directory.
    std::string name;
    /// Who the services run as: the owner of the directory (engine.md, §1, "As whom"). Empty: left
    /// to the daemon.
    std::string user;
    Grammar grammar = Grammar::Relaxed;
    /// Makes a secret for `"generator": "secret"` of app.json: 64 hexadecimal digits. Without it
    /// such a variable must be given in `.env`: a new one at each load would restart the app.
    std::function<std::string()> make_secret;
};

/// Reads an app. The diagnostics are in the order of the files (Procfile, .env, app.json); with an
/// error among them the value is not to be used.
///
/// Every process type is a service of one instance, unless app.json says otherwise (foreman's rule:
/// `reeve run` and `reeve load` bring up all of it). `release` is no service: it becomes the app's
/// release command. `web`, and every command that mentions $PORT, gets a port.
/// Source: dokku's Procfile, app.json and env-file rules (docs/compatibility/dokku.md).
Reading<spec::App> read_app(const AppTexts& texts);

}  // namespace reeve::formats::procfile
