// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Tokens to experts so that the scores add up to the most while no expert gets more than its share: BASE layers.
// N tokens, E experts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace moescope {

/// The expert of each token. At most ceil(N / E) tokens per expert, so exactly N / E where that divides; the sum of
/// scores[n, expert[n]] is the largest possible. `scores_NE` is finite, row after row. Starts at the row maxima and
/// moves tokens from full experts to free ones along shortest augmenting paths (Ahuja, Magnanti, Orlin: Network Flows,
/// 9.7): O(moves (E^3 + E log N)). Equal ways go to the lower token and expert.
std::vector<std::int64_t> balancedAssignment(std::span<const double> scores_NE, std::int64_t numExperts);

}  // namespace moescope
