// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The dense form of a plan: rows of tokens into groups and back, and the numbers that it has in place of counts.
// G groups of N tokens, T tokens, E experts.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "engine/routing/router.h"

namespace moescope {

/// rows_TX as [G, N, X]; a place that no token fills holds the row of token 0. Carries the graph.
at::Tensor rowsOfGroups(const DensePlan& dense, const at::Tensor& rows_TX);

/// The inverse: [G, N, X] as [T, X], without the places that no token fills. Carries the graph.
at::Tensor rowsOfTokens(const DensePlan& dense, const at::Tensor& rows_GNX, std::int64_t numTokens);

/// Which places of the groups a valid token fills: bool [G, N], undefined = all. `valid_T` may be undefined.
at::Tensor filledPlaces(const DensePlan& dense, const at::Tensor& valid_T);

/// Softmax over the N tokens of each group [G, N, S], 0 at places that are not filled (and everywhere in a group
/// without any). Carries the graph.
at::Tensor softmaxOverTokens(const at::Tensor& logits_GNS, const at::Tensor& filled_GN);

/// Fills in from plan.dense what a plan tells in either form: share_TE and mass_E; probs_TE and entropy_T, each token's
/// shares scaled to sum 1; assigned_E = kept_E, the masses in whole numbers; first_E by the largest share.
void summariseDense(const RouteContext& context, RoutePlan& plan, std::int64_t numExperts);

/// Non-negative numbers as integers with the rounded sum: the largest fractions are rounded up. Zeros where one is not
/// finite. fp64 [E] -> int64 [E].
at::Tensor wholeNumbers(const at::Tensor& mass_E);

}  // namespace moescope
