// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/competition_chance.h"

#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

template <class T> T settingOr(const PartChoice& choice, const char* key, T fallback)
{
    const auto set = choice.settings.find(key);
    const T* value = set == choice.settings.end() ? nullptr : std::get_if<T>(&set->second);
    return value == nullptr ? fallback : *value;
}

}  // namespace

std::int64_t competitionWarmup(double share, std::int64_t totalSteps)
{
    return static_cast<std::int64_t>(share * static_cast<double>(totalSteps));
}

double decayingChance(std::int64_t interval) { return 2 / (2 + std::sqrt(static_cast<double>(interval + 1))); }

double competitionChance(
    const RoutingConfig& routing, std::int64_t numMoeLayers, std::int64_t step, std::int64_t totalSteps)
{
    if (routing.selector.part != "competition")
        return 0;
    const auto isSchedule = [](const auto& hook) { return hook.second.part == "competition-schedule"; };
    const auto hook = std::ranges::find_if(routing.hooks, isSchedule);
    if (hook == routing.hooks.end())
        return 1;
    const PartChoice& schedule = hook->second;
    const std::int64_t since = step - competitionWarmup(settingOr(schedule, "warmup", 0.0), totalSteps);
    if (since <= 0)
        return 0;
    const std::string shape = settingOr(schedule, "shape", std::string("independent"));
    if (shape == "decaying")
        return decayingChance(
            (since - 1) / std::max<std::int64_t>(1, settingOr(schedule, "interval", std::int64_t{1000})));
    const double rate = settingOr(schedule, "rate", 0.03);
    const auto most = static_cast<double>(settingOr(schedule, "max_layers", std::int64_t{3}));
    return shape == "capped" ? std::min(rate, most / static_cast<double>(std::max<std::int64_t>(1, numMoeLayers)))
                             : rate;
}

}  // namespace moescope
