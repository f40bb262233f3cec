// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/series_source.h"

#include <cmath>
#include <limits>

namespace moescope {

SeriesSource::SeriesSource(Series series, XAxis axis, double scale)
    : m_series(std::move(series))
    , m_axis(axis)
    , m_scale(scale)
{
}

ChartPoint SeriesSource::point(std::size_t index) const
{
    return {m_series.x(index, m_axis), static_cast<double>(m_series.value(index)) * m_scale};
}

std::vector<ChartColumn> SeriesSource::columns(double xFrom, double xTo, std::size_t numColumns) const
{
    std::vector<ChartColumn> columns;
    for (const SeriesColumn& column : m_series.columns(xFrom, xTo, numColumns, m_axis))
        if (column.count > 0)
            columns.push_back({column.first, column.count, column.x, static_cast<double>(column.minimum) * m_scale,
                static_cast<double>(column.maximum) * m_scale, column.numNaN, column.numInfinite});
    return columns;
}

std::shared_ptr<const ChartSource> chartSource(const Series* series, XAxis axis, double scale)
{
    if (!series || series->empty())
        return nullptr;
    return std::make_shared<SeriesSource>(*series, axis, scale);
}

std::shared_ptr<const ChartSource> smoothedSource(const Series* series, int window, XAxis axis, double scale)
{
    if (!series || series->empty() || window < 2)
        return nullptr;
    std::vector<ChartPoint> points(series->size());
    double sum = 0;
    std::size_t count = 0, oldest = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double value = static_cast<double>(series->value(i));
        if (std::isfinite(value)) {
            sum += value;
            ++count;
        }
        for (; series->step(oldest) <= series->step(i) - window; ++oldest) {
            const double leaving = static_cast<double>(series->value(oldest));
            if (std::isfinite(leaving)) {
                sum -= leaving;
                --count;
            }
        }
        points[i] = {
            series->x(i, axis), std::isfinite(value) && count > 0 ? sum / static_cast<double>(count) * scale : value};
    }
    return std::make_shared<PointsSource>(std::move(points));
}

double xOfStep(const Series* clock, std::int64_t step, XAxis axis)
{
    if (axis == XAxis::Step)
        return static_cast<double>(step);
    if (!clock || clock->empty())
        return std::numeric_limits<double>::quiet_NaN();
    const std::size_t index = clock->indexAtOrBefore(step);
    return clock->x(index < clock->size() ? index : 0, axis);
}

std::int64_t stepOfX(const Series* clock, double x, XAxis axis)
{
    if (axis == XAxis::Step)
        return static_cast<std::int64_t>(std::llround(x));
    if (!clock || clock->empty())
        return 0;
    const std::size_t index = clock->lowerBound(x, axis);
    if (index >= clock->size())
        return clock->step(clock->size() - 1);
    const bool exact = clock->x(index, axis) <= x || index == 0;
    return clock->step(exact ? index : index - 1);
}

}  // namespace moescope
