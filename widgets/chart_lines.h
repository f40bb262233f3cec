// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// From a source to what is drawn: pieces of line in pixels, clipped to the plot, at most two points per pixel column.
#pragma once

#include <optional>
#include <vector>

#include <QList>
#include <QPointF>
#include <QRectF>

#include "widgets/axis_ticks.h"
#include "widgets/chart_source.h"

namespace moescope {

/// The plot: pixels of its area and what they mean. y grows downwards in pixels.
struct PlotMap {
    QRectF area;
    AxisMap x, y;
    double columnsPerPixel = 1;  ///< of the device
    int columns() const;
    QPointF pixel(ChartPoint point) const { return {x.pixel(point.x), y.pixel(point.y)}; }
};

struct ChartPieces {
    std::vector<QList<QPointF>> lines;   ///< each of two points or more
    std::vector<QPointF> lonely;         ///< finite points without a neighbour to be joined with
    std::vector<QPointF> crosses;        ///< last finite value before each stretch that is not
    std::vector<double> nonFinite;       ///< pixel x of the columns that hold some
    QList<QPointF> bandTop, bandBottom;  ///< of columns with more than one point
    std::size_t numInView = 0;
};

ChartPieces cutPieces(const ChartSource& source, const PlotMap& plot);

/// True for a line that goes up and down within a few pixels: dashes along it cannot be seen, and the raster engine
/// needs 0.5 s a frame to fill their outline.
bool isDense(const QList<QPointF>& piece);
/// A dense line in parts along x, by `pattern` (on, off, … in pixels). Neighbouring parts share their end points and
/// together they are the whole line: the gaps are drawn lighter, nothing is hidden.
struct DashedLine {
    std::vector<QList<QPointF>> on, off;
};
DashedLine dashesAlongX(const QList<QPointF>& piece, const QList<qreal>& pattern);

/// Exact points in view, every `every`-th by index; empty when there are more than `most`.
std::vector<ChartPoint> pointsInView(
    const ChartSource& source, double from, double to, std::size_t most, std::size_t every = 1);

struct ValueRange {
    double low = 0, high = 1;
    friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

/// Extent of the finite values of some columns; `positive` leaves out values ≤ 0 (log axis).
void widen(std::optional<ValueRange>& range, const std::vector<ChartColumn>& columns, bool positive);
/// Where the curve lives: the 1 % to 99 % of column extremes after the first part of x, where a loss falls steeply.
std::optional<ValueRange> livingRange(const std::vector<ChartColumn>& columns, double xFrom, double xTo, bool positive);
/// A range with air, its ends on half tick steps so that it does not move with every record.
ValueRange calmRange(ValueRange range, const AxisSpec& axis);

/// Points of the source in [xFrom, xTo] above and below a range; scans at most `most` points, then `exact` is false.
struct OutsideCount {
    std::size_t above = 0, below = 0;
    bool exact = true;
};
OutsideCount countOutside(
    const ChartSource& source, double xFrom, double xTo, ValueRange range, std::size_t most = 300000);

}  // namespace moescope
