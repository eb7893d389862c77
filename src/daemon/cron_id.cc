#include "daemon/cron_id.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace reeve::daemon {

std::string cron_id(const std::string& app, const std::string& command,
                    const std::string& schedule) {
    const std::string text = app + "===" + command + "===" + schedule;
    std::vector<std::uint8_t> number(text.begin(), text.end());
    std::string digits;
    while (!number.empty()) {
        unsigned rest = 0;
        std::vector<std::uint8_t> quotient;
        for (const std::uint8_t byte : number) {
            rest = rest * 256 + byte;
            const auto digit = static_cast<std::uint8_t>(rest / 36);
            rest %= 36;
            if (!quotient.empty() || digit != 0) quotient.push_back(digit);
        }
        digits += static_cast<char>(rest < 10 ? '0' + rest : 'a' + rest - 10);
        number = std::move(quotient);
    }
    std::reverse(digits.begin(), digits.end());
    return digits;
}

}  // namespace reeve::daemon
