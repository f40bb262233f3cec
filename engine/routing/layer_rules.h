// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a hook may change around its MoE layer, with the router untouched: how the block takes up the answer, and the
// gradients of the experts. T tokens, D features, E experts, H1 pre-activations of an expert.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/base/ids.h"

namespace moescope {

class Group;
struct RouteContext;
struct RoutePlan;

/// What the residual stream becomes instead of h + y. A function of its arguments: what travels from layer to layer
/// within one pass lies in `carried`, nothing lasts from step to step.
class ResidualRule {
public:
    virtual ~ResidualRule() = default;

    /// h and y [T, D]; carry the graph. `carried` is empty at the first MoE layer of a pass.
    virtual at::Tensor update(
        const at::Tensor& stream_TD, const at::Tensor& answer_TD, std::vector<at::Tensor>& carried) const = 0;
};

/// Changes the experts' gradients between the sum over ranks and the optimiser. Training thread only.
class ExpertGradientRule {
public:
    virtual ~ExpertGradientRule() = default;

    /// Sees every micro-batch of a step on this rank. No graph.
    virtual void observe(const RouteContext& context, const RoutePlan& plan) = 0;

    /// Once a step, equally on all ranks, unless the step is skipped. `gradient_EDH1` is that of the experts' first
    /// matrices, already summed. True when it was changed. Null group = one process.
    virtual bool apply(Step step, at::Tensor& gradient_EDH1, Group* group) = 0;
};

}  // namespace moescope
