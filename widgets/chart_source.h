// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Where a chart's numbers come from: points in rising x, asked for by pixel column, so that a chart never holds them
// all.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace moescope {

/// What one pixel column shows; field by field the same as the engine's SeriesColumn.
struct ChartColumn {
    std::size_t first = 0, count = 0;  ///< points of the column; the first of them by index
    double x = 0;                      ///< of the first point
    double minimum = 0, maximum = 0;   ///< of the finite points
    std::size_t numNaN = 0, numInfinite = 0;
    std::size_t finite() const { return count - numNaN - numInfinite; }
};

struct ChartPoint {
    double x = 0, y = 0;
};

/// Immutable once a chart holds it: new data is a new source. Called in the GUI thread only; must answer within a
/// millisecond or two.
class ChartSource {
public:
    virtual ~ChartSource() = default;
    virtual std::size_t size() const = 0;
    virtual ChartPoint point(std::size_t index) const = 0;
    virtual std::size_t lowerBound(
        double x) const = 0;  ///< first point with this x or a higher one; size() when there is none
    /// Points of [xFrom, xTo] in at most `numColumns` columns of equal width; empty columns are left out; each point is
    /// in exactly one.
    virtual std::vector<ChartColumn> columns(double xFrom, double xTo, std::size_t numColumns) const = 0;
    virtual std::size_t numNonFinite() const = 0;
    virtual std::size_t firstNonFinite() const = 0;  ///< index; size() when there is none
};

/// Points in memory; columns by scanning what is in view. For up to some 100,000 points; longer series bring their own
/// pyramid.
class PointsSource : public ChartSource {
public:
    PointsSource() = default;
    explicit PointsSource(std::vector<ChartPoint> points);  ///< x not falling
    std::size_t size() const override { return m_points.size(); }
    ChartPoint point(std::size_t index) const override { return m_points[index]; }
    std::size_t lowerBound(double x) const override;
    std::vector<ChartColumn> columns(double xFrom, double xTo, std::size_t numColumns) const override;
    std::size_t numNonFinite() const override { return m_numNonFinite; }
    std::size_t firstNonFinite() const override { return m_firstNonFinite; }

private:
    std::vector<ChartPoint> m_points;
    std::size_t m_numNonFinite = 0, m_firstNonFinite = 0;
};

/// Index of the stored point nearest to x; size() of an empty source. Never interpolates.
std::size_t nearestPoint(const ChartSource& source, double x);

/// Mean of the finite points in (x − window, x] at every point: the past never moves as the run grows, and a start with
/// fewer points is the mean of those. Non-finite points stay as they are.
std::shared_ptr<const ChartSource> trailingMean(const ChartSource& source, double window);

}  // namespace moescope
