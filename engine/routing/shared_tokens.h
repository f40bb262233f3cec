// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Which tokens a pair of experts has in common in one decision.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/routing/router.h"

namespace moescope {

/// A pair of experts i < j is number i E + j of E².
struct SharedTokens {
    std::vector<std::int64_t> count;                ///< [E²] tokens of each pair
    std::vector<std::vector<std::int64_t>> tokens;  ///< of the pairs that were asked for, rising
};

/// Every pair of experts that a token has chosen, before capacity; a token with one expert shares it with the expert
/// whose score comes next. `wanted` are pair numbers.
SharedTokens sharedTokens(const RoutePlan& plan, const std::vector<std::int64_t>& wanted);

}  // namespace moescope
