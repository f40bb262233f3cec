// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Wall and processor time of something repeated: medians, and how many processors it really had.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <vector>

namespace moescope::bench {

inline double wallSeconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double cpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Timing {
    double median = 0, best = 0;  ///< seconds
    double processors = 0;        ///< processor time over wall time
};

inline Timing timingOf(std::vector<double> wall, double cpu)
{
    double total = 0;
    for (const double seconds : wall)
        total += seconds;
    std::sort(wall.begin(), wall.end());
    return {wall[wall.size() / 2], wall.front(), cpu / total};
}

/// Runs `work` a few times for warmth, then `rounds` times on the clock.
template <class Work> Timing measure(int rounds, const Work& work)
{
    for (int i = 0; i < 3; ++i)
        work();
    std::vector<double> wall;
    const double cpu = cpuSeconds();
    for (int i = 0; i < rounds; ++i) {
        const double begin = wallSeconds();
        work();
        wall.push_back(wallSeconds() - begin);
    }
    return timingOf(wall, cpuSeconds() - cpu);
}

}  // namespace moescope::bench
