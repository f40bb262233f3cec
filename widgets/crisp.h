// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Painting on whole device pixels: 1-px lines and frames that stay sharp at any scale, and text in a font and a colour.
#pragma once

#include <QColor>
#include <QFont>
#include <QRectF>
#include <QString>

class QPainter;

namespace moescope::crisp {

/// 1-px lines as filled rectangles, without antialiasing.
void horizontal(QPainter& painter, qreal fromX, qreal toX, qreal y, const QColor& color, qreal width = 1);
void vertical(QPainter& painter, qreal x, qreal fromY, qreal toY, const QColor& color, qreal width = 1);
/// Dashes of `on` and `off` pixels.
void dashedHorizontal(QPainter& painter, qreal fromX, qreal toX, qreal y, const QColor& color, int on = 4, int off = 3);
void dashedVertical(QPainter& painter, qreal x, qreal fromY, qreal toY, const QColor& color, int on = 4, int off = 3);
/// Frame that grows inwards from `rect`.
void frame(QPainter& painter, const QRectF& rect, const QColor& color, int width = 1);
/// 4-px hatch at 45° inside `rect`.
void hatch(QPainter& painter, const QRectF& rect, const QColor& color, const QColor& ground);
/// Cross through the middle of `rect`.
void cross(QPainter& painter, const QRectF& rect, const QColor& color, qreal width = 2);

void text(
    QPainter& painter, const QRectF& rect, int flags, const QString& text, const QFont& font, const QColor& color);
/// Text that may give way: ends with … when it does not fit.
void elided(
    QPainter& painter, const QRectF& rect, int flags, const QString& text, const QFont& font, const QColor& color);
qreal textWidth(const QFont& font, const QString& text);

}  // namespace moescope::crisp
