// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/crisp.h"

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>
#include <QPainter>

namespace moescope::crisp {

namespace {

class WithoutAntialiasing {
public:
    explicit WithoutAntialiasing(QPainter& painter)
        : m_painter(painter)
        , m_was(painter.testRenderHint(QPainter::Antialiasing))
    {
        m_painter.setRenderHint(QPainter::Antialiasing, false);
    }
    ~WithoutAntialiasing() { m_painter.setRenderHint(QPainter::Antialiasing, m_was); }
    Q_DISABLE_COPY_MOVE(WithoutAntialiasing)

private:
    QPainter& m_painter;
    bool m_was;
};

}  // namespace

void horizontal(QPainter& painter, qreal fromX, qreal toX, qreal y, const QColor& color, qreal width)
{
    const WithoutAntialiasing sharp(painter);
    painter.fillRect(QRectF(fromX, std::round(y), toX - fromX, width), color);
}

void vertical(QPainter& painter, qreal x, qreal fromY, qreal toY, const QColor& color, qreal width)
{
    const WithoutAntialiasing sharp(painter);
    painter.fillRect(QRectF(std::round(x), fromY, width, toY - fromY), color);
}

void dashedHorizontal(QPainter& painter, qreal fromX, qreal toX, qreal y, const QColor& color, int on, int off)
{
    for (qreal x = fromX; x < toX; x += on + off)
        horizontal(painter, x, std::min(x + on, toX), y, color);
}

void dashedVertical(QPainter& painter, qreal x, qreal fromY, qreal toY, const QColor& color, int on, int off)
{
    for (qreal y = fromY; y < toY; y += on + off)
        vertical(painter, x, y, std::min(y + on, toY), color);
}

void frame(QPainter& painter, const QRectF& rect, const QColor& color, int width)
{
    const qreal left = std::round(rect.left()), top = std::round(rect.top());
    const qreal right = std::round(rect.right()), bottom = std::round(rect.bottom());
    horizontal(painter, left, right, top, color, width);
    horizontal(painter, left, right, bottom - width, color, width);
    vertical(painter, left, top, bottom, color, width);
    vertical(painter, right - width, top, bottom, color, width);
}

void hatch(QPainter& painter, const QRectF& rect, const QColor& color, const QColor& ground)
{
    painter.save();
    painter.fillRect(rect, ground);
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(color, 1, Qt::SolidLine, Qt::FlatCap));
    // Phase from the origin, so that neighbouring hatched cells continue each other. Ends are computed: SVG knows no
    // clip.
    const qreal first = std::ceil((rect.left() + rect.top()) / 4) * 4;
    for (qreal sum = first; sum < rect.right() + rect.bottom(); sum += 4) {
        const qreal x1 = std::max(rect.left(), sum - rect.bottom()), x2 = std::min(rect.right(), sum - rect.top());
        painter.drawLine(QPointF(x1, sum - x1), QPointF(x2, sum - x2));
    }
    painter.restore();
}

void cross(QPainter& painter, const QRectF& rect, const QColor& color, qreal width)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap));
    const qreal half = std::max<qreal>(2, std::min({rect.width(), rect.height(), qreal(12)}) / 2 - 1);
    const QPointF c = rect.center();
    painter.drawLine(c + QPointF(-half, -half), c + QPointF(half, half));
    painter.drawLine(c + QPointF(-half, half), c + QPointF(half, -half));
    painter.restore();
}

void text(
    QPainter& painter, const QRectF& rect, int flags, const QString& words, const QFont& font, const QColor& color)
{
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(rect, flags | Qt::TextDontClip | Qt::TextSingleLine, words);
}

void elided(
    QPainter& painter, const QRectF& rect, int flags, const QString& words, const QFont& font, const QColor& color)
{
    const QFontMetricsF metrics(font);
    text(painter, rect, flags, metrics.elidedText(words, Qt::ElideRight, rect.width() + 0.5), font, color);
}

qreal textWidth(const QFont& font, const QString& words) { return QFontMetricsF(font).horizontalAdvance(words); }

}  // namespace moescope::crisp
