// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Pushes the answers of a token's winners apart. T tokens, D features, E experts, K choices.
#include <algorithm>

#include <ATen/ops/index_select.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class DiversityLoss final : public Loss {
public:
    explicit DiversityLoss(const PartArgs&) { }

    at::Tensor value(const LossContext& context) override
    {
        const RoutePlan& plan = context.plan;
        if (!plan.outputs_ETD.defined())
            return at::zeros({}, plan.logits_TE.options().requires_grad(false));
        const std::int64_t T = plan.outputs_ETD.size(1), D = plan.outputs_ETD.size(2), K = plan.choices;
        const at::Tensor row_M = plan.expert_M.mul(T).add(plan.token_M);
        const at::Tensor answers_TKD = plan.outputs_ETD.reshape({-1, D}).index_select(0, row_M).view({T, K, D});
        const at::Tensor unit_TKD = answers_TKD.div(answers_TKD.norm(2, {2}, true).clamp_min(1e-12));
        // The sum over all pairs i ≠ j: that over all pairs less the diagonal.
        const at::Tensor all_T = unit_TKD.sum(1).square().sum(1), diagonal_T = unit_TKD.square().sum(2).sum(1);
        at::Tensor value_T = all_T.sub(diagonal_T).div(static_cast<double>(K * K));
        if (context.route.valid_T.defined())
            value_T = value_T.where(context.route.valid_T, 0);
        return value_T.sum().mul(context.numRanks / std::max(1.0, context.globalTokens));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "diversity";
        info.summary = "Pushes the answers of a token's winning experts apart; 0 for a layer that holds no competition "
                       "in a step. Reaches the experts, not the router.";
        info.formula = "L = mean_t (1/k²) Σ_{i ≠ j ∈ S_t} cos(E_i(x_t), E_j(x_t)): (k − 1)/k for equal answers";
        info.source = "CompeteSMoE 2025 (arXiv:2505.13380), code competesmoe.py: divided by k², the zeroed diagonal "
                      "included";
        info.fields = {coefficientField(0.01)};
        return info;
    }
};

MOESCOPE_ROUTING_PART(DiversityLoss);

}  // namespace

}  // namespace moescope
