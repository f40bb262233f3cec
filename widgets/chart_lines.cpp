// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart_lines.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace moescope {

namespace {

constexpr double kEarlyShare = 0.15;  // of x: where a loss falls too steeply to set the scale

/// Builds pieces point by point. Keeps the promise of two points per column also where the clip would add more.
class PieceBuilder {
public:
    PieceBuilder(const PlotMap& plot, ChartPieces& out)
        : m_plot(plot)
        , m_out(out)
    {
    }

    void add(QPointF point)
    {
        if (m_last)
            join(*m_last, point);
        else if (inside(point))
            push(point);
        m_last = point;
    }

    void breakLine()
    {
        finish();
        m_last.reset();
    }

    std::optional<QPointF> last() const { return m_last; }

private:
    bool inside(QPointF p) const
    {
        const QRectF& a = m_plot.area;
        return p.x() >= a.left() && p.x() <= a.right() && p.y() >= a.top() && p.y() <= a.bottom();
    }

    /// Liang–Barsky: the part of a–b inside the area, as shares of its length.
    bool clip(QPointF a, QPointF b, double& t0, double& t1) const
    {
        const QPointF d = b - a;
        const QRectF& r = m_plot.area;
        const double p[] = {-d.x(), d.x(), -d.y(), d.y()};
        const double q[] = {a.x() - r.left(), r.right() - a.x(), a.y() - r.top(), r.bottom() - a.y()};
        for (int i = 0; i < 4; ++i) {
            if (p[i] == 0 && q[i] < 0)
                return false;
            if (p[i] < 0)
                t0 = std::max(t0, q[i] / p[i]);
            else if (p[i] > 0)
                t1 = std::min(t1, q[i] / p[i]);
        }
        return t0 <= t1;
    }

    void join(QPointF a, QPointF b)
    {
        double t0 = 0, t1 = 1;
        if (!clip(a, b, t0, t1)) {
            finish();
            return;
        }
        if (t0 > 0) {
            finish();
            push(a + (b - a) * t0);
        }
        push(a + (b - a) * t1);
        if (t1 < 1)
            finish();
    }

    int columnOf(QPointF p) const { return int(std::floor((p.x() - m_plot.area.left()) * m_plot.columnsPerPixel)); }

    void push(QPointF point)
    {
        const int column = columnOf(point);
        m_inColumn = column == m_column ? m_inColumn + 1 : 1;
        m_column = column;
        if (m_inColumn > 2 && !m_piece.isEmpty())
            m_piece.back() = point;
        else
            m_piece.append(point);
    }

    void finish()
    {
        if (m_piece.size() == 1 && m_last)
            m_out.lonely.push_back(m_piece.front());
        else if (m_piece.size() > 1)
            m_out.lines.push_back(std::move(m_piece));
        m_piece = {};
    }

    const PlotMap& m_plot;
    ChartPieces& m_out;
    QList<QPointF> m_piece;
    std::optional<QPointF> m_last;
    int m_column = std::numeric_limits<int>::min(), m_inColumn = 0;
};

void addColumn(const ChartSource& source, const ChartColumn& column, const PlotMap& plot, PieceBuilder& builder)
{
    const bool exact = column.count <= 2 && column.finite() == column.count;
    if (exact) {
        for (std::size_t i = 0; i < column.count; ++i)
            builder.add(plot.pixel(source.point(column.first + i)));
        return;
    }
    QPointF low = plot.pixel({column.x, column.minimum}), high = plot.pixel({column.x, column.maximum});
    if (builder.last() && std::abs(builder.last()->y() - high.y()) < std::abs(builder.last()->y() - low.y()))
        std::swap(low, high);
    builder.add(low);
    if (column.minimum != column.maximum)
        builder.add(high);
}

void addNonFinite(const ChartColumn& column, const PlotMap& plot, PieceBuilder& builder, ChartPieces& out)
{
    const double x = plot.x.pixel(column.x);
    out.nonFinite.push_back(std::clamp(x, plot.area.left(), plot.area.right()));
    if (const auto last = builder.last()) {
        const bool shown = last->x() >= plot.area.left() - 1 && last->x() <= plot.area.right() + 1;
        if (shown)
            out.crosses.push_back({last->x(), std::clamp(last->y(), plot.area.top(), plot.area.bottom())});
    }
    builder.breakLine();
}

/// The neighbour of the view, so that the line runs to the edge.
void addNeighbour(const ChartSource& source, std::size_t index, const PlotMap& plot, PieceBuilder& builder)
{
    if (index < source.size() && std::isfinite(source.point(index).y))
        builder.add(plot.pixel(source.point(index)));
}

void addBand(const ChartColumn& column, const PlotMap& plot, ChartPieces& out)
{
    const auto y = [&plot](
                       double value) { return std::clamp(plot.y.pixel(value), plot.area.top(), plot.area.bottom()); };
    const double x = plot.x.pixel(column.x);
    out.bandTop.append({x, y(column.maximum)});
    out.bandBottom.append({x, y(column.minimum)});
}

}  // namespace

int PlotMap::columns() const { return std::max(1, int(std::ceil(area.width() * columnsPerPixel))); }

ChartPieces cutPieces(const ChartSource& source, const PlotMap& plot)
{
    ChartPieces out;
    if (source.size() == 0 || plot.area.width() < 1)
        return out;
    PieceBuilder builder(plot, out);
    const std::size_t first = source.lowerBound(plot.x.low);
    if (first > 0)
        addNeighbour(source, first - 1, plot, builder);
    const std::vector<ChartColumn> columns = source.columns(plot.x.low, plot.x.high, std::size_t(plot.columns()));
    for (const ChartColumn& column : columns) {
        out.numInView += column.count;
        if (column.finite() > 0) {
            addColumn(source, column, plot, builder);
            addBand(column, plot, out);
        }
        if (column.finite() < column.count)
            addNonFinite(column, plot, builder, out);
    }
    addNeighbour(source, first + out.numInView, plot, builder);
    builder.breakLine();
    return out;
}

bool isDense(const QList<QPointF>& piece)
{
    constexpr double kDense = 4;
    double length = 0;
    for (qsizetype i = 1; i < piece.size(); ++i)
        length += std::abs(piece[i].y() - piece[i - 1].y());
    return !piece.isEmpty() && length > kDense * (piece.back().x() - piece.front().x() + 1);
}

DashedLine dashesAlongX(const QList<QPointF>& piece, const QList<qreal>& pattern)
{
    const double period = std::accumulate(pattern.begin(), pattern.end(), 0.0);
    if (!(period > 0))
        return {{piece}, {}};
    const auto isOn = [&](double x) {
        double phase = std::fmod(x, period);
        for (qsizetype i = 0; i < pattern.size(); ++i) {
            if (phase < pattern[i])
                return i % 2 == 0;
            phase -= pattern[i];
        }
        return false;
    };
    DashedLine line;
    QList<QPointF> part;
    bool on = false;
    for (const QPointF& point : piece) {
        const bool now = isOn(point.x());
        if (!part.isEmpty() && now != on) {
            part.append(point);
            (on ? line.on : line.off).push_back(std::move(part));
            part = {};
        }
        on = now;
        part.append(point);
    }
    if (part.size() > 1)
        (on ? line.on : line.off).push_back(std::move(part));
    return line;
}

std::vector<ChartPoint> pointsInView(
    const ChartSource& source, double from, double to, std::size_t most, std::size_t every)
{
    std::vector<ChartPoint> out;
    const std::size_t first = source.lowerBound(from);
    for (std::size_t i = first; i < source.size(); ++i) {
        const ChartPoint point = source.point(i);
        if (point.x > to)
            break;
        if (i - first >= most)
            return {};
        if (i % every == 0 && std::isfinite(point.y))
            out.push_back(point);
    }
    return out;
}

void widen(std::optional<ValueRange>& range, const std::vector<ChartColumn>& columns, bool positive)
{
    for (const ChartColumn& column : columns) {
        if (column.finite() == 0 || (positive && column.maximum <= 0))
            continue;
        const double low = positive && column.minimum <= 0 ? column.maximum : column.minimum;
        if (!range)
            range = ValueRange{low, column.maximum};
        range->low = std::min(range->low, low);
        range->high = std::max(range->high, column.maximum);
    }
}

std::optional<ValueRange> livingRange(const std::vector<ChartColumn>& columns, double xFrom, double xTo, bool positive)
{
    std::vector<double> lows, highs;
    for (const ChartColumn& column : columns) {
        if (column.finite() == 0 || column.x < xFrom + (xTo - xFrom) * kEarlyShare || (positive && column.minimum <= 0))
            continue;
        lows.push_back(column.minimum);
        highs.push_back(column.maximum);
    }
    if (lows.empty())
        return {};
    const std::size_t at = lows.size() / 100;
    std::nth_element(lows.begin(), lows.begin() + std::ptrdiff_t(at), lows.end());
    std::nth_element(highs.begin(), highs.end() - 1 - std::ptrdiff_t(at), highs.end());
    return ValueRange{lows[at], highs[highs.size() - 1 - at]};
}

ValueRange calmRange(ValueRange range, const AxisSpec& axis)
{
    if (axis.log) {
        const double low = range.low > 0 ? range.low : 1e-6, high = std::max(range.high, low);
        const double parts = high / low > 10 ? 1 : 4;  // whole decades, or quarters of one
        return {std::pow(10.0, std::floor((std::log10(low) - 0.02) * parts) / parts),
            std::pow(10.0, std::ceil((std::log10(high) + 0.02) * parts) / parts)};
    }
    if (axis.includeZero) {
        range.low = std::min(range.low, 0.0);
        range.high = std::max(range.high, 0.0);
    }
    double span = range.high - range.low;
    if (!(span > 0))
        span = range.high != 0 ? std::abs(range.high) * 0.1 : 1;
    const double half = tickStep(range.low, range.low + span, 6) / 2;
    const auto outwards = [&](double value, double air, auto round) { return round((value + air) / half) * half; };
    const double air = span * 0.03;
    const bool floorIsZero = axis.includeZero && range.low == 0;
    const bool ceilingIsZero = axis.includeZero && range.high == 0;
    return {floorIsZero ? 0 : outwards(range.low, -air, [](double v) { return std::floor(v); }),
        ceilingIsZero ? 0 : outwards(range.high, air, [](double v) { return std::ceil(v); })};
}

OutsideCount countOutside(const ChartSource& source, double xFrom, double xTo, ValueRange range, std::size_t most)
{
    OutsideCount count;
    std::size_t scanned = 0;
    const auto look = [&](double value) {
        count.above += value > range.high;
        count.below += value < range.low;
    };
    for (const ChartColumn& column : source.columns(xFrom, xTo, 512)) {
        if (column.finite() == 0 || (column.minimum >= range.low && column.maximum <= range.high))
            continue;
        if (column.minimum > range.high || column.maximum < range.low) {
            (column.minimum > range.high ? count.above : count.below) += column.finite();
            continue;
        }
        if (scanned + column.count > most) {
            count.exact = false;
            look(column.minimum);
            look(column.maximum);
            continue;
        }
        scanned += column.count;
        for (std::size_t i = 0; i < column.count; ++i)
            look(source.point(column.first + i).y);
    }
    return count;
}

}  // namespace moescope
