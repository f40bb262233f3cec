// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sparkline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QPainter>
#include <QPainterPath>

#include "widgets/crisp.h"

namespace moescope {

namespace {

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

Range rangeOf(std::span<const float> values, const SparklineStyle& style)
{
    Range range;
    for (const float value : values) {
        if (std::isfinite(value)) {
            range.low = std::min(range.low, double(value));
            range.high = std::max(range.high, double(value));
        }
    }
    if (style.reference) {
        range.low = std::min(range.low, *style.reference);
        range.high = std::max(range.high, *style.reference);
    }
    range.low = style.low.value_or(range.low);
    range.high = style.high.value_or(range.high);
    return range;
}

}  // namespace

void paintSparkline(QPainter& painter, const QRectF& rect, std::span<const float> values, const SparklineStyle& style,
    const Theme& theme)
{
    const Range range = rangeOf(values, style);
    if (values.empty() || !(range.high >= range.low))
        return;
    const double span = range.high > range.low ? range.high - range.low : 1;
    const auto y = [&](double value) {
        return rect.bottom() - 1 - std::clamp((value - range.low) / span, 0.0, 1.0) * (rect.height() - 2);
    };
    if (style.reference)
        crisp::dashedHorizontal(painter, rect.left(), rect.right(), y(*style.reference), theme.text3, 3, 3);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(theme.color(style.role), 1.25));
    painter.setBrush(Qt::NoBrush);
    QPainterPath path;
    bool open = false;
    const double perStep = values.size() > 1 ? rect.width() / double(values.size() - 1) : 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            open = false;
            continue;
        }
        const QPointF point(rect.left() + double(i) * perStep, y(double(values[i])));
        if (open)
            path.lineTo(point);
        else
            path.moveTo(point);
        open = true;
    }
    painter.drawPath(path);
    painter.restore();
    if (style.cursorA)
        crisp::vertical(painter, rect.left() + *style.cursorA * rect.width(), rect.top(), rect.bottom(), theme.accent);
    if (style.cursorB)
        crisp::dashedVertical(
            painter, rect.left() + *style.cursorB * rect.width(), rect.top(), rect.bottom(), theme.accent);
}

Sparkline::Sparkline(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Small line"));
}

void Sparkline::setValues(std::vector<float> values, SparklineStyle style)
{
    m_values = std::move(values);
    m_style = style;
    update();
}

QSize Sparkline::sizeHint() const { return {120, 28}; }

void Sparkline::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintSparkline(painter, QRectF(rect()).adjusted(1, 1, -1, -1), m_values, m_style, currentTheme());
}

}  // namespace moescope
