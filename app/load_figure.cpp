// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/load_figure.h"

#include <algorithm>

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
    const qreal right = std::min(m_strips->figureSize().width(), rect.width() / 2);
    m_map->paintFigure(painter, rect.adjusted(0, 0, -right, 0), theme);
    m_strips->paintFigure(painter, QRectF(rect.right() - right, rect.top(), right, rect.height()), theme);
}

QString LoadFigure::tableText(TableFormat format) const
{
    return m_map->tableText(format) + QLatin1Char('\n') + m_strips->tableText(format);
}

}  // namespace moescope
