// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The legend of a map: bar with ticks, the middle marked, ends written ≤ and ≥ where values are clipped.
#pragma once

#include <QWidget>

#include "widgets/theme.h"

namespace moescope {

/// Height that a horizontal bar with labels needs.
qreal colorBarHeight(const Theme& theme);
/// Horizontal: bar on top with the mark above its middle, labels below. Vertical: high end on top, labels right.
void paintColorBar(QPainter& painter, const QRectF& rect, MapKind kind, const ValueScale& scale, const Theme& theme,
    Qt::Orientation orientation = Qt::Horizontal);

class ColorBar : public QWidget {
    Q_OBJECT
public:
    explicit ColorBar(
        MapKind kind, ValueScale scale, Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);
    void setScale(ValueScale scale);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    MapKind m_kind;
    ValueScale m_scale;
    Qt::Orientation m_orientation;
};

}  // namespace moescope
