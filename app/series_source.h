// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A run's series as a chart wants it: on the chosen x-axis, in the chosen unit, through the engine's min/max pyramid.
#pragma once

#include <memory>

#include "app/selection.h"
#include "engine/run/series.h"
#include "widgets/chart_source.h"

namespace moescope {

class SeriesSource : public ChartSource {
public:
    /// `scale` multiplies every value: 1 / ln 2 makes bits of nats.
    SeriesSource(Series series, XAxis axis, double scale = 1);
    std::size_t size() const override { return m_series.size(); }
    ChartPoint point(std::size_t index) const override;
    std::size_t lowerBound(double x) const override { return m_series.lowerBound(x, m_axis); }
    std::vector<ChartColumn> columns(double xFrom, double xTo, std::size_t numColumns) const override;
    std::size_t numNonFinite() const override { return m_series.numNonFinite(); }
    std::size_t firstNonFinite() const override { return m_series.firstNonFinite(); }

private:
    Series m_series;
    XAxis m_axis;
    double m_scale;
};

/// Null for a null or empty series.
std::shared_ptr<const ChartSource> chartSource(const Series* series, XAxis axis, double scale = 1);

/// Mean of the finite points of the last `window` steps at every point; null when the series is null, empty or the
/// window below 2.
std::shared_ptr<const ChartSource> smoothedSource(const Series* series, int window, XAxis axis, double scale = 1);

/// Where a step lies on the axis, by the nearest record at or before it; NaN without one.
double xOfStep(const Series* clock, std::int64_t step, XAxis axis);
/// The step of the last record at or before x; 0 without one.
std::int64_t stepOfX(const Series* clock, double x, XAxis axis);

}  // namespace moescope
