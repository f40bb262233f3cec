// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// In which steps which MoE layer holds a competition, drawn before training and never more than so many at once.
#pragma once

#include <cstdint>
#include <vector>

namespace moescope {

struct CompetitionDraw {
    std::uint64_t seed = 0;
    std::int64_t numLayers = 1;
    double rate = 0;             ///< chance of a layer in a step
    std::int64_t maxLayers = 1;  ///< in one step, at least 1
};

/// Steps of one layer in (first, last], rising. Every layer draws every step; in a step that is full the competition
/// moves to the nearest earlier step of the range with room in which the layer is free, else to the nearest later one;
/// where there is none it does not take place. A function of its arguments: equal on all ranks and after a resume.
/// Source: CompeteSMoE 2025, set_total_steps(), without its slip that loses one of two competitions that fall together.
std::vector<std::int64_t> competitionSteps(
    const CompetitionDraw& draw, std::int64_t layer, std::int64_t first, std::int64_t last);

}  // namespace moescope
