// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QPainter>

#include "widgets/chart_scene.h"
#include "widgets/color_bar.h"
#include "widgets/crisp.h"
#include "widgets/map_layout.h"
#include "widgets/number_text.h"
#include "widgets/time_map_state.h"

namespace moescope {

namespace {

constexpr int kBarsWidth = 84;

}  // namespace

int TimeMap::Impl::Layout::rowAt(QPoint position, int rows) const
{
    const int row = (position.y() - plot.top()) / std::max(rowHeight, 1);
    return position.y() >= plot.top() && row < rows ? row : -1;
}

TimeMap::Impl::Layout TimeMap::Impl::layoutFor(const QRect& rect, bool screen) const
{
    const Theme& theme = currentTheme();
    Layout at;
    const int tick = metrics::tick();
    qreal label = crisp::textWidth(theme.small, axis.name) + 8;
    for (int i = 0; i < rows; ++i)
        label = std::max(label, crisp::textWidth(theme.small, rowLabel(i)));
    const int left = int(std::ceil(label)) + 8, right = barsA.empty() ? 12 : kBarsWidth + 16;
    const int top = barsA.empty() ? 4 : tick + 2;
    const int legend = screen ? 0 : int(std::ceil(colorBarHeight(theme))) + 8;
    const int below = tick + 7 + (screen ? tick + 4 : 0) + legend;
    at.rowHeight = std::clamp((rect.height() - top - below) / std::max(rows, 1), 1, 24);
    at.gap = at.rowHeight >= 10 ? 1 : 0;
    at.plot =
        QRect(rect.left() + left, rect.top() + top, std::max(1, rect.width() - left - right), at.rowHeight * rows);
    at.bars = barsA.empty() ? QRect() : QRect(at.plot.right() + 14, at.plot.top(), kBarsWidth, at.plot.height());
    const int axisBottom = at.plot.bottom() + tick + 7;
    at.hoverLine = screen ? QRect(at.plot.left(), axisBottom, at.plot.width(), tick + 4) : QRect();
    at.legend = screen ? QRect() : QRect(at.plot.left(), axisBottom + 6, 230, legend - 8);
    return at;
}

ValueRange TimeMap::Impl::whole() const
{
    const double end = last > first ? last : first + 1;
    const double part = tickStep(first, end, 6) / 10;
    return {first <= end * 0.1 ? 0 : first, std::ceil(end / part + 0.2) * part};
}

AxisMap TimeMap::Impl::axisMap(const Layout& at) const
{
    const ValueRange r = range();
    return {r.low, r.high, double(at.plot.left()), double(at.plot.right() + 1), false};
}

QImage TimeMap::Impl::makeImage(const Layout& at, qreal ratio, const Theme& theme) const
{
    const int width = std::max(1, int(at.plot.width() * ratio)), height = std::max(1, int(at.plot.height() * ratio));
    QImage out(width, height, QImage::Format_RGB32);
    out.fill(theme.base);
    if (columns.columns <= 0 || columns.rows < rows || rows == 0)
        return out;
    const AxisMap pixels{range().low, range().high, 0, double(width), false};
    const AxisMap source{columns.xFrom, columns.xTo, 0, double(columns.columns), false};
    const ColorMap& map = theme.map(kind);
    std::vector<int> place(std::size_t(width), -1);
    // A pixel without a record of its own shows the record before it, as far as there are records.
    int held = -1;
    for (int x = 0; x < width; ++x) {
        const double at_x = pixels.value(x + 0.5);
        const int column = at_x > last ? -1 : int(std::floor(source.pixel(at_x)));
        const bool inside = column >= 0 && column < columns.columns;
        const bool known = inside && !std::isnan(columns.maximum[std::size_t(column) * std::size_t(columns.rows)]);
        held = known ? column : inside ? held : -1;
        place[std::size_t(x)] = held;
    }
    for (int r = 0; r < rows; ++r) {
        const int top = int(std::round(r * at.rowHeight * ratio)),
                  bottom = int(std::round(((r + 1) * at.rowHeight - at.gap) * ratio));
        const int middle = (top + bottom) / 2;
        for (int x = 0; x < width; ++x) {
            const int column = place[std::size_t(x)];
            QRgb high = theme.alternate.rgb(), low = high;
            if (column >= 0) {
                const std::size_t i = std::size_t(column) * std::size_t(columns.rows) + std::size_t(r);
                const float most = columns.maximum[i], least = columns.minimum[i];
                high = std::isfinite(most) ? map.fast(scale.position(double(most))) : theme.nonFinite.rgb();
                low = std::isfinite(least) ? map.fast(scale.position(double(least))) : theme.nonFinite.rgb();
            }
            for (int y = top; y < bottom && y < height; ++y)
                reinterpret_cast<QRgb*>(out.scanLine(y))[x] = y < middle ? high : low;
        }
    }
    return out;
}

void TimeMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_impl->image.isNull())
        m_impl->image = m_impl->makeImage(m_impl->layoutFor(rect(), true), devicePixelRatioF(), currentTheme());
    m_impl->paint(painter, rect(), currentTheme(), m_impl->image, true);
    if (hasFocus())
        crisp::frame(painter, rect(), currentTheme().accent);
}

void TimeMap::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    const QRect whole = rect.toAlignedRect();
    const QImage pixels = m_impl->makeImage(m_impl->layoutFor(whole, false), 2, theme);
    m_impl->paint(painter, whole, theme, pixels, false);
}

void TimeMap::Impl::paint(
    QPainter& painter, const QRect& rect, const Theme& theme, const QImage& pixels, bool screen) const
{
    painter.fillRect(rect, theme.base);
    if (rows == 0)
        return;
    const Layout at = layoutFor(rect, screen);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(QRectF(at.plot), pixels);
    paintAxis(painter, rect, at, theme);
    paintRows(painter, at, theme);
    if (!barsA.empty())
        paintBars(painter, at, theme);
    paintCursors(painter, at, theme);
    if (screen)
        crisp::elided(painter, at.hoverLine, Qt::AlignLeft | Qt::AlignVCenter, hoverText(at), theme.small, theme.text);
    else
        paintColorBar(painter, at.legend, kind, scale, theme);
}

void TimeMap::Impl::paintAxis(QPainter& painter, const QRect& rect, const Layout& at, const Theme& theme) const
{
    const AxisMap x = axisMap(at);
    const int tick = metrics::tick(), bottom = at.plot.bottom() + 1;
    crisp::horizontal(painter, at.plot.left(), at.plot.right() + 1, bottom, theme.strongLine);
    double nameRight = at.plot.left() - 6;
    const std::vector<Tick> ticks = axisTicks(x.low, x.high, std::clamp(at.plot.width() / 70, 2, 14), axis);
    for (const Tick& t : ticks) {
        const double px = x.pixel(t.value), width = crisp::textWidth(theme.small, t.text);
        const double left = std::min(px - width / 2, double(rect.right()) - width);
        crisp::vertical(painter, px, bottom, bottom + 4, theme.strongLine);
        crisp::text(painter, QRectF(left, bottom + 4, width, tick), Qt::AlignCenter, t.text, theme.small, theme.text2);
        if (&t == &ticks.front())
            nameRight = std::min(nameRight, left - 4);
    }
    crisp::text(painter, QRectF(rect.left(), bottom + 4, nameRight - rect.left(), tick),
        Qt::AlignRight | Qt::AlignVCenter, axis.name, theme.small, theme.text3);
}

void TimeMap::Impl::paintRows(QPainter& painter, const Layout& at, const Theme& theme) const
{
    QFont bold = theme.small;
    bold.setWeight(QFont::Bold);
    for (const int r : labelPlaces(rows, at.rowHeight, metrics::tick() + 4, row)) {
        const QRect line = at.row(r);
        crisp::text(painter, QRectF(line.left() - 60, line.top(), 52, line.height()), Qt::AlignRight | Qt::AlignVCenter,
            rowLabel(r), r == row ? bold : theme.small, r == row ? theme.text : theme.text2);
    }
    if (row >= 0 && row < rows)
        crisp::frame(painter, QRectF(at.row(row)).adjusted(-1, -1, 1, 1), theme.accent);
}

void TimeMap::Impl::paintBars(QPainter& painter, const Layout& at, const Theme& theme) const
{
    QFont bold = theme.small;
    bold.setWeight(QFont::DemiBold);
    crisp::text(painter, QRectF(at.bars.left(), at.plot.top() - metrics::tick() - 2, at.bars.width(), metrics::tick()),
        Qt::AlignLeft | Qt::AlignVCenter, barsTitle, bold, theme.text2);
    double most = 1.25;
    for (const std::vector<double>* bars : {&barsA, &barsB}) {
        for (const double value : *bars)
            most = std::isfinite(value) ? std::max(most, std::min(value, 4.0)) : most;
    }
    const auto width = [&](double value) {
        return std::isfinite(value) ? std::round(std::clamp(value, 0.0, most) / most * at.bars.width()) : 0;
    };
    for (int r = 0; r < rows; ++r) {
        const QRect line = at.row(r);
        const int thick = std::max(1, line.height() * 6 / 10), thin = std::max(1, line.height() / 5);
        if (std::size_t(r) < barsA.size())
            painter.fillRect(QRectF(at.bars.left(), line.top(), width(barsA[std::size_t(r)]), thick),
                r == row ? theme.accent : theme.text3);
        if (std::size_t(r) < barsB.size())
            painter.fillRect(
                QRectF(at.bars.left(), line.top() + thick + 1, width(barsB[std::size_t(r)]), thin), theme.strongLine);
    }
    const double one = at.bars.left() + width(1);
    crisp::dashedVertical(painter, one, at.plot.top(), at.plot.bottom() + 3, theme.text, 3, 2);
    crisp::text(painter, QRectF(one - 10, at.plot.bottom() + 5, 20, metrics::tick()), Qt::AlignCenter,
        QStringLiteral("1"), theme.small, theme.text2);
    if (!barsB.empty())
        crisp::text(painter, QRectF(at.bars.left(), at.plot.bottom() + 5, one - 8 - at.bars.left(), metrics::tick()),
            Qt::AlignLeft | Qt::AlignVCenter, TimeMap::tr("thin: B"), theme.small, theme.text2);
}

void TimeMap::Impl::paintCursors(QPainter& painter, const Layout& at, const Theme& theme) const
{
    const AxisMap x = axisMap(at);
    const double top = at.plot.top(), bottom = at.plot.bottom() + 1;
    const auto visible = [&](double value) { return value >= x.low && value <= x.high; };
    for (const ChartMark& mark : marks) {
        if (visible(mark.x))
            crisp::dashedVertical(painter, x.pixel(mark.x), top, bottom, theme.color(mark.state), 2, 3);
    }
    if (cursorB && visible(*cursorB))
        crisp::dashedVertical(painter, x.pixel(*cursorB), top, bottom, theme.accent);
    if (cursorA && visible(*cursorA))
        crisp::vertical(painter, x.pixel(*cursorA), top, bottom, theme.accent);
    if (brush) {
        QColor soft = theme.accent;
        soft.setAlphaF(0.18F);
        painter.fillRect(
            QRectF(x.pixel(brush->low), top, x.pixel(brush->high) - x.pixel(brush->low), bottom - top), soft);
    }
}

QString TimeMap::Impl::hoverText(const Layout& at) const
{
    if (!hover || columns.columns <= 0)
        return {};
    const int r = at.rowAt(*hover, rows);
    const double value = axisMap(at).value(hover->x() + 0.5);
    const AxisMap source{columns.xFrom, columns.xTo, 0, double(columns.columns), false};
    const int column = int(std::floor(source.pixel(value)));
    if (r < 0 || r >= columns.rows || column < 0 || column >= columns.columns)
        return {};
    const std::size_t i = std::size_t(column) * std::size_t(columns.rows) + std::size_t(r);
    const float low = columns.minimum[i], high = columns.maximum[i];
    const QString place = QStringLiteral("%1 · %2 %3").arg(rowLabel(r), axis.name, axisValueText(value, axis, 2));
    if (std::isnan(high))
        return place + QStringLiteral("   ") + numberText::missing();
    const QString lowText = numberText::fixed(double(low), 2), highText = numberText::fixed(double(high), 2);
    return place + QStringLiteral("   ")
        + (lowText == highText ? lowText : TimeMap::tr("%1 to %2").arg(lowText, highText));
}

}  // namespace moescope
