// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/load_figure.h"

#include <algorithm>
#include <cmath>

#include <QBoxLayout>

namespace moescope {

LoadFigure::LoadFigure(Heatmap* map, BarCells* strips, QWidget* parent)
    : QWidget(parent)
    , m_map(map)
    , m_strips(strips)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(map, 1);
    row->addWidget(strips, 0);
    setFocusProxy(map);
}

QString LoadFigure::figureTitle() const { return m_map->figureTitle(); }

QSizeF LoadFigure::figureSize() const
{
    const QSizeF map = m_map->figureSize(), strips = m_strips->figureSize();
    return {map.width() + strips.width(), std::max(map.height(), strips.height())};
}

void LoadFigure::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    const qreal right = std::min(std::ceil(m_strips->figureSize().width()), rect.width() * 0.7);
    const QRect map = rect.adjusted(0, 0, -right, 0).toRect();
    m_map->paintFigure(painter, map, theme);
    const QRectF beside(map.right() + 1, map.top(), rect.right() - map.right() - 1, map.height());
    m_strips->paintBeside(painter, beside, m_map->layoutFor(map), theme);
}

QString LoadFigure::tableText(TableFormat format) const
{
    return m_map->tableText(format) + QLatin1Char('\n') + m_strips->tableText(format);
}

}  // namespace moescope
