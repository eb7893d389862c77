#pragma once

#include <string>
#include <string_view>

namespace reeve::log {

enum class Level { Debug, Info, Warning, Error };

/// Opens the log of this process. Lines go to stderr as `level name: message`; until then, and in
/// tests, nothing below Warning is written. `name` is the program's.
void open(std::string_view name, Level least);

/// One fact per line, `key=value`, `app= service= instance=` first. Never a secret.
void write(Level level, std::string_view message);

inline void debug(std::string_view message) {
    write(Level::Debug, message);
}
inline void info(std::string_view message) {
    write(Level::Info, message);
}
inline void warning(std::string_view message) {
    write(Level::Warning, message);
}
inline void error(std::string_view message) {
    write(Level::Error, message);
}

}  // namespace reeve::log
