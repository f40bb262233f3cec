// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A counter-based generator: the number at a place is a function of (seed, stream, place), never of the order of calls.
#pragma once

#include <array>
#include <cstdint>

namespace moescope {

/// Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four 32-bit numbers of a counter
/// and a key. Known answers in tests/model_random_test.cpp.
inline std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key)
{
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t left = std::uint64_t{0xD2511F53} * counter[0];
        const std::uint64_t right = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {static_cast<std::uint32_t>(right >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(right),
            static_cast<std::uint32_t>(left >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(left)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

/// Four numbers of block `place` of a stream: the first counter words are the place, the last two the stream.
inline std::array<std::uint32_t, 4> philoxAt(std::uint64_t seed, std::uint64_t stream, std::uint64_t place)
{
    return philox({static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(place >> 32),
                      static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)},
        {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

}  // namespace moescope
