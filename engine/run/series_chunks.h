// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Pieces of a series. The writer fills a piece beyond the count that readers know, so both may look at it at once.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "engine/run/series.h"

namespace moescope {

inline constexpr std::size_t kChunkSize =
    4096;  ///< points; a power of two, and of 16: the pyramid has three levels in it
inline constexpr std::size_t kFine = 16, kCoarse = 256;  ///< points of a block of the lower and of the middle level

/// Minimum, maximum and the rest of some points.
struct Extent {
    float minimum = std::numeric_limits<float>::infinity(), maximum = -std::numeric_limits<float>::infinity();
    std::uint32_t numNaN = 0, numInfinite = 0;

    void add(float value)
    {
        if (std::isfinite(value)) {
            minimum = value < minimum ? value : minimum;
            maximum = value > maximum ? value : maximum;
        } else if (std::isnan(value)) {
            ++numNaN;
        } else {
            ++numInfinite;
        }
    }
    void add(const Extent& other)
    {
        minimum = other.minimum < minimum ? other.minimum : minimum;
        maximum = other.maximum > maximum ? other.maximum : maximum;
        numNaN += other.numNaN;
        numInfinite += other.numInfinite;
    }
};

/// Values with their pyramid. A block of the pyramid is valid when all of its points are there.
struct ValueChunk {
    std::array<float, kChunkSize> values;
    std::array<Extent, kChunkSize / kFine> fine;
    std::array<Extent, kChunkSize / kCoarse> coarse;
    Extent whole;

    void put(std::size_t at, float value);
    /// Adds points [from, to) of this chunk; all of them are there.
    void addTo(Extent& extent, std::size_t from, std::size_t to) const;
};

/// Steps, times and tokens. Open: all arrays are there. Sealed: full, and what is a straight line has no array.
struct AxisChunk {
    std::int64_t firstStep = 0, stepStride = 0;
    double firstTokens = 0, tokenStride = 0;
    std::unique_ptr<std::int64_t[]> steps;
    std::unique_ptr<double[]> tokens;
    std::unique_ptr<double[]> wall;
    std::unique_ptr<double[]>
        time;  ///< wall time that never falls; absent in a sealed chunk where the wall time never does

    static std::shared_ptr<AxisChunk> open();
    std::shared_ptr<AxisChunk> seal() const;
    /// An open copy of the first `count` points.
    std::shared_ptr<AxisChunk> reopen(std::size_t count) const;
    bool equals(const AxisChunk& other) const;  ///< both sealed

    std::int64_t step(std::size_t i) const
    {
        return steps ? steps[i] : firstStep + static_cast<std::int64_t>(i) * stepStride;
    }
    double tokensAt(std::size_t i) const
    {
        return tokens ? tokens[i] : firstTokens + static_cast<double>(i) * tokenStride;
    }
    double monotonicTime(std::size_t i) const { return time ? time[i] : wall[i]; }
};

}  // namespace moescope
