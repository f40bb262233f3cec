// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One number over the run, with a min/max pyramid: any zoom level costs about as much as the pixels it fills.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace moescope {

enum class XAxis { Step, Tokens, Time };

/// What one pixel column shows.
struct SeriesColumn {
    std::size_t first = 0, count = 0;  ///< points of the column; the first of them by index
    double x = 0;  ///< of the first point, in the axis asked for
    float minimum = 0, maximum = 0;  ///< of the finite points
    std::size_t numNaN = 0, numInfinite = 0;  ///< never drawn as numbers, never dropped
    std::size_t finite() const { return count - numNaN - numInfinite; }
};

/// Immutable points in step order, in shared chunks: a copy costs a few pointers, so snapshots are cheap.
/// Rolled-back points (steps that a resume replaced) are a series of their own.
class Series {
public:
    Series();
    Series(const Series&);
    Series& operator=(const Series&);
    Series(Series&&) noexcept;
    Series& operator=(Series&&) noexcept;
    ~Series();

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    std::int64_t step(std::size_t i) const;
    float value(std::size_t i) const;
    double wallTime(std::size_t i) const;  ///< seconds since 1970
    double tokens(std::size_t i) const;  ///< seen by training so far; NaN when the log has none
    double x(std::size_t i, XAxis axis) const;  ///< Time: seconds since the run's first record, never running backwards

    std::size_t indexAtOrBefore(std::int64_t step) const;  ///< size() when there is none
    std::size_t lowerBound(double x, XAxis axis) const;  ///< first point with this x or a higher one

    /// Points of [xFrom, xTo] in at most `numColumns` columns of equal width in x; every point is in exactly one.
    std::vector<SeriesColumn> columns(double xFrom, double xTo, std::size_t numColumns, XAxis axis) const;

    std::size_t numNonFinite() const;
    std::size_t firstNonFinite() const;  ///< index; size() when there is none

    /// Appends in step order; O(1) amortised. A point whose step is not above the last one replaces all points from its step on:
    /// they move to `rolledBack`.
    void append(std::int64_t step, float value, double wallTime, double tokens, Series* rolledBack);

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

}  // namespace moescope
