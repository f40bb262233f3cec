// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What a time map keeps, and where its parts lie. Private to its two sources.
#pragma once

#include <QImage>

#include "widgets/chart_lines.h"
#include "widgets/time_map.h"

namespace moescope {

struct TimeMap::Impl {
    struct Layout {
        QRect plot, bars, hoverLine, legend;
        int rowHeight = 1, gap = 0;
        QRect row(int row) const { return {plot.left(), plot.top() + row * rowHeight, plot.width(), rowHeight - gap}; }
        int rowAt(QPoint position, int rows) const;
    };
    Layout layoutFor(const QRect& rect, bool screen) const;
    ValueRange whole() const;
    ValueRange range() const { return view.value_or(whole()); }
    AxisMap axisMap(const Layout& at) const;
    QImage makeImage(const Layout& at, qreal ratio, const Theme& theme) const;
    void paint(QPainter& painter, const QRect& rect, const Theme& theme, const QImage& pixels, bool screen) const;
    void paintAxis(QPainter& painter, const QRect& rect, const Layout& at, const Theme& theme) const;
    void paintRows(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintBars(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintCursors(QPainter& painter, const Layout& at, const Theme& theme) const;
    QString hoverText(const Layout& at) const;
    QString rowLabel(int r) const { return labels.value(r, QString::number(r)); }

    int rows = 0, row = -1;
    double first = 0, last = 1;
    Fetch fetch;
    TimeMapColumns columns;
    QString title, barsTitle;
    QStringList labels;
    MapKind kind = MapKind::Load;
    ValueScale scale = ValueScale::loadLog2();
    AxisSpec axis{.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    std::optional<ValueRange> view, brush;
    std::optional<double> cursorA, cursorB, press;
    std::optional<QPoint> hover;
    std::vector<ChartMark> marks;
    std::vector<double> barsA, barsB;
    QImage image;  ///< of the screen; empty = paint anew
};

}  // namespace moescope
