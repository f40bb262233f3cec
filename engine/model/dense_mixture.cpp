// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The expert bank under a plan in the dense form. G groups of N tokens, S slots of a group, T tokens, E experts, D
// model width, H1 pre-activations.
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/TensorOperators.h>

#include "engine/model/moe_layer.h"
#include "engine/routing/dense_plan.h"

namespace moescope {

namespace {

// Rows expert by expert, equally many for each, with weight 1.
RoutePlan evenPlan(std::int64_t numExperts, std::int64_t rowsEach)
{
    RoutePlan plan;
    plan.token_M = at::arange(numExperts * rowsEach, at::kLong);
    plan.expert_M = plan.token_M.div(rowsEach, "floor");
    plan.weight_M = at::ones({numExperts * rowsEach}, at::kFloat);
    plan.order_N = plan.token_M;
    plan.offsets_E1 = at::arange(numExperts + 1, at::kLong) * rowsEach;
    plan.choices = 1;
    plan.numTokens = numExperts * rowsEach;
    return plan;
}

at::Tensor activated(Activation activation, const at::Tensor& z)
{
    if (activation == Activation::Relu)
        return at::relu(z);
    if (activation == Activation::Gelu)
        return at::gelu(z, "tanh");
    const std::int64_t half = z.size(-1) / 2;
    return at::silu(z.narrow(-1, 0, half)) * z.narrow(-1, half, half);
}

}  // namespace

at::Tensor ExpertBank::forwardDense(const at::Tensor& hidden_TD, const DensePlan& plan) const
{
    const at::Tensor rows_GND = rowsOfGroups(plan, hidden_TD.to(at::kFloat));
    if (plan.mixesParameters())
        return rowsOfTokens(plan, forwardMerged(rows_GND, plan.mix_GE), hidden_TD.size(0));
    const at::Tensor answers_GSD = forwardSlots(at::bmm(plan.dispatch_GSN, rows_GND));
    return rowsOfTokens(plan, at::bmm(plan.combine_GNS, answers_GSD), hidden_TD.size(0));
}

// Slots lie expert by expert within a group; the bank wants all rows of an expert together.
at::Tensor ExpertBank::forwardSlots(const at::Tensor& slots_GSD) const
{
    const std::int64_t E = numExperts(), G = slots_GSD.size(0), D = slots_GSD.size(2), each = slots_GSD.size(1) / E;
    const at::Tensor rows = slots_GSD.view({G, E, each, D}).transpose(0, 1).reshape({E * G * each, D});
    const at::Tensor answers = forward(rows, evenPlan(E, G * each));
    return answers.view({E, G, each, D}).transpose(0, 1).reshape({G, E * each, D});
}

// The masters are mixed in fp32; the products are those of the precision of the run.
at::Tensor ExpertBank::forwardMerged(const at::Tensor& rows_GND, const at::Tensor& mix_GE) const
{
    const auto merged = [&](const Weight& weight) {
        const at::Tensor& value = weight.value();
        const at::Tensor mixed = at::mm(mix_GE, value.view({value.size(0), -1}));
        return mixed.view({mix_GE.size(0), value.size(1), value.size(2)}).to(weight.compute().scalar_type());
    };
    const at::Tensor z = at::bmm(rows_GND.to(m_w1.compute().scalar_type()), merged(m_w1));
    return at::bmm(activated(m_activation, z), merged(m_w2)).to(at::kFloat);
}

}  // namespace moescope
