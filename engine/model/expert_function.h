// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The sparse part of a MoE layer as one autograd node that saves its input, the pre-activations and integer lists only.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"
#include "engine/model/parameters.h"
#include "engine/routing/router.h"

namespace moescope {

/// y[T, D] fp32 = sum over the kept pairs of token t of weight * w2[e]' * act(w1[e]' * hidden[t]), in the order of the
/// plan's pairs. hidden_TD fp32 or bf16; products in the type of w1.compute(). Weight gradients are added straight into
/// the store (an expert without rows leaves its slice untouched); gradients of hidden_TD and plan.weight_M go on
/// through the graph. Equal for any number of threads. Saved: hidden, z [N, H1], lists (spec: performance, section 6).
at::Tensor expertMixture(
    const at::Tensor& hidden_TD, const RoutePlan& plan, Activation activation, const Weight& w1, const Weight& w2);

}  // namespace moescope
