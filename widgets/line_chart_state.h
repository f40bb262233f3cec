// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What a line chart keeps between events. Private to its two sources.
#pragma once

#include <QTimer>

#include "widgets/chart_scene.h"
#include "widgets/line_chart.h"

namespace moescope {

struct LineChart::Impl {
    ChartSpec spec;
    ChartView view;
    ChartScene scene;
    QString title, badge;
    QTimer badgeTimer;
    std::optional<QPointF> press;
    ValueRange pressRange;
    bool dragged = false, stale = true;
};

}  // namespace moescope
