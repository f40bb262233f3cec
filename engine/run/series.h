// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One number over the run, with a min/max pyramid: any zoom level costs about as much as the pixels it fills.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace moescope {

enum class XAxis { Step, Tokens, Time };

/// What one pixel column shows.
struct SeriesColumn {
    std::size_t first = 0, count = 0;         ///< points of the column; the first of them by index
    double x = 0;                             ///< of the first point, in the axis asked for
    float minimum = 0, maximum = 0;           ///< of the finite points; 0 when there are none
    std::size_t numNaN = 0, numInfinite = 0;  ///< never drawn as numbers, never dropped
    std::size_t finite() const { return count - numNaN - numInfinite; }

    friend bool operator==(const SeriesColumn&, const SeriesColumn&) = default;
};

/// What the series of one log have in common: the start of time, and steps, times and token counts, which are kept once
/// where they are equal. Owned by the thread that appends.
class SeriesAxes {
public:
    explicit SeriesAxes(double timeOrigin);  ///< seconds since 1970 that XAxis::Time counts from
    ~SeriesAxes();

private:
    friend class Series;
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Immutable points in step order, in shared chunks: a copy costs a few pointers, so snapshots are cheap.
/// A copy may be read in any thread while the original is appended to.
/// Rolled-back points (steps that a resume replaced) are a series of their own.
class Series {
public:
    Series();  ///< time counts from its own first point
    explicit Series(std::shared_ptr<SeriesAxes> axes);
    Series(const Series&);
    Series& operator=(const Series&);
    Series(Series&&) noexcept;
    Series& operator=(Series&&) noexcept;
    ~Series();

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    std::int64_t step(std::size_t i) const;
    float value(std::size_t i) const;
    double wallTime(std::size_t i) const;       ///< seconds since 1970
    double tokens(std::size_t i) const;         ///< seen by training so far, never falling; NaN while the log has none
    double x(std::size_t i, XAxis axis) const;  ///< Time: seconds since the run's first record, never running backwards

    std::size_t indexAtOrBefore(std::int64_t step) const;  ///< size() when there is none
    std::size_t lowerBound(double x, XAxis axis) const;    ///< first point with this x or a higher one

    /// Points of [xFrom, xTo] in at most `numColumns` columns of equal width in x; every point is in exactly one.
    /// Columns without a point are left out.
    std::vector<SeriesColumn> columns(double xFrom, double xTo, std::size_t numColumns, XAxis axis) const;

    /// The same between edges of your own, in rising order (a logarithmic axis): column c holds [edges[c], edges[c +
    /// 1]), the last one also its upper edge.
    std::vector<SeriesColumn> columns(std::span<const double> edges, XAxis axis) const;

    std::size_t numNonFinite() const;
    std::size_t firstNonFinite() const;  ///< index; size() when there is none

    /// Appends in step order; O(1) amortised. A point whose step is not above the last one replaces all points from its
    /// step on, as rollBack() does. Missing tokens (NaN) are those of the point before.
    void append(std::int64_t step, float value, double wallTime, double tokens, Series* rolledBack);

    /// Takes out all points from `fromStep` on and appends them to `rolledBack` when it is not null; there they replace
    /// points of an earlier rollback at the same steps and above.
    void rollBack(std::int64_t fromStep, Series* rolledBack);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
