// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/map_dock.h"

#include <QBoxLayout>

#include "app/map_data.h"
#include "app/selection.h"
#include "widgets/heatmap.h"

namespace moescope {

MapDock::MapDock(Selection& selection, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_map(new Heatmap)
{
    m_map->setObjectName(QStringLiteral("smallLoadMap"));
    m_map->setTitle(tr("Layer × expert, load at A"));
    m_map->setCompact(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 0, 16, 0);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    column->addWidget(m_map);
    connect(m_map, &Heatmap::selected, this, [this](int row, int columnIndex) {
        m_selection.setLayer(row);
        m_selection.setExpert(columnIndex);
    });
    connect(&selection, &Selection::placeChanged, this,
        [this] { m_map->setSelection(m_selection.layer(), m_selection.expert()); });
}

void MapDock::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    m_map->setData(frame && frame->numLayers > 0 ? loadMap(*frame, frame->loadA) : HeatmapData{});
    m_map->setSelection(m_selection.layer(), m_selection.expert());
}

}  // namespace moescope
