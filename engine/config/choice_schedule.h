// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Experts per token as a function of the step: the routing part `k-schedule` as plain numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/catalog.h"

namespace moescope {

/// The hook whose settings choiceRange() reads, and its fields.
inline constexpr std::string_view kChoiceScheduleHook = "k-schedule";

struct ChoiceRange {
    std::int64_t least = 1, most = 1;

    friend bool operator==(const ChoiceRange&, const ChoiceRange&) = default;
};

/// Names of the schedules, the default first.
std::vector<std::string> choiceScheduleNames();

/// k at step t of S, as calculate_gate_number of SMoE-Dropout's code has it (VITA-Group/Random-MoE-as-Dropout,
/// new_utils.py), ties rounded to even as Python does, within `range`. linear: least + round((most - least) t / S);
/// cosine: most - round((most - least) cos(pi t / 2S)); exponential: most - round((most - least) 0.99^floor(t /
/// floor(S / 300))), below 300 steps 0.99^floor(300 t / S); multi-step: 1, 2, 4, 8, 16 for a fifth of the run each.
/// With
/// "-decrease" the way back. A step past the end has the value of the end. An unknown name is a bug.
std::int64_t choicesAt(std::string_view schedule, ChoiceRange range, std::int64_t step, std::int64_t totalSteps);

/// The ends of a schedule whose fields `from` and `to` are these: 0 means half of the experts and all of them, and no
/// end is above their number.
ChoiceRange choiceEnds(std::int64_t from, std::int64_t to, std::int64_t numExperts);

/// The fewest and the most experts that a token gets in the course of a run: those of the schedule if the routing has
/// one, else choicesOf() for both.
ChoiceRange choiceRange(const RoutingConfig& routing, const Catalog& catalog, std::int64_t numExperts);

/// Experts of a token in one step: the schedule's where the routing has one, else choicesOf().
std::int64_t choicesInStep(const RoutingConfig& routing, const Catalog& catalog, std::int64_t numExperts,
    std::int64_t step, std::int64_t totalSteps);

}  // namespace moescope
