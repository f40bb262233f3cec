// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/color_bar.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <QPainter>
#include <QPainterPath>

#include "widgets/crisp.h"

namespace moescope {

namespace {

constexpr int kBar = 8, kMark = 5;

QString endText(const ValueScale& scale, const ScaleTick& tick)
{
    if (scale.clippedLow && tick.value <= scale.low)
        return QStringLiteral("≤ ") + tick.text;
    if (scale.clippedHigh && tick.value >= scale.high)
        return QStringLiteral("≥ ") + tick.text;
    return tick.text;
}

void paintMark(QPainter& painter, QPointF tip, const QColor& color)
{
    QPainterPath path(tip);
    path.lineTo(tip + QPointF(-5, -kMark));
    path.lineTo(tip + QPointF(5, -kMark));
    path.closeSubpath();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.fillPath(path, color);
    painter.restore();
}

void paintHorizontal(
    QPainter& painter, const QRectF& rect, const ColorMap& map, const ValueScale& scale, const Theme& theme)
{
    const qreal left = std::round(rect.left()), width = std::round(rect.width());
    const qreal top = std::round(rect.top()) + kMark + 2;
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (int x = 0; x < int(width); ++x)
        painter.fillRect(QRectF(left + x, top, 1, kBar), QColor(map.fast((x + 0.5) / width)));
    paintMark(painter, {left + width / 2, top - 1}, theme.text2);
    const qreal textTop = top + kBar + 4;
    // Middle and ends are always named, the ticks between them where there is room.
    std::vector<ScaleTick> ticks = scale.ticks;
    const auto rank = [&](const ScaleTick& tick) {
        return tick.value == scale.middle ? 0 : tick.value <= scale.low || tick.value >= scale.high ? 1 : 2;
    };
    std::ranges::stable_sort(ticks, {}, rank);
    std::vector<QRectF> taken;
    for (const ScaleTick& tick : ticks) {
        const qreal x = left + scale.position(tick.value) * (width - 1);
        crisp::vertical(painter, x, top + kBar, top + kBar + 3, theme.strongLine);
        const QString text = endText(scale, tick);
        const qreal wide = crisp::textWidth(theme.small, text);
        // Nothing stands beyond the bar, which may end at the edge of its widget.
        const QRectF box(std::clamp(x - wide / 2, left, std::max(left, left + width - wide)), textTop, wide, 14);
        const auto overlaps = [&](const QRectF& other) { return other.adjusted(-4, 0, 4, 0).intersects(box); };
        if (rank(tick) == 2 && std::ranges::any_of(taken, overlaps))
            continue;
        taken.push_back(box);
        crisp::text(painter, box, Qt::AlignHCenter | Qt::AlignTop, text, theme.small, theme.text2);
    }
}

void paintVertical(
    QPainter& painter, const QRectF& rect, const ColorMap& map, const ValueScale& scale, const Theme& theme)
{
    const qreal top = std::round(rect.top()), height = std::round(rect.height()), left = std::round(rect.left());
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (int y = 0; y < int(height); ++y)
        painter.fillRect(QRectF(left, top + y, kBar + 1, 1), QColor(map.fast(1 - (y + 0.5) / height)));
    for (const ScaleTick& tick : scale.ticks) {
        const qreal y = top + (1 - scale.position(tick.value)) * (height - 1);
        crisp::horizontal(painter, left + kBar + 1, left + kBar + 5, y, theme.strongLine);
        crisp::text(painter, QRectF(left + kBar + 8, y - 8, 80, 16), Qt::AlignLeft | Qt::AlignVCenter,
            endText(scale, tick), theme.small, theme.text2);
    }
}

}  // namespace

qreal colorBarHeight(const Theme& theme) { return kMark + 2 + kBar + 4 + QFontMetricsF(theme.small).height(); }

void paintColorBar(QPainter& painter, const QRectF& rect, MapKind kind, const ValueScale& scale, const Theme& theme,
    Qt::Orientation orientation)
{
    painter.save();
    if (orientation == Qt::Horizontal)
        paintHorizontal(painter, rect, theme.map(kind), scale, theme);
    else
        paintVertical(painter, rect, theme.map(kind), scale, theme);
    painter.restore();
}

ColorBar::ColorBar(MapKind kind, ValueScale scale, Qt::Orientation orientation, QWidget* parent)
    : QWidget(parent)
    , m_kind(kind)
    , m_orientation(orientation)
{
    setScale(std::move(scale));
}

void ColorBar::setScale(ValueScale scale)
{
    m_scale = std::move(scale);
    QStringList words;
    for (const ScaleTick& tick : m_scale.ticks)
        words << tick.text;
    setAccessibleName(tr("Colour scale: %1").arg(words.join(QStringLiteral(", "))));
    updateGeometry();
    update();
}

QSize ColorBar::sizeHint() const
{
    const int thickness = int(std::ceil(colorBarHeight(currentTheme())));
    return m_orientation == Qt::Horizontal ? QSize(220, thickness) : QSize(72, 140);
}

void ColorBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QRectF inner =
        m_orientation == Qt::Horizontal ? QRectF(rect()).adjusted(1, 0, -1, 0) : QRectF(rect()).adjusted(0, 8, 0, -8);
    paintColorBar(painter, inner, m_kind, m_scale, currentTheme(), m_orientation);
}

}  // namespace moescope
