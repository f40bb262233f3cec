// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/variation.h"

#include <ATen/ops/gather.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/special_ndtr.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/row_kernels.h"

namespace moescope {

at::Tensor squaredVariation(const at::Tensor& v_E)
{
    if (v_E.numel() == 1)
        return v_E.sum().mul(0);
    return v_E.var(/*unbiased=*/true).div(v_E.mean().square().add(1e-10));
}

at::Tensor globalImportance(const LossContext& context)
{
    const RoutePlan& plan = context.plan;
    const at::Tensor weight_M = plan.taken_M.defined() ? plan.weight_M.mul(plan.taken_M) : plan.weight_M;
    const at::Tensor zeros_E = at::zeros({plan.logits_TE.size(1)}, weight_M.options().requires_grad(false));
    const at::Tensor own_E = zeros_E.index_add(0, plan.expert_M, weight_M).mul(context.numRanks);
    return context.globalImportance_E.to(own_E.scalar_type()).add(own_E.sub(own_E.detach()));
}

at::Tensor smoothLoad(const RouteContext& context, const RoutePlan& plan)
{
    const std::int64_t k = plan.choices;
    if (!plan.deviation_TE.defined() || k == 0 || k >= plan.logits_TE.size(1))
        return {};
    const at::Tensor ranked_TK = topKRows(plan.logits_TE.detach(), k + 1).view({-1, k + 1});
    const at::Tensor best_TK = at::gather(plan.logits_TE, 1, ranked_TK);
    const at::Tensor next_T1 = best_TK.narrow(1, k, 1), last_T1 = best_TK.narrow(1, k - 1, 1);
    const at::Tensor threshold_TE = at::where(plan.logits_TE.detach() > next_T1.detach(), next_T1, last_T1);
    at::Tensor load_TE = at::special_ndtr((plan.secondLogits_TE - threshold_TE) / plan.deviation_TE);
    if (context.valid_T.defined())
        load_TE = load_TE.where(context.valid_T.unsqueeze(1), 0);
    return load_TE.sum(0);
}

}  // namespace moescope
