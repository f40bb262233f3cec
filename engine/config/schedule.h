// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The learning rate as a function of the step.
#pragma once

#include <cstdint>

#include "engine/config/run_config.h"

namespace moescope {

/// Number of warm-up steps: the share of `totalSteps`, rounded.
std::int64_t warmupSteps(const ScheduleConfig& schedule, std::int64_t totalSteps);

/// Learning rate of update `step` out of `totalSteps`; 1 is the first update and the last one has step == totalSteps.
/// Warm-up: peak * step / W, so update W has the peak. After it, with t = (step - W) / (totalSteps - W):
/// constant: peak; cosine: peak * (m + (1 - m) (1 + cos(pi t)) / 2); linear: peak * (1 - (1 - m) t);
/// inverse_sqrt: peak * sqrt(max(W, 1) / step); multi_step: peak * factor^(milestones <= step). m = minimum; the last
/// two never fall below peak * m. A step past the end has the value of the end; it lies between two steps where a run
/// follows a budget instead.
double learningRateAt(double peak, const ScheduleConfig& schedule, double step, std::int64_t totalSteps);

}  // namespace moescope
