// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/choice_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/config/run_config.h"

namespace moescope {

namespace {

constexpr std::string_view kDecrease = "-decrease";
constexpr std::int64_t kDoublings[] = {1, 2, 4, 8, 16};
constexpr std::int64_t kExponentialPeriods = 300;

/// Ties to even.
std::int64_t rounded(double number) { return static_cast<std::int64_t>(std::nearbyint(number)); }

std::int64_t periodOf(std::int64_t step, std::int64_t totalSteps)
{
    const std::int64_t length = totalSteps / kExponentialPeriods;
    return length > 0 ? step / length : kExponentialPeriods * step / totalSteps;
}

const PartChoice* scheduleOf(const RoutingConfig& routing)
{
    const auto found =
        std::ranges::find_if(routing.hooks, [](const auto& hook) { return hook.second.part == kChoiceScheduleHook; });
    return found == routing.hooks.end() ? nullptr : &found->second;
}

/// A setting of the hook, or the default of its field.
template <class T> T settingOf(const PartChoice& choice, const Catalog& catalog, const std::string& key, T fallback)
{
    if (const auto set = choice.settings.find(key); set != choice.settings.end())
        return std::get<T>(set->second);
    const PartInfo* part = catalog.part(Slot::Hook, choice.part);
    if (part == nullptr)
        return fallback;
    const auto field = std::ranges::find(part->fields, key, &Field::key);
    return field == part->fields.end() ? fallback : std::get<T>(field->fallback);
}

}  // namespace

std::vector<std::string> choiceScheduleNames()
{
    return {
        "linear", "cosine", "exponential", "multi-step", "linear-decrease", "cosine-decrease", "multi-step-decrease"};
}

std::int64_t choicesAt(std::string_view schedule, ChoiceRange range, std::int64_t step, std::int64_t totalSteps)
{
    const std::int64_t S = std::max<std::int64_t>(1, totalSteps), t = std::clamp<std::int64_t>(step, 0, S);
    const bool decreases = schedule.ends_with(kDecrease);
    const std::string_view shape = schedule.substr(0, schedule.size() - (decreases ? kDecrease.size() : 0));
    const std::int64_t start = decreases ? range.most : range.least, end = decreases ? range.least : range.most;
    const auto span = static_cast<double>(end - start);
    const double share = span * static_cast<double>(t) / static_cast<double>(S);
    std::int64_t k = 0;
    if (shape == "linear") {
        k = start + rounded(share);
    } else if (shape == "cosine") {
        const double angle = std::numbers::pi * static_cast<double>(t) / (2 * static_cast<double>(S));
        k = end + rounded(-span * std::cos(angle));
    } else if (shape == "exponential") {
        k = end + rounded(-span * std::pow(0.99, static_cast<double>(periodOf(t, S))));
    } else {
        MOESCOPE_CHECK(shape == "multi-step", "no such schedule of k: " + std::string(schedule));
        const auto fifth = static_cast<std::size_t>(std::min<std::int64_t>(4, 5 * t / S));
        k = kDoublings[decreases ? 4 - fifth : fifth];
    }
    return std::clamp(k, range.least, range.most);
}

ChoiceRange choiceEnds(std::int64_t from, std::int64_t to, std::int64_t numExperts)
{
    const std::int64_t one = from == 0 ? std::max<std::int64_t>(1, numExperts / 2) : std::min(from, numExperts);
    const std::int64_t other = to == 0 ? numExperts : std::min(to, numExperts);
    return {std::min(one, other), std::max(one, other)};
}

ChoiceRange choiceRange(const RoutingConfig& routing, const Catalog& catalog, std::int64_t numExperts)
{
    const PartChoice* schedule = scheduleOf(routing);
    if (schedule == nullptr) {
        const std::int64_t k = choicesOf(routing, catalog);
        return {k, k};
    }
    return choiceEnds(settingOf<std::int64_t>(*schedule, catalog, "from", 0),
        settingOf<std::int64_t>(*schedule, catalog, "to", 0), numExperts);
}

std::int64_t choicesInStep(const RoutingConfig& routing, const Catalog& catalog, std::int64_t numExperts,
    std::int64_t step, std::int64_t totalSteps)
{
    const ChoiceRange range = choiceRange(routing, catalog, numExperts);
    const PartChoice* schedule = scheduleOf(routing);
    if (schedule == nullptr)
        return range.most;
    return choicesAt(settingOf<std::string>(*schedule, catalog, "mode", choiceScheduleNames().front()), range, step,
        totalSteps);
}

}  // namespace moescope
