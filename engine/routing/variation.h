// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How uneven experts are: squared coefficient of variation, and what it is taken of.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/routing/router.h"

namespace moescope {

/// CV²(v) = unbiased variance / (mean² + 1e-10), a scalar with graph; 0 for one expert. Shazeer et al. 2017
/// (arXiv:1701.06538) eq. 7, as FastMoE's noisy_gate.py computes it.
at::Tensor squaredVariation(const at::Tensor& v_E);

/// Weights of taken pairs by expert: the value of all ranks, this rank's gradient (averaged over ranks, the whole one).
at::Tensor globalImportance(const LossContext& context);

/// The probability that an expert would be chosen again if its noise alone were drawn anew (Shazeer et al. 2017, eq. 8
/// to 10), summed over this rank's valid tokens: [E] with graph. Undefined where the plan has no noise or every expert
/// is chosen. Tokens have `plan.choices` experts, the best ones.
at::Tensor smoothLoad(const RouteContext& context, const RoutePlan& plan);

}  // namespace moescope
