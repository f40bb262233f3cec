// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The load map with its strips beside it, as one widget and one figure.
#pragma once

#include <QWidget>

#include "widgets/bar_cells.h"
#include "widgets/figure.h"
#include "widgets/heatmap.h"

namespace moescope {

class LoadFigure : public QWidget, public Figure {
    Q_OBJECT

public:
    LoadFigure(Heatmap* map, BarCells* strips, QWidget* parent = nullptr);

    Heatmap* map() const { return m_map; }
    BarCells* strips() const { return m_strips; }
    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    QString tableText(TableFormat format) const override;

private:
    Heatmap* m_map;
    BarCells* m_strips;
};

}  // namespace moescope
