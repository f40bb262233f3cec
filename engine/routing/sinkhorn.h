// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Sinkhorn's iteration in the log domain: the plan nearest to exp(z) that treats all tokens and all experts alike.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace moescope {

struct SinkhornPlan {
    std::vector<double> log_NE;  ///< ln of the plan: rows sum to 1/N within the tolerance, columns to 1/E
    std::int64_t iterations = 0;
};

/// `logits_NE` row after row, finite, of any size. Ends when ln v of the experts changes by less than `tolerance` in
/// the mean, at the latest after `mostIterations`. Megatron-LM's sinkhorn() works on exp(z), which overflows above 88.
SinkhornPlan sinkhornPlan(
    std::span<const double> logits_NE, std::int64_t numExperts, double tolerance, std::int64_t mostIterations);

}  // namespace moescope
