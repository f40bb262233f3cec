// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/base/check.h"
#include "engine/routing/expert_order.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class DistillationLoss final : public Loss {
public:
    explicit DistillationLoss(const PartArgs& args)
        : m_state(args.state)
    {
    }

    at::Tensor value(const LossContext& context) override
    {
        const RoutePlan& plan = context.plan;
        if (m_state.lastStage)
            return at::zeros({}, plan.logits_TE.options().requires_grad(false));
        MOESCOPE_CHECK(plan.secondLogits_TE.defined(), "the loss distillation needs the scorer distilled");
        const at::Tensor first_M = firstOfToken(plan.token_M, plan.taken_M);
        const at::Tensor normaliser_M = logSumExpRows(plan.secondLogits_TE).index_select(0, plan.token_M);
        const at::Tensor nats_M = normaliser_M - pickPairs(plan.secondLogits_TE, plan.token_M, plan.expert_M);
        return nats_M.where(first_M, 0).sum() * (context.numRanks / std::max(1.0, context.globalTokens));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "distillation";
        info.summary = "Teaches the light router where the tokens go. It moves nothing else, and ends with stage 1.";
        info.formula = "L_dis = (1/T) Σ_t −ln softmax(ẑ_t)[a_t], in stage 1";
        info.source = "StableMoE (arXiv:2204.08396) section 3.1, which prints no coefficient; its README has 0.3";
        info.needs = {{Slot::Scorer, "distilled"}};
        info.fields = {coefficientField(0.3)};
        return info;
    }

private:
    RouterState& m_state;
};

MOESCOPE_ROUTING_PART(DistillationLoss);

}  // namespace

}  // namespace moescope
