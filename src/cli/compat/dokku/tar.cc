#include "cli/compat/dokku/tar.h"

#include <numeric>

namespace reeve::cli::compat::dokku {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameMax = 100;
constexpr std::size_t kNumberDigits = 11;
constexpr std::size_t kModeDigits = 7;
constexpr std::size_t kModeAt = 100;
constexpr std::size_t kSizeAt = 124;
constexpr std::size_t kTimeAt = 136;
constexpr std::size_t kSumAt = 148;
constexpr std::size_t kSumSize = 8;
constexpr std::size_t kTypeAt = 156;
constexpr std::size_t kMagicAt = 257;

std::string octal(std::size_t number, std::size_t digits) {
    std::string text(digits, '0');
    for (std::size_t at = digits; at > 0 && number > 0; number /= 8)
        text[--at] = static_cast<char>('0' + number % 8);
    return text;
}

/// Source: POSIX pax, "ustar Interchange Format".
std::string header_of(const std::string& name, std::size_t size) {
    std::string header(kBlock, '\0');
    const auto put = [&](std::size_t at, const std::string& text) {
        header.replace(at, text.size(), text);
    };
    put(0, name);
    put(kModeAt, "0000600");
    put(kModeAt + kModeDigits + 1, octal(0, kModeDigits));
    put(kModeAt + 2 * (kModeDigits + 1), octal(0, kModeDigits));
    put(kSizeAt, octal(size, kNumberDigits));
    put(kTimeAt, octal(0, kNumberDigits));
    put(kSumAt, std::string(kSumSize, ' '));
    put(kTypeAt, "0");
    put(kMagicAt, "ustar");
    put(kMagicAt + 6, "00");
    const std::size_t sum = std::accumulate(
        header.begin(), header.end(), std::size_t{0},
        [](std::size_t so_far, char byte) { return so_far + static_cast<unsigned char>(byte); });
    put(kSumAt, octal(sum, 6) + std::string(1, '\0') + " ");
    return header;
}

}  // namespace

Result<std::string> tar_archive(const std::map<std::string, std::string>& files) {
    std::string archive;
    for (const auto& [name, content] : files) {
        if (name.size() > kNameMax)
            return Error{"the name " + name + " is too long for an archive"};
        archive += header_of(name, content.size()) + content;
        archive.resize((archive.size() + kBlock - 1) / kBlock * kBlock, '\0');
    }
    archive.append(2 * kBlock, '\0');
    return archive;
}

}  // namespace reeve::cli::compat::dokku
