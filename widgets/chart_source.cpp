// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart_source.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moescope {

namespace {

void take(ChartColumn& column, double y)
{
    if (std::isfinite(y)) {
        column.minimum = std::min(column.minimum, y);
        column.maximum = std::max(column.maximum, y);
    } else if (std::isnan(y)) {
        ++column.numNaN;
    } else {
        ++column.numInfinite;
    }
    ++column.count;
}

}  // namespace

PointsSource::PointsSource(std::vector<ChartPoint> points)
    : m_points(std::move(points))
    , m_firstNonFinite(m_points.size())
{
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        if (std::isfinite(m_points[i].y))
            continue;
        m_firstNonFinite = std::min(m_firstNonFinite, i);
        ++m_numNonFinite;
    }
}

std::size_t PointsSource::lowerBound(double x) const
{
    const auto place =
        std::lower_bound(m_points.begin(), m_points.end(), x, [](const ChartPoint& p, double at) { return p.x < at; });
    return std::size_t(place - m_points.begin());
}

std::vector<ChartColumn> PointsSource::columns(double xFrom, double xTo, std::size_t numColumns) const
{
    std::vector<ChartColumn> out;
    if (numColumns == 0 || !(xTo >= xFrom))
        return out;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const double perX = xTo > xFrom ? double(numColumns) / (xTo - xFrom) : 0;
    std::size_t open = numColumns;
    for (std::size_t i = lowerBound(xFrom); i < m_points.size() && m_points[i].x <= xTo; ++i) {
        const std::size_t place = std::min(std::size_t((m_points[i].x - xFrom) * perX), numColumns - 1);
        if (out.empty() || place != open) {
            out.push_back({.first = i, .count = 0, .x = m_points[i].x, .minimum = kInfinity, .maximum = -kInfinity});
            open = place;
        }
        take(out.back(), m_points[i].y);
    }
    return out;
}

std::size_t nearestPoint(const ChartSource& source, double x)
{
    const std::size_t right = source.lowerBound(x);
    if (right == 0)
        return 0;
    if (right == source.size())
        return right - 1;
    return x - source.point(right - 1).x <= source.point(right).x - x ? right - 1 : right;
}

std::shared_ptr<const ChartSource> trailingMean(const ChartSource& source, double window)
{
    std::vector<ChartPoint> out;
    out.reserve(source.size());
    std::size_t first = 0, finite = 0;
    double sum = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const ChartPoint point = source.point(i);
        out.push_back(point);
        if (!std::isfinite(point.y))
            continue;
        sum += point.y;
        ++finite;
        for (; source.point(first).x <= point.x - window; ++first) {
            const double gone = source.point(first).y;
            if (std::isfinite(gone)) {
                sum -= gone;
                --finite;
            }
        }
        out.back().y = sum / double(finite);
    }
    return std::make_shared<PointsSource>(std::move(out));
}

}  // namespace moescope
