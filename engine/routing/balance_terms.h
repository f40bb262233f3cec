// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The two factors of every balance loss: shares of the load, which are counts, and mean probabilities, which carry the
// gradient. T tokens, E experts.
#pragma once

#include <algorithm>

#include <ATen/core/Tensor.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sum.h>

#include "engine/routing/router.h"

namespace moescope {

/// Probabilities with rows of zeros for padding, [T, E].
inline at::Tensor validProbs(const LossContext& context)
{
    const at::Tensor& probs_TE = context.plan.probs_TE;
    return context.route.valid_T.defined() ? probs_TE.mul(context.route.valid_T.unsqueeze(1)) : probs_TE;
}

/// Counts as shares that sum to 1, in the type of the router, [E].
inline at::Tensor loadShare(const LossContext& context, const at::Tensor& counts_E)
{
    return counts_E.div(std::max(1.0, counts_E.sum().item<double>())).to(context.plan.probs_TE.scalar_type());
}

/// P̄ [E]: this rank's sum of probabilities over the tokens of all ranks, times their number, so that the mean over
/// ranks is that of the undivided batch.
inline at::Tensor meanProbability(const LossContext& context)
{
    return validProbs(context).sum(0).mul(context.numRanks / std::max(1.0, context.globalTokens));
}

}  // namespace moescope
