// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Experts: who does the work? Layer x expert with its strips, one layer's experts over time, that layer's MaxVio and
// D/E.
#pragma once

#include "app/pages/page.h"

class QComboBox;

namespace moescope {

class BarCells;
class Heatmap;
class LineChart;
class SegmentBar;
class TimeMap;

class ExpertsPage : public Page {
    Q_OBJECT

public:
    explicit ExpertsPage(Selection& selection, QWidget* parent = nullptr);
    std::vector<Panel*> panels() const override;
    void adjust(FrameRequest& request) const override;

private:
    void refresh() override;
    void refreshMap();
    void refreshTime();
    void refreshLayer();
    QWidget* makeOptions();
    QWidget* makeMap();
    QWidget* makeTime();
    QWidget* makeLayer();
    void resizeEvent(QResizeEvent* event) override;

    void placeLayer();

    SegmentBar *m_kind, *m_layerKind;
    QComboBox *m_window, *m_scale;
    Heatmap* m_map;
    BarCells* m_strips;
    TimeMap* m_time;
    LineChart *m_violation, *m_diversity;
    Panel *m_mapPanel, *m_timePanel, *m_layerPanel;
    int m_timeColumns = 600;
};

}  // namespace moescope
