// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Simulated data of one run for widget tests: 6 layers × 16 experts, layer 3 collapses from step 4,200 on.
#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "widgets/chart_spec.h"
#include "widgets/field_form.h"
#include "widgets/health_grid.h"
#include "widgets/heatmap.h"
#include "widgets/matrix_view.h"
#include "widgets/time_map.h"
#include "widgets/timeline.h"

namespace moescope::samples {

std::shared_ptr<const ChartSource> loss(std::size_t steps = 6180);  ///< every step, with two spikes
std::shared_ptr<const ChartSource> validation(int every = 250, double offset = 0);
std::shared_ptr<const ChartSource> diversity(int layer);  ///< D/E at 25 probes
std::shared_ptr<const ChartSource> withHoles();           ///< gradient norm that ends in 12 NaN from step 2,113

ChartSpec lossSpec();
ChartSpec diversitySpec();
HeatmapData load();
MatrixData similarity(bool collapsed);
TimeMapColumns loadOverTime(double xFrom, double xTo, int numColumns);
TimelineData timeline();
std::vector<FormField> formFields();
void fillHealth(HealthGrid& grid);

}  // namespace moescope::samples
