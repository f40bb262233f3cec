// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Where the rows of the experts' products come from and go to: a routing plan as plain 32-bit lists.
// T tokens, M pairs, N kept pairs (slots), E experts.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/routing/router.h"

namespace moescope {

struct ExpertSlots {
    std::vector<std::int32_t> offset_E1;  ///< expert e owns slots [offset[e], offset[e + 1])
    std::vector<std::int32_t> token_N, pair_N;
    std::vector<std::int32_t> slot_M;        ///< -1: dropped
    std::vector<std::int32_t> firstPair_T1;  ///< token t owns pairs [firstPair[t], firstPair[t + 1])

    std::int64_t numSlots() const { return static_cast<std::int64_t>(token_N.size()); }
    std::int64_t numTokens() const { return static_cast<std::int64_t>(firstPair_T1.size()) - 1; }
    std::int64_t numExperts() const { return static_cast<std::int64_t>(offset_E1.size()) - 1; }
};

/// Reads the plan's lists; pairs must stand in token order.
ExpertSlots expertSlots(const RoutePlan& plan, std::int64_t numTokens);

/// A piece of one expert's rows.
struct RowTile {
    std::int32_t expert = 0, begin = 0, end = 0;
};

/// All slots in tiles of at most `rows` rows; empty experts have none. Depends on the plan only, not on threads.
std::vector<RowTile> rowTiles(const ExpertSlots& slots, std::int32_t rows);

}  // namespace moescope
