// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"

namespace moescope {

std::int64_t warmupSteps(const ScheduleConfig& schedule, std::int64_t totalSteps)
{
    return std::llround(schedule.warmup * static_cast<double>(totalSteps));
}

double learningRateAt(double peak, const ScheduleConfig& schedule, double step, std::int64_t totalSteps)
{
    MOESCOPE_CHECK(step >= 1 && totalSteps >= 1, "steps count from 1");
    const auto total = static_cast<double>(totalSteps);
    const double now = std::min(step, total);
    const auto warmup = static_cast<double>(warmupSteps(schedule, totalSteps));
    if (now < warmup)
        return peak * now / warmup;

    const double floor = schedule.minimum;
    const double t = total == warmup ? 1.0 : (now - warmup) / (total - warmup);
    if (schedule.shape == "cosine")
        return peak * (floor + (1.0 - floor) * 0.5 * (1.0 + std::cos(std::numbers::pi * t)));
    if (schedule.shape == "linear")
        return peak * (1.0 - (1.0 - floor) * t);
    if (schedule.shape == "inverse_sqrt")
        return peak * std::max(floor, std::sqrt(std::max(warmup, 1.0) / now));
    if (schedule.shape == "multi_step") {
        const auto passed = std::ranges::count_if(
            schedule.milestones, [&](std::int64_t milestone) { return static_cast<double>(milestone) <= now; });
        return peak * std::max(floor, std::pow(schedule.factor, static_cast<double>(passed)));
    }
    MOESCOPE_CHECK(schedule.shape == "constant", "the schedule's shape was checked when it was read");
    return peak;
}

}  // namespace moescope
