#include "daemon/deploy_run.h"

namespace reeve::daemon {
namespace {

constexpr std::size_t kTailLineBytes = 500;

}  // namespace

void DeployRun::tell(std::string_view text) {
    for (const api::DeployListener& listener : listeners) {
        if (listener.on_text) listener.on_text(text);
    }
}

void DeployRun::take_output(std::string_view text) {
    tell(text);
    for (const char c : text) {
        if (c != '\n') {
            if (unfinished_line.size() < kTailLineBytes) unfinished_line += c;
            continue;
        }
        tail.push_back(std::move(unfinished_line));
        unfinished_line.clear();
        if (tail.size() > kTailLines) tail.pop_front();
    }
}

}  // namespace reeve::daemon
