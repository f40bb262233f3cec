// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Overview: is the run healthy? Key figures, loss, layer health, load map, diversity, throughput.
#pragma once

#include "app/pages/page.h"

namespace moescope {

class BarCells;
class HealthGrid;
class Heatmap;
class KeyFigure;
class LineChart;

class OverviewPage : public Page {
    Q_OBJECT

public:
    explicit OverviewPage(Selection& selection, QWidget* parent = nullptr);
    std::vector<Panel*> panels() const override;

Q_SIGNALS:
    void placeOpened(bool similarity);  ///< a cell of the health grid: its tab, the layer is selected already

private:
    void refresh() override;
    void refreshFigures();
    void refreshMaps();
    void refreshCharts();
    QWidget* makeFigures();
    QWidget* makeLoad();

    KeyFigure *m_validation, *m_distinct, *m_worst, *m_tokens, *m_step;
    LineChart *m_loss, *m_diversity, *m_throughput;
    HealthGrid* m_health;
    Heatmap* m_load;
    BarCells* m_strip;
    Panel *m_lossPanel, *m_healthPanel, *m_loadPanel, *m_diversityPanel, *m_throughputPanel;
};

}  // namespace moescope
