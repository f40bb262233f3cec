// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How often a layer lets all experts answer: what the schedule of a competition draws by, and what it costs on average.
#pragma once

#include <cstdint>

#include "engine/config/run_config.h"

namespace moescope {

/// Steps of warm-up, a share of the run: the first ones, in which nothing competes.
std::int64_t competitionWarmup(double share, std::int64_t totalSteps);

/// 2 / (2 + √(i + 1)), the chance in interval i from 0. Source: CompeteSMoE 2024, freq_type function.
double decayingChance(std::int64_t interval);

/// Chance that a MoE layer holds a competition in `step`, by the selector and the hooks of `routing`: 0 without the
/// selector competition, 1 without a schedule. Of a capped schedule the mean, which the cap can only lower.
double competitionChance(
    const RoutingConfig& routing, std::int64_t numMoeLayers, std::int64_t step, std::int64_t totalSteps);

}  // namespace moescope
