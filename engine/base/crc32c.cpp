// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace moescope {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78u;  // 0x1EDC6F41 with its bits reversed

constexpr auto makeCrcTables()
{
    std::array<std::array<std::uint32_t, 256>, 8> tables = {};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (crc & 1 ? kPolynomial : 0);
        tables[0][i] = crc;
    }
    for (std::size_t t = 1; t < 8; ++t)
        for (std::size_t i = 0; i < 256; ++i)
            tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
    return tables;
}

constexpr auto kCrcTables = makeCrcTables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crcByInstruction(const std::byte* at, std::size_t count)
{
    std::uint64_t crc = 0xFFFFFFFFu;
    for (; count >= 8; at += 8, count -= 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        crc = _mm_crc32_u64(crc, word);
    }
    auto rest = static_cast<std::uint32_t>(crc);
    for (; count > 0; ++at, --count)
        rest = _mm_crc32_u8(rest, static_cast<std::uint8_t>(*at));
    return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32cByTable(std::span<const std::byte> bytes)
{
    const auto byte = [](std::byte b) { return static_cast<std::uint32_t>(b); };
    std::uint32_t crc = 0xFFFFFFFFu;
    const std::byte* at = bytes.data();
    std::size_t count = bytes.size();
    for (; count >= 8; at += 8, count -= 8) {
        crc ^= byte(at[0]) | byte(at[1]) << 8 | byte(at[2]) << 16 | byte(at[3]) << 24;
        crc = kCrcTables[7][crc & 0xFF] ^ kCrcTables[6][(crc >> 8) & 0xFF] ^ kCrcTables[5][(crc >> 16) & 0xFF]
            ^ kCrcTables[4][crc >> 24] ^ kCrcTables[3][byte(at[4])] ^ kCrcTables[2][byte(at[5])]
            ^ kCrcTables[1][byte(at[6])] ^ kCrcTables[0][byte(at[7])];
    }
    for (; count > 0; ++at, --count)
        crc = (crc >> 8) ^ kCrcTables[0][(crc ^ byte(*at)) & 0xFF];
    return ~crc;
}

std::uint32_t crc32c(std::span<const std::byte> bytes)
{
#if defined(__x86_64__)
    static const bool hasInstruction = __builtin_cpu_supports("sse4.2");
    if (hasInstruction)
        return crcByInstruction(bytes.data(), bytes.size());
#endif
    return crc32cByTable(bytes);
}

}  // namespace moescope
