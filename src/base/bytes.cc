#include "base/bytes.h"

#include <array>

namespace reeve {
namespace {

/// Table k takes a byte that is k bytes before the end of what is taken at once.
constexpr std::size_t kCrcTables = 8;
using CrcTables = std::array<std::array<std::uint32_t, 256>, kCrcTables>;

constexpr CrcTables make_crc_tables() {
    CrcTables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1) != 0 ? 0xEDB88320U ^ (value >> 1) : value >> 1;
        }
        tables[0][i] = value;
    }
    for (std::size_t table = 1; table < kCrcTables; ++table) {
        for (std::size_t i = 0; i < 256; ++i) {
            const std::uint32_t before = tables[table - 1][i];
            tables[table][i] = tables[0][before & 0xFF] ^ (before >> 8);
        }
    }
    return tables;
}

constexpr CrcTables kCrc = make_crc_tables();

}  // namespace

void ByteWriter::number(std::uint64_t value) {
    std::array<char, 10> digits;  // of 7 bits each
    std::size_t count = 0;
    for (; value >= 0x80; value >>= 7)
        digits[count++] = static_cast<char>(value | 0x80);
    digits[count++] = static_cast<char>(value);
    bytes_.append(digits.data(), count);
}

void ByteWriter::signed_number(std::int64_t value) {
    // Zigzag: small numbers of either sign stay short.
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void ByteWriter::text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
}

void ByteWriter::deadline(Deadline value) {
    flag(value.has_value());
    if (value) time(*value);
}

std::uint64_t ByteReader::number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (rest_.empty()) break;
        const auto byte = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) return value;
    }
    ok_ = false;
    rest_ = {};
    return 0;
}

std::int64_t ByteReader::signed_number() {
    const std::uint64_t zigzag = number();
    return static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
}

bool ByteReader::flag() {
    return number() != 0;
}

std::string ByteReader::text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return {};
    }
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
}

Deadline ByteReader::deadline() {
    if (!flag()) return std::nullopt;
    return time();
}

std::uint32_t crc32(std::string_view bytes) {
    const auto byte = [&](std::size_t at) -> std::uint32_t {
        return static_cast<unsigned char>(bytes[at]);
    };
    std::uint32_t value = 0xFFFFFFFFU;
    for (; bytes.size() >= kCrcTables; bytes.remove_prefix(kCrcTables)) {
        value ^= byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
        value = kCrc[7][value & 0xFF] ^ kCrc[6][value >> 8 & 0xFF] ^ kCrc[5][value >> 16 & 0xFF] ^
                kCrc[4][value >> 24] ^ kCrc[3][byte(4)] ^ kCrc[2][byte(5)] ^ kCrc[1][byte(6)] ^
                kCrc[0][byte(7)];
    }
    for (std::size_t at = 0; at < bytes.size(); ++at)
        value = kCrc[0][(value ^ byte(at)) & 0xFF] ^ (value >> 8);
    return value ^ 0xFFFFFFFFU;
}

}  // namespace reeve
