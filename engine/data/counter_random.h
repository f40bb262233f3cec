// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Random numbers as a pure function of a few counters: no state to save, equal on every rank.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace moescope {

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), seeded by hashing the
/// counters.
class CounterRandom {
public:
    explicit CounterRandom(std::initializer_list<std::uint64_t> counters)
    {
        for (const std::uint64_t counter : counters)
            m_state = mix(m_state ^ counter) + kGamma;
    }

    std::uint64_t next()
    {
        m_state += kGamma;
        return mix(m_state);
    }

    /// Uniform in [0, bound), bound > 0. The bias is below bound / 2^64.
    std::uint64_t below(std::uint64_t bound)
    {
        return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
    }

    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }  ///< in [0, 1)

private:
    static constexpr std::uint64_t kGamma = 0x9E3779B97F4A7C15u;
    static std::uint64_t mix(std::uint64_t z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
    std::uint64_t m_state = 0;
};

}  // namespace moescope
