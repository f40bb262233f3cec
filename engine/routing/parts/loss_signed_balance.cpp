// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <ATen/ops/sigmoid.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class SignedBalanceLoss final : public Loss {
public:
    explicit SignedBalanceLoss(const PartArgs& args)
        : m_state(args.state)
    {
    }

    at::Tensor value(const LossContext& context) override
    {
        const RoutePlan& plan = context.plan;
        if (m_state.lastStage)
            return at::zeros({}, plan.logits_TE.options().requires_grad(false));
        const at::Tensor& counts_E = context.globalAssigned_E;
        const double mean = counts_E.mean().item<double>();
        const at::Tensor excess_E = counts_E.div(std::max(1e-20, mean)).sub(1).to(plan.logits_TE.scalar_type());
        at::Tensor terms_M = at::sigmoid(pickPairs(plan.logits_TE, plan.token_M, plan.expert_M))
            * excess_E.index_select(0, plan.expert_M);
        if (plan.taken_M.defined())
            terms_M = terms_M.where(plan.taken_M, 0);
        return terms_M.sum() * (context.numRanks / std::max(1.0, context.globalTokens));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "signed-balance";
        info.summary = "Lowers the scores of an overloaded expert on its own tokens and raises those of an underloaded "
                       "one. Negative values are usual; 0 at equal loads. Ends with stage 1 where there are stages.";
        info.formula = "L_bal = (1/T) Σᵢ ((nᵢ − n̄) / n̄) Σ_{t ∈ Aᵢ} σ(z_{t,i})";
        info.source =
            "StableMoE (arXiv:2204.08396) section 3.1; code Hunter-DDM/stablemoe calculate_balance_loss (0.3)";
        info.traits = {Trait::GlobalScope};
        info.fields = {coefficientField(0.3)};
        return info;
    }

private:
    RouterState& m_state;
};

MOESCOPE_ROUTING_PART(SignedBalanceLoss);

}  // namespace

}  // namespace moescope
