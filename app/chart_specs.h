// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The charts of the window as values: pages show them, exports and --render paint them.
#pragma once

#include <vector>

#include "app/frame.h"
#include "app/run_view.h"
#include "app/selection.h"
#include "widgets/chart_spec.h"

namespace moescope {

/// A run as charts name it.
struct NamedRun {
    RunViewPtr view;
    QString title;  ///< "14 smoe"
    LineRole role;
};

/// Name and unit of the x-axis.
AxisSpec xAxisSpec(XAxis axis);

/// The series that tells steps, tokens and time of a run; null without any record.
const Series* clockOf(const RunView& view);

/// Training and validation in bits per byte.
ChartSpec lossSpec(const NamedRun& run, const ChartOptions& options);
ChartSpec throughputSpec(const NamedRun& run, const ChartOptions& options);

/// D/E of every layer at its probes; the selected layer stands out, a layer below the limit is in alarm.
ChartSpec diversitySpec(const Frame& frame, const ChartOptions& options, bool onlySelected = false);

/// MaxVio of one layer, or of all (`layer` < 0).
ChartSpec maxViolationSpec(const Frame& frame, const ChartOptions& options, int layer);

/// Similarity of the selected pair and the layer's mean over the probes.
ChartSpec pairSpec(const Frame& frame, const ChartOptions& options);

/// One scalar tag, or a family of tags that end in a layer ("load/max_violation/0" …), of several runs.
ChartSpec metricSpec(
    const QString& metric, const std::vector<NamedRun>& runs, const ChartOptions& options, int selectedLayer);

/// Metrics of a run as the tree lists them; families of per-layer tags are one metric ("load/max_violation").
QStringList metricNames(const RunSnapshot& log);

/// Unit and remark of a metric, for a subtitle.
QString metricSubtitle(const QString& metric);

}  // namespace moescope
