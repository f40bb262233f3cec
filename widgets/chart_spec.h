// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What a line chart shows, as plain values: series, thresholds, marks, cursors, ranges. Painted on screen and on paper
// alike.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QString>

#include "widgets/axis_ticks.h"
#include "widgets/chart_source.h"
#include "widgets/theme.h"

namespace moescope {

struct ChartSeries {
    QString name;       ///< legend, read-out, table: "train, raw, every step"
    QString shortName;  ///< in the read-out: "train"; empty = name
    QString endLabel;   ///< at the line's end when labels stand there: "L3"; empty = name
    LineRole role;
    std::shared_ptr<const ChartSource> source;
    std::shared_ptr<const ChartSource> smoothed;    ///< drawn over `source`, which then is 1 px at 35 %
    QString smoothedName;                           ///< "mean of last 100 steps"
    std::shared_ptr<const ChartSource> rolledBack;  ///< dotted, text 3
    bool thin = false;                              ///< 1 px: every step, raw
    bool selected = false;                          ///< 2 px
    bool markers = false;                           ///< sparse series: validation, probes
    bool solid = false;                             ///< without the role's dash
    bool band = false;                              ///< min–max band of each pixel column, 14 %
    int decimals = 3;                               ///< in read-outs
    /// For comparison of seeds and the like: the band's own bounds instead of the columns' (same x in both).
    std::shared_ptr<const ChartSource> bandLow, bandHigh;
};

/// A limit: dashed, named at the line, its forbidden side tinted. Or a null or floor: dotted, untinted.
struct ChartThreshold {
    enum class Side { None, Above, Below };
    double value = 0;
    QString name;  ///< "alarm below 0.65"
    Side forbidden = Side::None;
    State state = State::Alarm;  ///< None = neutral
    bool dotted = false;
};

/// Grey horizontal band between two values: a null with its spread.
struct ChartNullBand {
    double low = 0, high = 0;
    QString name;
};

/// Dotted vertical: onset of an alarm, an event.
struct ChartMark {
    double x = 0;
    QString text;
    State state = State::Alarm;
};

struct ChartSpec {
    AxisSpec x{.name = {}, .unit = AxisUnit::Step};
    AxisSpec y;
    std::vector<ChartSeries> series;
    std::vector<ChartThreshold> thresholds;
    std::vector<ChartNullBand> nulls;
    std::vector<ChartMark> marks;
    std::optional<double> xLow, xHigh;  ///< all data reaches at least this far, to line up with neighbours
    std::optional<double> yLow, yHigh;  ///< fixed ends of y; else from the data in view
    /// Opens with y where the curve lives (from 1 % to 99 % of what is in view, without its early part); the
    /// badge counts what is outside, double click shows all.
    bool clipY = false;
    bool endLabels = false;  ///< labels at the line ends instead of a legend; on by itself with more than four lines
    bool legend = true;
    bool readout = true;                 ///< box with the values at A; while hovering it is always shown
    double plotLeft = 0, plotRight = 0;  ///< at least this far from the edges, to line up with neighbours
    QString pointsWord;  ///< "points" in the badge: "6,180 of 6,180 points", "25 probes"; empty = numbers only
};

}  // namespace moescope
